import type { Clock } from '../../src/wire/clock.js'

/** Time that moves when it is told to. */
export class FakeClock implements Clock {
  private time = 1_700_000_000_000
  private timers: { at: number; act: () => void }[] = []

  now = () => this.time

  after = (ms: number, act: () => void): (() => void) => {
    const timer = { at: this.time + ms, act }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((one) => one !== timer)
    }
  }

  advance(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const next = this.timers.filter((one) => one.at <= end).sort((one, other) => one.at - other.at)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((one) => one !== next)
      this.time = Math.max(this.time, next.at)
      next.act()
    }
    this.time = end
  }

  /** Time passes, and between two moments everything that was promised happens. */
  async pass(ms: number, steps = 50): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await settled()
      this.advance(ms / steps)
    }
    await settled()
  }
}

/** Every promise that can be kept now has been. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
