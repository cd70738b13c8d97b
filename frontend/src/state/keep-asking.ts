import { backOffMs } from '../wire/back-off.js'
import { type Clock, type Random, wallClock } from '../wire/clock.js'

/** Told after each attempt that failed: why, and in how many milliseconds the next one follows. */
type Failed = (reason: unknown, againMs: number) => void

export interface Asking {
  stop(): void
  /** At once, not after the pause. */
  now(): void
}

/** Asks until it is answered, with longer and longer pauses. */
export function keepAsking(
  ask: () => Promise<void>,
  failed: Failed,
  clock: Clock = wallClock,
  random: Random = Math.random,
): Asking {
  let attempt = 0
  let pause = () => {}
  let over = false
  const once = async (): Promise<void> => {
    pause()
    const mine = ++attempt
    try {
      await ask()
      over = true
    } catch (reason) {
      // Whoever was overtaken by a later attempt has nothing to say.
      if (over || mine !== attempt) return
      const ms = backOffMs(attempt, random)
      pause = clock.after(ms, () => void once())
      failed(reason, ms)
    }
  }
  void once()
  return {
    stop: () => {
      over = true
      pause()
    },
    now: () => {
      if (!over) void once()
    },
  }
}
