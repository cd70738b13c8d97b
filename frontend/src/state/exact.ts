import { digitsOf } from './format.js'

/** A decimal without the noise of binary fractions: `whole` × 10^−`digits`. What decides a size or a price is reckoned in these. */
export interface Exact {
  whole: bigint
  digits: number
}

export function exact(value: number): Exact {
  if (!Number.isFinite(value)) throw new RangeError(`Expected a finite number, found ${value}`)
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [left = '0', right = ''] = mantissa.split('.')
  const zeros = Number(exponent) - right.length
  const whole = BigInt(left + right)
  return zeros >= 0 ? { whole: whole * 10n ** BigInt(zeros), digits: 0 } : { whole, digits: -zeros }
}

export function times(one: Exact, other: Exact): Exact {
  return { whole: one.whole * other.whole, digits: one.digits + other.digits }
}

export function plus(one: Exact, other: Exact): Exact {
  const digits = Math.max(one.digits, other.digits)
  return { whole: raised(one, digits) + raised(other, digits), digits }
}

export function minus(one: Exact, other: Exact): Exact {
  return plus(one, { whole: -other.whole, digits: other.digits })
}

export function less(one: Exact, other: Exact): boolean {
  return minus(one, other).whole < 0n
}

/** How many whole steps go into part ÷ by, rounded down; both must be positive, otherwise none. */
export function stepsIn(part: Exact, by: Exact, step: number): bigint {
  const divisor = times(by, exact(step))
  const digits = Math.max(part.digits, divisor.digits)
  const [over, under] = [raised(part, digits), raised(divisor, digits)]
  return over <= 0n || under <= 0n ? 0n : over / under
}

export function numberOf({ whole, digits }: Exact): number {
  const text = (whole < 0n ? -whole : whole).toString().padStart(digits + 1, '0')
  const point = text.length - digits
  return Number(`${whole < 0n ? '-' : ''}${text.slice(0, point)}.${text.slice(point) || '0'}`)
}

/** The largest multiple of the step that is not above a value that is 0 or more. */
export function floorTo(value: number, step: number): number {
  return manySteps(stepsIn(exact(value), exact(1), step), step)
}

/** The nearest multiple of the step; the half goes up. */
export function snapTo(value: number, step: number): number {
  const doubled = stepsIn(times(exact(Math.abs(value)), exact(2)), exact(1), step)
  return Math.sign(value) * manySteps((doubled + 1n) / 2n, step)
}

export function isOnStep(value: number, step: number): boolean {
  return floorTo(Math.abs(value), step) === Math.abs(value)
}

export function manySteps(count: bigint, step: number): number {
  return numberOf(times({ whole: count, digits: 0 }, exact(step)))
}

/** A number as it stands in a field: plain digits, no groups. */
export function fieldText(value: number, step: number): string {
  return value.toFixed(digitsOf(step))
}

/** One comma that parts no thousands, such as 0,5 or 1,08440: it stands for the point. */
const DECIMAL_COMMA = /^([+-]?)(?![1-9]\d{0,2},\d{3}$)([\d\s_]*),(\d*)$/

/** What stands before the point, in one or in groups, and after it: a slip such as 0,,5 or 0,5. is neither, and not ten times as much. */
const TYPED = /^([+-]?)(\d*|[1-9]\d{0,2}(?:[\s_,]\d{2,3})*[\s_,]\d{3})(?:\.([\d\s_]*))?$/

/** What a person typed: groups, spaces, a true minus and a decimal comma are understood. Nothing sensible: undefined. */
export function typed(text: string): number | undefined {
  const spoken = text
    .trim()
    .replace('−', '-')
    .replace(/^([+-])\s+/, '$1')
    .replace(DECIMAL_COMMA, '$1$2.$3')
  const [, sign, whole = '', part = ''] = TYPED.exec(spoken) ?? []
  return /\d/.test(whole + part) ? Number(`${sign}${whole}.${part}`.replace(/[\s_,]/g, '')) : undefined
}

function raised({ whole, digits }: Exact, to: number): bigint {
  return whole * 10n ** BigInt(to - digits)
}
