import { topicString } from '../../src/wire/topic.js'
import type { Socket } from '../../src/wire/wire.js'

type Act = (event: { data?: unknown; code?: number; reason?: string }) => void
const PROBE = 'quotes.unsubscribe {"symbol":"?"}'
type Sent = { type: string; payload: Record<string, unknown> }

/** The server's end of every socket that was dialled; the test plays the server. */
export class FakeNet {
  readonly sockets: FakeSocket[] = []
  readonly WebSocket: new (
    address: string,
  ) => FakeSocket

  constructor() {
    const { sockets } = this
    this.WebSocket = class extends FakeSocket {
      constructor(address: string) {
        super(address)
        sockets.push(this)
      }
    }
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('nobody has dialled')
    return socket
  }
}

export class FakeSocket implements Socket {
  readonly sent: Sent[] = []
  closed = false
  probes = 0
  private readonly acts = new Map<string, Act[]>()

  constructor(readonly address: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent)
  }

  close(): void {
    this.closed = true
  }

  addEventListener(type: string, act: Act): void {
    this.acts.set(type, [...(this.acts.get(type) ?? []), act])
  }

  open(): void {
    this.happen('open', {})
  }

  cut(code = 1006): void {
    this.happen('close', { code, reason: '' })
  }

  say(type: string, payload: object): void {
    this.raw(JSON.stringify({ type, payload }))
  }

  raw(text: string): void {
    this.happen('message', { data: text })
  }

  /** Answer a subscription as the server does. */
  subscribed(type: string, request: object, rest: object): void {
    const topic = topicString(type, request)
    this.say(`${type}.subscribe.response`, {
      status: 'ok',
      message: 'subscribed',
      topic,
      epoch: 'e1',
      seq: 0,
      recovered: false,
      ...rest,
    })
  }

  update(type: string, request: object, rest: object): void {
    this.say(`${type}.update`, { topic: topicString(type, request), epoch: 'e1', ...rest })
  }

  /** What was sent since the last time this was asked, probes left out. */
  taken(): string[] {
    const sent = this.sent.splice(0).map(({ type, payload }) => `${type} ${JSON.stringify(payload)}`)
    this.probes += sent.filter((one) => one === PROBE).length
    return sent.filter((one) => one !== PROBE)
  }

  /** Answer a probe as the server does. */
  probed(): void {
    const topic = topicString('quotes', { symbol: '?' })
    this.say('quotes.unsubscribe.response', { status: 'error', code: 'not_subscribed', message: 'not subscribed', topic })
  }

  private happen(type: string, event: object): void {
    for (const act of this.acts.get(type) ?? []) act(event)
  }
}
