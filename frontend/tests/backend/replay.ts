import type { QuoteData } from '../../src/generated/rest.js'
import type { Rest } from '../../src/rest/client.js'

const SPREAD = 0.0001
const MINUTE_MS = 60_000
const START = Date.UTC(2024, 2, 4, 8)
const MINUTES = 600
/** From the lowest bid to the highest and back, in pips a minute. */
const [LOW, HIGH, STEP] = [1.08, 1.09, 0.001]
/** Enough for a whole wave, of which each minute has four ticks and one more. */
const TICKS_MAX = 200

/** The past of one symbol as a market of its own, whose prices go up and down between two bounds and move when told. */
export class Replay {
  readonly symbol: string
  bid = 0
  ask = 0

  private constructor(
    private readonly rest: Rest,
    readonly accountId: string,
  ) {
    this.symbol = `${accountId}:EURUSD`
  }

  static async begin(rest: Rest, base: string): Promise<Replay> {
    await importPrices(rest, base)
    const replay = await rest.ask((signal) =>
      rest.calls.POST('/api/v1/replays', { body: { symbols: ['IMPORT:EURUSD'] }, signal }),
    )
    const market = new Replay(rest, replay.accountId)
    await market.step(1)
    return market
  }

  async step(ticks: number): Promise<void> {
    const path = { replayId: this.accountId }
    await this.rest.ask((signal) =>
      this.rest.calls.POST('/api/v1/replays/{replayId}/step', { params: { path }, body: { ticks }, signal }),
    )
    const body = { symbols: [this.symbol] }
    const [quote] = (await this.rest.ask((signal) =>
      this.rest.calls.POST('/api/v1/datafeed/quotes', { body, signal }),
    )) as QuoteData[]
    this.bid = quote?.v.bid ?? this.bid
    this.ask = quote?.v.ask ?? this.ask
  }

  /** Let time go on until it is so. */
  async until(reached: (market: Replay) => boolean): Promise<void> {
    for (let step = 0; step < TICKS_MAX; step += 1) {
      if (reached(this)) return
      await this.step(1)
    }
    throw new Error(`Expected prices to get there within ${TICKS_MAX} ticks, found ${this.bid}/${this.ask}`)
  }

  /** Where there is as much way up as down. */
  async middle(): Promise<void> {
    await this.until(({ bid }) => Math.abs(bid - (LOW + HIGH) / 2) < STEP)
  }

  up(pips: number): number {
    return round(this.ask + pips * SPREAD)
  }

  down(pips: number): number {
    return round(this.bid - pips * SPREAD)
  }
}

export function round(price: number): number {
  return Math.round(price * 1e5) / 1e5
}

async function importPrices(rest: Rest, base: string): Promise<void> {
  const known = await rest.ask((signal) => rest.calls.GET('/api/v1/imports', { signal }))
  if (known.length > 0) return
  const form = new FormData()
  for (const [side, distance] of [
    ['bid', 0],
    ['ask', SPREAD],
  ] as const) {
    form.append('files', new Blob([csv(distance)], { type: 'text/csv' }), `eurusd-m1-${side}.csv`)
  }
  const sent = await fetch(`${base}/api/v1/imports`, { method: 'POST', body: form })
  let job = (await sent.json()) as { id: string; status: string; message?: string }
  while (job.status === 'queued' || job.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 20))
    const path = { importId: job.id }
    job = await rest.ask((signal) => rest.calls.GET('/api/v1/imports/{importId}', { params: { path }, signal }))
  }
  if (job.status !== 'done') throw new Error(`the import is ${job.status}: ${job.message}`)
}

function csv(distance: number): string {
  const half = (HIGH - LOW) / STEP
  const level = (minute: number) => LOW + STEP * (half - Math.abs((minute % (2 * half)) - half))
  const rows = Array.from({ length: MINUTES }, (_, minute) => {
    const [open, close] = [level(minute) + distance, level(minute + 1) + distance]
    const prices = [open, Math.max(open, close), Math.min(open, close), close].map((price) => price.toFixed(5))
    return `${new Date(START + minute * MINUTE_MS).toISOString().replace('.000', '')},${prices.join(',')}`
  })
  return ['timestamp,open,high,low,close', ...rows, ''].join('\n')
}
