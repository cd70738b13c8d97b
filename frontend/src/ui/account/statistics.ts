import type { ClosedTrade, EquityPoint } from '../../generated/rest.js'

/** What closed trades say together; absent where there is nothing to say it from. */
export interface Statistics {
  trades: number
  won: number
  net: number
  fees: number
  winRate: number | undefined
  /** Gross won over gross lost. */
  profitFactor: number | undefined
  averageWin: number | undefined
  averageLoss: number | undefined
  best: number | undefined
  worst: number | undefined
  /** Milliseconds. */
  holding: number | undefined
}

export function statistics(trades: readonly ClosedTrade[]): Statistics {
  const net = trades.map(({ netProfit }) => netProfit)
  const [wins, losses] = [net.filter((one) => one > 0), net.filter((one) => one < 0)]
  const [won, lost] = [sum(wins), -sum(losses)]
  return {
    trades: trades.length,
    won: wins.length,
    net: sum(net),
    fees: sum(trades.map(({ fees }) => fees)),
    winRate: trades.length === 0 ? undefined : (wins.length / trades.length) * 100,
    profitFactor: lost === 0 ? undefined : won / lost,
    averageWin: mean(wins),
    averageLoss: mean(losses),
    best: net.length === 0 ? undefined : Math.max(...net),
    worst: net.length === 0 ? undefined : Math.min(...net),
    holding: mean(trades.map(({ holdingTime }) => holdingTime)),
  }
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** What the kill switch ends. Brackets go with what they protect, and are not counted. */
export function endingWords(positions: number, orders: number, name: string): string {
  const ends = [
    ...(positions > 0 ? [counted(positions, 'position', 'positions')] : []),
    ...(orders > 0 ? [counted(orders, 'entry order', 'entry orders')] : []),
  ]
  if (ends.length === 0) return `${name} holds nothing now, and has no entry order.`
  return `${ends.join(' and ')} of ${name} ${positions + orders === 1 ? 'ends' : 'end'}.`
}

/** What a reset ends. */
export const RESET_ENDS =
  'Its positions, orders and history end, and so do its lock and all risk limits, the daily loss limit too. Leverage stays.'

/** How many were won of how many. */
export function wonWords({ trades, won, winRate }: Statistics, latest: boolean): string {
  const of = `${won} of ${latest ? 'the latest ' : ''}${trades} won`
  return winRate === undefined || trades === 1 ? of : `${of}, ${winRate.toFixed(0)} %`
}

/** How long, in the two largest units: 3 h 12 min. */
export function spanText(ms: number | undefined): string {
  if (ms === undefined) return '–'
  const seconds = Math.round(ms / 1000)
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first === -1) return '0 s'
  const [[word, size], next] = [units[first] ?? ['s', 1], units[first + 1]]
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1])
  return `${Math.floor(seconds / size)} ${word}${rest > 0 && next !== undefined ? ` ${rest} ${next[0]}` : ''}`
}

/** A curve in a box of 100 by 100: equity without deposits since its beginning, and the highest before it, between which the drawdown is shaded. */
export interface Curve {
  line: string
  drawdown: string
  low: number
  high: number
  first: number
  last: number
  deepest: number
}

export function curveOf(points: readonly EquityPoint[]): Curve | undefined {
  // Money paid in or out is nothing won or lost.
  const known = points.map(({ time, equity, balance, deposits }) => ({ time, value: (equity ?? balance) - deposits }))
  const [begin, end] = [known[0], known.at(-1)]
  if (begin === undefined || end === undefined || known.length < 2) return undefined
  const values = known.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  // Points of one moment, as a new account has them, still make a line.
  const span = end.time - begin.time
  const x = (time: number, at: number) => ((span > 0 ? (time - begin.time) / span : at / (known.length - 1)) * 100).toFixed(2)
  const y = (value: number) => (high === low ? 50 : 100 - ((value - low) / (high - low)) * 100).toFixed(2)
  let top = begin.value
  let deepest = 0
  const tops = known.map(({ time, value }, at) => {
    top = Math.max(top, value)
    deepest = Math.max(deepest, top - value)
    return `${x(time, at)},${y(top)}`
  })
  const line = known.map(({ time, value }, at) => `${x(time, at)},${y(value)}`)
  const drawdown = [...tops, ...line.toReversed()].join(' ')
  return { line: line.join(' '), drawdown, low, high, first: begin.value, last: end.value, deepest }
}

/** Where a margin level stands on a track that ends at three times the call. */
export function levelShare(level: number, call = 100): number {
  return Math.max(0, Math.min(100, (level / (call * 3)) * 100))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0)
}
function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : sum(values) / values.length
}
