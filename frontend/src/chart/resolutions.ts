/** Every one that the server has, finest first. */
export const RESOLUTIONS = ['1S', '5S', '15S', '30S', '1', '3', '5', '15', '30', '60', '120', '240', '1D', '1W', '1M'] as const

/** 1s, 15m, 4h, 1D as a person says it. */
export function shortOf(resolution: string): string {
  if (/[DWM]$/.test(resolution)) return resolution
  if (resolution.endsWith('S')) return resolution.toLowerCase()
  const minutes = Number(resolution)
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}

/** How long one bar lasts; unknown where that depends on the calendar. */
export function spanOf(resolution: string): number | undefined {
  if (/[DWM]$/.test(resolution)) return undefined
  return Number.parseInt(resolution, 10) * (resolution.endsWith('S') ? 1_000 : 60_000)
}

/** What is left of a bar, as a clock shows it; nothing where that is unknown or over. */
export function leftOf(start: number, resolution: string, now: number): string {
  const span = spanOf(resolution)
  const seconds = span === undefined ? 0 : Math.ceil((start + span - now) / 1_000)
  if (span === undefined || seconds <= 0 || seconds * 1_000 > span) return ''
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two((seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3_600 ? clock : `${Math.floor(seconds / 3_600)}:${clock}`
}
