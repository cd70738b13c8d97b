import { backOffMs } from './back-off.js'
import { type Clock, type Random, wallClock } from './clock.js'
import { Conversation, type Return } from './conversation.js'
import { ANSWER_MS_MAX, CONNECT_MS_MAX, PROBE_EVERY_MS } from './limits.js'
import type { Listener, Request, TopicType } from './topics.js'

export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

export interface Connection {
  readonly state: ConnectionState
  /** Attempts in a row that came to nothing. */
  readonly attempt: number
  /** How long the last small question took. */
  readonly latencyMs?: number
  /** When the next attempt begins. */
  readonly retryAt?: number
  /** Why the last connection ended. */
  readonly reason?: string
  /** With which code the server ended it; 4401: one has to sign in before coming back makes sense. */
  readonly code?: number
}

export interface WireOptions {
  /** Where the socket is; asked before every attempt, because a ticket in it may be good for one use. */
  address: string | (() => string | Promise<string>)
  WebSocket?: SocketMaker
  clock?: Clock
  random?: Random
  /** Told what cannot happen: a frame that is no JSON, a listener that throws. */
  onTrouble?: (trouble: unknown) => void
}

/** As much of a WebSocket as is used. */
export interface Socket {
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    act: (event: { data?: unknown; code?: number; reason?: string }) => void,
  ): void
}
export type SocketMaker = new (address: string) => Socket

/** One socket for everybody: opened by the first listener, opened again after each cut, and every topic resumed. */
export class Wire {
  private readonly conversation: Conversation
  private readonly clock: Clock
  private readonly random: Random
  private readonly watchers = new Set<(connection: Connection) => void>()
  private readonly trouble: (trouble: unknown) => void
  private readonly greeters = new Set<(found: Return) => void>()
  private now: Connection = { state: 'idle', attempt: 0 }
  private locating = false
  private socket: Socket | undefined
  private timer = () => {}

  constructor(private readonly options: WireOptions) {
    this.clock = options.clock ?? wallClock
    this.random = options.random ?? Math.random
    this.trouble = options.onTrouble ?? ((trouble) => console.error(trouble))
    this.conversation = new Conversation(
      (text) => this.socket?.send(text),
      this.clock.now,
      (found) => this.returned(found),
    )
  }

  get connection(): Connection {
    return this.now
  }

  /** Listen to a topic; the answer stops it. The listener hears of every cut by a new `state`, or `recovered`. */
  listen<T extends TopicType>(type: T, request: Request<T>, listener: Listener<T>): () => void {
    if (this.now.state === 'closed') throw new Error('Expected an open wire, found one that was closed')
    const stop = this.conversation.listen(type, request, (heard) => this.guard(() => listener(heard)))
    if (this.now.state === 'idle') this.connect()
    return stop
  }

  /** Hear of every change of the connection; the answer stops it. */
  onConnection(watcher: (connection: Connection) => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** Hear, each time a socket stands and everything missed has come in, what that was; the answer stops it. */
  onReturn(greeter: (found: Return) => void): () => void {
    this.greeters.add(greeter)
    return () => this.greeters.delete(greeter)
  }

  /** Topics that are listened to. */
  get topics(): number {
    return this.conversation.topics
  }

  /** Do not wait for the next attempt: the machine is online again, or somebody pressed a button. */
  retryNow(): void {
    if (this.now.state === 'waiting') this.connect()
  }

  close(): void {
    if (this.now.state === 'closed') return
    this.drop('closed by us')
    this.timer()
    this.change({ state: 'closed', attempt: 0 })
  }

  private connect(): void {
    this.timer()
    this.change({ state: 'connecting', attempt: this.now.attempt })
    this.timer = this.clock.after(CONNECT_MS_MAX, () => this.cut('no connection in time'))
    void this.locate()
  }

  /** One question at a time for the address: the answer may wait for a person, and serves whichever attempt it finds. */
  private async locate(): Promise<void> {
    if (this.locating) return
    this.locating = true
    const { address } = this.options
    const act = await Promise.resolve(address)
      .then((where) => (typeof where === 'string' ? where : where()))
      .then(
        (where) => () => this.dial(where),
        (reason) => () => this.cut(String(reason)),
      )
    this.locating = false
    if (this.now.state === 'connecting' && this.socket === undefined) act()
  }

  private dial(address: string): void {
    const Maker = this.options.WebSocket ?? (globalThis.WebSocket as unknown as SocketMaker | undefined)
    if (Maker === undefined) throw new Error('Expected a WebSocket in the environment or in the options, found none')
    const socket = new Maker(address)
    this.socket = socket
    const ours = () => this.socket === socket
    socket.addEventListener('open', () => ours() && this.opened())
    socket.addEventListener('message', (event) => ours() && this.heard(String(event.data)))
    socket.addEventListener('close', ({ code, reason }) => ours() && this.cut(reason || `closed with ${code}`, code))
    // Some sockets that could not be opened never say that they are closed.
    socket.addEventListener('error', () => ours() && this.cut('the connection failed'))
  }

  private opened(): void {
    this.timer()
    this.change({ state: 'open', attempt: this.now.attempt })
    this.conversation.opened()
    this.watch()
  }

  private heard(text: string): void {
    this.guard(() => {
      const answer = this.conversation.heard(text)
      if (answer?.tookMs !== undefined) this.change({ state: 'open', attempt: 0, latencyMs: answer.tookMs })
      else if (answer !== undefined && this.now.attempt > 0) this.change({ state: 'open', attempt: 0 })
    })
  }

  private returned(found: Return): void {
    for (const greeter of [...this.greeters]) this.guard(() => greeter(found))
  }

  /** A connection may die without a word, so it is asked now and then, and an answer that does not come is its end. */
  private watch(): void {
    this.timer = this.clock.after(PROBE_EVERY_MS, () => {
      const since = this.conversation.waitingSince
      if (since !== undefined && this.clock.now() - since >= ANSWER_MS_MAX) {
        this.cut('no answer in time')
        return
      }
      this.conversation.probe()
      this.watch()
    })
  }

  private cut(reason: string, code?: number): void {
    this.drop(reason)
    const pause = backOffMs(this.now.attempt, this.random)
    this.timer()
    this.timer = this.clock.after(pause, () => this.connect())
    this.change({
      state: 'waiting',
      attempt: this.now.attempt + 1,
      retryAt: this.clock.now() + pause,
      reason,
      ...(code === undefined ? {} : { code }),
    })
  }

  private drop(reason: string): void {
    const socket = this.socket
    this.socket = undefined
    this.conversation.closed()
    // A close reason may hold 123 bytes; ours are short and plain.
    if (socket !== undefined) this.guard(() => socket.close(1000, reason.slice(0, 100)))
  }

  private change(connection: Connection): void {
    this.now = connection
    for (const watcher of [...this.watchers]) this.guard(() => watcher(connection))
  }

  private guard(act: () => void): void {
    try {
      act()
    } catch (trouble) {
      this.trouble(trouble)
    }
  }
}
