import { STREAMS_MAX } from './limits.js'
import { topicString } from './topic.js'
import type { Heard, Listener, Request, State, TopicType, Value } from './topics.js'

/**
 * What is said on the socket, without the socket: text comes in, text goes out, and time is told.
 *
 * Keeps who listens to what and the last (epoch, seq) of each topic; one subscription serves all listeners of a topic. Answers come
 * in the order of requests, so a listener that joins later asks again and is given the state of its own answer, no update twice.
 */
export class Conversation {
  private readonly streams = new Map<string, Stream>()
  private pending: Pending[] = []
  private open = false
  /** What coming back has brought so far, until the last of it is in. */
  private returning: { updates: number; afresh: TopicType[]; caught: Set<string> } | undefined

  constructor(
    private readonly send: (text: string) => void,
    private readonly now: () => number,
    private readonly returned: (found: Return) => void = () => {},
  ) {}

  /** When the oldest unanswered request was sent. */
  get waitingSince(): number | undefined {
    return this.pending[0]?.sentAt
  }

  get topics(): number {
    return this.streams.size
  }

  listen<T extends TopicType>(type: T, request: Request<T>, listener: Listener<T>): () => void {
    const topic = topicString(type, request)
    const stream = this.streams.get(topic) ?? this.begin(topic, type, request)
    const seat: Seat = { hear: listener as Listener, ready: false }
    stream.seats.add(seat)
    if (this.open) this.ask(stream, [seat])
    return () => this.leave(stream, seat)
  }

  /** A socket stands: ask for everything anew, from where each topic was left. */
  opened(): void {
    this.open = true
    this.pending = []
    this.returning = { updates: 0, afresh: [], caught: new Set() }
    for (const stream of this.streams.values()) this.ask(stream, [...stream.seats])
    // Answers come in the order of requests, and what was missed comes with them: this one's answer is the end of it.
    this.probe()
  }

  closed(): void {
    this.open = false
    this.pending = []
    this.returning = undefined
  }

  /** Ask something that costs nobody anything, to see that an answer comes. */
  probe(): void {
    this.request({ kind: 'unsubscribe', type: 'quotes', topic: PROBE, seats: [] }, PROBED)
  }

  /** A frame has come. What it answers, if it answers anything. */
  heard(text: string): Answer | undefined {
    const { type, payload } = JSON.parse(text) as { type: string; payload: Frame }
    if (type === 'error') return this.refused(payload)
    if (type.endsWith('.update')) return this.told(payload)
    return this.answered(type.endsWith('.unsubscribe.response') ? 'unsubscribe' : 'subscribe', payload)
  }

  private begin(topic: string, type: TopicType, request: object): Stream {
    if (this.streams.size >= STREAMS_MAX)
      throw new RangeError(`Expected at most ${STREAMS_MAX} topics on one socket, found one more: ${topic}`)
    const stream: Stream = { topic, type, request, seats: new Set() }
    this.streams.set(topic, stream)
    return stream
  }

  private leave(stream: Stream, seat: Seat): void {
    if (!stream.seats.delete(seat) || stream.seats.size > 0) return
    this.streams.delete(stream.topic)
    if (this.open) this.request({ kind: 'unsubscribe', type: stream.type, topic: stream.topic, seats: [] }, stream.request)
  }

  private ask(stream: Stream, seats: Seat[]): void {
    const resumed = stream.seen !== undefined && seats.every((seat) => seat.ready)
    const request = resumed ? { ...stream.request, ...stream.seen } : stream.request
    this.request({ kind: 'subscribe', type: stream.type, topic: stream.topic, seats }, request)
  }

  private request(pending: Omit<Pending, 'sentAt'>, payload: object): void {
    this.pending.push({ ...pending, sentAt: this.now() })
    this.send(JSON.stringify({ type: `${pending.type}.${pending.kind}`, payload }))
  }

  private answered(kind: Pending['kind'], frame: Frame): Answer | undefined {
    const pending = this.take((one) => one.kind === kind && one.topic === frame.topic)
    if (pending === undefined) return undefined
    if (kind === 'subscribe') this.seated(pending, frame)
    if (pending.topic !== PROBE) return {}
    if (this.returning === undefined) return { tookMs: this.now() - pending.sentAt }
    // The first probe's answer had to wait for everything missed, so another one tells the distance.
    const { updates, afresh } = this.returning
    this.returning = undefined
    this.returned({ updates, afresh })
    this.probe()
    return {}
  }

  private seated({ seats, topic }: Pending, frame: Frame): void {
    const stream = this.streams.get(topic)
    if (frame.status === 'error') {
      this.turnAway(stream, seats, frame)
      return
    }
    const { epoch = '', seq = 0 } = frame
    if (stream !== undefined) this.compared(stream, frame)
    if (stream !== undefined) stream.seen = { epoch, seq }
    const heard: Heard = frame.recovered
      ? { kind: 'recovered', epoch, seq }
      : { kind: 'state', state: frame.state as State<TopicType>, epoch, seq }
    for (const seat of seats) {
      if (!stream?.seats.has(seat)) continue
      seat.ready = true
      seat.hear(heard)
    }
  }

  /** Lists are resumed; one that had been seen and is stated anew has lost what happened meanwhile. Single values have nothing to lose. */
  private compared(stream: Stream, { topic, recovered, state }: Frame): void {
    if (recovered) this.returning?.caught.add(topic)
    else if (stream.seen !== undefined && Array.isArray(state)) this.returning?.afresh.push(stream.type)
  }

  private turnAway(stream: Stream | undefined, seats: Seat[], { code = 'refused', message = '' }: Frame): void {
    for (const seat of seats) {
      if (stream?.seats.delete(seat)) seat.hear({ kind: 'refused', code, message })
    }
    if (stream?.seats.size === 0 && this.streams.get(stream.topic) === stream) this.streams.delete(stream.topic)
  }

  private told(frame: Frame): undefined {
    const stream = this.streams.get(frame.topic)
    if (stream === undefined) return
    const { epoch = '', seq = 0, fact, of, payload } = frame
    stream.seen = { epoch, seq }
    if (this.returning?.caught.has(frame.topic)) this.returning.updates += 1
    const cause = { epoch, seq, ...(fact === undefined ? {} : { fact }), ...(of === undefined ? {} : { of }) }
    const heard: Heard =
      payload === undefined ? { kind: 'emptied', ...cause } : { kind: 'update', value: payload as Value<TopicType>, ...cause }
    for (const seat of [...stream.seats]) if (seat.ready) seat.hear(heard)
  }

  /** A request the server could not read: it answers the oldest of that type. Or the end of a subscription that was allowed. */
  private refused(frame: Frame): Answer | undefined {
    if (frame.code === 'access_ended') return this.ended(frame)
    const pending = this.take((one) => `${one.type}.${one.kind}` === frame.request)
    if (pending === undefined) return undefined
    this.turnAway(this.streams.get(pending.topic), pending.seats, frame)
    return {}
  }

  private ended(frame: Frame): undefined {
    for (const stream of [...this.streams.values()]) {
      if (frame.message?.includes(stream.topic)) this.turnAway(stream, [...stream.seats], frame)
    }
  }

  private take(wanted: (pending: Pending) => boolean): Pending | undefined {
    const index = this.pending.findIndex(wanted)
    return index < 0 ? undefined : this.pending.splice(index, 1)[0]
  }
}

/** No symbol has this name, so nobody listens to it. */
const PROBED = { symbol: '?' }
const PROBE = topicString('quotes', PROBED)

/** `tookMs`: of a probe alone, because other answers may have had to wait for prices. */
export interface Answer {
  readonly tookMs?: number
}

/** What came in with a socket. */
export interface Return {
  /** Updates that were missed and have been caught up. */
  readonly updates: number
  /** Lists whose missed updates were no longer remembered, so that they were stated anew. */
  readonly afresh: readonly TopicType[]
}

interface Seat {
  hear: Listener
  /** It has been given a state, so updates mean something to it. */
  ready: boolean
}

interface Stream {
  topic: string
  type: TopicType
  request: object
  seats: Set<Seat>
  seen?: { epoch: string; seq: number }
}

interface Pending {
  kind: 'subscribe' | 'unsubscribe'
  type: TopicType
  topic: string
  seats: Seat[]
  sentAt: number
}

/** Any payload the server sends, before it is known which. */
interface Frame {
  topic: string
  status?: 'ok' | 'error'
  code?: string
  message?: string
  request?: string
  epoch?: string
  seq?: number
  recovered?: boolean
  state?: unknown
  fact?: number
  of?: Record<string, number>
  payload?: unknown
}
