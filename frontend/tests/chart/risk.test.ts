import { describe, expect, it } from 'vitest'
import type { TradeLine } from '../../src/chart/lines/model.js'
import { begunAt, illegalAt, ratioText, rewardToRisk } from '../../src/chart/lines/risk.js'
import { leftOf } from '../../src/chart/resolutions.js'

const of = (role: TradeLine['role'], price: number, more: Partial<TradeLine> = {}): TradeLine => ({
  key: role,
  role,
  target: { kind: 'order', id: role, field: role === 'takeProfit' ? 'limitPrice' : 'stopPrice' },
  side: 1,
  price,
  title: '',
  spoken: '',
  movable: true,
  closable: true,
  faint: false,
  draft: false,
  entry: 100,
  qty: 1,
  parent: 'position:p',
  offers: [],
  ...more,
})
const target = of('takeProfit', 125)
const stop = of('stopLoss', 90)
const quote = { bid: 101, ask: 102 }

describe('what a target wins in parts of what its stop loses', () => {
  const ratio = (...all: TradeLine[]) => rewardToRisk(all[0] as TradeLine, all, ({ price }) => price)

  it('is the same from either end', () => {
    expect([ratio(target, stop), ratio(stop, target)]).toEqual([2.5, 2.5])
    expect(ratioText(2.5)).toBe('2.50 R')
  })

  it('is unknown without the other end, and where the stop loses nothing', () => {
    expect([ratio(target), ratio(target, of('stopLoss', 101))]).toEqual([undefined, undefined])
  })

  it("does not take another one's stop", () => {
    expect(ratio(target, { ...stop, parent: 'position:other' })).toBeUndefined()
  })
})

describe('a price that would be refused', () => {
  it.each([
    [of('stopLoss', 0), 101.5, 'must be below the bid, 101.00'],
    [of('takeProfit', 0), 101, 'must be above the bid, 101.00'],
    [of('stopLoss', 0, { side: -1 }), 101.5, 'must be above the ask, 102.00'],
    [of('stopLoss', 0, { parent: 'order:o:limitPrice' }), 100.5, 'must be below its entry, 100.00'],
    [of('order', 0, { parent: undefined }), 101, 'must be above the ask, 102.00'],
  ])('says what was expected', (line, price, why) => {
    expect(illegalAt(line, price, quote, 0.01)).toBe(why)
  })

  it('is no limit order, whatever its price, and nothing before there are prices', () => {
    const limit = of('order', 0, { target: { kind: 'order', id: 'o', field: 'limitPrice' } })
    expect([illegalAt(limit, 500, quote, 0.01), illegalAt(stop, 500, {}, 0.01)]).toEqual([undefined, undefined])
  })
})

describe('when a position was begun', () => {
  const fill = (side: 1 | -1, qty: number, time: number) => ({ side, qty, time })

  it('is the fill that left flat, adding and taking away aside', () => {
    const fills = [fill(1, 3, 1), fill(-1, 3, 2), fill(1, 0.1, 3), fill(1, 0.2, 4), fill(-1, 0.1, 5)]
    expect(begunAt(0.2, fills)).toBe(3)
  })

  it('is the fill that turned it round', () => {
    expect(begunAt(-1, [fill(1, 2, 1), fill(-1, 3, 2)])).toBe(2)
  })

  it('is unknown where its fills are not', () => {
    expect(begunAt(2, [fill(1, 1, 1)])).toBeUndefined()
  })
})

it("a bar's clock shows what is left of it, and nothing once it is over", () => {
  expect([leftOf(0, '1', 1_000), leftOf(0, '240', 60_000), leftOf(0, '1', 60_000), leftOf(0, '1D', 5)]).toEqual([
    '00:59',
    '3:59:00',
    '',
    '',
  ])
})
