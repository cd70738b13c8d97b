import { describe, expect, it } from 'vitest'
import type { PlacedOrder } from '../../src/generated/topics.js'
import { askStep, bidStep, clicked, Fit, middle, ownOrders, rungs, stepFor } from '../../src/ui/depth/ladder.js'
import { ownSize } from '../../src/ui/depth/own-size.js'
import { crypto, terms } from './terms.js'

const level = (price: number, volume: number) => ({ price, volume })
const bids = [level(1.08637, 2), level(1.08638, 1)]
const asks = [level(1.08642, 3), level(1.08643, 4)]

describe('the ladder', () => {
  it('stands around the best prices, with what is between them', () => {
    const centre = middle({ bid: 1.08638, ask: 1.08642 }, 0.00001) ?? 0
    const rows = rungs({ step: 0.00001, centre }, 7, bids, asks, [])
    expect(rows.map(({ price }) => price)).toEqual([1.08643, 1.08642, 1.08641, 1.0864, 1.08639, 1.08638, 1.08637])
    expect(rows.map(({ best }) => best)).toEqual(['', 'ask', 'between', 'between', 'between', 'bid', ''])
    expect(rows.map(({ ask, bid }) => ask + bid)).toEqual([4, 3, 0, 0, 0, 1, 2])
  })

  it('gathers prices so that nobody is promised a better one', () => {
    const rows = rungs({ step: 0.0001, centre: 10_864 }, 3, bids, asks, [])
    expect(rows.map(({ price, bid, ask }) => [price, bid, ask])).toEqual([
      [1.0865, 0, 7],
      [1.0864, 0, 0],
      [1.0863, 3, 0],
    ])
    expect([bidStep(0.3, 0.1), askStep(0.3, 0.1)]).toEqual([3, 3])
  })

  it('takes the finest step at which the book fits', () => {
    expect(stepFor(0.01, [level(72_698.75, 1)], [level(72_699.2, 1)], 11)).toBe(0.05)
    expect(stepFor(0.00001, bids, asks, 11)).toBe(0.00001)
    expect(stepFor(0.01, [], [], 11)).toBe(0.01)
  })

  it('keeps its step for minutes, whatever the spread does that still has rows', () => {
    const fit = new Fit()
    const at = (spread: number, now: number) =>
      fit.choose(0.01, { bids: [level(71_000, 1)], asks: [level(71_000 + spread, 1)] }, 11, now)
    const first = at(0.5, 0)
    expect(first).toBe(0.1)
    expect([0.2, 0.9, 0.05, 0.9, 0.4].map((spread, second) => at(spread, second * 1_000))).toEqual(Array(5).fill(first))
    const wide = at(3, 6_000)
    expect(wide, 'best prices that have no row').toBe(0.5)
    expect([at(0.5, 7_000), at(0.06, 100_000), at(0.5, 186_000)]).toEqual([wide, wide, wide])
    expect(at(0.06, 187_000), 'the coarsest that suited all the while').toBe(0.1)
    fit.forget()
    expect(at(0.05, 188_000)).toBe(0.01)
  })

  it('shows own orders with what is left of them', () => {
    const order = {
      id: 'o',
      symbol: 'S',
      type: 1,
      side: 1,
      qty: 5,
      filledQty: 2,
      limitPrice: 1.08638,
      status: 6,
    } as PlacedOrder
    const own = ownOrders([order, { ...order, id: 'p', symbol: 'T' }], 'S')
    const row = rungs({ step: 0.00001, centre: 108_638 }, 1, bids, asks, own)[0]
    expect(row).toMatchObject({ buys: 3, sells: 0, orders: ['o'] })
  })

  it('asks for a limit, with Shift for a stop, only where that is legal', () => {
    const prices = { bid: 1.08638, ask: 1.08642 }
    expect(clicked(1, 1.0863, false, prices)).toEqual({ side: 1, type: 1, price: 1.0863 })
    expect(clicked(1, 1.0865, false, prices)).toBeUndefined()
    expect(clicked(1, 1.0865, true, prices)).toEqual({ side: 1, type: 3, price: 1.0865 })
    expect(clicked(-1, 1.0865, false, prices)).toEqual({ side: -1, type: 1, price: 1.0865 })
    expect(clicked(-1, 1.0863, true, prices)).toEqual({ side: -1, type: 3, price: 1.0863 })
  })
})

describe('own orders on the ladder', () => {
  const forex = terms().instrument
  const share = terms({ type: 'stock', lotSize: 1, qty: { min: 1, max: 1_000_000, step: 1, default: 1 } }).instrument

  it.each([
    ['a buy limit', 1, 1, 1.08641, 1.0864],
    ['a sell limit', -1, 1, 1.08639, 1.0864],
    ['a buy limit just below the best ask', 1, 1, 1.08649, 1.0864],
    ['a sell limit just above the best bid', -1, 1, 1.08631, 1.0864],
    ['a buy stop, which the asks reach', 1, 3, 1.08652, 1.0866],
    ['a sell stop, which the bids reach', -1, 3, 1.08628, 1.0862],
    ['an order on the grid', 1, 1, 1.0863, 1.0863],
  ] as const)('%s stands where the levels of its price are gathered', (_, side, type, price, at) => {
    const placed = { id: 'o', symbol: 'S', side, type, qty: 1, limitPrice: price, stopPrice: price } as PlacedOrder
    const rows = rungs({ step: 0.0001, centre: 10_864 }, 7, [level(1.0863, 1)], [level(1.0865, 1)], ownOrders([placed], 'S'))
    expect(rows.filter(({ orders }) => orders.length > 0).map((row) => row.price)).toEqual([at])
  })

  it('are told in lots or units without the word, in as many characters as there is room for', () => {
    expect([50_000, 10_000, 1_234_000, 10_000_000, 0].map((qty) => ownSize(qty, forex))).toEqual([
      ...['0.50', '0.10', '12.34', '100.00', ''],
    ])
    expect([20, 1_500, 99_999, 123_456].map((qty) => ownSize(qty, share))).toEqual(['20', '1,500', '99,999', '123.5K'])
    expect(ownSize(0.123, crypto().instrument)).toBe('0.123')
  })
})
