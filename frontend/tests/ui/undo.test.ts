// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest'
import type { PlacedOrder } from '../../src/generated/topics.js'

const venue = { cancel: vi.fn(), place: vi.fn() }
const state = {
  accountId: { value: 'PAPER' },
  accounts: { value: [{ id: 'PAPER', name: 'Demo in dollars' }] },
  endedOrders: { value: [] as PlacedOrder[] },
  orders: { value: new Map<string, PlacedOrder>() },
}
vi.mock('../../src/state/account.js', () => ({
  ...state,
  commands: { value: venue },
  ...{ positions: { value: new Map() }, individualPositions: { value: new Map() } },
}))
vi.mock('../../src/state/connected.js', () => ({ whileConnected: (act: () => Promise<unknown>) => act() }))
const { again, cancel, cancelEach, offerBack } = await import('../../src/state/undo.js')
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
const CANCELLED = 1
const FILLED = 2
const ends = (...all: PlacedOrder[]) => {
  state.endedOrders.value = [...all, ...state.endedOrders.value]
}

beforeEach(() => {
  toasts.value = []
  state.accountId.value = 'PAPER'
  state.endedOrders.value = []
  state.orders.value = new Map()
  venue.cancel.mockReset().mockImplementation(async (id: string) => {
    ends(order(id, { status: CANCELLED }))
  })
  venue.place.mockReset().mockResolvedValue(undefined)
})

it('offers to place anew all that were cancelled together', async () => {
  await cancelEach([order('1'), order('2')])
  ends(order('2', { stopLoss: 9, status: CANCELLED }))
  expect(shown()).toMatchObject({ text: '2 orders cancelled.', action: { label: 'Undo' } })
  shown()?.action?.act()
  await vi.waitFor(() => expect(venue.place).toHaveBeenCalledTimes(2))
  expect(venue.place.mock.calls.map(([placed]) => placed)).toMatchObject([{ limitPrice: 10 }, { limitPrice: 10, stopLoss: 9 }])
})

it('offers back only what went, and says how many did not', async () => {
  venue.cancel.mockImplementation((id: string) => (id === '1' ? Promise.reject(new Error('ended')) : Promise.resolve()))
  ends(order('2', { status: CANCELLED }))
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

it('places nothing on another account than the one that was cancelled on', async () => {
  await cancel(order('1'))
  state.accountId.value = 'LIVE'
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toBe('That was done on Demo in dollars, which is not in front now.'))
  expect(venue.place).not.toHaveBeenCalled()
})

it('belongs to the account that was in front when it was asked to cancel', async () => {
  const cancelled = cancel(order('1'))
  state.accountId.value = 'LIVE'
  await cancelled
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toMatch(/^That was done on Demo in dollars/))
})

it('offers nothing back that was filled on the way, and of the others what was left', async () => {
  ends(order('1', { status: FILLED, filledQty: 2 }), order('2', { status: CANCELLED, filledQty: 0.5 }))
  offerBack('PAPER', [order('1'), order('2'), order('3')])
  expect(shown()?.text).toBe('2 orders cancelled.')
  ends(order('3', { status: FILLED, filledQty: 2 }))
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toBe('1 of 2 were refused. It was filled on the way.'))
  expect(venue.place.mock.calls.map(([placed]) => placed)).toMatchObject([{ qty: 1.5 }])
})

it('waits for the word of how an order ended', async () => {
  venue.cancel.mockResolvedValue(undefined)
  await cancel(order('1'))
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toBe('How it ended has not been told yet.'))
  expect(venue.place).not.toHaveBeenCalled()
})

it('puts the rest of an order back without the group that its own part has decided', async () => {
  await cancel(order('1', { ocoGroup: 'pair' }))
  ends(order('1', { ocoGroup: 'pair', status: CANCELLED, filledQty: 1 }))
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toBe('Put back as it was.'))
  expect(venue.place.mock.calls[0]?.[0]).not.toHaveProperty('ocoGroup')
})

it('puts an order back into its group, unless one of it was filled', async () => {
  const leg = (id: string, more: Partial<PlacedOrder> = {}) => order(id, { ocoGroup: 'pair', ...more })
  await cancel(leg('1'))
  ends(leg('1', { status: CANCELLED }))
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toBe('Put back as it was.'))
  expect(venue.place.mock.calls[0]).toMatchObject([{ ocoGroup: 'pair' }])
  await cancel(leg('1'))
  ends(leg('1', { status: CANCELLED }), leg('2', { status: FILLED, filledQty: 2 }))
  shown()?.action?.act()
  await vi.waitFor(() => expect(shown()?.text).toBe('Another order of its group was filled meanwhile.'))
  expect(venue.place).toHaveBeenCalledTimes(1)
})
