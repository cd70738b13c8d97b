import { type Sized, sizeText } from '../../state/sizes.js'

/** A cell of the ladder has room for so many characters, a hundred lots among them. */
const CHARACTERS_MAX = 6

/** One's own size as the tables have it, without its word; told in thousands or millions where it is longer than its cell. */
export function ownSize(size: number, instrument: Sized | undefined): string {
  if (size === 0) return ''
  const [whole = ''] = sizeText(size, instrument).split(' ')
  if (whole.length <= CHARACTERS_MAX) return whole
  const short = { notation: 'compact', maximumSignificantDigits: 4 } as const
  return Number(whole.replaceAll(',', '')).toLocaleString('en-US', short)
}
