import type { Bar } from '../tradingview/datafeed.js'
import type { Heard } from '../wire/topics.js'
import type { Wire } from '../wire/wire.js'

/**
 * One chart's live bars. A chart takes a bar that is as new as its last one, or newer.
 *
 * After a cut bars may have come and gone unseen, and in a replay time may have gone back: then the chart is told to load its
 * history again.
 */
export class BarStream {
  private readonly stops: (() => void)[]
  private last = Number.NEGATIVE_INFINITY
  private missed = false
  private stopped = false

  constructor(
    wire: Wire,
    symbol: string,
    resolution: string,
    private readonly ears: { tick(bar: Bar): void; resetCache(): void },
  ) {
    const request = { symbol, resolution: canonical(resolution) }
    this.stops = [
      wire.listen('bars', request as never, (heard) => this.heard(heard)),
      wire.onConnection(({ state }) => {
        if (state === 'waiting') this.missed = this.last > Number.NEGATIVE_INFINITY
      }),
    ]
  }

  stop(): void {
    this.stopped = true
    for (const stop of this.stops) stop()
  }

  private heard(heard: Heard<'bars'>): void {
    if (heard.kind === 'update') this.tick(heard.value)
    if (heard.kind !== 'state') return
    if (this.missed) this.ears.resetCache()
    this.missed = false
    if (heard.state !== undefined) this.tick(heard.state)
  }

  private tick(bar: Bar): void {
    if (this.stopped) return
    const back = bar.time < this.last
    this.last = bar.time
    if (back) this.ears.resetCache()
    else this.ears.tick({ ...bar })
  }
}

/** D, W and M are short for one of each. */
function canonical(resolution: string): string {
  return /^[DWM]$/.test(resolution) ? `1${resolution}` : resolution
}
