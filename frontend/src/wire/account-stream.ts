import type { Execution, IndividualPosition, PlacedOrder, Position } from '../generated/topics.js'
import type { Clock } from './clock.js'
import { FactGroups, type Part } from './fact-groups.js'
import type { Heard } from './topics.js'
import type { Wire } from './wire.js'

/** The topics that tell an account's facts, in the order in which a fact tells them. */
export const ACCOUNT_TOPICS = ['executions', 'orders', 'positions', 'individual-positions'] as const
export type AccountTopic = (typeof ACCOUNT_TOPICS)[number]

export interface AccountState {
  executions: Execution[]
  orders: PlacedOrder[]
  positions: Position[]
  'individual-positions': IndividualPosition[]
}

/** Everything one fact changed. `emptied`: with it the account began anew, and nothing is left of before. */
export interface Told extends AccountState {
  fact: number
  emptied: boolean
}

export interface AccountListener {
  /** What is so now, of the topics named: all of them at first, afterwards those whose missed updates were no longer remembered. */
  restated(state: Partial<AccountState>): void
  told(told: Told): void
  /** The account cannot be listened to. */
  refused(message: string): void
}

type AccountValue = AccountState[AccountTopic][number]

/** One account's facts, whole and in order, across cuts of the socket. */
export class AccountStream {
  private readonly groups: FactGroups<AccountValue | undefined>
  private readonly answered = new Set<AccountTopic>()
  private restated: Partial<Record<AccountTopic, readonly AccountValue[]>> = {}
  private readonly stops: (() => void)[] = []

  constructor(
    wire: Wire,
    accountId: string,
    private readonly listener: AccountListener,
    clock: Clock,
  ) {
    this.groups = new FactGroups(ACCOUNT_TOPICS, clock, (fact, parts) => this.listener.told(toldBy(fact, parts)))
    this.joining()
    this.stops.push(wire.onConnection(({ state }) => state === 'waiting' && this.joining()))
    for (const topic of ACCOUNT_TOPICS) this.stops.push(wire.listen(topic, { accountId }, (heard) => this.heard(topic, heard)))
  }

  stop(): void {
    for (const stop of this.stops) stop()
    this.groups.clear()
  }

  private joining(): void {
    this.answered.clear()
    this.restated = {}
    this.groups.pause()
  }

  private heard(topic: AccountTopic, heard: Heard<AccountTopic>): void {
    switch (heard.kind) {
      case 'refused':
        this.listener.refused(heard.message)
        return
      case 'state':
        this.restated[topic] = heard.state
        this.joined(topic)
        return
      case 'recovered':
        this.joined(topic)
        return
      case 'update':
      case 'emptied': {
        const { fact = 0, of = {} } = heard
        this.groups.add({ topic, fact, of, payload: heard.kind === 'update' ? heard.value : undefined })
        return
      }
    }
  }

  private joined(topic: AccountTopic): void {
    this.answered.add(topic)
    if (this.answered.size < ACCOUNT_TOPICS.length) return
    const restated = this.restated as Partial<AccountState>
    this.restated = {}
    if (Object.keys(restated).length > 0) this.listener.restated(restated)
    this.groups.resume()
  }
}

function toldBy(fact: number, parts: readonly Part<AccountValue | undefined>[]): Told {
  const of = <T extends AccountTopic>(topic: T): AccountState[T] =>
    parts.flatMap((part) => (part.topic === topic && part.payload !== undefined ? [part.payload] : [])) as AccountState[T]
  return {
    fact,
    emptied: parts.some((part) => part.payload === undefined),
    executions: of('executions'),
    orders: of('orders'),
    positions: of('positions'),
    'individual-positions': of('individual-positions'),
  }
}
