import { describe, expect, it } from 'vitest'
import { Refusal, Unreachable } from '../../src/rest/client.js'
import { complaintOf, first, repairable, sendingOf } from '../../src/ui/ticket/placing.js'
import { followed } from '../../src/ui/ticket/prefill.js'
import { draftOf, orderOf, read } from '../../src/ui/ticket/reading.js'
import { marginWords, orderWords, previewNotes, repairWords } from '../../src/ui/ticket/sentence.js'
import {
  bracketText,
  chosenFor,
  cleared,
  emptyTicket,
  legalAt,
  legalDurations,
  priced,
  remember,
  rememberedOf,
  resized,
  reunited,
  type Ticket,
  turned,
  unpriced,
  wished,
  withQuantity,
} from '../../src/ui/ticket/ticket.js'
import { crypto, terms } from './terms.js'

const prices = { bid: 1.08638, ask: 1.08642 }
const ticket = (more: Partial<Ticket> = {}): Ticket => ({ ...emptyTicket(terms(), prices), ...more })
const bracket = (unit: 'distance' | 'price' | 'money' | 'percent', text: string) => ({ on: true, unit, text })
const reading = (more: Partial<Ticket>) => read(ticket(more), terms(), prices, 0)

describe('a new ticket', () => {
  it('is a market order of the smallest sensible size, with brackets off', () => {
    expect(ticket()).toMatchObject({
      type: 2,
      sizeUnit: 'lots',
      size: '0.01',
      takeProfit: { on: false },
      stopLoss: { on: false },
    })
  })

  it('begins with a hundredth of a lot where single units may be traded', () => {
    const singles = terms({ qty: { min: 1, max: 10_000_000, step: 1, default: 100_000 } })
    expect(emptyTicket(singles, prices).size).toBe('0.01')
  })

  it('remembers size and distances, never that a bracket was on, nor a price', () => {
    const kept = remember(ticket({ size: '2', takeProfit: bracket('distance', '40'), stopLoss: bracket('price', '1.08') }))
    const next = emptyTicket(terms(), prices, kept)
    expect(next).toMatchObject({ size: '2', takeProfit: { on: false, text: '40' } })
    expect(next.stopLoss.unit).toBe('distance')
  })

  it('begins as was chosen for its kind, and what cannot be read of an earlier one is left', () => {
    const chosen = chosenFor({ sizeUnit: 'risk', size: '', takeProfit: '30', stopLoss: 'far' })
    expect(emptyTicket(terms(), prices, chosen)).toMatchObject({ sizeUnit: 'risk', size: '1', takeProfit: { text: '30' } })
    expect(emptyTicket(terms(), prices, chosen).stopLoss).toMatchObject({ unit: 'distance', text: '20' })
    expect(rememberedOf({ sizeUnit: 'barrels', size: 4, takeProfit: { unit: 'pips', text: '3' } })).toEqual({})
    expect(rememberedOf('nonsense')).toEqual({})
  })

  it('has a stop loss where its size is a risk, so that the size can be reckoned', () => {
    const kept = rememberedOf({ sizeUnit: 'risk', size: '0.5' })
    const next = emptyTicket(terms(), prices, kept)
    expect([next.stopLoss.on, next.takeProfit.on]).toEqual([true, false])
    expect(read(next, terms(), prices, 0).qty).toBe(250_000)
  })

  it('is cleared to a market order without brackets', () => {
    expect(cleared(ticket({ type: 1, limit: '1.08', stopLoss: bracket('distance', '1') }))).toMatchObject({
      type: 2,
      limit: '',
      stopLoss: { on: false },
    })
  })
})

describe('what is typed', () => {
  it('becomes the order that the button says', () => {
    const typed = ticket({
      type: 1,
      limit: '1.0844',
      size: '1.67',
      takeProfit: bracket('distance', '37.5'),
      stopLoss: bracket('distance', '15'),
    })
    const order = orderOf(typed, read(typed, terms(), prices, 0), terms())
    expect(order).toEqual({
      ...{ symbol: 'DEMO:EURUSD', type: 1, side: 1, qty: 167_000, limitPrice: 1.0844, duration: { type: 'GTC' } },
      ...{ takeProfit: 1.08815, stopLoss: 1.0829 },
    })
    expect(order && orderWords(order, terms())).toBe('Buy 1.67 lots EURUSD at 1.08440')
  })

  it('sizes by risk from the stop that stands beside it', () => {
    expect(reading({ type: 1, limit: '1.0844', sizeUnit: 'risk', size: '0.25', stopLoss: bracket('distance', '15') }).qty).toBe(
      166_000,
    )
    const circular = reading({ sizeUnit: 'risk', size: '1', stopLoss: bracket('money', '100') })
    expect(circular.complaints[0]).toMatchObject({ field: 'qty' })
  })

  it('ends when the zone in which its date is typed says', () => {
    const typed = ticket({ type: 1, limit: '1.0844', validity: 'GTD', until: '2030-01-02T03:04' })
    const own = { ...terms(), zone: 'UTC' } as const
    const order = orderOf(typed, read(typed, own, prices, 0), own)
    expect(order?.duration).toEqual({ type: 'GTD', datetime: Date.UTC(2030, 0, 2, 3, 4) })
  })

  it('sends a trailing stop as its distance', () => {
    const typed = ticket({ type: 1, limit: '1.0844', stopLoss: bracket('distance', '15'), trailing: true })
    const order = orderOf(typed, read(typed, terms(), prices, 0), terms())
    expect(order).toMatchObject({ stopType: 1, trailingStopPips: 15 })
    expect(order).not.toHaveProperty('stopLoss')
  })

  it('is drawn as a draft with the prices it has', () => {
    const typed = ticket({ type: 3, stop: '1.09', side: 1 })
    expect(draftOf(typed, read(typed, terms(), prices, 0))).toEqual({ side: 1, type: 3, qty: 1_000, stopPrice: 1.09 })
  })

  it.each([
    [{ size: '0.015' }, 'qty', 1_000],
    [{ size: '101' }, 'qty', 10_000_000],
    [{ size: '0.001' }, 'qty', 1_000],
    [{ size: 'much' }, 'qty', undefined],
    [{ type: 1, limit: '1.084405' }, 'limitPrice', 1.08441],
    [{ type: 1, limit: '' }, 'limitPrice', undefined],
    [{ type: 3, stop: '1.08' }, 'stopPrice', 1.08643],
    [{ type: 3, side: -1, stop: '1.09' }, 'stopPrice', 1.08637],
    [{ stopLoss: bracket('price', '1.09') }, 'stopLoss', 1.08637],
    [{ type: 1, limit: '1.08', takeProfit: bracket('price', '1.07') }, 'takeProfit', 1.08001],
    [{ takeProfit: bracket('distance', '') }, 'takeProfit', undefined],
    [{ validity: 'GTD', until: '' }, 'duration', undefined],
  ] as const)('%j is complained of at %s, with the nearest legal value', (more, field, nearest) => {
    const complaint = first(reading(more as Partial<Ticket>).complaints)
    expect(complaint?.field).toBe(field)
    expect(complaint?.nearest).toBe(nearest)
  })

  it('complains of a size in the unit it was typed in', () => {
    const said = (more: Partial<Ticket>) => first(reading(more).complaints)?.message
    expect(said({ size: '0.001' })).toBe('Expected a size of at least 0.01 lots, found 0.001 lots')
    expect(said({ size: '0.0155' })).toBe('Expected a size in steps of 0.01 lots, found 0.0155 lots')
    expect(said({ size: '500', sizeUnit: 'units' })).toBe('Expected a size of at least 1000, found 500')
  })
})

describe('a wish from another panel', () => {
  it('makes a price whichever of limit and stop is legal there', () => {
    expect([legalAt(1, 1.08, prices), legalAt(1, 1.09, prices), legalAt(-1, 1.08, prices), legalAt(-1, 1.09, prices)]).toEqual([
      1, 3, 3, 1,
    ])
    expect(wished(ticket(), { price: 1.084403 }, terms(), prices)).toMatchObject({ type: 1, limit: '1.08440' })
    expect(wished(ticket(), { price: 1.09, side: 1 }, terms(), prices)).toMatchObject({ type: 3, stop: '1.09000' })
  })

  it('takes a size exactly, in lots or units', () => {
    const next = wished(ticket({ sizeUnit: 'risk', size: '1' }), { qty: 167_400 }, terms(), prices)
    expect(next).toMatchObject({ sizeUnit: 'lots', size: '1.67' })
  })

  it('turns brackets on at their prices', () => {
    expect(wished(ticket(), { stopLoss: 1.08 }, terms(), prices).stopLoss).toEqual({ on: true, unit: 'price', text: '1.08000' })
  })
})

describe('units and types', () => {
  it('leaves a bracket where it stands when only its unit changes', () => {
    const limit = ticket({ type: 1, limit: '1.08443', size: '0.37', takeProfit: bracket('distance', '12.3') })
    const before = read(limit, terms(), prices, 0)
    const entry = { side: 1, price: 1.08443, qty: before.qty ?? 0 } as const
    for (const unit of ['money', 'percent', 'price', 'distance'] as const) {
      const field = reunited('takeProfit', limit.takeProfit, unit, before.takeProfit, entry, terms())
      expect(read({ ...limit, takeProfit: field }, terms(), prices, 0).takeProfit).toBe(before.takeProfit)
    }
    const percent = reunited('takeProfit', limit.takeProfit, 'percent', before.takeProfit, entry, terms())
    const larger = read({ ...limit, size: '3.7', takeProfit: percent }, terms(), prices, 0)
    expect(larger.takeProfit).toBeLessThan(before.takeProfit ?? 0)
  })

  it.each([[['money', 'percent', 'distance']], [['percent', 'price', 'money', 'distance']]] as const)(
    'keeps a stop loss through %j, also where money cannot size by risk',
    (units) => {
      let sized = ticket({ sizeUnit: 'risk', size: '1', stopLoss: bracket('distance', '20') })
      const before = read(sized, terms(), prices, 0)
      for (const unit of units) {
        const { qty = 0, stopLoss, entry: price = 0 } = read(sized, terms(), prices, 0)
        sized = { ...sized, stopLoss: reunited('stopLoss', sized.stopLoss, unit, stopLoss, { side: 1, price, qty }, terms()) }
        expect([unit, Number(sized.stopLoss.text) > 0]).toEqual([unit, true])
      }
      expect(sized.stopLoss).toEqual(bracket('distance', '20.0'))
      expect(read(sized, terms(), prices, 0)).toMatchObject({ qty: before.qty, stopLoss: before.stopLoss })
    },
  )

  it('keeps what stands in a bracket that is off when its unit changes', () => {
    const entry = { side: 1, price: 1.08443, qty: 37_000 } as const
    const off = { ...bracket('distance', '20'), on: false }
    const price = reunited('stopLoss', off, 'price', undefined, entry, terms())
    expect(price).toEqual({ on: false, unit: 'price', text: '1.08243' })
    expect(reunited('stopLoss', price, 'distance', undefined, entry, terms())).toEqual({ ...off, text: '20.0' })
  })

  it('keeps the meaning when the unit of size changes', () => {
    expect(resized(ticket(), 'units', 167_000, { price: 1 }, terms())).toMatchObject({ sizeUnit: 'units', size: '167000' })
    expect(withQuantity(ticket(), 167_000, { price: 1 }, terms()).size).toBe('1.67')
  })

  it('gives the smallest size where none was known in the unit before', () => {
    const unknown = { ...ticket({ sizeUnit: 'risk', size: '1' }), meant: { qty: 5_000, of: '' } }
    const sizeIn = (unit: 'units' | 'lots' | 'equity' | 'risk') =>
      resized(unknown, unit, undefined, { price: 1.08642 }, terms())
    expect((['units', 'lots', 'equity', 'risk'] as const).map((unit) => sizeIn(unit).size)).toEqual(['1000', '0.01', '2', '1'])
    expect(sizeIn('units')).toMatchObject({ sizeUnit: 'units' })
    expect(sizeIn('units').meant).toBeUndefined()
  })

  it.each([
    [crypto(), 0.001, { price: 71_113.85, stop: 70_963.85 }],
    [crypto(), 0.037, { price: 71_113.85, stop: 70_963.85 }],
    [terms(), 1_000, { price: 1.05321, stop: 1.05121 }],
    [terms(), 167_000, { price: 1.05321, stop: 1.05121 }],
  ] as const)('keeps a quantity through every unit of size, also while the price moves on (%#)', (own, qty, at) => {
    const quote = { bid: at.price, ask: at.price }
    const stopLoss = bracket('price', String(at.stop))
    for (const unit of ['money', 'equity', 'risk'] as const) {
      const next = resized({ ...emptyTicket(own, quote), stopLoss }, unit, qty, at, own)
      const { meant: _, ...typedSo } = next
      expect([unit, read(next, own, quote, 0).qty]).toEqual([unit, qty])
      expect([unit, read(typedSo, own, quote, 0).qty]).toEqual([unit, qty])
      expect([unit, read(next, own, { bid: at.price * 1.2, ask: at.price * 1.2 }, 0).qty]).toEqual([unit, qty])
      expect(resized(next, 'units', qty, at, own).meant).toBeUndefined()
    }
  })

  it('writes money in the digits of the account’s currency, and means the same quantity', () => {
    const yen = { ...terms({ pipValue: 0.0157 }, 10_000_000), currency: 'JPY' }
    const at = { price: 1.05321, stop: 1.05121 }
    const quote = { bid: at.price, ask: at.price }
    const sized = resized(emptyTicket(yen, quote), 'money', 7_000, at, yen)
    expect(sized.size).toBe('1157478')
    expect(read(sized, yen, quote, 0).qty).toBe(7_000)
    const { meant: _, ...typedSo } = sized
    expect(read(typedSo, yen, quote, 0).qty).toBe(7_000)
    const entry = { side: 1, price: at.price, qty: 7_000 } as const
    const field = reunited('stopLoss', bracket('price', '1.05121'), 'money', 1.05119, entry, yen)
    expect(field.text).toBe('2220')
    expect(read({ ...sized, stopLoss: field }, yen, quote, 0).stopLoss).toBe(1.05119)
    expect(bracketText('money', 5, terms())).toBe('5.00')
  })

  it('forgets the quantity that was meant when a size is typed, and at risk when the stop loss moves', () => {
    const quote = { bid: 71_113.85, ask: 71_113.85 }
    const at = { price: 71_113.85, stop: 70_963.85 }
    const meant = resized({ ...emptyTicket(crypto(), quote), stopLoss: bracket('distance', '150') }, 'risk', 0.5, at, crypto())
    expect(read(meant, crypto(), quote, 0).qty).toBe(0.5)
    expect(read({ ...meant, stopLoss: bracket('distance', '300') }, crypto(), quote, 0).qty).toBeLessThan(0.4)
    expect(read({ ...meant, size: '1' }, crypto(), quote, 0).qty).toBeGreaterThan(2)
  })

  it('begins at a percent of the equity that carries the smallest order', () => {
    expect(emptyTicket(terms(), prices, { sizeUnit: 'equity' }).size).toBe('2')
  })

  it('offers only durations that the type can have', () => {
    const all = ['GTC', 'DAY', 'GTD', 'IOC', 'FOK']
    expect(legalDurations(2, all)).toEqual(['GTC', 'IOC', 'FOK'])
    expect(legalDurations(3, all)).toEqual(['GTC', 'DAY', 'GTD'])
    expect(turned(ticket({ validity: 'IOC' }), { type: 3 }, terms(), prices)).toMatchObject({ type: 3, validity: 'GTC' })
  })
})

describe('a price that nobody has typed', () => {
  const at = { bid: 71_113.83, ask: 71_113.85 }
  const begun = (side: 1 | -1, type: 1 | 3 | 4, now = at) => turned(emptyTicket(crypto(), now), { side, type }, crypto(), now)
  const moved = (by: number) => ({ bid: at.bid + by, ask: at.ask + by })
  const wrong = (one: Ticket, now = at) => read(one, crypto(), now, 0).complaints

  it.each([
    [1, 1, { limit: '71076.33' }],
    [-1, 1, { limit: '71151.35' }],
    [1, 3, { stop: '71263.85' }],
    [-1, 3, { stop: '70963.83' }],
    [1, 4, { stop: '71263.85', limit: '71301.35' }],
    [-1, 4, { stop: '70963.83', limit: '70926.33' }],
  ] as const)('begins where side %i and type %i wait for the market, and stays legal while it moves', (side, type, wanted) => {
    const one = begun(side, type)
    expect(one).toMatchObject(wanted)
    for (const by of [0, 50, -50]) expect(wrong(one, moved(by))).toEqual([])
  })

  it('stands still while the market is about, and goes with it when it has left', () => {
    const one = begun(1, 4)
    expect(followed(one, crypto(), moved(60))).toBe(one)
    const after = followed(one, crypto(), moved(400))
    expect(after).toMatchObject({ stop: '71663.85', limit: '71701.35' })
    expect(wrong(after, moved(400))).toEqual([])
    expect(followed(one, crypto(), moved(60), true).stop).toBe('71323.85')
  })

  it('stays where it was typed, and the limit behind a typed stop goes with that', () => {
    const typed = { ...begun(1, 4), ...priced(begun(1, 4), 'stop', '72000.00') }
    expect(followed(typed, crypto(), at)).toMatchObject({ stop: '72000.00', limit: '72037.50' })
    expect(followed(typed, crypto(), moved(2_000)).stop).toBe('72000.00')
    expect(wrong(followed(typed, crypto(), moved(2_000)), moved(2_000))).toMatchObject([{ field: 'stopPrice' }])
  })

  it('is another one for another type or side, and after an order was sent a typed one too', () => {
    const limit = begun(1, 1)
    const later = moved(-300)
    expect(turned(limit, { side: -1 }, crypto(), later).limit).toBe('70851.35')
    expect(turned(turned(limit, { type: 2 }, crypto(), at), { type: 1 }, crypto(), later).limit).toBe('70776.33')
    const typed = { ...limit, ...priced(limit, 'limit', '60000') }
    expect(turned(typed, { side: -1 }, crypto(), later).limit).toBe('60000')
    expect(turned(unpriced(typed), { side: -1 }, crypto(), later).limit).toBe('70851.35')
  })

  it('keeps clear of a wide spread', () => {
    const wide = { bid: 1.08, ask: 1.09 }
    const one = turned(emptyTicket(terms(), wide), { type: 3 }, terms(), wide)
    expect(one.stop).toBe('1.12000')
  })

  it('is a price that was pointed at no longer', () => {
    const next = wished(begun(1, 4), { price: 71_500, type: 4 }, crypto(), at)
    expect(next).toMatchObject({ stop: '71500.00', limit: '71537.50', following: ['limit'] })
    expect(followed(next, crypto(), moved(300))).toBe(next)
  })
})

describe('a refusal', () => {
  const refusal = (field: string | undefined, nearest?: number) =>
    complaintOf(
      new Refusal(422, {
        code: 'no',
        message: 'No',
        ...(field === undefined ? {} : { field }),
        ...(nearest === undefined ? {} : { nearest }),
      }),
    )

  it('stands at the field it names, a trailing distance at the stop loss', () => {
    expect(refusal('qty', 2_394_000)).toEqual({ field: 'qty', message: 'No', code: 'no', nearest: 2_394_000 })
    expect(refusal('trailingStopPips').field).toBe('stopLoss')
  })

  it('stands above Send when it names none of the ticket’s', () => {
    expect(refusal('symbol').field).toBeUndefined()
    expect(refusal(undefined).field).toBeUndefined()
  })

  it('offers a repair that says what it would use', () => {
    expect(repairable(refusal('qty', 2_394_000))).toBe(true)
    expect(repairable(refusal('symbol', 1))).toBe(false)
    expect(repairWords('qty', 2_394_000, terms())).toBe('Use 23.94 lots')
    expect(repairWords('limitPrice', 1.08441, terms())).toBe('Use 1.08441')
    expect(repairWords('qty', 0.01, crypto())).toBe('Use 0.010')
  })

  it('is not what a lost answer is: that has no code', () => {
    expect(complaintOf(new Unreachable('gone')).code).toBeUndefined()
  })
})

describe('a preview', () => {
  it('says what a reducing order sets free without a minus, and no share of nothing', () => {
    expect(marginWords(-7.11, 90_000, 'USD')).toEqual({ word: 'Margin set free', said: '7.11' })
    expect(marginWords(7.11, 90_000, 'USD')).toEqual({ word: 'Margin', said: '7.11 · 0.0 % of free' })
    expect(marginWords(7.11, 0, 'USD').said).toBe('7.11 · – of free')
    expect(marginWords(1e6, 10, 'USD').said).toBe('1,000,000.00 · over 999 % of free')
    expect(marginWords(undefined, 10, 'USD').said).toBe('–')
  })

  it('says once that a market is closed', () => {
    const closed = 'Expected DEMO:EURUSD to be open, found it closed until 2026-11-22 22:00:00 UTC'
    const warnings = ['DEMO:EURUSD is closed until 2026-11-22 22:00:00 UTC: nothing fills before', 'Another']
    const refused = { warnings, errors: [closed], refusals: [{ code: 'market_closed', message: closed }] }
    expect(previewNotes(refused)).toEqual({
      ...{ warnings: ['Another.'], errors: ['EURUSD is closed until 2026-11-22 22:00:00 UTC.'] },
    })
    expect(previewNotes({ warnings, errors: [], refusals: [] }).warnings).toHaveLength(2)
    expect(previewNotes(undefined)).toEqual({ warnings: [], errors: [] })
  })
})

describe('pressing twice', () => {
  const next = { order: { symbol: 'S', type: 2, side: 1, qty: 1 }, ticket: 'a', confirmId: undefined } as const
  let ids = 0
  const newId = () => {
    ids += 1
    return `id${ids}`
  }

  it('sends the first order again under its id, and a changed ticket under another', () => {
    const sent = sendingOf(undefined, next, newId)
    const again = sendingOf({ ...sent, slow: true }, { ...next, order: { ...next.order, stopLoss: 2 } }, newId)
    expect(again).toEqual(sent)
    expect(sendingOf(sent, { ...next, ticket: 'b' }, newId).clientOrderId).not.toBe(sent.clientOrderId)
  })
})
