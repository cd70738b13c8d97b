import type { Execution, Order, Position } from '../tradingview/broker.js'
import { OrderStatus, ParentType } from '../tradingview/numbers.js'
import type { Complaints } from './complaints.js'
import { alive, isBracket } from './order-rules.js'

/**
 * The order in which a fill is announced.
 *
 * An order with brackets: execution, position, the order, its brackets. Without: execution, the order, position. A bracket of a
 * position: execution, the filled one, the cancelled one, position.
 */
export class Sequence {
  /** What was told since the last fill of each symbol. */
  private readonly since = new Map<string, { positions: number; orders: number }>()
  private readonly hadBrackets = new Set<string>()
  private readonly filledBrackets = new Map<string, string>()

  constructor(
    private readonly complaints: Complaints,
    private readonly orders: ReadonlyMap<string, Order>,
  ) {}

  execution({ symbol }: Execution): void {
    this.since.set(symbol, { positions: 0, orders: 0 })
  }

  order(order: Order, known: Order | undefined): void {
    if (isBracket(order)) this.bracket(order, known)
    else if (order.takeProfit !== undefined || order.stopLoss !== undefined || order.trailingStopPips !== undefined)
      this.hadBrackets.add(order.id)
    if (order.status !== OrderStatus.Filled || known?.status === OrderStatus.Filled) return
    const since = this.since.get(order.symbol)
    if (since === undefined) return this.complain(`order ${order.id} filled before its execution was told`)
    const bringsBrackets = !isBracket(order) && this.hadBrackets.has(order.id)
    if (bringsBrackets && since.positions === 0)
      this.complain(`order ${order.id} with brackets filled before its position was told`)
    if (!bringsBrackets && since.positions > 0) this.complain(`order ${order.id} filled after its position was told`)
    since.orders += 1
  }

  position(position: Position): void {
    const since = this.since.get(position.symbol)
    if (since !== undefined) since.positions += 1
    const filled = this.filledBrackets.get(position.id)
    this.filledBrackets.delete(position.id)
    if (filled === undefined || position.qty > 0) return
    const left = [...this.orders.values()].filter((order) => isBracket(order) && order.parentId === position.id && alive(order))
    if (left.length > 0)
      this.complain(
        `position ${position.id} was closed by ${filled} before ${left.map(({ id }) => id).join(', ')} was cancelled`,
      )
  }

  private bracket(order: Order & { parentId: string; parentType: number }, known: Order | undefined): void {
    if (order.parentType === ParentType.Order) this.hadBrackets.add(order.parentId)
    else if (order.status === OrderStatus.Filled) this.filledBrackets.set(order.parentId, order.id)
    const parent =
      known !== undefined && isBracket(known) && known.parentType === ParentType.Order
        ? this.orders.get(known.parentId)
        : undefined
    const early =
      order.parentType !== ParentType.Order && order.status === OrderStatus.Working && parent?.status === OrderStatus.Working
    // A parent that has filled in part goes on working beside the brackets of what it has opened.
    if (early && (parent?.filledQty ?? 0) === 0)
      this.complain(`bracket ${order.id} works for a position before its parent was told to fill`)
  }

  private complain(text: string): void {
    this.complaints.make('out-of-order', text)
  }
}
