import type { FilePreview, SeriesReport } from '../../generated/rest.js'
import type { Progress } from '../../state/imports.js'

const MEGABYTE = 1_048_576
/** Before this nobody can say how long it takes. */
const SURE_MS = 800
/** Of an import's span, when a replay begins: enough to see a chart, and at most a working day. */
const SHOWN_BEFORE = 0.1
const DAY_MS = 86_400_000
const SHOWN_MS_MAX = 28_800_000
const MINUTE_MS = 60_000

const count = (number: number) => Math.round(number).toLocaleString('en-US')
/** A figure that is reckoned, not counted. */
const about = (number: number) => Number(number.toPrecision(3)).toLocaleString('en-US')
const DELIMITERS: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' }
const SIDES = { bid: 'bid side', ask: 'ask side', both: 'bid and ask', price: 'one price' } as const

export const sizeText = (bytes: number) =>
  bytes < MEGABYTE ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / MEGABYTE).toFixed(1)} MB`

/** What a file would be taken for: "Bars, bid side, commas, with a header". */
export function formatWords({ kind, side, delimiter, header }: FilePreview): string {
  const words = [kind === 'ticks' ? 'Ticks' : 'Bars', side && SIDES[side], delimiter && DELIMITERS[delimiter]]
  return [...words, header ? 'with a header' : 'no header'].filter((word) => word).join(', ')
}

/** Which files make one series: both sides of a symbol belong together. */
export function pairsOf(previews: readonly FilePreview[]): string[] {
  const groups = new Map<string, FilePreview[]>()
  for (const one of previews.filter(({ kind }) => kind === 'bars')) {
    const symbol = one.symbol ?? ''
    groups.set(symbol, [...(groups.get(symbol) ?? []), one])
  }
  return [...groups].flatMap(([symbol, files]) => {
    const sides = new Set(files.map(({ side }) => side))
    return sides.has('bid') && sides.has('ask') ? [`Bid and ask of ${symbol} become one series.`] : []
  })
}

/** "About 12,000 of 57,522 rows · 31,000 rows/s · 2 s left". */
export function progressWords({ doing, done, total, rows, begun }: Progress, now: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const elapsed = now - begun
  const read =
    doing === 'reading' ? `About ${about(rows * share)} of ${about(rows)} rows` : `${sizeText(done)} of ${sizeText(total)}`
  if (elapsed < SURE_MS || share === 0) return read
  if (share === 1) return `${read} · writing them down`
  const perSecond = (share / elapsed) * 1_000
  const rate = doing === 'reading' ? `${about(rows * perSecond)} rows/s` : `${sizeText(total * perSecond)}/s`
  return `${read} · ${rate} · ${count(Math.ceil((1 - share) / perSecond))} s left`
}

const dayText = (time: number, year: boolean) =>
  new Date(time).toLocaleDateString('en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    ...(year ? { year: 'numeric' as const } : {}),
  })

/** "28,761 bars of 1m, 1 Feb – 1 Mar 2013, bid and ask, no volume". */
export function seriesWords(one: SeriesReport): string {
  const width = one.stepMs === 0 ? '' : ` of ${stepText(one.stepMs)}`
  const sameYear = new Date(one.first).getUTCFullYear() === new Date(one.last).getUTCFullYear()
  const [first, last] = [dayText(one.first, !sameYear), dayText(one.last, true)]
  const span = last.startsWith(first) ? last : `${first} – ${last}`
  const volume = one.kind === 'bars' ? (one.instrument.hasVolume ? 'with volume' : 'no volume') : ''
  return [`${count(one.rows)} ${one.kind}${width}`, span, SIDES[one.sides], volume].filter((word) => word !== '').join(', ')
}

function stepText(ms: number): string {
  if (ms % DAY_MS === 0) return `${ms / DAY_MS}D`
  if (ms % (60 * MINUTE_MS) === 0) return `${ms / (60 * MINUTE_MS)}h`
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS}m` : `${ms / 1_000}s`
}

/** What was put right on the way, in sentences. */
export function repairsOf({ duplicates, conflicts, disordered, lifted, oneSided }: SeriesReport): string[] {
  const said = (number: number, one: string, many: string) =>
    number === 0 ? [] : [`${count(number)} ${number === 1 ? one : many}`]
  return [
    ...said(duplicates, 'line stood there twice and counts once.', 'lines stood there twice and count once.'),
    ...said(conflicts, 'time had two prices; the later line counts.', 'times had two prices; the later line counts.'),
    ...said(disordered, 'line was out of order and is sorted in.', 'lines were out of order and are sorted in.'),
    ...said(
      lifted,
      'bid lay above its ask; the ask is lifted to it.',
      'bids lay above their asks; the asks are lifted to them.',
    ),
    ...said(
      oneSided,
      'bar has one side and takes the last known spread.',
      'bars have one side and take the last known spread.',
    ),
  ]
}

/** Where a replay begins that nobody has chosen a moment for: with some past to look at. */
export function usualStart({ first, last }: Pick<SeriesReport, 'first' | 'last'>): number {
  const shown = Math.min(SHOWN_MS_MAX, (last - first) * SHOWN_BEFORE)
  return Math.floor((first + shown) / MINUTE_MS) * MINUTE_MS
}
