// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type EffectScope, effectScope, nextTick, ref, shallowReactive, shallowRef } from 'vue'
import type { InstrumentInfo } from '../../src/generated/rest.js'
import type { AccountRisk, EquityData, PlacedOrder } from '../../src/generated/topics.js'
import { Refusal } from '../../src/rest/client.js'
import { crypto, terms } from './terms.js'

const { instrument } = crypto()
const venue = { place: vi.fn() }
const orders = shallowRef(new Map<string, PlacedOrder>())
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
  ...{ endedOrders: shallowRef([]), orders, risk, instruments, equity },
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
}))
const { settings } = await import('../../src/state/settings.js')
const desk = await import('../../src/state/desk.js')
const { useTicket } = await import('../../src/ui/ticket/use-ticket.js')
const { priced } = await import('../../src/ui/ticket/ticket.js')

let scope: EffectScope
let mind: ReturnType<typeof useTicket>

/** A second later, another price. */
async function quote(bid: number): Promise<void> {
  vi.advanceTimersByTime(1_000)
  for (const paint of painters) paint({ bid, ask: bid + 0.02 })
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
