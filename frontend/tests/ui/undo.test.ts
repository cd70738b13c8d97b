// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest'
import type { PlacedOrder } from '../../src/generated/topics.js'

const venue = { cancel: vi.fn(), place: vi.fn() }
vi.mock('../../src/state/account.js', () => ({
  commands: { value: venue },
  ...{ orders: { value: new Map() }, positions: { value: new Map() }, individualPositions: { value: new Map() } },
}))
vi.mock('../../src/state/connected.js', () => ({ whileConnected: (act: () => Promise<unknown>) => act() }))
const { again, cancelEach } = await import('../../src/state/undo.js')
const { toasts } = await import('../../src/state/notifications.js')

const order = (id: string, more: Partial<PlacedOrder> = {}) =>
  ({
    ...{
      id,
      symbol: 'DEMO:BTCUSD',
      type: 1,
      side: 1,
      qty: 2,
      filledQty: 0,
      status: 6,
      limitPrice: 10,
      duration: { type: 'GTC' },
    },
    ...more,
  }) as PlacedOrder
const shown = () => toasts.value.at(-1)

beforeEach(() => {
  toasts.value = []
  venue.cancel.mockReset().mockResolvedValue(undefined)
  venue.place.mockReset().mockResolvedValue(undefined)
})

it('offers to place anew all that were cancelled together', async () => {
  await cancelEach([order('1'), order('2', { stopLoss: 9 })])
  expect(shown()).toMatchObject({ text: '2 orders cancelled.', action: { label: 'Undo' } })
  shown()?.action?.act()
  await vi.waitFor(() => expect(venue.place).toHaveBeenCalledTimes(2))
  expect(venue.place.mock.calls.map(([placed]) => placed)).toMatchObject([{ limitPrice: 10 }, { limitPrice: 10, stopLoss: 9 }])
})

it('offers back only what went, and says how many did not', async () => {
  venue.cancel.mockImplementation((id: string) => (id === '1' ? Promise.reject(new Error('ended')) : Promise.resolve()))
  await expect(cancelEach([order('1'), order('2')])).rejects.toThrow('1 of 2 were refused. ended')
  expect(shown()).toMatchObject({ text: 'Order of BTCUSD cancelled.' })
  shown()?.action?.act()
  await vi.waitFor(() => expect(venue.place).toHaveBeenCalledTimes(1))
})

it('offers nothing where nothing went', async () => {
  venue.cancel.mockRejectedValue(new Error('away'))
  await expect(cancelEach([order('1')])).rejects.toThrow('1 of 1 were refused. away')
  expect(toasts.value).toEqual([])
})

it('places anew what had not been filled', () => {
  expect(again(order('1', { qty: 0.3, filledQty: 0.1 }))).toMatchObject({ qty: 0.2, limitPrice: 10 })
})
