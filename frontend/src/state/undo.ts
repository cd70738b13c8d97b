import { type Asked, requestOf } from '../broker/commands.js'
import type { PlacedOrder } from '../generated/topics.js'
import type { Brackets, Order } from '../tradingview/broker.js'
import { OrderStatus } from '../tradingview/numbers.js'
import { accountId, accounts, commands, endedOrders, individualPositions, orders, positions } from './account.js'
import { act, each } from './attempt.js'
import { nameOf, priceText } from './format.js'
import { notify } from './notifications.js'
import { tellsHere } from './told-here.js'

/** Says what was done on an account, and offers the way back for as long as it is said: never on another account. */
export function offerUndo(account: string, key: string, text: string, back: () => Promise<unknown>): void {
  const there = async () => {
    const name = accounts.value.find(({ id }) => id === account)?.name || account
    if (accountId.value !== account) throw new Error(`That was done on ${name}, which is not in front now.`)
    await back()
  }
  notify('success', text, {
    key: `undo ${account} ${key}`,
    action: { label: 'Undo', act: () => void act(there, 'Put back as it was.') },
  })
}

export function wentTo(price: number | undefined, tick: number): string {
  return price === undefined ? 'removed' : `is ${priceText(price, tick)} now`
}

/** Cancels an order, and offers to place it anew: an entry order under a new id, a bracket where it was. */
export async function cancel(order: PlacedOrder): Promise<void> {
  const account = accountId.value
  await commands.value.cancel(order.id)
  const what = order.bracket === undefined ? 'Order' : order.bracket === 1 ? 'Take profit' : 'Stop loss'
  tellsHere([order.id])
  offerUndo(account, order.id, `${what} of ${nameOf(order.symbol)} cancelled.`, () => anew(order))
}

/** Cancels entry orders in one go, and offers to place those that went. */
export async function cancelEach(of: readonly PlacedOrder[]): Promise<void> {
  const account = accountId.value
  const gone: PlacedOrder[] = []
  const cancelled = each(
    of.map((order) => async () => {
      await commands.value.cancel(order.id)
      gone.push(order)
    }),
  )
  await cancelled.finally(() => offerBack(account, gone))
}

/** Those that were filled on the way are not among them. */
export function offerBack(account: string, asked: readonly PlacedOrder[]): void {
  const gone = asked.filter(({ id }) => (endOf(id)?.status ?? OrderStatus.Canceled) === OrderStatus.Canceled)
  const [first] = gone
  if (first === undefined) return
  const one = gone.length === 1
  tellsHere(gone.map(({ id }) => id))
  const text = one ? `Order of ${nameOf(first.symbol)} cancelled.` : `${gone.length} orders cancelled.`
  offerUndo(account, one ? first.id : `of ${first.id}`, text, () => each(gone.map((order) => () => anew(order))))
}

async function anew(order: PlacedOrder): Promise<void> {
  if (order.bracket === undefined || order.parentId === undefined) {
    await commands.value.place(again(ended(order)))
    return
  }
  const parent = orders.value.get(order.parentId)
  if (parent !== undefined) {
    await commands.value.modify({ ...(parent as Order), ...bracketOf(order) }, parent)
    return
  }
  const position = positions.value.get(order.parentId) ?? individualPositions.value.get(order.parentId)
  if (position === undefined) throw new Error('What it protected has ended meanwhile.')
  const { takeProfit, stopLoss, trailingStopPips } = position
  const kept = Object.entries({ takeProfit, stopLoss, trailingStopPips }).filter(([, value]) => value != null)
  await commands.value.protect(position.id, { ...Object.fromEntries(kept), ...bracketOf(order) })
}

function endOf(id: string): PlacedOrder | undefined {
  return endedOrders.value.find((one) => one.id === id)
}

/** A cancelled order by its last fact: what was known when it was to be cancelled may have been filled on the way. */
function ended({ id }: PlacedOrder): PlacedOrder {
  const last = endOf(id)
  if (last === undefined) throw new Error('How it ended has not been told yet.')
  if (last.status !== OrderStatus.Canceled) throw new Error('It was filled on the way.')
  const others = [...orders.value.values(), ...endedOrders.value].filter((one) => one.id !== id)
  if (others.some(({ ocoGroup, filledQty }) => ocoGroup !== undefined && ocoGroup === last.ocoGroup && filledQty > 0))
    throw new Error('Another order of its group was filled meanwhile.')
  return last
}

function bracketOf({ bracket, limitPrice, stopPrice, stopType, trailingStopPips }: PlacedOrder): Brackets {
  if (bracket === 1) return limitPrice === undefined ? {} : { takeProfit: limitPrice }
  if (stopType === 1 && trailingStopPips !== undefined) return { trailingStopPips }
  return stopPrice === undefined ? {} : { stopLoss: stopPrice }
}

/** What of a cancelled order had not been filled, as a new one. A part that was filled has decided its group. */
export function again(order: PlacedOrder): Asked {
  const { duration, filledQty, ocoGroup } = order
  const type = duration?.type ?? 'GTC'
  const end = type === 'GTD' && duration?.datetime != null ? { datetime: duration.datetime } : {}
  const group = (filledQty ?? 0) > 0 ? null : (ocoGroup ?? null)
  return requestOf({ ...(order as unknown as Asked), ocoGroup: group, qty: left(order), duration: { type, ...end } }) as Asked
}

/** Without the noise of binary fractions. */
function left({ qty, filledQty }: PlacedOrder): number {
  return Number((qty - (filledQty ?? 0)).toPrecision(12))
}
