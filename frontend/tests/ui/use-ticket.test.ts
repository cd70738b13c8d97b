// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type EffectScope, effectScope, nextTick, ref, shallowReactive, shallowRef } from 'vue'
import type { InstrumentInfo } from '../../src/generated/rest.js'
import type { AccountRisk, EquityData, PlacedOrder, Position } from '../../src/generated/topics.js'
import { Refusal } from '../../src/rest/client.js'
import { crypto, terms } from './terms.js'

const { instrument } = crypto()
const venue = { place: vi.fn() }
const orders = shallowRef(new Map<string, PlacedOrder>())
const positions = shallowRef(new Map<string, Position>())
const risk = shallowRef<AccountRisk>()
const euro = terms().instrument
const instruments = shallowReactive(new Map<string, InstrumentInfo>([instrument, euro].map((one) => [one.symbol, one])))
const MONEY = { equity: 100_000, marginAvailable: 100_000 } as EquityData
const equity = shallowRef<EquityData | undefined>(MONEY)
const account = shallowRef({ id: 'A', currency: 'USD', live: false })
const painters = new Set<(quote: object) => void>()
/** What the page has heard of already. */
const known = new Map<string, object>()
const asked = vi.fn()

vi.mock('../../src/state/account.js', () => ({
  ...{ account, accountId: ref('A'), commands: { value: venue } },
  ...{ endedOrders: shallowRef([]), orders, risk, instruments, equity, positions, individualPositions: ref(new Map()) },
}))
vi.mock('../../src/state/connection.js', () => ({ connection: { value: { state: 'open' } } }))
vi.mock('../../src/state/house.js', () => ({ rest: { ask: asked, calls: {} } }))
vi.mock('../../src/state/replay.js', () => ({ replaying: ref(false), replays: ref([]) }))
vi.mock('../../src/state/stale.js', () => ({ staleSeconds: () => 0, staleWords: () => undefined }))
vi.mock('../../src/state/hours.js', () => ({ marketNow: () => Date.now() }))
vi.mock('../../src/state/quotes.js', () => ({
  watchQuote: (symbol: string, painter: (quote: object) => void) => {
    painters.add(painter)
    const quote = known.get(symbol)
    if (quote !== undefined) painter(quote)
    return () => painters.delete(painter)
  },
  quoteOf: (symbol: string) => known.get(symbol),
}))
const { settings } = await import('../../src/state/settings.js')
const desk = await import('../../src/state/desk.js')
const { useTicket } = await import('../../src/ui/ticket/use-ticket.js')
const { priced } = await import('../../src/ui/ticket/ticket.js')
const { useFields } = await import('../../src/ui/ticket/fields.js')

let scope: EffectScope
let mind: ReturnType<typeof useTicket>

/** A second later, or as soon as told, another price. */
async function quote(bid: number, later = 1_000): Promise<void> {
  vi.advanceTimersByTime(later)
  const heard = { bid, ask: bid + 0.02 }
  known.set(desk.symbol.value, heard)
  for (const paint of painters) paint(heard)
  await nextTick()
}

beforeEach(async () => {
  vi.useFakeTimers()
  asked.mockRejectedValue(new Error('no preview'))
  venue.place.mockReset().mockResolvedValue(undefined)
  orders.value = new Map()
  known.clear()
  settings.panels = {}
  settings.confirm = false
  account.value = { id: 'A', currency: 'USD', live: false }
  desk.symbol.value = instrument.symbol
  scope = effectScope()
  mind = scope.run(() => useTicket(() => {})) as ReturnType<typeof useTicket>
  await quote(70_000)
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

it('takes its draft from the chart once it is sent, until it is touched again', async () => {
  mind.turn({ type: 1 })
  await nextTick()
  expect(desk.draft.value).toMatchObject({ type: 1 })
  await mind.send()
  await nextTick()
  expect(venue.place).toHaveBeenCalledOnce()
  expect(desk.draft.value).toBeUndefined()
  expect(desk.wanted.value).toMatchObject({ type: 1 })
  await quote(72_000)
  expect(desk.draft.value).toBeUndefined()
  mind.turn({ side: -1 })
  await nextTick()
  expect(desk.draft.value).toMatchObject({ side: -1 })
})

it('knows that it is sent from the fact, where that is faster than the answer', async () => {
  venue.place.mockImplementation(async (_: object, clientOrderId: string) => {
    orders.value = new Map([['o1', { id: 'o1', clientOrderId, status: 6 } as PlacedOrder]])
    await nextTick()
  })
  mind.turn({ type: 1 })
  await mind.send()
  await nextTick()
  expect(mind.sending.value).toBeUndefined()
  expect(desk.draft.value).toBeUndefined()
})

it('draws an order that was refused again', async () => {
  venue.place.mockRejectedValue(new Refusal(422, { code: 'no', message: 'No' }))
  mind.turn({ type: 1 })
  await mind.send()
  await nextTick()
  expect(desk.draft.value).toMatchObject({ type: 1 })
})

it('goes with the market until it is on its way, and begins anew when it has arrived', async () => {
  mind.turn({ type: 3 })
  const begun = mind.ticket.value?.stop
  await quote(71_000)
  const there = mind.ticket.value?.stop
  expect(Number(there)).toBe(Number(begun) + 1_000)
  await mind.send()
  await quote(72_000)
  // The same press once more is the same order, so what stands there stands.
  expect(mind.ticket.value?.stop).toBe(there)
  const [[, clientOrderId]] = venue.place.mock.calls as [[object, string]]
  orders.value = new Map([['o1', { id: 'o1', clientOrderId, status: 6 } as PlacedOrder]])
  await nextTick()
  await nextTick()
  expect(Number(mind.ticket.value?.stop)).toBe(Number(begun) + 2_000)
})

it('never complains of a price that nobody has typed, and of a typed one when the market has passed it', async () => {
  mind.turn({ type: 3 })
  await quote(75_000)
  mind.check()
  expect(mind.complaint.value).toBeUndefined()
  const ticket = mind.ticket.value
  if (ticket !== undefined) mind.change(priced(ticket, 'stop', '75200'), 'stopPrice')
  await quote(76_000)
  mind.check()
  expect(mind.complaint.value).toMatchObject({ field: 'stopPrice' })
})

it('leaves alone the price in whose field a hand is, and takes the limit along with a stop as it is typed', async () => {
  mind.turn({ type: 4 })
  const field = document.body.appendChild(document.createElement('input'))
  field.id = 'ticket-stopPrice'
  field.focus()
  const { stop } = mind.ticket.value ?? {}
  await quote(71_000)
  expect(mind.ticket.value?.stop).toBe(stop)
  if (mind.ticket.value !== undefined) mind.change(priced(mind.ticket.value, 'stop', '80000'), 'stopPrice')
  expect(mind.ticket.value).toMatchObject({ stop: '80000', limit: '80037.50', following: ['limit'] })
  field.remove()
})

it('forgets that the account was locked once it is unlocked', async () => {
  const message = 'Expected an account that may open positions, found it locked until it is unlocked: Kill switch'
  venue.place.mockRejectedValue(new Refusal(422, { code: 'account_locked', message, field: 'symbol' }))
  risk.value = { lock: { locked: true } } as AccountRisk
  await nextTick()
  await mind.send()
  expect(mind.complaint.value?.message).toBe('The account is locked (Kill switch). Nothing can be opened until it is unlocked')
  risk.value = { lock: { locked: false } } as AccountRisk
  await nextTick()
  expect(mind.complaint.value).toBeUndefined()
})

/** Twice as much to win as to lose, at these distances. */
const distances = {
  takeProfit: { on: true, unit: 'distance', text: '200' },
  stopLoss: { on: true, unit: 'distance', text: '100' },
} as const

describe('brackets at a distance from the market', () => {
  beforeEach(() => mind.change(distances))

  it('stand at it from the last quote of a burst, also when no other comes', async () => {
    await quote(70_000)
    await quote(70_010, 10)
    await quote(70_030, 10)
    vi.advanceTimersByTime(250)
    expect(mind.reading.value).toMatchObject({ entry: 70_030.02, takeProfit: 70_230.02, stopLoss: 69_930.02 })
  })

  it('are sent from the quote of the moment', async () => {
    await quote(70_000)
    await quote(70_030, 10)
    await mind.send()
    expect(venue.place.mock.calls[0]?.[0]).toMatchObject({ type: 2, takeProfit: 70_230.02, stopLoss: 69_930.02 })
  })

  it('are as far apart in money as they are in the price, while the preview is of an older quote', async () => {
    const [takeProfitPL, stopLossPL] = [200, -100]
    asked.mockResolvedValue({ figures: { price: 70_000.02, takeProfitPL, stopLossPL } })
    mind.change({ size: '1' }, 'qty')
    await vi.advanceTimersByTimeAsync(200)
    await quote(70_001, 300)
    asked.mockResolvedValue({ figures: { price: 70_002.02, takeProfitPL: 199, stopLossPL: -101 } })
    const { money, ratio } = scope.run(() => useFields(mind)) as ReturnType<typeof useFields>
    await vi.advanceTimersByTimeAsync(1_000)
    expect(mind.preview.value?.figures?.price).toBe(70_002.02)
    expect(money.value.takeProfit).toBeCloseTo(200, 6)
    expect(ratio.value).toBeCloseTo(2, 6)
  })

  it('count only for the part that opens a position', async () => {
    asked.mockResolvedValue({ figures: { price: 70_000.02, takeProfitPL: 50, stopLossPL: -25 } })
    mind.change({ size: '1' }, 'qty')
    await vi.advanceTimersByTimeAsync(200)
    const { money } = scope.run(() => useFields(mind)) as ReturnType<typeof useFields>
    await quote(70_500, 300)
    expect(money.value.takeProfit).toBeCloseTo(50, 6)
    expect(money.value.stopLoss).toBeCloseTo(-25, 6)
  })
})

describe('max', () => {
  afterEach(() => {
    positions.value = new Map()
  })

  it('is larger by what closes the position the other way, and stays below what the free margin carries', async () => {
    const { chip } = scope.run(() => useFields(mind)) as ReturnType<typeof useFields>
    const { marginRate } = instrument
    chip('max')
    const alone = mind.reading.value?.qty ?? 0
    expect(alone * 70_000.02 * (marginRate + 0.0004)).toBeLessThan(100_000)
    expect(alone * 70_000.02 * (marginRate + 0.0004)).toBeGreaterThan(99_800)
    const short = { id: 's', symbol: instrument.symbol, side: -1, qty: 2, avgPrice: 70_000 } as Position
    positions.value = new Map([['e', { ...short, symbol: 'DEMO:EURUSD' }]])
    chip('max')
    expect(mind.reading.value?.qty).toBe(alone)
    positions.value = new Map([['s', short]])
    chip('max')
    expect(mind.reading.value?.qty).toBeGreaterThan(alone + 3.9)
    mind.turn({ side: -1 })
    chip('max')
    expect(mind.reading.value?.qty).toBeCloseTo(alone, 2)
  })
})

describe('a preview', () => {
  const told = { figures: { price: 69_000, marginNeeded: 4.89, commission: 1 }, warnings: [], errors: [], refusals: [] }
  beforeEach(async () => {
    asked.mockReset().mockResolvedValue(told)
    mind.turn({ type: 1 })
    if (mind.ticket.value !== undefined) mind.change(priced(mind.ticket.value, 'limit', '69000'), 'limitPrice')
    await vi.advanceTimersByTimeAsync(200)
    expect(mind.preview.value).toBe(told)
    asked.mockClear()
  })
  afterEach(() => vi.restoreAllMocks())

  it('of an order at a price is asked for again once a second, when the quote has moved', async () => {
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked).not.toHaveBeenCalled()
    for (let i = 1; i <= 8; i += 1) {
      await quote(70_000 - i, 0)
      await vi.advanceTimersByTimeAsync(250)
    }
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked.mock.calls.length).toBeGreaterThanOrEqual(2)
    expect(asked.mock.calls.length).toBeLessThanOrEqual(3)
  })

  it('waits for a page that is seen, and for the answer that is on its way', async () => {
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    await quote(69_900)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked).not.toHaveBeenCalled()
    hidden.mockReturnValue(false)
    let answer = (_: object) => {}
    asked.mockReturnValue(new Promise((resolve) => (answer = resolve)))
    await vi.advanceTimersByTimeAsync(1_000)
    await quote(69_800)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked).toHaveBeenCalledOnce()
    const late = { ...told, warnings: ['late'] }
    answer(late)
    await vi.advanceTimersByTimeAsync(0)
    expect(mind.preview.value).toBe(late)
  })

  it('is of what the ticket says now, or there is none', async () => {
    mind.change({ size: '100' }, 'qty')
    expect(mind.preview.value).toBeUndefined()
    expect(mind.whole.value).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(mind.preview.value).toBe(told)
    mind.change({ stopLoss: { on: true, unit: 'distance', text: '' } }, 'stopLoss')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(mind.preview.value).toBeUndefined()
    expect(mind.whole.value).toBe(false)
  })
})

describe('a wish for a symbol that has just come to the front', () => {
  it('is for its ticket, and takes nothing of the former one along', async () => {
    known.set(euro.symbol, { bid: 1.1, ask: 1.1001 })
    mind.change({ size: '7' }, 'qty')
    desk.symbol.value = euro.symbol
    desk.askTicket({ side: -1, price: 1.2 })
    await nextTick()
    expect(mind.ticket.value).toMatchObject({ side: -1, type: 1, limit: '1.20000', size: '0.01' })
    expect(settings.panels['ticket']).toMatchObject({ [instrument.symbol]: { size: '7' }, [euro.symbol]: { size: '0.01' } })
  })

  it('waits for a price, and sends nothing by itself then', async () => {
    desk.symbol.value = euro.symbol
    await nextTick()
    desk.armed.value = true
    desk.askTicket({ side: 1 })
    desk.askTicket({ side: -1, stopLoss: 80_000, send: true })
    await nextTick()
    expect(mind.ticket.value).toBeUndefined()
    await quote(70_000)
    desk.armed.value = false
    expect(mind.ticket.value).toMatchObject({ side: -1, stopLoss: { on: true, text: '80000.00000' } })
    expect(venue.place).not.toHaveBeenCalled()
    mind.turn({ side: 1 })
    await quote(71_000)
    expect(mind.ticket.value).toMatchObject({ side: 1 })
  })

  it('is forgotten when another one comes', async () => {
    desk.symbol.value = euro.symbol
    desk.askTicket({ side: -1 })
    desk.symbol.value = instrument.symbol
    await quote(70_000)
    expect(mind.ticket.value).toMatchObject({ side: 1 })
  })
})

describe('what was asked or refused', () => {
  beforeEach(async () => {
    settings.confirm = true
    known.set(euro.symbol, { bid: 1.1, ask: 1.1001 })
    await mind.send()
    expect(mind.confirming.value).toBe('Confirm')
  })

  it('is asked again of another symbol', async () => {
    desk.symbol.value = euro.symbol
    await nextTick()
    await mind.send()
    expect(venue.place).not.toHaveBeenCalled()
    expect(mind.confirming.value).toBe('Confirm')
  })

  it('is asked again of another account', async () => {
    account.value = { id: 'B', currency: 'USD', live: true }
    await nextTick()
    await mind.send()
    expect(venue.place).not.toHaveBeenCalled()
    expect(mind.confirming.value).toBe('Confirm, live money')
  })

  it('stays with the account that was refused', async () => {
    venue.place.mockRejectedValue(new Refusal(422, { code: 'no', message: 'No' }))
    await mind.send()
    expect(mind.complaint.value).toBeDefined()
    account.value = { id: 'B', currency: 'USD', live: false }
    await nextTick()
    expect(mind.complaint.value).toBeUndefined()
  })
})

it('keeps what is typed while another account tells what it trades, and takes then what was asked of it meanwhile', async () => {
  mind.change({ size: '7', stopLoss: { on: false, unit: 'price', text: '60000' } }, 'qty')
  account.value = { id: 'B', currency: 'JPY', live: false }
  instruments.clear()
  await nextTick()
  expect(mind.order.value).toBeUndefined()
  desk.askTicket({ side: -1 })
  for (const one of [instrument, euro]) instruments.set(one.symbol, one)
  await nextTick()
  expect(mind.ticket.value).toMatchObject({ side: -1, size: '7', stopLoss: { unit: 'price', text: '60000' } })
})

describe('a size this instrument does not take', () => {
  const small = { ...instrument, qty: { min: 5, max: 50, step: 5, default: 5 } }
  const goTo = async (id: string, own: InstrumentInfo) => {
    account.value = { id, currency: 'USD', live: false }
    instruments.clear()
    await nextTick()
    instruments.set(own.symbol, own)
    await nextTick()
  }
  afterEach(() => instruments.set(instrument.symbol, instrument))

  it('gives way to the smallest it does, when another account or an earlier day left it there', async () => {
    mind.change({ size: '7' }, 'qty')
    await goTo('B', small)
    expect(mind.ticket.value?.size).toBe('5')
    expect(mind.reading.value?.complaints).toEqual([])
    settings.panels = { ticket: { [instrument.symbol]: { sizeUnit: 'lots', size: '0.01' } } }
    desk.symbol.value = euro.symbol
    await nextTick()
    desk.symbol.value = instrument.symbol
    await quote(70_000)
    expect(mind.ticket.value).toMatchObject({ sizeUnit: 'units', size: '5' })
  })

  it('is complained of and left alone when it was typed for it', async () => {
    await goTo('B', small)
    mind.change({ size: '7' }, 'qty')
    await quote(70_100)
    expect(mind.ticket.value?.size).toBe('7')
    expect(mind.reading.value?.complaints).toMatchObject([{ field: 'qty', nearest: 5 }])
  })

  it('is left alone as well when it was typed before the account’s money was told', async () => {
    equity.value = undefined
    await goTo('B', small)
    mind.change({ size: '7' }, 'qty')
    equity.value = MONEY
    await nextTick()
    expect(mind.ticket.value?.size).toBe('7')
  })
})
