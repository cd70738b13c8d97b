import { exact, floorTo, isOnStep, numberOf, times, typed } from '../state/exact.js'
import { type Sized, sizeText } from '../state/sizes.js'

/** What the field of a size is called: the unit in which the page tells the position. */
export function sizeLabel(instrument: Sized | undefined): 'Lots' | 'Shares' | 'Units' {
  if (instrument === undefined) return 'Units'
  return instrument.lotSize > 1 ? 'Lots' : instrument.type === 'stock' ? 'Shares' : 'Units'
}

/** A size as it stands in that field: neither its word nor groups. */
export function sizeField(size: number, instrument: Sized | undefined): string {
  return sizeText(size, instrument).replace(/ .*/, '').replaceAll(',', '')
}

/** Half of it on the instrument's grid, rounded down; nothing when there is no smaller part. */
export function half(size: number, { qty: { min, step } }: Pick<Sized, 'qty'>): number | undefined {
  const part = floorTo(size / 2, step)
  return part >= min && part < size ? part : undefined
}

/** In units, or what is wrong with it. */
export type Part = { size: number } | { wrong: string }

/** The part of a position that is to be closed, as its field tells it. All that is held may be closed, whatever the grid. */
export function partOf(text: string, held: number, instrument: Sized | undefined): Part {
  const said = text.trim()
  if (said === sizeField(held, instrument)) return { size: held }
  const amount = typed(said)
  if (amount === undefined || !Number.isFinite(amount)) {
    return { wrong: `Expected a size in ${sizeLabel(instrument).toLowerCase()}, found ${said === '' ? 'none' : `“${said}”`}` }
  }
  const size = numberOf(times(exact(amount), exact(Math.max(1, instrument?.lotSize ?? 1))))
  const expected = size === held ? undefined : expectedOf(size, held, instrument)
  return expected === undefined ? { size } : { wrong: `Expected a size ${expected}, found ${amount}` }
}

function expectedOf(size: number, held: number, instrument: Sized | undefined): string | undefined {
  const say = (some: number) => sizeText(some, instrument)
  const { min, max, step } = instrument?.qty ?? { min: 0, max: held, step: 0 }
  if (held <= min) return `of ${say(held)}, all of it`
  if (size > Math.min(held, max)) return `of at most ${say(Math.min(held, max))}`
  if (size <= 0 && min === 0) return 'above 0'
  if (size < min) return `of at least ${say(min)}`
  return step === 0 || isOnStep(size, step) ? undefined : `in steps of ${say(step)}`
}
