/** Every one that the server has, finest first. */
export const RESOLUTIONS = ['1S', '5S', '15S', '30S', '1', '3', '5', '15', '30', '60', '120', '240', '1D', '1W', '1M'] as const

/** 1s, 15m, 4h, 1D as a person says it. */
export function shortOf(resolution: string): string {
  if (/[DWM]$/.test(resolution)) return resolution
  if (resolution.endsWith('S')) return resolution.toLowerCase()
  const minutes = Number(resolution)
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}
