// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest'
import type { ChartEngine } from '../../src/chart/engine.js'
import type { InstrumentInfo } from '../../src/generated/rest.js'
import type { PlacedOrder, Position } from '../../src/generated/topics.js'

const SYMBOL = 'DEMO:EURUSD'
const venue = { modify: vi.fn(), protect: vi.fn(), cancel: vi.fn() }
const state = {
  accountId: { value: 'PAPER' },
  instruments: new Map<string, InstrumentInfo>(),
  orders: { value: new Map<string, PlacedOrder>() },
  positions: { value: new Map<string, Position>() },
}
const real = { value: false }
vi.mock('../../src/state/account.js', () => ({
  ...state,
  ...{ account: { value: { currency: 'USD' } }, commands: { value: venue } },
  ...{ executions: { value: [] }, individualPositions: { value: new Map() }, endedOrders: { value: [] } },
}))
vi.mock('../../src/state/desk.js', () => ({
  ...{ armed: { value: false }, askTicket: () => {}, draft: { value: undefined }, realMoney: real },
}))
vi.mock('../../src/state/quotes.js', () => ({ quoteOf: () => undefined }))
vi.mock('../../src/state/connected.js', () => ({ whileConnected: (act: () => Promise<unknown>) => act() }))
const { TradingLines } = await import('../../src/chart/lines/trading.js')
const { toasts } = await import('../../src/state/notifications.js')

/** A pane in which a price is its height; it remembers what its scale was told. */
function pane() {
  const surface = document.createElement('div')
  document.body.replaceChildren(surface)
  const told = { still: false, kept: [] as readonly number[] }
  const engine: Partial<ChartEngine> = {
    surface,
    yOf: (price) => price,
    priceAt: (y) => y,
    xOf: () => 0,
    plot: () => ({ left: 0, top: 0, width: 600, height: 400, axis: 60 }),
    keepInSight: (prices) => {
      told.kept = prices
    },
    holdScale: (on) => {
      told.still = on
    },
    rightRoom: () => {},
    pan: () => {},
  }
  const lines = new TradingLines({ engine: engine as ChartEngine, bars: () => [], askClose: () => {} })
  lines.follow(SYMBOL)
  const found = (selector: string) => surface.querySelector<HTMLElement>(selector)
  return { lines, told, found, main: (key: string) => found(`[data-key="${key}"] .main`) as HTMLElement }
}

const position = { id: SYMBOL, symbol: SYMBOL, side: 1, qty: 2, avgPrice: 100, updateTime: 0 } as Position
function stop(more: Partial<PlacedOrder> = {}): PlacedOrder {
  const plain = { id: 's1', symbol: SYMBOL, type: 3, side: -1, qty: 2, filledQty: 0, status: 6, stopPrice: 90 }
  return { ...plain, bracket: 2, parentId: SYMBOL, parentType: 2, duration: { type: 'GTC' }, ...more } as PlacedOrder
}
const holds = (...orders: PlacedOrder[]) => {
  state.orders.value = new Map(orders.map((one) => [one.id, one]))
}
const pointer = (kind: string, y: number) => new PointerEvent(kind, { bubbles: true, button: 0, pointerId: 7, clientY: y })
const pressed = (node: HTMLElement | null, key: string) =>
  node?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))

beforeEach(() => {
  toasts.value = []
  real.value = false
  state.accountId.value = 'PAPER'
  state.instruments.set(SYMBOL, { symbol: SYMBOL, minTick: 1, pipSize: 1, pipValue: 1, qty: { step: 1 } } as InstrumentInfo)
  state.positions.value = new Map([[SYMBOL, position]])
  holds()
  HTMLElement.prototype.setPointerCapture = () => {}
  for (const one of Object.values(venue)) one.mockReset().mockResolvedValue(undefined)
})

it('protection pulled out by a key waits for one Enter, with live money as well, and holds no scale', async () => {
  real.value = true
  const { told, found, main } = pane()
  found('.offer.stopLoss')?.click()
  const wish = `wish:stopLoss:${SYMBOL}`
  expect(found(`[data-key="${wish}"] .note`)?.textContent).toContain('Enter sends')
  expect(told.still).toBe(false)
  pressed(main(wish), 'Enter')
  await vi.waitFor(() => expect(venue.protect).toHaveBeenCalledWith(SYMBOL, { stopLoss: 50 }))
})

it('what was pulled out on one account is not sent to another', () => {
  const { lines, found } = pane()
  found('.offer.stopLoss')?.click()
  state.accountId.value = 'LIVE'
  lines.follow(SYMBOL)
  expect(found('[data-key^="wish"]')).toBeNull()
})

it('a move on one account is not undone on another', async () => {
  holds(stop())
  const { lines, main } = pane()
  pressed(main('order:s1:stopPrice'), 'ArrowUp')
  pressed(main('order:s1:stopPrice'), 'Enter')
  const back = await vi.waitFor(() => {
    const found = toasts.value.find(({ action }) => action?.label === 'Undo')
    return found ?? expect.fail('Expected an Undo, found none')
  })
  expect(venue.modify).toHaveBeenCalledTimes(1)
  state.accountId.value = 'LIVE'
  lines.follow(SYMBOL)
  back.action?.act()
  expect(toasts.value.at(-1)?.text).toBe('Stop loss of long 2 is not on this chart now.')
  expect(venue.modify).toHaveBeenCalledTimes(1)
})

it('an order that ends in the hand leaves neither the scale held nor Escape taken', () => {
  holds(stop())
  const { lines, told, main } = pane()
  const handle = main('order:s1:stopPrice')
  handle.dispatchEvent(pointer('pointerdown', 90))
  handle.dispatchEvent(pointer('pointermove', 80))
  expect(told.still).toBe(true)
  holds()
  lines.refresh()
  expect(told.still).toBe(false)
  document.dispatchEvent(pointer('lostpointercapture', 80))
  const heard = vi.fn()
  document.body.addEventListener('keydown', heard)
  pressed(document.body, 'Escape')
  expect(heard).toHaveBeenCalledTimes(1)
})

it('a line that is dragged is sent where it was let go', async () => {
  holds(stop())
  const { told, main } = pane()
  const handle = main('order:s1:stopPrice')
  for (const [kind, y] of [
    ['pointerdown', 90],
    ['pointermove', 80],
    ['pointerup', 80],
  ] as const)
    handle.dispatchEvent(pointer(kind, y))
  handle.dispatchEvent(pointer('lostpointercapture', 80))
  await vi.waitFor(() => expect(venue.modify).toHaveBeenCalledTimes(1))
  expect(venue.modify.mock.calls[0]?.[0]).toMatchObject({ stopPrice: 80 })
  expect(told.still).toBe(false)
})

it('a symbol without an instrument leaves the scale to the bars', () => {
  holds(stop())
  const { lines, told } = pane()
  expect(told.kept).toEqual([100, 90])
  lines.follow('DEMO:UNKNOWN')
  expect(told.kept).toEqual([])
})

it('offers the protection that is missing, also once it is the other one', () => {
  holds(stop())
  const { lines, found } = pane()
  expect(found('.offers')?.textContent).toBe('+TP')
  holds(stop({ id: 't1', type: 1, bracket: 1, limitPrice: 120 }))
  lines.refresh()
  expect(found('.offers')?.textContent).toBe('+SL')
})
