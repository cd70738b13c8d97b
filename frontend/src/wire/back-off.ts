import type { Random } from './clock.js'
import { BACK_OFF_FIRST_MS, BACK_OFF_MS_MAX } from './limits.js'

/** Doubles with each attempt in a row; jitter keeps clients that were cut off together from coming back together. */
export function backOffMs(attempt: number, random: Random): number {
  const whole = Math.min(BACK_OFF_MS_MAX, BACK_OFF_FIRST_MS * 2 ** Math.min(attempt, 30))
  return whole * (0.5 + random() / 2)
}
