import type { Execution } from '../../generated/topics.js'
import { priceText } from '../../state/format.js'
import type { TradeLine } from './model.js'

/** What a line means beside its money. Pure. */

/** What the target wins in parts of what the stop loses; unknown without both, or where the stop already locks a profit in. */
export function rewardToRisk(
  line: TradeLine,
  all: readonly TradeLine[],
  priceOf: (line: TradeLine) => number,
): number | undefined {
  const family = all.filter((one) => one.parent !== undefined && one.parent === line.parent)
  const [target, stop] = (['takeProfit', 'stopLoss'] as const).map((role) =>
    line.role === role ? line : family.find((one) => one.role === role),
  )
  if (target === undefined || stop === undefined || line.entry === undefined) return undefined
  const risk = (line.entry - priceOf(stop)) * line.side
  const reward = (priceOf(target) - line.entry) * line.side
  return risk > 0 && reward > 0 ? reward / risk : undefined
}

export function ratioText(ratio: number): string {
  return `${ratio.toFixed(2)} R`
}

interface Quote {
  bid?: number
  ask?: number
}

/** Why a price would be refused, as far as the page can tell; the server has the last word. */
export function illegalAt(line: TradeLine, price: number, quote: Quote, tick: number): string | undefined {
  const limit = limitOf(line, quote)
  if (limit === undefined || limit.price === undefined) return undefined
  if (limit.above ? price > limit.price : price < limit.price) return undefined
  return `must be ${limit.above ? 'above' : 'below'} ${limit.name}, ${priceText(limit.price, tick)}`
}

function limitOf({ role, side, target, parent, entry }: TradeLine, { bid, ask }: Quote) {
  if (role === 'position') return undefined
  if (role === 'order') {
    if (target.kind !== 'order' || target.field !== 'stopPrice') return undefined
    return { above: side === 1, ...(side === 1 ? { name: 'the ask', price: ask } : { name: 'the bid', price: bid }) }
  }
  const above = (side === 1) === (role === 'takeProfit')
  const waits = parent !== undefined && !parent.startsWith('position:')
  if (waits) return { above, name: 'its entry', price: entry }
  return { above, ...(side === 1 ? { name: 'the bid', price: bid } : { name: 'the ask', price: ask }) }
}

/** When a position that is held now was begun; unknown where the fills that opened it are not. */
export function begunAt(held: number, fills: readonly Pick<Execution, 'side' | 'qty' | 'time'>[]): number | undefined {
  let left = held
  for (const { side, qty, time } of fills.toReversed()) {
    left -= side * qty
    if (Math.abs(left) < Math.abs(held) * DUST || left * held < 0) return time
  }
  return undefined
}

/** Binary fractions leave so small a share behind. */
const DUST = 1e-9
