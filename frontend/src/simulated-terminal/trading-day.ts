import type { Order, Position, PreOrder } from '../tradingview/broker.js'
import { OrderStatus, OrderType, ParentType, Side, StopType } from '../tradingview/numbers.js'
import { alive } from './order-rules.js'
import type { SimulatedTerminal } from './terminal.js'

/** A market whose prices go up and down, and move when told to. */
export interface DayMarket {
  readonly symbol: string
  readonly bid: number
  readonly ask: number
  /** The ask and so many pips more. */
  up(pips: number): number
  /** The bid and so many pips less. */
  down(pips: number): number
  /** Lets time go on until it is so. */
  until(reached: (market: { bid: number; ask: number }) => boolean): Promise<void>
}

export interface Stage {
  terminal: SimulatedTerminal
  market: DayMarket
  /** A usual quantity. */
  qty: number
}

/** One thing a trader does in a day. It begins and ends without orders and positions. */
export interface Act {
  name: string
  /** Flags without which the broker does not promise it. */
  needs: readonly string[]
  play(stage: Stage): Promise<void>
}

export const ACTS_OF_A_DAY: readonly Act[] = [
  {
    name: 'buys at the market and closes',
    needs: ['supportMarketOrders', 'supportClosePosition', 'supportPositions', 'supportPLUpdate'],
    play: buyAndClose,
  },
  {
    name: 'lets a limit order wait, moves it, and is filled',
    needs: ['supportLimitOrders', 'supportModifyOrderPrice', 'supportEditAmount'],
    play: limitOrder,
  },
  { name: 'changes how long an order works', needs: ['supportModifyDuration'], play: duration },
  { name: 'is stopped into the market', needs: ['supportStopOrders'], play: stopOrder },
  { name: 'is stopped into the market within a limit', needs: ['supportStopLimitOrders'], play: stopLimitOrder },
  { name: 'looks before the order and places what was shown', needs: ['supportPlaceOrderPreview'], play: preview },
  { name: 'looks before the change and makes it', needs: ['supportModifyOrderPreview'], play: previewChange },
  { name: 'is told why an order is refused', needs: [], play: refused },
  { name: 'takes the profit of a bracket order', needs: ['supportOrderBrackets'], play: takeProfit },
  {
    name: 'is stopped out by a bracket',
    needs: ['supportOrderBrackets', 'supportMarketBrackets', 'supportStopLoss'],
    play: stopLoss,
  },
  { name: 'follows the market with a trailing stop', needs: ['supportTrailingStop'], play: trailingStop },
  { name: 'moves a trailing stop nearer', needs: ['supportTrailingStop', 'supportModifyTrailingStop'], play: modifyTrail },
  { name: 'adds brackets to a working order', needs: ['supportAddBracketsToExistingOrder'], play: addBrackets },
  { name: 'cancels a bracket order, and its brackets go', needs: ['supportOrderBrackets'], play: cancelBracketOrder },
  {
    name: 'protects a position, moves a bracket and takes one away',
    needs: ['supportPositionBrackets', 'supportModifyBrackets'],
    play: protect,
  },
  {
    name: 'closes part of a position, then all of it with its brackets',
    needs: ['supportPartialClosePosition', 'closePositionCancelsOrders'],
    play: partialClose,
  },
  { name: 'looks before it closes', needs: ['supportPreviewClosePosition'], play: previewClose },
  { name: 'reverses a position', needs: ['supportNativeReversePosition', 'supportReversePosition'], play: reverse },
  { name: 'cancels several orders at once', needs: [], play: cancelSeveral },
  { name: 'keeps the inputs of its own ticket', needs: [], play: customFields },
  { name: 'opens a ticket, which wants equity, margin and the value of a pip', needs: ['supportMargin'], play: ticket },
  { name: 'changes the leverage', needs: ['supportLeverage', 'supportLeverageButton'], play: leverage },
  { name: 'finds what it did in the history', needs: ['supportOrdersHistory', 'supportExecutions'], play: history },
]

async function buyAndClose(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const order = await terminal.place(marketOrder(stage))
  const position = await opened(stage)
  expect(position.side === Side.Buy && position.qty === stage.qty, 'the position is what was bought')
  await terminal.came('the fill', () => terminal.order(order.id).status === OrderStatus.Filled)
  expect(
    terminal.host.executions.some(({ symbol, side }) => symbol === market.symbol && side === Side.Buy),
    'the execution was told',
  )
  await terminal.came('a profit', () => terminal.host.pl.has(position.id))
  await terminal.close(position.id)
  await flat(stage)
}

async function limitOrder(stage: Stage): Promise<void> {
  const { terminal, market, qty } = stage
  const order = await terminal.place(limit(stage, 30))
  expect(order.status === OrderStatus.Working, 'a limit order below the market works')
  const nearer = market.down(20)
  expect((await terminal.modify(order.id, { limitPrice: nearer })).limitPrice === nearer, 'its price was moved')
  expect((await terminal.modify(order.id, { qty: qty * 2 })).qty === qty * 2, 'its quantity was changed')
  await market.until(({ ask }) => ask <= nearer)
  expect((await opened(stage)).qty === qty * 2, 'it filled with its new quantity')
  await closeAll(stage)
}

async function duration(stage: Stage): Promise<void> {
  const { terminal } = stage
  const choices = terminal.host.durations.filter(({ supportedOrderTypes = [1, 3, 4] }) =>
    supportedOrderTypes.includes(OrderType.Limit),
  )
  const waits = choices.filter(({ value, hasDatePicker }) => hasDatePicker !== true && !['IOC', 'FOK'].includes(value))
  expect(waits.length > 1, 'there is more than one duration')
  const order = await terminal.place({ ...limit(stage, 50), duration: { type: waits[0]?.value as string } })
  const changed = await terminal.modify(order.id, { duration: { type: waits[1]?.value as string } })
  expect(changed.duration?.type === waits[1]?.value, 'its duration was changed')
  await terminal.cancel(order.id)
}

async function stopOrder(stage: Stage): Promise<void> {
  const { terminal, market, qty } = stage
  const stopPrice = market.up(15)
  await terminal.place({ symbol: market.symbol, type: OrderType.Stop, side: Side.Buy, qty, stopPrice })
  await market.until(({ ask }) => ask >= stopPrice)
  expect((await opened(stage)).avgPrice >= stopPrice, 'it filled at the stop or beyond')
  await closeAll(stage)
}

async function stopLimitOrder(stage: Stage): Promise<void> {
  const { terminal, market, qty } = stage
  const [stopPrice, limitPrice] = [market.up(15), market.up(25)]
  await terminal.place({ symbol: market.symbol, type: OrderType.StopLimit, side: Side.Buy, qty, stopPrice, limitPrice })
  await market.until(({ ask }) => ask >= stopPrice)
  const position = await opened(stage, () => market.until(({ ask }) => ask <= limitPrice))
  expect(position.avgPrice <= limitPrice, 'it filled within its limit')
  await closeAll(stage)
}

async function preview(stage: Stage): Promise<void> {
  const { terminal, qty } = stage
  const shown = await terminal.preview(limit(stage, 40))
  expect(shown.confirmId !== undefined && shown.sections.length > 0, 'the preview shows something and can be confirmed')
  const order = await terminal.place(limit(stage, 40), shown.confirmId)
  await terminal.cancel(order.id)
  const tooMuch = await terminal.preview({ ...limit(stage, 40), qty: qty * 1e6 })
  expect((tooMuch.errors?.length ?? 0) > 0 && tooMuch.confirmId === undefined, 'what would be refused cannot be confirmed')
}

async function previewChange(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const order = await terminal.place(limit(stage, 40))
  const changes = { limitPrice: market.down(45) }
  const shown = await terminal.preview({ ...order, ...changes })
  expect(shown.confirmId !== undefined, 'the change can be confirmed')
  expect((await terminal.modify(order.id, changes, shown.confirmId)).limitPrice === changes.limitPrice, 'it was made')
  await terminal.cancel(order.id)
}

async function refused(stage: Stage): Promise<void> {
  const { terminal, qty } = stage
  const reason = await terminal.broker.placeOrder({ ...marketOrder(stage), qty: qty * 1e6 }).then(
    () => undefined,
    (trouble: unknown) => (trouble instanceof Error ? trouble.message : String(trouble)),
  )
  expect(reason !== undefined && /\w+ \w+/.test(reason), `a sentence says why: ${reason}`)
  expect(
    [...terminal.host.orders.values()].every((order) => !alive(order)),
    'no order came of it',
  )
}

async function takeProfit(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const entry = limit(stage, 20)
  const [takeProfit, stopLoss] = [market.up(10), market.down(90)]
  const order = await terminal.place({ ...entry, takeProfit, stopLoss })
  await terminal.came('both brackets', () => terminal.bracketsOf(order.id).length === 2)
  expect(
    terminal.bracketsOf(order.id).every(({ status }) => status === OrderStatus.Inactive),
    'brackets wait for their parent',
  )
  await market.until(({ ask }) => ask <= (entry.limitPrice as number))
  const position = await opened(stage)
  await terminal.came('brackets of the position', () => terminal.bracketsOf(position.id).length === 2)
  const brackets = terminal.bracketsOf(position.id) as (Order & { parentType: number })[]
  expect(
    brackets.every(({ status, parentType }) => status === OrderStatus.Working && parentType === ParentType.Position),
    'brackets work for the position',
  )
  expect(
    terminal.position(position.id).takeProfit === takeProfit && terminal.position(position.id).stopLoss === stopLoss,
    'the position repeats their prices',
  )
  await market.until(({ bid }) => bid >= takeProfit)
  await gone(stage, position)
  const ends = brackets.map(({ id }) => terminal.order(id).status).sort()
  expect(ends.join() === [OrderStatus.Canceled, OrderStatus.Filled].join(), 'one bracket filled, the other was cancelled')
}

async function stopLoss(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const stopLoss = market.down(12)
  await terminal.place({ ...marketOrder(stage), takeProfit: market.up(150), stopLoss })
  const position = await opened(stage)
  await terminal.came('brackets of the position', () => terminal.bracketsOf(position.id).length === 2)
  await market.until(({ bid }) => bid <= stopLoss)
  await gone(stage, position)
}

async function trailingStop(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  await market.until(({ bid }) => bid <= market.bid)
  const order = await terminal.place({ ...marketOrder(stage), stopType: StopType.TrailingStop, trailingStopPips: 15 })
  const position = await opened(stage)
  const trail = () => terminal.bracketsOf(position.id).find(({ stopType }) => stopType === StopType.TrailingStop)
  await terminal.came('the trailing stop', () => trail() !== undefined)
  expect(trail()?.trailingStopPips === 15, `the stop of ${order.id} keeps its distance`)
  await market.until(({ bid }) => bid <= (trail()?.stopPrice ?? 0) || terminal.positionOf(market.symbol) === undefined)
  await gone(stage, position)
}

async function modifyTrail(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  await terminal.place({ ...marketOrder(stage), stopType: StopType.TrailingStop, trailingStopPips: 60 })
  const position = await opened(stage)
  await terminal.came('the trailing stop', () => terminal.bracketsOf(position.id).length === 1)
  const trail = terminal.bracketsOf(position.id)[0] as Order
  const { stopPrice: far = 0 } = trail
  const moved = await terminal.modify(trail.id, { trailingStopPips: 30 })
  expect(moved.trailingStopPips === 30, 'its distance was changed')
  // Prices move a trailing stop, not commands: it comes nearer with the next one.
  await market.until(() => (terminal.order(trail.id).stopPrice ?? 0) > far)
  await closeAll(stage)
}

async function addBrackets(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const order = await terminal.place(limit(stage, 40))
  await terminal.modify(order.id, { takeProfit: market.up(20), stopLoss: market.down(80) })
  await terminal.came('both brackets', () => terminal.bracketsOf(order.id).length === 2)
  const { takeProfit: _, ...rest } = terminal.order(order.id)
  await terminal.modify(order.id, { ...rest, takeProfit: undefined } as unknown as Partial<Order>)
  await terminal.came('one bracket', () => terminal.bracketsOf(order.id).length === 1)
  await terminal.cancel(order.id)
  await terminal.came('no bracket', () => terminal.bracketsOf(order.id).length === 0)
}

async function cancelBracketOrder(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const order = await terminal.place({ ...limit(stage, 40), takeProfit: market.up(20), stopLoss: market.down(80) })
  await terminal.came('both brackets', () => terminal.bracketsOf(order.id).length === 2)
  await terminal.cancel(order.id)
  await terminal.came('no bracket', () => terminal.bracketsOf(order.id).length === 0)
}

async function protect(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  await terminal.place(marketOrder(stage))
  const { id } = await opened(stage)
  const [takeProfit, stopLoss] = [market.up(150), market.down(150)]
  const position = await terminal.editBrackets(id, { takeProfit, stopLoss })
  expect(position.takeProfit === takeProfit && position.stopLoss === stopLoss, 'the position shows its brackets')
  const profit = terminal.bracketsOf(id).find(({ type }) => type === OrderType.Limit) as Order
  const farther = market.up(160)
  expect((await terminal.modify(profit.id, { limitPrice: farther })).limitPrice === farther, 'a bracket was moved')
  await terminal.came('the position with the moved bracket', () => terminal.position(id).takeProfit === farther)
  await terminal.cancel(profit.id)
  await terminal.came('the position without it', () => terminal.position(id).takeProfit === undefined)
  expect(terminal.bracketsOf(id).length === 1, 'the other bracket stays')
  await terminal.editBrackets(id, {})
  await closeAll(stage)
}

async function partialClose(stage: Stage): Promise<void> {
  const { terminal, market, qty } = stage
  await terminal.place({ ...marketOrder(stage), takeProfit: market.up(150), stopLoss: market.down(150) })
  const { id } = await opened(stage)
  await terminal.close(id, qty / 2)
  await terminal.came('smaller brackets', () => terminal.bracketsOf(id).every((bracket) => bracket.qty === qty / 2))
  await closeAll(stage)
  await terminal.came('no bracket', () => terminal.bracketsOf(id).length === 0)
}

async function previewClose(stage: Stage): Promise<void> {
  const { terminal } = stage
  await terminal.place(marketOrder(stage))
  const position = await opened(stage)
  const shown = await terminal.preview({ ...marketOrder(stage), side: Side.Sell, isClose: true })
  expect(shown.sections.length > 0 && shown.errors === undefined, 'closing shows what it comes to')
  await terminal.close(position.id)
  await flat(stage)
}

async function reverse(stage: Stage): Promise<void> {
  const { terminal, market, qty } = stage
  await terminal.place({ ...marketOrder(stage), stopLoss: market.down(150) })
  const { id } = await opened(stage)
  const reversed = await terminal.reverse(id)
  expect(reversed.id === id && reversed.qty === qty, 'as much stands on the other side, under the same id')
  await terminal.came('no bracket', () => terminal.bracketsOf(id).length === 0)
  await closeAll(stage)
}

async function cancelSeveral(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const ids: string[] = []
  for (const pips of [40, 45, 50]) ids.push((await terminal.place(limit(stage, pips))).id)
  await terminal.broker.cancelOrders?.(market.symbol, Side.Buy, ids)
  await terminal.came('all of them to be cancelled', () => ids.every((id) => !alive(terminal.order(id))))
}

async function customFields(stage: Stage): Promise<void> {
  const { terminal } = stage
  const fields = { note: 'a plan', checked: true }
  const order = await terminal.place({ ...limit(stage, 40), customFields: fields })
  expect(JSON.stringify(order.customFields) === JSON.stringify(fields), 'the order carries them')
  await terminal.cancel(order.id)
}

async function ticket(stage: Stage): Promise<void> {
  await stage.terminal.openTicket(stage.market.symbol)
  stage.terminal.closeTicket(stage.market.symbol)
}

async function leverage(stage: Stage): Promise<void> {
  const asked = { symbol: stage.market.symbol, orderType: OrderType.Market, side: Side.Buy }
  expect((await stage.terminal.setLeverage(asked, 20)) === 20, 'the leverage was set')
  expect((await stage.terminal.setLeverage(asked, 30)) === 30, 'and set back')
}

async function history(stage: Stage): Promise<void> {
  const { terminal, market } = stage
  const [orders, executions] = await Promise.all([
    terminal.broker.ordersHistory?.() ?? [],
    terminal.broker.executions(market.symbol),
  ])
  expect(orders.length > 0 && orders.every((order) => !alive(order)), 'the history holds ended orders')
  expect(executions.length > 0, 'the executions are there')
}

// What the acts share

function marketOrder({ market, qty }: Stage): PreOrder {
  return { symbol: market.symbol, type: OrderType.Market, side: Side.Buy, qty }
}

function limit({ market, qty }: Stage, pipsBelow: number): PreOrder {
  return { symbol: market.symbol, type: OrderType.Limit, side: Side.Buy, qty, limitPrice: market.down(pipsBelow) }
}

/** The position, once it is there; when it is not there at once, something may have to happen first. */
async function opened({ terminal, market }: Stage, otherwise = async () => {}): Promise<Position> {
  if (terminal.positionOf(market.symbol) === undefined) await otherwise()
  await terminal.came(`a position of ${market.symbol}`, () => terminal.positionOf(market.symbol) !== undefined)
  return terminal.positionOf(market.symbol) as Position
}

async function gone({ terminal }: Stage, { id }: Position): Promise<void> {
  await terminal.came(`position ${id} to be gone`, () => !terminal.host.positions.has(id))
}

async function closeAll(stage: Stage): Promise<void> {
  const position = stage.terminal.positionOf(stage.market.symbol)
  if (position !== undefined) await stage.terminal.close(position.id)
  await flat(stage)
}

async function flat({ terminal }: Stage): Promise<void> {
  const left = () => [...terminal.host.orders.values()].filter(alive)
  await terminal.came('nothing to be left', () => terminal.host.positions.size === 0 && left().length === 0)
}

function expect(isSo: boolean, sentence: string): asserts isSo {
  if (!isSo) throw new Error(`Expected that ${sentence}`)
}
