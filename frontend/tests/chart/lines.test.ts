import { describe, expect, it } from 'vitest'
import { barAt } from '../../src/chart/lines/marks.js'
import { detailOf, type Held, linesOf, profitAt, spokenAt, type TradeLine, wishLine } from '../../src/chart/lines/model.js'
import { spread } from '../../src/chart/lines/spread.js'
import { itemsAt } from '../../src/chart/menu.js'
import type { InstrumentInfo } from '../../src/generated/rest.js'
import type { PlacedOrder, Position } from '../../src/generated/topics.js'

const instrument = {
  symbol: 'DEMO:EURUSD',
  minTick: 0.00001,
  pipSize: 0.0001,
  pipValue: 0.0001,
  qty: { step: 1000 },
} as InstrumentInfo

function order(more: Partial<PlacedOrder>): PlacedOrder {
  const plain = {
    id: 'o1',
    symbol: 'DEMO:EURUSD',
    type: 1,
    side: 1,
    qty: 1000,
    status: 6,
    filledQty: 0,
    duration: { type: 'GTC' },
  }
  return { ...plain, triggered: false, isClose: false, placeTime: 0, updateTime: 0, ...more } as PlacedOrder
}

const long: Position = { id: 'p1', symbol: 'DEMO:EURUSD', side: 1, qty: 2000, avgPrice: 1.08, updateTime: 0 }

function lines(more: Partial<Held>): TradeLine[] {
  return linesOf({ orders: [], positions: [], individual: [], draft: undefined, ...more }, instrument)
}

describe('lines of an account', () => {
  it('a position, its two brackets and nothing of another symbol', () => {
    const brackets = { parentId: 'p1', parentType: 2, side: -1, qty: 2000 } as const
    const target = order({ id: 'o2', type: 1, limitPrice: 1.09, bracket: 1, ...brackets })
    const stop = order({ id: 'o3', type: 3, stopPrice: 1.07, bracket: 2, ...brackets })
    const all = lines({ positions: [long, { ...long, id: 'p2', symbol: 'DEMO:GBPUSD' }], orders: [target, stop] })
    expect(all.map(({ role, price, title }) => [role, price, title])).toEqual([
      ['position', 1.08, 'Long 2,000'],
      ['takeProfit', 1.09, 'TP'],
      ['stopLoss', 1.07, 'SL'],
    ])
    expect(all.map((line) => profitAt(line, line.price, instrument)?.toFixed(2))).toEqual(['0.00', '20.00', '-20.00'])
    expect(all[0]?.offers).toEqual([])
    expect(all[2]?.spoken).toBe('Stop loss of long 2,000')
  })

  it('says money in the digits of the account’s currency, not of the instrument’s', () => {
    const yen = { ...instrument, currency: 'USD', pipValue: 0.0157 }
    const target = order({ id: 'o2', limitPrice: 1.09, bracket: 1, parentId: 'p1', parentType: 2, side: -1, qty: 2000 })
    const [position, profit] = lines({ positions: [long], orders: [target] }) as [TradeLine, TradeLine]
    const said = (currency: string) => [
      detailOf(position, 1.08, { bid: 1.0799 }, yen, currency),
      detailOf(profit, 1.09, {}, yen, currency),
      spokenAt(profit, 1.09, yen, currency),
    ]
    expect(said('JPY')).toEqual(['−31', '+3,140', 'Take profit of long 2,000 at 1.09000, plus 3,140'])
    expect(said('USD')).toEqual(['−31.40', '+3,140.00', 'Take profit of long 2,000 at 1.09000, plus 3,140.00'])
  })

  it('a bare position offers both brackets, on the right side of it', () => {
    const [line] = lines({ positions: [long] })
    expect(line?.offers).toEqual(['takeProfit', 'stopLoss'])
    expect(wishLine(line as TradeLine, 'stopLoss', 1.07)).toMatchObject({
      role: 'stopLoss',
      price: 1.07,
      entry: 1.08,
      movable: true,
    })
  })

  it('a stop limit order has a line for each of its prices, a market order none', () => {
    const both = order({ type: 4, stopPrice: 1.09, limitPrice: 1.091 })
    expect(lines({ orders: [both, order({ id: 'o9', type: 2 })] }).map(({ target }) => target)).toEqual([
      { kind: 'order', id: 'o1', field: 'stopPrice' },
      { kind: 'order', id: 'o1', field: 'limitPrice' },
    ])
  })

  it('a bracket waits faintly for its order, and reckons from its price', () => {
    const parent = order({ limitPrice: 1.08 })
    const stop = order({ id: 'o2', type: 3, side: -1, stopPrice: 1.07, bracket: 2, parentId: 'o1', parentType: 1, status: 3 })
    expect(lines({ orders: [parent, stop] })[1]).toMatchObject({ faint: true, entry: 1.08, side: 1 })
  })

  it('a hedging account shows its single positions', () => {
    const net: Position = { ...long, longQty: 3000, shortQty: 1000 }
    const one = { date: 0, symbol: 'DEMO:EURUSD', takeProfit: undefined, updateTime: 0, price: 1.08 }
    const individual = [
      { ...one, id: 'i1', side: 1, qty: 3000 },
      { ...one, id: 'i2', side: -1, qty: 1000 },
    ] as unknown as Held['individual']
    expect(lines({ positions: [net], individual }).map(({ title }) => title)).toEqual(['Long 3,000', 'Short 1,000'])
  })

  it('a draft of a stop limit stands at its stop', () => {
    const draft = { side: 1, type: 4, qty: 1000, stopPrice: 1.09, limitPrice: 1.091 } as const
    expect(lines({ draft }).map(({ key, price }) => [key, price])).toEqual([['draft:price', 1.09]])
  })

  it('a draft at market draws its protection alone', () => {
    const draft = { side: 1, type: 2, qty: 1000, stopLoss: 1.07 } as const
    expect(lines({ draft }).map(({ key, draft: dotted }) => [key, dotted])).toEqual([['draft:stopLoss', true]])
  })
})

describe('what can be done at a price', () => {
  const quote = { bid: 1.0798, ask: 1.08 }
  const at = (price: number) =>
    itemsAt(price, quote, [{ id: 'p1', side: 1, title: 'long 2,000' }], instrument).map(({ label }) => label)

  it('below the market one buys with a limit and sells with a stop', () => {
    expect(at(1.07)).toEqual([
      'Buy limit at 1.07000',
      'Sell stop at 1.07000',
      'Buy at market',
      'Sell at market',
      'Stop loss of long 2,000 at 1.07000',
      'Close long 2,000',
      'Reverse long 2,000',
      'Copy 1.07000',
    ])
  })

  it('above it the other way round', () => {
    expect(at(1.09).slice(0, 2)).toEqual(['Buy stop at 1.09000', 'Sell limit at 1.09000'])
    expect(at(1.09)[4]).toBe('Take profit of long 2,000 at 1.09000')
  })
})

describe('pills that would lie on each other', () => {
  const EDGES = { top: 0, bottom: 400 }

  it('stay inside, where their lines are at an edge', () => {
    expect(spread([1, 3], 24, EDGES)).toEqual([12, 36])
    expect(spread([200, 399], 24, EDGES)).toEqual([200, 388])
  })

  it('part around their middle and keep their order', () => {
    expect(spread([100, 104, 300], 24, EDGES)).toEqual([90, 114, 300])
    expect(spread([104, 100], 24, EDGES)).toEqual([114, 90])
  })

  it('push into the next one no further than needed', () => {
    const places = spread([100, 100, 130], 24, EDGES)
    expect(places.map((one, index) => index === 0 || one - (places[index - 1] as number) >= 24)).toEqual([true, true, true])
  })
})

it('a fill belongs to the bar it fell into', () => {
  const bars = [0, 60, 120].map((time) => ({ time, open: 1, high: 1, low: 1, close: 1 }))
  expect([barAt(bars, 0), barAt(bars, 59), barAt(bars, 60), barAt(bars, 500)]).toEqual([0, 0, 60, 120])
})
