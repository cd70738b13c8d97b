/** Numbers as people read them. Unknown is an en dash, never 0; a minus is a true minus. */
export const UNKNOWN = '–'

const WEEK_MS = 6 * 86_400_000
const formats = new Map<string, Intl.NumberFormat>()

function format(digits: number, signed: boolean): Intl.NumberFormat {
  const key = `${digits}${signed}`
  let found = formats.get(key)
  if (found === undefined) {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
    found = new Intl.NumberFormat('en-US', signed ? { ...options, signDisplay: 'exceptZero' } : options)
    formats.set(key, found)
  }
  return found
}

function plain(value: number | undefined, digits: number, signed = false): string {
  return value === undefined || !Number.isFinite(value) ? UNKNOWN : format(digits, signed).format(value).replace('-', '−')
}

/** Digits after the point of a step such as 0.00001. */
export function digitsOf(step: number): number {
  const [mantissa = '', exponent = '0'] = step.toExponential().split('e')
  const decimals = mantissa.includes('.') ? mantissa.length - mantissa.indexOf('.') - 1 : 0
  return Math.max(0, decimals - Number(exponent))
}

export function priceText(price: number | undefined, tick: number): string {
  return plain(price, digitsOf(tick))
}

/** Digits after the point of a currency's smallest coin. */
export function moneyDigits(currency: string): number {
  return currency === 'JPY' ? 0 : 2
}

export function moneyText(amount: number | undefined, currency = 'USD'): string {
  return plain(amount, moneyDigits(currency))
}

export function profitText(amount: number | undefined, currency = 'USD'): string {
  return plain(amount, moneyDigits(currency), true)
}

export function percentText(percent: number | undefined): string {
  return percent === undefined ? UNKNOWN : `${plain(percent, 2, true)} %`
}

export function quantityText(quantity: number | undefined, step: number): string {
  return plain(quantity, digitsOf(step))
}

/** HH:MM:SS today, "17 Nov 11:47" before. */
export function timeText(time: number, zone: 'UTC' | 'local'): string {
  const when = new Date(time)
  const timeZone = zone === 'UTC' ? 'UTC' : undefined
  const day = (date: Date) => date.toLocaleDateString('en-GB', { timeZone })
  if (day(when) === day(new Date())) return when.toLocaleTimeString('en-GB', { timeZone })
  const words = when.toLocaleDateString('en-GB', { timeZone, day: 'numeric', month: 'short' })
  return `${words} ${when.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })}`
}

/** A moment to come: 14:30 today, "Mon 14:30" within a week, "24 Dec 14:30" after it. */
export function comingText(time: number, zone: 'UTC' | 'local', now: number): string {
  const timeZone = zone === 'UTC' ? 'UTC' : undefined
  const [when, today] = [new Date(time), new Date(now)]
  const clock = when.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
  const day = (date: Date) => date.toLocaleDateString('en-GB', { timeZone })
  if (day(when) === day(today)) return clock
  const soon = time - now < WEEK_MS
  const words = soon ? ({ weekday: 'short' } as const) : ({ day: 'numeric', month: 'short' } as const)
  return `${when.toLocaleDateString('en-GB', { timeZone, ...words })} ${clock}`
}

/** The nearest price on the grid, without the noise of binary fractions. */
export function onGrid(price: number, step: number): number {
  return Number((Math.round(price / step) * step).toFixed(digitsOf(step)))
}

/** The bare name of MARKET:NAME. */
export function nameOf(symbol: string): string {
  return symbol.slice(symbol.indexOf(':') + 1)
}
