import { describe, expect, it } from 'vitest'
import { choicesFrom, KINDS, SORTS, usual, withParameter } from '../../src/chart/indicators/catalogue.js'
import { Fold, type Rule, type Values } from '../../src/chart/indicators/fold.js'
import {
  bollinger,
  convergence,
  exponentialAverage,
  relativeStrength,
  simpleAverage,
  trueRange,
  volumeWeighted,
} from '../../src/chart/indicators/maths.js'
import type { Bar } from '../../src/tradingview/datafeed.js'

const MINUTE = 60_000

function closing(...closes: number[]): Bar[] {
  return closes.map((close, index) => ({ time: index * MINUTE, open: close, high: close, low: close, close }))
}

function over<S>(rule: Rule<S>, bars: readonly Bar[]): Values[] {
  return new Fold(rule as Rule<unknown>).over(bars)
}

describe('indicators against values worked by hand', () => {
  it('the simple average begins when there are bars enough', () => {
    expect(over(simpleAverage(3), closing(1, 2, 3, 4, 8))).toEqual([{}, {}, { average: 2 }, { average: 3 }, { average: 5 }])
  })

  it('the exponential average begins with a simple one and then takes 2 in period + 1 of each close', () => {
    // 2; 2 + (4 - 2) / 2 = 3; 3 + (8 - 3) / 2 = 5.5
    expect(over(exponentialAverage(3), closing(1, 2, 3, 4, 8))).toEqual([
      {},
      {},
      { average: 2 },
      { average: 3 },
      { average: 5.5 },
    ])
  })

  it("Bollinger's bands are two deviations of the population away", () => {
    // Mean 5 and variance ((2-5)² + 3 (4-5)² + 2 (5-5)² + (7-5)² + (9-5)²) / 8 = 4
    expect(over(bollinger(8, 2), closing(2, 4, 4, 4, 5, 5, 7, 9)).at(-1)).toEqual({ upper: 9, middle: 5, lower: 1 })
  })

  it('the volume-weighted price begins anew with each day', () => {
    const bar = (time: number, high: number, low: number, close: number, volume: number): Bar => ({
      time,
      open: close,
      high,
      low,
      close,
      volume,
    })
    const day = 86_400_000
    const bars = [bar(0, 12, 9, 9, 10), bar(MINUTE, 22, 18, 20, 30), bar(day, 33, 27, 30, 5)]
    // Typical prices 10, 20, 30: (100 + 600) / 40 = 17.5
    expect(over(volumeWeighted(), bars)).toEqual([{ vwap: 10 }, { vwap: 17.5 }, { vwap: 30 }])
  })

  it('the relative strength smooths as Wilder did', () => {
    // Period 2, changes +2, -1, +3: averages 1 and 0.5, then (1 + 3) / 2 = 2 and 0.5 / 2 = 0.25
    const values = over(relativeStrength(2), closing(10, 12, 11, 14))
    expect(values.slice(0, 2)).toEqual([{}, {}])
    expect(values[2]?.['rsi']).toBeCloseTo(100 / 1.5, 10)
    expect(values[3]?.['rsi']).toBeCloseTo(200 / 2.25, 10)
  })

  it('the relative strength of what never moved is in the middle', () => {
    expect(over(relativeStrength(2), closing(5, 5, 5)).at(-1)).toEqual({ rsi: 50 })
  })

  it('the true range counts gaps', () => {
    const bar = (time: number, high: number, low: number, close: number): Bar => ({ time, open: close, high, low, close })
    // Ranges after the first bar: 12 - 10 = 2 (a gap up), 12 - 8 = 4, then 1: (2 + 4) / 2 = 3, (3 + 1) / 2 = 2
    const bars = [bar(0, 10, 9, 10), bar(1, 12, 11, 12), bar(2, 9, 8, 8), bar(3, 9, 8, 8.5)]
    expect(over(trueRange(2), bars)).toEqual([{}, {}, { atr: 3 }, { atr: 2 }])
  })

  it('convergence is the distance of two averages, and its histogram that to its own average', () => {
    // EMA 2: 1.5, 2.5, 3.5, 6.5 (from the second); EMA 3: 2, 3, 5.5 (from the third)
    const values = over(convergence(2, 3, 2), closing(1, 2, 3, 4, 8))
    expect(values[1]).toEqual({})
    expect(values[2]).toEqual({ macd: 0.5 })
    expect(values[3]).toEqual({ macd: 0.5, signal: 0.5, histogram: 0 })
    expect(values[4]?.['macd']).toBeCloseTo(1, 10)
    expect(values[4]?.['signal']).toBeCloseTo(0.5 + (2 / 3) * 0.5, 10)
    expect(values[4]?.['histogram']).toBeCloseTo(1 - 0.5 - (2 / 3) * 0.5, 10)
  })
})

describe('values kept from tick to tick', () => {
  const rules = KINDS.flatMap((kind) => SORTS[kind].rule?.(SORTS[kind].parameters.map(({ usual: value }) => value)) ?? [])
  const walk = Array.from({ length: 120 }, (_, index): Bar => {
    const close = 100 + Math.sin(index / 3) * 4 + index / 10
    return { time: index * MINUTE, open: close - 0.5, high: close + 1, low: close - 1, close, volume: 1 + (index % 7) }
  })

  it.each(rules.map((rule, index) => ({ rule, index })))('are those of all bars reckoned at once: rule $index', ({ rule }) => {
    const fold = new Fold(rule)
    const seen: Bar[] = []
    for (const bar of walk) {
      seen.push({ ...bar, close: bar.close + 3, high: bar.high + 9 })
      fold.over(seen)
      seen[seen.length - 1] = bar
      fold.over(seen)
    }
    expect(fold.over(seen)).toEqual(new Fold(rule).over(walk))
  })

  it('a tick reckons one bar, older bars in front reckon all', () => {
    let reckoned = 0
    const fold = new Fold((_, index) => {
      reckoned += 1
      return { state: undefined, values: { index } }
    })
    fold.over(walk)
    reckoned = 0
    fold.over(walk)
    expect(reckoned).toBe(1)
    reckoned = 0
    fold.over([{ ...(walk[0] as Bar), time: -MINUTE }, ...walk])
    expect(reckoned).toBe(121)
  })

  it.each(rules.map((rule, index) => ({ rule, index })))(
    'begin anew with bars of another symbol at the same times: rule $index',
    ({ rule }) => {
      const fold = new Fold(rule)
      fold.over(walk)
      const other = walk.map((bar) => ({ ...bar, open: 1, high: 1.2, low: 0.9, close: 1 + (bar.time % 7) / 70 }))
      expect(fold.over(other)).toEqual(new Fold(rule).over(other))
    },
  )
})

describe('parameters', () => {
  it('stay within their limits, and no number changes nothing', () => {
    const choice = usual('BOLL', 'one')
    expect(withParameter(choice, 0, 9_999).parameters).toEqual([500, 2])
    expect(withParameter(choice, 1, 2.6).parameters).toEqual([20, 2.5])
    expect(withParameter(choice, 0, Number.NaN)).toBe(choice)
  })

  it('kept ones that are no longer known are left out', () => {
    expect(choicesFrom([{ id: 'a', kind: 'EMA', parameters: [50] }, { id: 'b', kind: 'gone', parameters: [] }, 7])).toEqual([
      { id: 'a', kind: 'EMA', parameters: [50] },
    ])
    expect(choicesFrom(undefined)).toBeUndefined()
  })
})
