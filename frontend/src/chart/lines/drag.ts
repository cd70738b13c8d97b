/** Where every line is that somebody moves: in a hand, sent, or come back refused. Pure; times are milliseconds. */
export interface Moves {
  hand: { key: string; from: number; at: number; by: 'pointer' | 'keys' } | undefined
  sent: Readonly<Record<string, { from: number; to: number; since: number }>>
  refused: Readonly<Record<string, { to: number; why: string; until: number }>>
}

export type MoveEvent =
  | { kind: 'take'; key: string; price: number; by: 'pointer' | 'keys' }
  | { kind: 'move'; price: number }
  | { kind: 'put back' }
  /** Let go: what was moved is sent, what was not stays. */
  | { kind: 'let go'; now: number }
  /** The line's facts: where it is now. */
  | { kind: 'fact'; key: string; price: number | undefined }
  | { kind: 'refused'; key: string; why: string; now: number }
  | { kind: 'time'; now: number }

/** How long a refusal is shown, and after how long a change without an answer is said to be late. */
export const REFUSED_MS = 8_000
export const LATE_MS = 10_000

export const STILL: Moves = { hand: undefined, sent: {}, refused: {} }

export function moved(moves: Moves, event: MoveEvent): Moves {
  switch (event.kind) {
    case 'take':
      // A second change waits for the first one's fact.
      if (moves.sent[event.key] !== undefined) return moves
      return { ...moves, hand: { key: event.key, from: event.price, at: event.price, by: event.by } }
    case 'move':
      return moves.hand === undefined ? moves : { ...moves, hand: { ...moves.hand, at: event.price } }
    case 'put back':
      return { ...moves, hand: undefined }
    case 'let go':
      return letGo(moves, event.now)
    case 'fact':
      return fact(moves, event.key, event.price)
    case 'refused': {
      const { [event.key]: gone, ...sent } = moves.sent
      if (gone === undefined) return moves
      const refusal = { to: gone.to, why: event.why, until: event.now + REFUSED_MS }
      return { ...moves, sent, refused: { ...moves.refused, [event.key]: refusal } }
    }
    case 'time': {
      const left = Object.entries(moves.refused).filter(([, { until }]) => until > event.now)
      return left.length === Object.keys(moves.refused).length ? moves : { ...moves, refused: Object.fromEntries(left) }
    }
  }
}

export function shownAt(moves: Moves, key: string, price: number): number {
  if (moves.hand?.key === key) return moves.hand.at
  return moves.sent[key]?.to ?? price
}

/** The old price, while a line is on its way to another. */
export function ghostOf(moves: Moves, key: string): number | undefined {
  if (moves.hand?.key === key) return moves.hand.at === moves.hand.from ? undefined : moves.hand.from
  return moves.sent[key]?.from
}

function letGo(moves: Moves, now: number): Moves {
  const { hand } = moves
  if (hand === undefined) return moves
  const still = { ...moves, hand: undefined }
  if (hand.at === hand.from) return still
  const { [hand.key]: _, ...refused } = moves.refused
  return { ...still, refused, sent: { ...moves.sent, [hand.key]: { from: hand.from, to: hand.at, since: now } } }
}

function fact(moves: Moves, key: string, price: number | undefined): Moves {
  const sent = moves.sent[key]
  const gone = price === undefined
  const hand = moves.hand?.key === key && gone ? undefined : moves.hand
  if (sent === undefined || (!gone && price === sent.from)) return hand === moves.hand ? moves : { ...moves, hand }
  const { [key]: _, ...others } = moves.sent
  return { ...moves, hand, sent: others }
}
