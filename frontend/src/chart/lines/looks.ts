import type { InstrumentInfo } from '../../generated/rest.js'
import type { Execution } from '../../generated/topics.js'
import { priceText } from '../../state/format.js'
import { distanceWords } from '../../state/pips.js'
import type { Bar } from '../../tradingview/datafeed.js'
import { ghostOf, LATE_MS, type Moves, REFUSED_MS, shownAt } from './drag.js'
import { barAt } from './marks.js'
import { detailOf, spokenAt, type TradeLine } from './model.js'
import type { Shown } from './nodes.js'
import { begunAt, illegalAt, ratioText, rewardToRisk } from './risk.js'

/** So long a refused line is seen going back. */
const SLIDE_MS = 400

/** What a line's look depends on. */
export interface View {
  moves: Moves
  lines: readonly TradeLine[]
  quote: { bid?: number; ask?: number }
  instrument: InstrumentInfo
  /** The account's. */
  currency: string
  /** Nothing may be moved. */
  held: boolean
  /** The symbol's own, oldest first. */
  fills: readonly Execution[]
  bars: readonly Bar[]
  now: number
}

/** A line as it looks at this moment. Pure. */
export function shownOf(line: TradeLine, view: View): Shown {
  const { moves, quote, instrument, currency, held } = view
  const price = shownAt(moves, line.key, line.price)
  const fixed = !line.movable || held
  return {
    key: line.key,
    className: classOf(line, price, fixed, view),
    price,
    ghost: line.target.kind === 'wish' ? undefined : ghostOf(moves, line.key),
    title: line.title,
    detail: detailOf(line, price, quote, instrument, currency),
    more: moreOf(line, price, view),
    note: noteOf(line, price, view),
    tag: priceText(price, instrument.minTick),
    spoken: `${spokenAt(line, price, instrument, currency)}${fixed ? '' : '. Arrows move it, Enter sends'}`,
    movable: !fixed,
    closeLabel: line.closable ? closeLabel(line) : '',
    offers: line.offers.map((field) => ({
      field,
      label: field === 'takeProfit' ? '+TP' : '+SL',
      spoken: `Add a ${field === 'takeProfit' ? 'take profit' : 'stop loss'} to ${line.title}`,
    })),
    of: line.parent,
    area: areaOf(line, view),
  }
}

function classOf(line: TradeLine, price: number, fixed: boolean, { moves, quote, instrument, now }: View): string {
  const refused = moves.refused[line.key]
  const inHand = moves.hand?.key === line.key
  const states = [
    'trade-line',
    line.role,
    line.side === 1 ? 'buy' : 'sell',
    line.draft && 'draft',
    line.faint && 'faint',
    fixed && 'fixed',
    inHand && 'held',
    moves.sent[line.key] !== undefined && 'moving',
    // Only while it slides: afterwards it goes with the scale at once.
    refused !== undefined && now < refused.until - REFUSED_MS + SLIDE_MS && 'back',
    inHand && illegalAt(line, price, quote, instrument.minTick) !== undefined && 'illegal',
  ]
  return states.filter(Boolean).join(' ')
}

/** For who points at it: how far the market is, and how the target stands to the stop. */
function moreOf(line: TradeLine, price: number, view: View): string {
  if (line.role === 'position') return ''
  const { bid, ask } = view.quote
  const buys = (line.role === 'order') === (line.side === 1)
  const market = buys ? ask : bid
  const away = market === undefined ? '' : `${distanceWords(market, price, view.instrument)} away`
  return [away, ratioOf(line, view)].filter(Boolean).join(' · ')
}

function noteOf(line: TradeLine, price: number, view: View): string {
  const { moves, quote, instrument, now } = view
  const refused = moves.refused[line.key]
  if (refused !== undefined) return refused.why
  const sent = moves.sent[line.key]
  if (sent !== undefined) return now - sent.since > LATE_MS ? 'not confirmed yet' : 'moving'
  const { hand } = moves
  if (hand?.key !== line.key) return ''
  const illegal = illegalAt(line, price, quote, instrument.minTick)
  if (illegal !== undefined) return illegal
  const moved = distanceWords(hand.from, price, instrument, true)
  return [moved, ratioOf(line, view), hand.by === 'keys' && 'Enter sends'].filter(Boolean).join(' · ')
}

function ratioOf(line: TradeLine, { lines, moves }: View): string {
  const ratio = rewardToRisk(line, lines, (one) => shownAt(moves, one.key, one.price))
  return ratio === undefined ? '' : ratioText(ratio)
}

/** Gain or loss between a position and its protection. */
function areaOf({ role, parent, entry }: TradeLine, { lines, fills, bars }: View): Shown['area'] {
  if (role === 'position' || role === 'order' || entry === undefined || parent === undefined) return undefined
  const position = lines.find(({ key }) => key === parent)
  if (position?.role !== 'position') return undefined
  const begun = begunAt(position.side * position.qty, fills)
  return { price: entry, since: begun === undefined ? undefined : barAt(bars, begun) }
}

function closeLabel({ role, title }: TradeLine): string {
  if (role === 'position') return `Close ${title}`
  return `Cancel ${role === 'order' ? title : role === 'takeProfit' ? 'take profit' : 'stop loss'}`
}
