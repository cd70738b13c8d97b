import type { BrokerHost } from '../tradingview/host.js'
import { ConnectionStatus } from '../tradingview/numbers.js'
import type { Wire } from '../wire/wire.js'

/** What a terminal shows as the way to its broker: the socket's state, and behind it that of the account's venue. */
export class ConnectionLight {
  status: ConnectionStatus = ConnectionStatus.Connecting
  private venue = () => {}
  private readonly stopSocket: () => void

  constructor(
    private readonly wire: Wire,
    private readonly host: Pick<BrokerHost, 'connectionStatusUpdate'>,
  ) {
    this.stopSocket = wire.onConnection(({ state, reason }) => {
      const over = state === 'waiting' || state === 'closed'
      // Connecting is only said until there was a first connection.
      if (over && this.status !== ConnectionStatus.Connecting) this.turn(ConnectionStatus.Disconnected, reason)
    })
  }

  watch(accountId: string): void {
    this.venue()
    this.venue = this.wire.listen('broker-connection', { accountId }, (heard) => {
      const told = heard.kind === 'state' ? heard.state : heard.kind === 'update' ? heard.value : undefined
      if (told !== undefined) this.turn(told.status, told.message)
    })
  }

  stop(): void {
    this.venue()
    this.stopSocket()
  }

  // The terminal asks for the status again while it is being told.
  private turn(status: ConnectionStatus, message?: string): void {
    if (status === this.status) return
    this.status = status
    this.host.connectionStatusUpdate(status, message === undefined ? {} : { message })
  }
}
