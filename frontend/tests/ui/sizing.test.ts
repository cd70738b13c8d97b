import { describe, expect, it } from 'vitest'
import { exact, floorTo, isOnStep, numberOf, snapTo, stepsIn, times, typed } from '../../src/state/exact.js'
import { amountOf, nudged, riskOf, sizeOf } from '../../src/ui/ticket/sizing.js'
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
