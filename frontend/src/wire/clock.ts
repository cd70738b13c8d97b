/** Wall time and timers; tests bring their own. */
export interface Clock {
  now(): number
  /** Acts once, later; the answer calls it off. */
  after(ms: number, act: () => void): () => void
}

/** From 0 to 1, as Math.random. */
export type Random = () => number

export const wallClock: Clock = {
  now: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}
