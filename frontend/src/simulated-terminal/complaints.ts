import type { Clock } from '../wire/clock.js'
import { COMPLAINTS_MAX } from './limits.js'

/** What a terminal can object to. */
export type ComplaintCode = BrokerComplaint | DatafeedComplaint

export type BrokerComplaint =
  | 'missing-method'
  | 'not-a-promise'
  | 'too-early'
  | 'call-after-dispose'
  | 'connection-status'
  | 'bad-account'
  | 'bad-account-manager'
  | 'bad-instrument'
  | 'bad-order'
  | 'bad-bracket'
  | 'bad-position'
  | 'bad-execution'
  | 'duplicate-id'
  | 'duplicate-execution'
  | 'ended-in-orders'
  | 'working-in-history'
  | 'unknown-position'
  | 'unknown-position-pl'
  | 'illegal-status-move'
  | 'filled-without-working'
  | 'rejected-without-reason'
  | 'update-before-answer'
  | 'wrong-id'
  | 'not-as-asked'
  | 'missing-update'
  | 'out-of-order'
  | 'ghost-bracket'
  | 'bad-preview'

export type DatafeedComplaint =
  | 'synchronous-callback'
  | 'callback-twice'
  | 'callback-missing'
  | 'error-not-a-string'
  | 'bad-configuration'
  | 'bad-symbol'
  | 'bad-bar'
  | 'bars-not-ascending'
  | 'duplicate-bar-times'
  | 'bar-at-to'
  | 'endless-history'
  | 'time-violation'
  | 'quotes-missing'
  | 'bad-quote'
  | 'bad-depth'

export interface Complaint {
  code: ComplaintCode
  text: string
  /** When it was made, UTC milliseconds. */
  at: number
}

/** Everything a terminal has objected to so far. */
export class Complaints {
  readonly list: Complaint[] = []

  constructor(private readonly clock: Clock) {}

  make(code: ComplaintCode, text: string): void {
    if (this.list.length < COMPLAINTS_MAX) this.list.push({ code, text, at: this.clock.now() })
  }

  expect(fine: boolean, code: ComplaintCode, text: string | (() => string)): boolean {
    if (!fine) this.make(code, typeof text === 'string' ? text : text())
    return fine
  }

  /** Each kind once, in the order of its first appearance. */
  get codes(): ComplaintCode[] {
    return [...new Set(this.list.map(({ code }) => code))]
  }
}
