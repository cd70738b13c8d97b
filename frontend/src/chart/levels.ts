/** Shares of the way that a retracement marks, those first that people look for first. */
export const LEVELS = [0, 1, 0.5, 0.618, 0.382, 0.786, 0.236]

/** A label's height with a little air, in pixels. */
export const LABEL_HEIGHT = 18

/** Which labels have room at their heights; of two that would touch, the earlier one. */
export function withRoom(heights: readonly number[]): boolean[] {
  const taken: number[] = []
  return heights.map((height) => {
    const free = taken.every((other) => Math.abs(other - height) >= LABEL_HEIGHT)
    if (free) taken.push(height)
    return free
  })
}
