import type { PipValues } from '../generated/topics.js'
import type { BrokerHost } from '../tradingview/host.js'
import type { Wire } from '../wire/wire.js'

/** What a pip is worth, of the symbols a ticket is open for. */
export class PipWatch {
  private readonly stops = new Map<string, () => void>()

  constructor(
    private readonly wire: Wire,
    private readonly host: Pick<BrokerHost, 'pipValueUpdate'>,
  ) {}

  watch(accountId: string, symbol: string): void {
    this.unwatch(symbol)
    const stop = this.wire.listen('pip-values', { accountId, symbol }, (heard) => {
      if (heard.kind === 'state' && heard.state !== undefined) this.tell(symbol, heard.state)
      if (heard.kind === 'update') this.tell(symbol, heard.value)
    })
    this.stops.set(symbol, stop)
  }

  unwatch(symbol: string): void {
    this.stops.get(symbol)?.()
    this.stops.delete(symbol)
  }

  clear(): void {
    for (const symbol of [...this.stops.keys()]) this.unwatch(symbol)
  }

  private tell(symbol: string, { buyPipValue, sellPipValue }: PipValues): void {
    if (buyPipValue === undefined || sellPipValue === undefined) return
    this.host.pipValueUpdate(symbol, { buyPipValue, sellPipValue })
  }
}
