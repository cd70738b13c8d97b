import type { PlacedOrder } from '../generated/topics.js'
import { FINAL, OrderStatus } from '../tradingview/numbers.js'
import type { AccountState, Told } from '../wire/account-stream.js'
import type { Book, Call } from './book.js'

/**
 * One fact in the order a terminal wants to hear it.
 *
 * A fill of an order that brought brackets: execution, position, the order, its brackets. Any other fill, a bracket's too: execution,
 * orders, position. Protection that changes: position, then brackets. Whatever fills was working before.
 */
export function announcements(told: Told, book: Book): Call[] {
  const executions = calls('execution', told.executions)
  const orders = calls('order', told.orders)
  const positions = [...calls('position', told.positions), ...calls('individual', told['individual-positions'])]
  const working = told.orders.flatMap((order) => workingBefore(order, book))
  const rest = positionsFirst(told, book) ? [...positions, ...orders] : [...orders, ...positions]
  const missing = told.emptied ? gone(book, { orders: [], positions: [], 'individual-positions': [] }, told) : []
  return [...working, ...executions, ...rest, ...missing].filter((call) => !book.knows(call))
}

/** What has to be told when everything is stated anew: what was missed, in time order, and what is no longer there. */
export function catchUp(state: Partial<AccountState>, ended: readonly PlacedOrder[], book: Book): Call[] {
  const executions = [...(state.executions ?? [])].sort((one, other) => one.time - other.time)
  const filled = ended.flatMap((order) => workingBefore(order, book))
  return [
    ...filled,
    ...calls('execution', executions),
    ...calls('order', ended),
    ...calls('order', state.orders ?? []),
    ...calls('position', state.positions ?? []),
    ...calls('individual', state['individual-positions'] ?? []),
    ...gone(book, state),
  ].filter((call) => !book.knows(call))
}

/** Orders the state says nothing of, though they were alive or have filled since: what became of them has to be asked. */
export function vanished(state: Partial<AccountState>, book: Book): string[] {
  if (state.orders === undefined) return []
  const alive = new Set(state.orders.map(({ id }) => id))
  const filled = (state.executions ?? []).filter(({ id }) => !book.hasExecution(id)).map(({ orderId }) => orderId)
  const unknown = filled.filter((id) => !book.hasOrder(id))
  return [...new Set([...book.orders.keys(), ...unknown])].filter((id) => !alive.has(id))
}

function positionsFirst({ executions, orders, positions, ...rest }: Told, book: Book): boolean {
  if (executions.length === 0) return [...positions, ...rest['individual-positions']].some(({ qty }) => qty > 0)
  const filled = new Set(executions.map(({ orderId }) => orderId))
  return orders.some((order) => filled.has(order.id) && order.parentId === undefined && hasBrackets(order, orders, book))
}

function hasBrackets(order: PlacedOrder, together: readonly PlacedOrder[], book: Book): boolean {
  const brings = order.takeProfit ?? order.stopLoss ?? order.trailingStopPips
  return brings !== undefined || [...together, ...book.orders.values()].some(({ origin }) => origin === order.id)
}

function workingBefore(order: PlacedOrder, book: Book): Call[] {
  const before = book.orders.get(order.id)?.status
  if (order.status !== OrderStatus.Filled || before === OrderStatus.Working) return []
  const { avgPrice: _, ...unfilled } = order
  return [{ kind: 'order', value: { ...unfilled, status: OrderStatus.Working, filledQty: 0 } }]
}

/** The last words about what is in the book and neither in the state nor told to be over just now. */
function gone(book: Book, state: Partial<AccountState>, told?: Told): Call[] {
  const over: Call[] = []
  if (told !== undefined) {
    const ended = new Set(told.orders.filter(({ status }) => FINAL.has(status)).map(({ id }) => id))
    const left = [...book.orders.values()].filter(({ id }) => !ended.has(id))
    over.push(
      ...calls(
        'order',
        left.map((order) => ({ ...order, status: OrderStatus.Canceled })),
      ),
    )
  }
  return [
    ...over,
    ...calls('position', closed(book.positions, state.positions, told?.positions)),
    ...calls('individual', closed(book.individual, state['individual-positions'], told?.['individual-positions'])),
  ]
}

type Held = { id: string; qty: number }

function closed<P extends Held>(
  known: ReadonlyMap<string, P>,
  open: readonly Held[] | undefined,
  told: readonly Held[] = [],
): P[] {
  if (open === undefined) return []
  const spoken = new Set([...open, ...told].map(({ id }) => id))
  return [...known.values()].filter(({ id }) => !spoken.has(id)).map((position) => ({ ...position, qty: 0 }))
}

function calls<K extends Call['kind']>(kind: K, values: readonly Extract<Call, { kind: K }>['value'][]): Call[] {
  return values.map((value) => ({ kind, value }) as Call)
}
