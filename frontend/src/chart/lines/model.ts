import type { InstrumentInfo } from '../../generated/rest.js'
import type { IndividualPosition, PlacedOrder, Position } from '../../generated/topics.js'
import type { Draft } from '../../state/desk.js'
import { moneyText, priceText, profitText } from '../../state/format.js'
import { sizeText } from '../../state/sizes.js'
import { OrderStatus, OrderType, ParentType } from '../../tradingview/numbers.js'

/** What a line stands for, and so what moving it changes. */
export type Target =
  | { kind: 'position'; id: string }
  | { kind: 'order'; id: string; field: 'limitPrice' | 'stopPrice' }
  | { kind: 'draft'; field: 'price' | 'takeProfit' | 'stopLoss' }
  /** Protection that is not there yet, pulled out of a position or an order. */
  | { kind: 'wish'; of: 'position' | 'order'; id: string; field: 'takeProfit' | 'stopLoss' }

export type Role = 'position' | 'order' | 'takeProfit' | 'stopLoss'

export interface TradeLine {
  key: string
  role: Role
  target: Target
  side: 1 | -1
  price: number
  title: string
  /** The same, for who cannot see it. */
  spoken: string
  movable: boolean
  closable: boolean
  /** Not working yet, because what it protects is not there. */
  faint: boolean
  draft: boolean
  /** What profit is reckoned from. */
  entry: number | undefined
  qty: number
  /** The line of what it protects. */
  parent: string | undefined
  /** Protection that can still be pulled out of it. */
  offers: readonly ('takeProfit' | 'stopLoss')[]
}

export interface Held {
  orders: Iterable<PlacedOrder>
  positions: Iterable<Position>
  individual: Iterable<IndividualPosition>
  draft: Draft | undefined
}

type Of = { kind: 'position' | 'order'; id: string; side: 1 | -1; entry: number | undefined; title: string }

/** Every line of one symbol. */
export function linesOf(held: Held, instrument: InstrumentInfo): TradeLine[] {
  const mine = [...held.orders].filter(({ symbol }) => symbol === instrument.symbol)
  const standing = standingOf(held, instrument)
  const lines = standing.map(({ of, qty }) => positionLine(of, qty, mine))
  for (const order of mine) lines.push(...orderLines(order, mine, standing, instrument))
  if (held.draft !== undefined) lines.push(...draftLines(held.draft, instrument))
  return lines
}

/** Money one line means at a price, in the account's currency; unknown without a rate. */
export function profitAt(line: TradeLine, price: number, { pipValue, pipSize }: InstrumentInfo): number | undefined {
  if (line.entry === undefined || pipValue === undefined || pipValue === null) return undefined
  return ((price - line.entry) * line.side * line.qty * pipValue) / pipSize
}

/** What stands behind the title: profit now, or what would come of it there, in the account's currency. */
export function detailOf(
  line: TradeLine,
  price: number,
  quote: { bid?: number; ask?: number },
  instrument: InstrumentInfo,
  currency: string,
): string {
  if (line.role === 'order') return ''
  const at = line.role === 'position' ? (line.side === 1 ? quote.bid : quote.ask) : price
  return at === undefined ? '' : profitText(profitAt(line, at, instrument), currency)
}

export function spokenAt(line: TradeLine, price: number, instrument: InstrumentInfo, currency: string): string {
  const profit = line.role === 'order' || line.role === 'position' ? undefined : profitAt(line, price, instrument)
  const money = profit === undefined ? '' : `, ${profit < 0 ? 'minus' : 'plus'} ${moneyText(Math.abs(profit), currency)}`
  return `${line.spoken} at ${priceText(price, instrument.minTick)}${money}`
}

function standingOf({ positions, individual }: Held, instrument: InstrumentInfo): { of: Of; qty: number }[] {
  const { symbol } = instrument
  const nets = [...positions].filter((one) => one.symbol === symbol)
  // A hedging account holds both sides: what one trades are its single positions.
  const single = nets.some(({ longQty }) => longQty !== undefined && longQty !== null)
  const held = single
    ? [...individual].filter((one) => one.symbol === symbol).map(({ id, side, qty, price }) => ({ id, side, qty, price }))
    : nets.map(({ id, side, qty, avgPrice: price }) => ({ id, side, qty, price }))
  return held
    .filter((one) => one.qty > 0)
    .map((one) => {
      const title = `${one.side === 1 ? 'Long' : 'Short'} ${sizeText(one.qty, instrument)}`
      return { of: { kind: 'position', id: one.id, side: one.side, entry: one.price, title }, qty: one.qty }
    })
}

function positionLine(of: Of, qty: number, orders: readonly PlacedOrder[]): TradeLine {
  return {
    ...blank,
    key: `position:${of.id}`,
    role: 'position',
    target: { kind: 'position', id: of.id },
    side: of.side,
    price: of.entry as number,
    title: of.title,
    spoken: of.title,
    movable: false,
    entry: of.entry,
    qty,
    offers: offersOf(orders.filter((one) => one.parentId === of.id && isOfPosition(one))),
  }
}

function orderLines(
  order: PlacedOrder,
  all: readonly PlacedOrder[],
  standing: readonly { of: Of; qty: number }[],
  instrument: InstrumentInfo,
): TradeLine[] {
  const size = sizeText(order.qty - order.filledQty, instrument)
  const side = order.side === 1 ? 'Buy' : 'Sell'
  const shared = { side: order.side, qty: order.qty - order.filledQty, faint: order.status === OrderStatus.Inactive }
  const of = (field: 'limitPrice' | 'stopPrice') => ({ kind: 'order', id: order.id, field }) as const
  if (order.bracket !== undefined && order.bracket !== null) {
    const role = order.bracket === 1 ? 'takeProfit' : 'stopLoss'
    const field = order.bracket === 1 ? 'limitPrice' : 'stopPrice'
    const price = order[field]
    const parent = standing.find((one) => one.of.id === order.parentId)?.of ?? parentOrder(order, all, instrument)
    if (price === undefined || price === null) return []
    return [
      {
        ...blank,
        ...shared,
        key: `order:${order.id}:${field}`,
        role,
        target: of(field),
        price,
        side: order.side === 1 ? -1 : 1,
        title: role === 'takeProfit' ? 'TP' : 'SL',
        spoken: `${role === 'takeProfit' ? 'Take profit' : 'Stop loss'} of ${parent?.title.toLowerCase() ?? 'an order'}`,
        entry: parent?.entry,
        parent: parent === undefined ? undefined : keyOf(parent, all),
      },
    ]
  }
  const offers = offersOf(all.filter((one) => one.parentId === order.id))
  return (FIELDS[order.type] ?? []).flatMap((field, index) => {
    const price = order[field]
    if (price === undefined || price === null) return []
    const title = `${side} ${field === 'limitPrice' ? 'limit' : 'stop'} ${size}`
    const line = { ...blank, ...shared, key: `order:${order.id}:${field}`, role: 'order' as const, target: of(field), price }
    return [{ ...line, title, spoken: title, entry: undefined, offers: index === 0 ? offers : [] }]
  })
}

function draftLines(draft: Draft, instrument: InstrumentInfo): TradeLine[] {
  const entry = draft.limitPrice ?? draft.stopPrice
  const shared = { ...blank, side: draft.side, qty: draft.qty, draft: true, closable: false, entry }
  const size = sizeText(draft.qty, instrument)
  const lines: TradeLine[] = []
  const add = (field: 'price' | 'takeProfit' | 'stopLoss', role: Role, price: number | undefined, title: string) => {
    if (price === undefined) return
    lines.push({
      ...shared,
      key: `draft:${field}`,
      role,
      target: { kind: 'draft', field },
      price,
      title,
      spoken: `Draft ${title}`,
      parent: field === 'price' || entry === undefined ? undefined : 'draft:price',
    })
  }
  const kind = draft.type === OrderType.Limit ? 'limit' : 'stop'
  // Of a stop limit the stop is drawn, as for the order it becomes: the limit goes with it.
  const at = draft.stopPrice ?? draft.limitPrice
  if (draft.type !== OrderType.Market) add('price', 'order', at, `${draft.side === 1 ? 'Buy' : 'Sell'} ${kind} ${size}`)
  add('takeProfit', 'takeProfit', draft.takeProfit, 'TP')
  add('stopLoss', 'stopLoss', draft.stopLoss, 'SL')
  return lines
}

/** A line for protection that is being pulled out of another line. */
export function wishLine(line: TradeLine, field: 'takeProfit' | 'stopLoss', price: number): TradeLine | undefined {
  const { target } = line
  if (target.kind !== 'position' && target.kind !== 'order') return undefined
  const name = field === 'takeProfit' ? 'Take profit' : 'Stop loss'
  return {
    ...line,
    key: `wish:${field}:${target.id}`,
    role: field,
    target: { kind: 'wish', of: target.kind, id: target.id, field },
    price,
    title: field === 'takeProfit' ? 'TP' : 'SL',
    spoken: `${name} of ${line.title.toLowerCase()}`,
    movable: true,
    closable: false,
    draft: true,
    entry: line.entry ?? line.price,
    parent: line.key,
    offers: [],
  }
}

const FIELDS: Readonly<Record<number, readonly ('limitPrice' | 'stopPrice')[]>> = {
  [OrderType.Limit]: ['limitPrice'],
  [OrderType.Market]: [],
  [OrderType.Stop]: ['stopPrice'],
  [OrderType.StopLimit]: ['stopPrice', 'limitPrice'],
}

const blank = {
  movable: true,
  closable: true,
  faint: false,
  draft: false,
  parent: undefined,
  offers: [] as readonly ('takeProfit' | 'stopLoss')[],
}

function offersOf(brackets: readonly PlacedOrder[]): ('takeProfit' | 'stopLoss')[] {
  const wanted = (['takeProfit', 'stopLoss'] as const).filter(
    (_, index) => !brackets.some(({ bracket }) => bracket === index + 1),
  )
  return [...wanted]
}

function isOfPosition({ parentType }: PlacedOrder): boolean {
  return parentType === ParentType.Position || parentType === ParentType.IndividualPosition
}

function keyOf({ kind, id }: Of, all: readonly PlacedOrder[]): string {
  const type = all.find((one) => one.id === id)?.type
  return kind === 'position' ? `position:${id}` : `order:${id}:${type === undefined ? '' : FIELDS[type]?.[0]}`
}

function parentOrder(order: PlacedOrder, all: readonly PlacedOrder[], instrument: InstrumentInfo): Of | undefined {
  const parent = all.find(({ id }) => id === order.parentId)
  if (parent === undefined) return undefined
  const title = `${parent.side === 1 ? 'Buy' : 'Sell'} ${sizeText(parent.qty, instrument)}`
  return { kind: 'order', id: parent.id, side: parent.side, entry: parent.limitPrice ?? parent.stopPrice ?? undefined, title }
}
