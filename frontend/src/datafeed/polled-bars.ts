import type { Bar, PeriodParams } from '../tradingview/datafeed.js'
import type { Clock } from '../wire/clock.js'
import { POLL_EVERY_MS } from './limits.js'

/** Live bars of a symbol whose prices are converted: the last two are asked for again and again, one request at a time. */
export class PolledBars {
  private cancel = () => {}
  private last = Number.NEGATIVE_INFINITY
  private stopped = false

  constructor(
    private readonly clock: Clock,
    private readonly history: (period: PeriodParams) => Promise<Bar[]>,
    private readonly tick: (bar: Bar) => void,
  ) {
    this.again()
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private again(): void {
    if (!this.stopped) this.cancel = this.clock.after(POLL_EVERY_MS, () => this.poll().then(() => this.again()))
  }

  private async poll(): Promise<void> {
    const to = Math.ceil(this.clock.now() / 1000) + 1
    const bars = await this.history({ from: to - 1, to, countBack: 2, firstDataRequest: false }).catch(() => [])
    // The chart has the older one of the first answer from its history.
    const told = this.last === Number.NEGATIVE_INFINITY ? bars.slice(-1) : bars
    for (const bar of this.stopped ? [] : told) {
      if (bar.time < this.last) continue
      this.last = bar.time
      this.tick(bar)
    }
  }
}
