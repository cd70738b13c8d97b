import type { Rule } from './fold.js'
import {
  bollinger,
  convergence,
  exponentialAverage,
  relativeStrength,
  simpleAverage,
  trueRange,
  volumeWeighted,
} from './maths.js'

export const KINDS = ['SMA', 'EMA', 'BOLL', 'VWAP', 'RSI', 'MACD', 'ATR', 'VOL'] as const
export type IndicatorKind = (typeof KINDS)[number]

export interface Parameter {
  name: string
  from: number
  to: number
  step: number
  usual: number
}

export interface IndicatorSort {
  name: string
  /** Over the candles, or in a pane of its own. */
  over: boolean
  parameters: readonly Parameter[]
  /** What it draws, by the names its rule gives. */
  lines: readonly { key: string; label: string; kind: 'line' | 'columns' }[]
  rule: ((parameters: readonly number[]) => Rule<unknown>) | undefined
  /** The ends of its own scale. */
  scale?: readonly [number, number]
}

const period = (usual: number, name = 'Period'): Parameter => ({ name, from: 2, to: 500, step: 1, usual })
const one = (key: string, label: string) => [{ key, label, kind: 'line' as const }]
const at = (parameters: readonly number[], index: number) => parameters[index] as number
// A rule keeps a state of its own shape; the fold only hands it back.
const any = <S>(rule: Rule<S>) => rule as Rule<unknown>

export const SORTS: Readonly<Record<IndicatorKind, IndicatorSort>> = {
  SMA: {
    name: 'Moving average, simple',
    over: true,
    parameters: [period(20)],
    lines: one('average', 'SMA'),
    rule: (p) => any(simpleAverage(at(p, 0))),
  },
  EMA: {
    name: 'Moving average, exponential',
    over: true,
    parameters: [period(20)],
    lines: one('average', 'EMA'),
    rule: (p) => any(exponentialAverage(at(p, 0))),
  },
  BOLL: {
    name: 'Bollinger bands',
    over: true,
    parameters: [period(20), { name: 'Deviations', from: 0.5, to: 10, step: 0.5, usual: 2 }],
    lines: [...one('upper', 'Upper'), ...one('middle', 'Middle'), ...one('lower', 'Lower')],
    rule: (p) => any(bollinger(at(p, 0), at(p, 1))),
  },
  VWAP: {
    name: 'Volume-weighted average price',
    over: true,
    parameters: [],
    lines: one('vwap', 'VWAP'),
    rule: () => any(volumeWeighted()),
  },
  RSI: {
    name: 'Relative strength index',
    over: false,
    parameters: [period(14)],
    lines: one('rsi', 'RSI'),
    rule: (p) => any(relativeStrength(at(p, 0))),
    scale: [0, 100],
  },
  MACD: {
    name: 'Convergence, divergence',
    over: false,
    parameters: [period(12, 'Fast'), period(26, 'Slow'), period(9, 'Signal')],
    lines: [...one('macd', 'MACD'), ...one('signal', 'Signal'), { key: 'histogram', label: 'Histogram', kind: 'columns' }],
    rule: (p) => any(convergence(at(p, 0), at(p, 1), at(p, 2))),
  },
  ATR: {
    name: 'Average true range',
    over: false,
    parameters: [period(14)],
    lines: one('atr', 'ATR'),
    rule: (p) => any(trueRange(at(p, 0))),
  },
  VOL: { name: 'Volume', over: false, parameters: [], lines: [], rule: undefined },
}

/** Shown at a time. */
export const INDICATORS_MAX = 12

export interface IndicatorChoice {
  id: string
  kind: IndicatorKind
  parameters: readonly number[]
}

export function usual(kind: IndicatorKind, id: string): IndicatorChoice {
  return { id, kind, parameters: SORTS[kind].parameters.map((one) => one.usual) }
}

/** A person's number as the indicator can take it. */
export function withParameter(choice: IndicatorChoice, index: number, value: number): IndicatorChoice {
  const limits = SORTS[choice.kind].parameters[index]
  if (limits === undefined || !Number.isFinite(value)) return choice
  const kept = Math.min(limits.to, Math.max(limits.from, Math.round(value / limits.step) * limits.step))
  return { ...choice, parameters: choice.parameters.map((was, at) => (at === index ? kept : was)) }
}

export function labelOf({ kind, parameters }: IndicatorChoice): string {
  return [kind, ...parameters].join(' ')
}

/** What was kept, as far as it is still known. */
export function choicesFrom(kept: unknown): IndicatorChoice[] | undefined {
  if (!Array.isArray(kept)) return undefined
  return kept.flatMap((found) => choiceFrom(found) ?? []).slice(0, INDICATORS_MAX)
}

function choiceFrom(found: unknown): IndicatorChoice | undefined {
  if (typeof found !== 'object' || found === null) return undefined
  const { id, kind, parameters } = found as Partial<IndicatorChoice>
  if (typeof id !== 'string' || !KINDS.includes(kind as IndicatorKind) || !Array.isArray(parameters)) return undefined
  const start = usual(kind as IndicatorKind, id)
  return start.parameters.reduce((made, _, index) => withParameter(made, index, Number(parameters[index])), start)
}
