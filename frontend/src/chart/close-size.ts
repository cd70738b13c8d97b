/** What is wrong with the size that a position is to be closed by, as its field tells it; empty: nothing. */
export function closeComplaint(size: unknown, held: number): string {
  if (typeof size === 'number' && size > 0) return ''
  return `Expected a size above 0 and up to ${held}, found ${typeof size === 'number' ? size : 'none'}`
}
