import { describe, expect, it } from 'vitest'
import type { PlacedOrder } from '../../src/generated/topics.js'
import { exact, floorTo, isOnStep, numberOf, snapTo, stepsIn, times, typed } from '../../src/state/exact.js'
import {
  amountOf,
  type Holdings,
  MOVE_RESERVE,
  mostOf,
  nudged,
  riskOf,
  type Sought,
  sizeOf,
} from '../../src/ui/ticket/sizing.js'
import { crypto, terms } from './terms.js'

describe('exact decimals', () => {
  it('loses nothing of a binary fraction that stands for a decimal', () => {
    expect(numberOf(times(exact(1.1), exact(1.1)))).toBe(1.21)
    expect(numberOf(exact(7.97e-5))).toBe(0.0000797)
    expect(numberOf(exact(-0.5))).toBe(-0.5)
  })

  it('finds a value on its grid where division finds it beside', () => {
    expect(0.3 / 0.1).not.toBe(3)
    expect(isOnStep(0.3, 0.1)).toBe(true)
    expect(floorTo(0.3, 0.1)).toBe(0.3)
    expect(floorTo(1.08449, 0.0001)).toBe(1.0844)
    expect(snapTo(1.084405, 0.00001)).toBe(1.08441)
    expect(snapTo(-1.5, 1)).toBe(-2)
  })

  it('counts no steps where there is nothing', () => {
    expect(stepsIn(exact(-1), exact(1), 1)).toBe(0n)
    expect(stepsIn(exact(1), exact(0), 1)).toBe(0n)
  })

  it('reads what people type, and nothing else', () => {
    expect(typed(' 1,234.5 ')).toBe(1234.5)
    expect(typed('−2')).toBe(-2)
    expect(typed('.5')).toBe(0.5)
    for (const text of ['', '1e5', 'abc', '1.2.3', '-', '1.234,5']) expect(typed(text)).toBeUndefined()
  })

  it.each([
    ['0,5', 0.5],
    ['1,08440', 1.0844],
    ['0,125', 0.125],
    [',5', 0.5],
    ['1 234,5', 1234.5],
    ['1,234', 1234],
    ['1,234,567', 1_234_567],
  ])('takes the comma of %s for a point where it parts no thousands', (text, value) => {
    expect(typed(text)).toBe(value)
  })

  it.each(['0,,5', '0,5.', '1,5,', '0 5', '1,23,4', '1,000,00', '1,2345.6', '.', ' '])(
    'makes no larger number of the slip %s',
    (text) => {
      expect(typed(text)).toBeUndefined()
    },
  )

  it.each([
    ['1 000', 1_000],
    ['1,50,000', 150_000],
    ['1_000.25', 1_000.25],
    ['1.083 50', 1.0835],
    ['- 1 000,5', -1_000.5],
    ['5.', 5],
    ['+5', 5],
  ])('reads the groups of %s', (text, value) => {
    expect(typed(text)).toBe(value)
  })
})

describe('a size', () => {
  const at = { price: 1.0844, stop: 1.0829 }

  it('in lots is lots times the contract', () => {
    expect(sizeOf('lots', 1.67, at, terms())).toEqual({ qty: 167_000 })
    expect(amountOf('lots', 167_000, at, terms())).toBe(1.67)
  })

  it('in money is the worth, rounded down to a step', () => {
    expect(sizeOf('money', 10_000, at, terms())).toEqual({ qty: 9_000 })
    expect(sizeOf('equity', 10, at, terms())).toEqual({ qty: 9_000 })
  })

  it('by risk is equity times risk by the distance to the stop, rounded down', () => {
    // 250.00 over 15 pips of 0.0001 a unit: 166,666 units, and 166,000 on the grid.
    expect(sizeOf('risk', 0.25, at, terms())).toEqual({ qty: 166_000 })
    expect(riskOf(166_000, at, terms())).toBeCloseTo(249, 6)
  })

  it('by risk does not fall a step short where the division is exact', () => {
    expect(sizeOf('risk', 0.15, { price: 1.1, stop: 1.097 }, terms())).toEqual({ qty: 50_000 })
  })

  it('by risk counts the commission of both sides, and never risks more', () => {
    const bitcoin = crypto()
    const size = sizeOf('risk', 0.25, { price: 70_000, stop: 69_850 }, bitcoin)
    expect(size).toEqual({ qty: 1.213 })
    expect(riskOf(1.213, { price: 70_000, stop: 69_850 }, bitcoin)).toBeLessThanOrEqual(250)
    expect(riskOf(1.214, { price: 70_000, stop: 69_850 }, bitcoin)).toBeGreaterThan(250)
  })

  it('by risk counts the least commission of small orders', () => {
    const shares = { qty: { min: 1, max: 1e5, step: 1, default: 1 }, lotSize: 1, minTick: 0.01, pipSize: 0.01, pipValue: 0.01 }
    const own = terms({ ...shares, commission: { rate: 0, perUnit: 0.005, minimum: 1 } }, 10_000)
    // 10.00 at risk, 2.00 of it commission: 8 shares over 1.00, not 10.
    expect(sizeOf('risk', 0.1, { price: 100, stop: 99 }, own)).toEqual({ qty: 8 })
  })

  it('by risk needs a stop that is not the entry', () => {
    expect(sizeOf('risk', 1, { price: 1.1 }, terms())).toEqual({ missing: 'Set a stop loss to size by risk.' })
    expect(sizeOf('risk', 1, { price: 1.1, stop: 1.1 }, terms())).toHaveProperty('missing')
  })

  it('without a rate is given in units alone', () => {
    const { pipValue: _, ...rest } = terms().instrument
    const unknown = { ...terms(), instrument: rest }
    expect(sizeOf('money', 10, at, unknown)).toHaveProperty('missing')
    expect(sizeOf('units', 1_000, at, unknown)).toEqual({ qty: 1_000 })
  })

  it('is nudged by the steps of its unit, never below the least', () => {
    expect(nudged('lots', 1.67, 1, terms())).toBe(1.68)
    expect(nudged('lots', 0.01, -10, terms())).toBe(0.01)
    expect(nudged('units', 0.3, 1, crypto())).toBe(0.301)
  })
})

describe('the largest size', () => {
  const NONE: Holdings = { hedging: false, positions: [], individual: [], orders: [] }
  const market = { bid: 1.0999, ask: 1.1 }
  const buy: Sought = { side: 1, ...market }
  const own = (free = 100_000) => ({ ...terms(), free })
  const short = { ...NONE, positions: [{ side: -1 as const, qty: 25_000, avgPrice: 1.09 }] }
  const order = (more: Partial<PlacedOrder>) =>
    ({ side: 1, status: 6, qty: 10_000, filledQty: 0, isClose: false, ...more }) as PlacedOrder
  const most = (sought: Sought, held: Holdings = NONE, of = own()) => mostOf(sought, held, of) ?? Number.NaN
  /** As the server reckons it. */
  const needed = (qty: number, price: number, closes = 0, freed = 0) => ((qty - closes) * price - freed) * 0.0333

  it('leaves what spread and commission take at once, and a reserve for the way to the fill', () => {
    const qty = most(buy)
    expect(needed(qty, 1.1) * (1 + MOVE_RESERVE) + qty * 0.0001).toBeCloseTo(100_000, 6)
    const paid = terms({ commission: { rate: 0, perUnit: 0.00003, minimum: 50 } })
    expect(needed(most(buy, NONE, paid), 1.1) * (1 + MOVE_RESERVE) + most(buy, NONE, paid) * 0.00013).toBeCloseTo(100_000, 6)
    const small = { ...paid, free: 100 }
    expect(needed(most(buy, NONE, small), 1.1) * (1 + MOVE_RESERVE) + most(buy, NONE, small) * 0.0001).toBeCloseTo(50, 6)
  })

  it('is carried still when the price has gone on by a pip or slips by five ticks', () => {
    for (const held of [NONE, short]) {
      const [closes, freed] = held === short ? [25_000, 25_000 * 1.09] : [0, 0]
      const lost = held === short ? 25_000 * 0.00015 : 0
      expect(needed(most({ ...buy, bid: 1.1 }, held), 1.10015, closes, freed)).toBeLessThan(100_000 - lost)
    }
  })

  it('closes an opposite net position without margin, and takes what that set free', () => {
    const qty = most(buy, short) - 25_000
    expect(qty * (1.1 * 0.0333 * (1 + MOVE_RESERVE) + 0.0001)).toBeCloseTo(100_000 + 25_000 * 1.09 * 0.0333, 6)
    expect(most(buy, short, own(-5_000))).toBe(25_000)
    expect(most({ ...buy, side: -1 }, short)).toBe(most({ ...buy, side: -1 }))
  })

  it('leaves to the orders before it what they would close', () => {
    const protects = [order({ bracket: 1 }), order({ isClose: true }), order({ side: -1 }), order({ status: 1 })]
    expect(most(buy, { ...short, orders: protects })).toBe(most(buy, short))
    const first = { ...short, orders: [order({ qty: 30_000, filledQty: 20_000 })] }
    expect(most(buy, first, own(-5_000))).toBe(15_000)
    expect(most(buy, { ...short, orders: [order({ qty: 40_000 })] })).toBe(most(buy))
  })

  it('is reckoned at the highest price at which the order can fill', () => {
    expect(most({ ...buy, limit: 1.05 })).toBeGreaterThan(most(buy))
    expect(most({ ...buy, stop: 1.2 })).toBeLessThan(most(buy))
    expect(most({ ...buy, limit: 1.15, stop: 1.2 })).toBe(most({ ...buy, limit: 1.15 }))
    expect(most({ ...buy, side: -1, limit: 1.05 })).toBe(most({ ...buy, side: -1 }))
    expect(most({ ...buy, side: -1, limit: 1.05, stop: 1.06 })).toBe(most({ ...buy, side: -1, stop: 1.06 }))
  })

  it('on a hedging account holds the larger side', () => {
    const individual = [{ side: -1 as const, qty: 25_000, price: 1.1 }]
    const hedged = { ...NONE, hedging: true, individual }
    const perUnit = 1.1 * 0.0333 * (1 + MOVE_RESERVE) + 0.0001
    expect(most(buy, hedged) * perUnit).toBeCloseTo(100_000 + 25_000 * 1.1 * 0.0333, 6)
    expect(most({ ...buy, side: -1 }, hedged)).toBe(most({ ...buy, side: -1 }))
    expect(most(buy, { ...hedged, orders: [order({ qty: 25_000, limitPrice: 1 })] })).toBe(most(buy))
    expect(most(buy, hedged, own(-5_000)) * perUnit).toBeCloseTo(25_000 * 1.1 * 0.0333, 6)
  })

  it('is not known without a price or a rate', () => {
    const { pipValue: _, ...rest } = terms().instrument
    expect(mostOf({ side: 1 }, NONE, own())).toBeUndefined()
    expect(mostOf(buy, NONE, { ...terms(), instrument: rest })).toBeUndefined()
    expect(most(buy, NONE, own(-1))).toBe(0)
  })
})
