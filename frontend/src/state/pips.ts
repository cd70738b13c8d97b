import type { InstrumentInfo } from '../generated/rest.js'
import { snapTo } from './exact.js'
import { digitsOf } from './format.js'

/** What a distance of prices is measured with. */
export type Measured = Pick<InstrumentInfo, 'type' | 'minTick' | 'pipSize'>

/** Pips are the currencies' word; everywhere else a point is one of the price. */
export function distanceWord({ type }: Pick<Measured, 'type'>): 'pips' | 'points' {
  return type === 'forex' ? 'pips' : 'points'
}

/** One pip, or one point, in the price. */
export function distanceSize(one: Measured): number {
  return one.type === 'forex' ? one.pipSize : 1
}

/** The finest a distance can be: a tick. */
export function distanceStep(one: Measured): number {
  return Number((one.minTick / distanceSize(one)).toFixed(8))
}

export function distanceBetween(from: number, to: number, one: Measured): number {
  return snapTo((to - from) / distanceSize(one), distanceStep(one))
}

/** So far apart, as a bare number. */
export function distanceNumber(from: number, to: number, one: Measured, signed = false): string {
  const digits = Math.min(digitsOf(distanceStep(one)), digitsOf(one.minTick))
  const distance = distanceBetween(from, to, one)
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  if (!signed) return Math.abs(distance).toLocaleString('en-US', options)
  return distance.toLocaleString('en-US', { ...options, signDisplay: 'exceptZero' }).replace('-', '−')
}

/** So far apart, with its word: "20.2 pips", "2,847.05 points". */
export function distanceWords(from: number, to: number, one: Measured, signed = false): string {
  return `${distanceNumber(from, to, one, signed)} ${distanceWord(one)}`
}
