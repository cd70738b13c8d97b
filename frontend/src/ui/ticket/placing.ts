import type { ErrorBody } from '../../generated/rest.js'
import { Refusal } from '../../rest/client.js'
import { reasonText, traderWords } from '../../state/words.js'
import type { PreOrder } from '../../tradingview/broker.js'
import type { Complaint } from './reading.js'
import type { Field } from './ticket.js'

/** An order on its way: from the first press until the venue's fact. */
export interface Sending {
  clientOrderId: string
  order: PreOrder
  confirmId: string | undefined
  /** The ticket it came from, as text: when that has changed, the next press is another order. */
  ticket: string
  /** The venue has not answered within a second. */
  slow: boolean
}

/** What a press sends: while an order of the same ticket is unanswered, that very order again, under its first id. */
export function sendingOf(
  last: Sending | undefined,
  next: Omit<Sending, 'clientOrderId' | 'slow'>,
  newId: () => string,
): Sending {
  return last?.ticket === next.ticket ? { ...last, slow: false } : { ...next, clientOrderId: newId(), slow: false }
}

/** Nothing fills now, so an order at once is refused; one at a price would wait. */
export const CLOSED = 'market_closed'
/** Nothing may be opened until the account is unlocked. */
export const LOCKED = 'account_locked'
/** Nothing goes out until the connection is back. */
export const OFFLINE = 'not_connected'

const FIELDS: Readonly<Record<string, Field>> = {
  qty: 'qty',
  limitPrice: 'limitPrice',
  stopPrice: 'stopPrice',
  takeProfit: 'takeProfit',
  stopLoss: 'stopLoss',
  trailingStopPips: 'stopLoss',
  duration: 'duration',
}

/** A refusal at the field it names; one that names none of the ticket's stands above Send. */
export function complaintOf(reason: unknown): Complaint {
  if (!(reason instanceof Refusal)) return { message: reasonText(reason) }
  return complaintAt(reason.body)
}

export function complaintAt({ field, message, nearest, code }: ErrorBody): Complaint {
  const known = field === undefined || field === null ? undefined : FIELDS[field]
  return {
    message: traderWords(message),
    code,
    ...(known === undefined ? {} : { field: known }),
    ...(nearest === undefined || nearest === null ? {} : { nearest }),
  }
}

/** The first thing to say, in the order in which the fields stand. */
const PLACES: readonly (Field | undefined)[] = [
  'limitPrice',
  'stopPrice',
  'duration',
  'qty',
  'takeProfit',
  'stopLoss',
  undefined,
]

export function first(complaints: readonly Complaint[]): Complaint | undefined {
  return [...complaints].sort((one, other) => PLACES.indexOf(one.field) - PLACES.indexOf(other.field))[0]
}

/** A repair becomes pressing once more what stood there: the field's text with the nearest legal value. */
export function repairable({ code, field, nearest }: Complaint): boolean {
  if (code === CLOSED) return true
  return field !== undefined && field !== 'duration' && nearest !== undefined
}
