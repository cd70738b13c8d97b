import { describe, expect, it } from 'vitest'
import { distanceNumber, distanceStep, distanceWords } from '../../src/state/pips.js'
import { bracketAmount, bracketMoney, bracketPrice } from '../../src/ui/ticket/brackets.js'
import { crypto, terms } from './terms.js'

const buy = { side: 1, price: 1.0844, qty: 167_000 } as const
const sell = { side: -1, price: 1.0844, qty: 167_000 } as const

describe('a bracket', () => {
  it('in pips stands on its own side of the entry', () => {
    expect(bracketPrice('takeProfit', 'distance', 37.5, buy, terms())).toBe(1.08815)
    expect(bracketPrice('stopLoss', 'distance', 15, buy, terms())).toBe(1.0829)
    expect(bracketPrice('takeProfit', 'distance', 37.5, sell, terms())).toBe(1.08065)
    expect(bracketPrice('stopLoss', 'distance', 15, sell, terms())).toBe(1.0859)
  })

  it('in money or percent stands where that much is won or lost, on the grid', () => {
    expect(bracketPrice('takeProfit', 'money', 626.25, buy, terms())).toBe(1.08815)
    expect(bracketPrice('stopLoss', 'percent', 0.2505, buy, terms())).toBe(1.0829)
  })

  it('in money has no price without a size', () => {
    expect(bracketPrice('stopLoss', 'money', 100, { ...buy, qty: 0 }, terms())).toBeUndefined()
  })

  it.each(['distance', 'price', 'money', 'percent'] as const)('goes from a price to %s and back', (unit) => {
    for (const kind of ['takeProfit', 'stopLoss'] as const) {
      for (const entry of [buy, sell]) {
        const price = bracketPrice(kind, 'distance', 20, entry, terms()) ?? 0
        const amount = bracketAmount(kind, unit, price, entry, terms()) ?? 0
        expect(bracketPrice(kind, unit, amount, entry, terms())).toBe(price)
      }
    }
  })

  it('shows its money signed', () => {
    expect(bracketMoney(1.08815, buy, terms())).toBeCloseTo(626.25, 6)
    expect(bracketMoney(1.0829, buy, terms())).toBeCloseTo(-250.5, 6)
  })

  it('is as fine as a tick', () => {
    expect(distanceStep(terms().instrument)).toBe(0.1)
    expect(distanceStep(crypto().instrument)).toBe(0.01)
  })
})

describe('a distance', () => {
  it('is told in pips of currencies, and in points of all else, where a point is one of the price', () => {
    expect(distanceNumber(1.08642, 1.0844, terms().instrument)).toBe('20.2')
    expect(distanceWords(1.08642, 1.0844, terms().instrument)).toBe('20.2 pips')
    expect(distanceWords(5_210.3, 5_200, terms({ type: 'index', minTick: 0.1, pipSize: 1 }).instrument)).toBe('10.3 points')
    expect(distanceNumber(72_847.05, 70_000, crypto().instrument)).toBe('2,847.05')
    expect(distanceNumber(70_000, 69_850, crypto().instrument, true)).toBe('−150.00')
  })
})
