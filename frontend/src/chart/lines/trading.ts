import type { PlacedOrder } from '../../generated/rest.js'
import type { Execution } from '../../generated/topics.js'
import {
  account,
  accountId,
  commands,
  executions,
  individualPositions,
  instruments,
  orders,
  positions,
} from '../../state/account.js'
import { armed, askTicket, draft, realMoney } from '../../state/desk.js'
import { onGrid, priceText } from '../../state/format.js'
import { notify } from '../../state/notifications.js'
import { quoteOf } from '../../state/quotes.js'
import { cancel } from '../../state/undo.js'
import { reasonText } from '../../state/words.js'
import type { Brackets, Order } from '../../tradingview/broker.js'
import type { Bar } from '../../tradingview/datafeed.js'
import type { ChartEngine } from '../engine.js'
import { LATE_MS, type MoveEvent, type Moves, moved, STILL } from './drag.js'
import { type Hands, LineLayer, type Now } from './layer.js'
import { shownOf } from './looks.js'
import { linesOf, type TradeLine, wishLine } from './model.js'

/** How near, in pixels, a line goes to a high or a low by itself, with Shift. */
const MAGNET = 8
/** How far away protection appears that a key asks for. */
const OFFER_TICKS = 50

interface Around {
  engine: ChartEngine
  bars(): readonly Bar[]
  /** Asks where to close a position, beside its pill. */
  askClose(positionId: string): void
}

/** Orders and positions of the symbol in front, as lines that can be moved; what they become is told by the account's facts. */
export class TradingLines implements Hands {
  private readonly layer: LineLayer
  private moves: Moves = STILL
  private lines: TradeLine[] = []
  private wish: TradeLine | undefined
  private fills: readonly Execution[] = []
  private symbol = ''
  private held = false
  private lastUndo: (() => void) | undefined
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly around: Around) {
    this.layer = new LineLayer(around.engine, this)
  }

  /** `H`: nothing can be moved by accident. */
  hold(on: boolean): void {
    this.held = on
    this.refresh()
  }

  /** Another symbol or another account: nothing that was in a hand is meant for it. */
  follow(symbol: string): void {
    this.putBack()
    this.moves = STILL
    this.lastUndo = undefined
    this.symbol = symbol
    this.refresh()
  }

  refresh(): void {
    const instrument = instruments.get(this.symbol)
    if (instrument === undefined) {
      this.lines = []
      this.around.engine.keepInSight([])
      return this.layer.show([])
    }
    const held = {
      orders: orders.value.values(),
      positions: positions.value.values(),
      individual: individualPositions.value.values(),
      draft: draft.value,
    }
    this.lines = linesOf(held, instrument)
    const own = this.lines.filter(({ role, draft }) => role !== 'order' && !draft)
    this.around.engine.keepInSight(own.map(({ price }) => price))
    this.fills = executions.value.filter(({ symbol }) => symbol === this.symbol)
    for (const key of Object.keys(this.moves.sent)) this.change({ kind: 'fact', key, price: this.lineOf(key)?.price })
    const { hand } = this.moves
    if (hand !== undefined && this.lineOf(hand.key) === undefined)
      this.change({ kind: 'fact', key: hand.key, price: undefined })
    this.paint()
  }

  paint(): void {
    const instrument = instruments.get(this.symbol)
    if (instrument === undefined) return
    const lines = this.wish === undefined ? this.lines : [...this.lines, this.wish]
    const { moves, held } = this
    const quote = quoteOf(this.symbol) ?? {}
    const currency = account.value?.currency ?? 'USD'
    const [fills, bars, now] = [this.fills, this.around.bars(), Date.now()]
    const view = { moves, lines, quote, instrument, currency, held, fills, bars, now }
    this.layer.show(lines.map((line) => shownOf(line, view)))
  }

  place(): void {
    this.layer.place()
  }

  /** The last price, and how long its bar still has. */
  showNow(now: Now | undefined): void {
    this.layer.showNow(now)
  }

  /** The last move, the other way. */
  undoLast(): void {
    this.lastUndo?.()
    this.lastUndo = undefined
  }

  focusNext(): void {
    const keys = this.layer.keys()
    const at = keys.findIndex((key) => document.activeElement?.closest(`[data-key="${CSS.escape(key)}"]`) !== null)
    const next = keys[(at + 1) % keys.length]
    if (next !== undefined) this.layer.focus(next)
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.layer.destroy()
  }

  // The hands

  take(key: string): boolean {
    const line = this.lineOf(key)
    if (line === undefined || !line.movable || this.held || this.moves.sent[key] !== undefined) return false
    this.change({ kind: 'take', key, price: line.price, by: 'pointer' })
    return true
  }

  pull(key: string, field: 'takeProfit' | 'stopLoss', by: 'pointer' | 'keys'): boolean {
    const line = this.lineOf(key)
    const instrument = instruments.get(this.symbol)
    if (line === undefined || instrument === undefined || this.held) return false
    const away = OFFER_TICKS * instrument.minTick * line.side * (field === 'takeProfit' ? 1 : -1)
    this.wish = wishLine(line, field, onGrid(line.price + away, instrument.minTick))
    if (this.wish === undefined) return false
    this.change({ kind: 'take', key: this.wish.key, price: line.price, by })
    this.change({ kind: 'move', price: this.wish.price })
    this.paint()
    this.layer.focus(this.wish.key)
    return true
  }

  moveTo(y: number, magnetic: boolean): void {
    const price = this.around.engine.priceAt(y)
    const instrument = instruments.get(this.symbol)
    if (price === undefined || instrument === undefined) return
    const near = magnetic ? this.magnet(y) : undefined
    this.change({ kind: 'move', price: onGrid(near ?? price, instrument.minTick) })
    this.paint()
  }

  letGo(): void {
    const { hand } = this.moves
    const line = hand === undefined ? undefined : this.lineOf(hand.key)
    if (hand?.by === 'pointer' && hand.at !== hand.from && line !== undefined && this.asksFirst(line)) {
      this.ask(line, hand.from, hand.at)
      return
    }
    this.change({ kind: 'let go', now: Date.now() })
    if (hand !== undefined && line !== undefined && hand.at !== hand.from) void this.deliver(line, hand.from, hand.at)
    if (line?.target.kind !== 'wish') this.wish = undefined
    this.paint()
  }

  /** Whether something was in a hand. */
  putBack(): boolean {
    const held = this.moves.hand !== undefined || this.wish !== undefined
    this.change({ kind: 'put back' })
    this.wish = undefined
    this.paint()
    return held
  }

  nudge(key: string, ticks: number): void {
    const line = this.lineOf(key)
    const instrument = instruments.get(this.symbol)
    if (line === undefined || instrument === undefined || !line.movable || this.held) return
    if (this.moves.hand?.key !== key) this.change({ kind: 'take', key, price: line.price, by: 'keys' })
    const at = this.moves.hand?.at ?? line.price
    this.change({ kind: 'move', price: onGrid(at + ticks * instrument.minTick, instrument.minTick) })
    this.paint()
  }

  send(key: string): void {
    if (this.moves.hand?.key === key) this.letGo()
  }

  close(key: string): void {
    const target = this.lineOf(key)?.target
    if (target?.kind === 'position') this.around.askClose(target.id)
    else if (target?.kind === 'order') this.told(this.cancelled(target.id))
  }

  // Inside

  private async cancelled(id: string): Promise<void> {
    const order = orders.value.get(id)
    await (order === undefined ? commands.value.cancel(id) : cancel(order))
  }

  /** A hand slips: what spends real money is sent by a second act, unless one-click is armed. */
  private asksFirst({ target }: TradeLine): boolean {
    return target.kind !== 'draft' && realMoney.value && !armed.value
  }

  /** As if keys had moved it there: Enter sends, Esc puts back. */
  private ask(line: TradeLine, from: number, to: number): void {
    this.change({ kind: 'take', key: line.key, price: from, by: 'keys' })
    this.change({ kind: 'move', price: to })
    this.paint()
    this.layer.focus(line.key)
    const { minTick } = instruments.get(this.symbol) ?? { minTick: 0.01 }
    const text = `${line.spoken} to ${priceText(to, minTick)}, live money: Enter sends, Esc puts it back.`
    notify('warning', text, { key: `moved ${line.key}`, action: { label: 'Send', act: () => this.send(line.key) } })
  }

  private lineOf(key: string): TradeLine | undefined {
    return this.wish?.key === key ? this.wish : this.lines.find((line) => line.key === key)
  }

  /** The scale stands still below a pointer that drags, and no longer. */
  private change(event: MoveEvent): void {
    this.moves = moved(this.moves, event)
    this.around.engine.holdScale(this.moves.hand?.by === 'pointer')
  }

  private async deliver(line: TradeLine, from: number, to: number): Promise<void> {
    const { target } = line
    const account = accountId.value
    if (target.kind === 'draft') {
      const { type } = draft.value ?? {}
      askTicket(target.field === 'price' ? { price: to, ...(type && { type }) } : { [target.field]: to })
      this.change({ kind: 'fact', key: line.key, price: undefined })
      return
    }
    this.later(LATE_MS)
    try {
      await this.sent(line, to)
      if (target.kind === 'wish') this.forget(line)
      const { minTick } = instruments.get(this.symbol) ?? { minTick: 0.01 }
      this.lastUndo = target.kind === 'order' ? () => void this.undo(account, line, to, from) : undefined
      const undo = this.lastUndo === undefined ? {} : { action: { label: 'Undo', act: this.lastUndo } }
      notify('success', `${line.spoken} moved to ${priceText(to, minTick)}.`, { key: `moved ${line.key}`, ...undo })
    } catch (reason) {
      this.refused(line, from, reason)
    }
  }

  private sent({ target }: TradeLine, to: number): Promise<unknown> {
    if (target.kind === 'order') {
      const known = orders.value.get(target.id)
      if (known === undefined) return Promise.reject(new Error('The order has ended meanwhile.'))
      return commands.value.modify({ ...(known as Order), [target.field]: to }, known as PlacedOrder)
    }
    if (target.kind !== 'wish') return Promise.resolve()
    return protect(target.of, target.id, target.field, to)
  }

  private async undo(account: string, line: TradeLine, from: number, to: number): Promise<void> {
    if (accountId.value !== account || this.lineOf(line.key) === undefined)
      return notify('warning', `${line.spoken} is not on this chart now.`, { key: `moved ${line.key}` })
    this.change({ kind: 'take', key: line.key, price: from, by: 'keys' })
    this.change({ kind: 'move', price: to })
    this.change({ kind: 'let go', now: Date.now() })
    this.paint()
    await this.deliver(line, from, to)
  }

  private refused(line: TradeLine, from: number, reason: unknown): void {
    const why = reasonText(reason)
    const { minTick } = instruments.get(this.symbol) ?? { minTick: 0.01 }
    const said = line.target.kind === 'wish' ? why : `Kept at ${priceText(from, minTick)}. ${why}`
    if (line.target.kind === 'wish') this.forget(line)
    else this.change({ kind: 'refused', key: line.key, why: said, now: Date.now() })
    notify('error', said, { key: `moved ${line.key}` })
    this.paint()
    this.later(LATE_MS)
  }

  /** Another may have been pulled out meanwhile. */
  private forget(line: TradeLine): void {
    if (this.wish === line) this.wish = undefined
    this.change({ kind: 'fact', key: line.key, price: undefined })
    this.paint()
  }

  /** Notes go by time alone, also where no price moves. */
  private later(milliseconds: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.change({ kind: 'time', now: Date.now() })
      this.paint()
    }, milliseconds)
  }

  private told(done: Promise<unknown>): void {
    done.catch((reason: unknown) => notify('error', reasonText(reason)))
  }

  private magnet(y: number): number | undefined {
    const { engine } = this.around
    const prices = [
      ...this.around
        .bars()
        .slice(-200)
        .flatMap(({ high, low }) => [high, low]),
      ...this.lines.map(({ price }) => price),
    ]
    const near = prices.map((price) => ({ price, away: Math.abs((engine.yOf(price) ?? Number.POSITIVE_INFINITY) - y) }))
    return near.filter(({ away }) => away <= MAGNET).sort((one, other) => one.away - other.away)[0]?.price
  }
}

/** One bracket set, the other kept as it is. */
export async function protect(
  of: 'position' | 'order',
  id: string,
  field: 'takeProfit' | 'stopLoss',
  price: number,
): Promise<void> {
  const account = accountId.value
  if (of === 'order') {
    const known = orders.value.get(id)
    if (known === undefined) throw new Error('The order has ended meanwhile.')
    await commands.value.modify({ ...(known as Order), [field]: price }, known as PlacedOrder)
    return
  }
  const position = positions.value.get(id) ?? individualPositions.value.get(id)
  if (position === undefined || account === '') throw new Error('The position has been closed meanwhile.')
  const { takeProfit, stopLoss, trailingStopPips } = position
  const kept: Brackets = {
    ...(takeProfit == null ? {} : { takeProfit }),
    ...(stopLoss == null ? {} : { stopLoss }),
    ...(trailingStopPips == null ? {} : { trailingStopPips }),
  }
  await commands.value.protect(id, { ...kept, [field]: price })
}
