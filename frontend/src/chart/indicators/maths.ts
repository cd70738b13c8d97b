import type { Bar } from '../../tradingview/datafeed.js'
import type { Rule, Values } from './fold.js'

// Each rule as most charts reckon it. Before it has bars enough, an indicator has no value.
const NONE: Values = {}

export function simpleAverage(period: number): Rule<undefined> {
  return (bars, index) => ({ state: undefined, values: index + 1 < period ? NONE : { average: mean(bars, index, period) } })
}

/** Begins with the simple average of the first bars. */
export function exponentialAverage(period: number): Rule<number | undefined> {
  return (bars, index, before) => {
    const state = smoothed(before, closeOf(bars, index), 2 / (period + 1), () => seed(bars, index, period))
    return { state, values: state === undefined ? NONE : { average: state } }
  }
}

/** The deviation is the population's, as Bollinger's own. */
export function bollinger(period: number, widths: number): Rule<undefined> {
  return (bars, index) => {
    if (index + 1 < period) return { state: undefined, values: NONE }
    const middle = mean(bars, index, period)
    let squares = 0
    for (let at = index - period + 1; at <= index; at += 1) squares += (closeOf(bars, at) - middle) ** 2
    const width = widths * Math.sqrt(squares / period)
    return { state: undefined, values: { upper: middle + width, middle, lower: middle - width } }
  }
}

interface Traded {
  day: number
  money: number
  volume: number
}

/** Typical prices weighted by volume, from the beginning of each UTC day; without volume each bar weighs the same. */
export function volumeWeighted(): Rule<Traded> {
  return (bars, index, before) => {
    const bar = bars[index] as Bar
    const day = Math.floor(bar.time / 86_400_000)
    const begun = before?.day === day ? before : { day, money: 0, volume: 0 }
    const weight = bar.volume === undefined ? 1 : bar.volume
    const typical = (bar.high + bar.low + bar.close) / 3
    const state = { day, money: begun.money + typical * weight, volume: begun.volume + weight }
    return { state, values: state.volume > 0 ? { vwap: state.money / state.volume } : NONE }
  }
}

interface Swings {
  gain: number
  loss: number
}

/** Wilder's: the first averages are simple, later ones keep all but one part in `period`. */
export function relativeStrength(period: number): Rule<Swings> {
  return (bars, index, before = { gain: 0, loss: 0 }) => {
    const change = index === 0 ? 0 : closeOf(bars, index) - closeOf(bars, index - 1)
    const state = {
      gain: wilder(before.gain, Math.max(change, 0), index, period),
      loss: wilder(before.loss, Math.max(-change, 0), index, period),
    }
    if (index < period) return { state, values: NONE }
    const all = state.gain + state.loss
    return { state, values: { rsi: all === 0 ? 50 : (100 * state.gain) / all } }
  }
}

export function trueRange(period: number): Rule<number> {
  return (bars, index, before = 0) => {
    const { high, low } = bars[index] as Bar
    const previous = index === 0 ? undefined : closeOf(bars, index - 1)
    const range = previous === undefined ? 0 : Math.max(high, previous) - Math.min(low, previous)
    const state = wilder(before, range, index, period)
    return { state, values: index < period ? NONE : { atr: state } }
  }
}

interface Convergence {
  fast: number | undefined
  slow: number | undefined
  /** The first distances, until there are enough to begin the signal with. */
  early: readonly number[]
  signal: number | undefined
}

export function convergence(fast: number, slow: number, smooth: number): Rule<Convergence> {
  return (bars, index, before = { fast: undefined, slow: undefined, early: [], signal: undefined }) => {
    const close = closeOf(bars, index)
    const quick = smoothed(before.fast, close, 2 / (fast + 1), () => seed(bars, index, fast))
    const calm = smoothed(before.slow, close, 2 / (slow + 1), () => seed(bars, index, slow))
    if (quick === undefined || calm === undefined) return { state: { ...before, fast: quick, slow: calm }, values: NONE }
    const macd = quick - calm
    const early = before.signal === undefined ? [...before.early, macd] : []
    const signal = smoothed(before.signal, macd, 2 / (smooth + 1), () =>
      early.length === smooth ? early.reduce((sum, one) => sum + one, 0) / smooth : undefined,
    )
    const values: Values = signal === undefined ? { macd } : { macd, signal, histogram: macd - signal }
    return { state: { fast: quick, slow: calm, early, signal }, values }
  }
}

function smoothed(before: number | undefined, value: number, share: number, begin: () => number | undefined) {
  return before === undefined ? begin() : before + share * (value - before)
}

/** During the first `period` bars a sum of shares, which is their simple average in the end. */
function wilder(before: number, value: number, index: number, period: number): number {
  if (index === 0) return 0
  return index <= period ? before + value / period : before + (value - before) / period
}

function seed(bars: readonly Bar[], index: number, period: number): number | undefined {
  return index + 1 < period ? undefined : mean(bars, index, period)
}

function mean(bars: readonly Bar[], index: number, period: number): number {
  let sum = 0
  for (let at = index - period + 1; at <= index; at += 1) sum += closeOf(bars, at)
  return sum / period
}

function closeOf(bars: readonly Bar[], index: number): number {
  return (bars[index] as Bar).close
}
