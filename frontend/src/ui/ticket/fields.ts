import { computed } from 'vue'
import { account, individualPositions, orders, positions } from '../../state/account.js'
import { fieldText, floorTo, snapTo, typed } from '../../state/exact.js'
import { moneyDigits, moneyText, priceText } from '../../state/format.js'
import { marketNow } from '../../state/hours.js'
import { distanceNumber, distanceStep, distanceWords } from '../../state/pips.js'
import { sizeText } from '../../state/sizes.js'
import type { OrderType } from '../../tradingview/numbers.js'
import { type BracketKind, type BracketUnit, bracketAmount, bracketMoney } from './brackets.js'
import { CLOSED, repairable } from './placing.js'
import { unitWords } from './sentence.js'
import { type Holdings, mostOf, nudged, riskOf, type SizeUnit, type Sought } from './sizing.js'
import { type Terms, worth } from './terms.js'
import {
  amountText,
  bracketText,
  marketPrice,
  type PriceField,
  priced,
  resized,
  reunited,
  type Ticket,
  withQuantity,
} from './ticket.js'
import type { useTicket } from './use-ticket.js'

const DAY_MS = 86_400_000

/** As an input of date and time has it, to the minute. */
export function dateText(time: number, zone: 'UTC' | 'local' = 'local'): string {
  const shift = zone === 'UTC' ? 0 : new Date(time).getTimezoneOffset() * 60_000
  return new Date(time - shift).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length)
}

/** What the ticket's fields do and say, between what is typed and what is understood. */
export function useFields(desk: ReturnType<typeof useTicket>) {
  const { ticket, prices, terms, reading, complaint, preview, about, change } = desk

  const at = () => {
    const { entry, stopLoss } = reading.value ?? {}
    const price = entry ?? marketPrice(ticket.value?.side ?? 1, prices.value) ?? 0
    return { price, ...(stopLoss === undefined ? {} : { stop: stopLoss }) }
  }
  const entry = () => ({ side: ticket.value?.side ?? 1, price: at().price, qty: reading.value?.qty ?? 0 }) as const

  const hints = computed(() => {
    const [one, own] = [ticket.value, terms.value]
    if (one === undefined || own === undefined) return {}
    const market = marketPrice(one.side, prices.value)
    const away = (text: string) => {
      const price = typed(text)
      if (price === undefined || market === undefined) return undefined
      // Two prices side by side leave no room for words.
      return one.type === 4 ? distanceNumber(market, price, own.instrument) : distanceWords(market, price, own.instrument)
    }
    return { limit: away(one.limit), stop: away(one.stop), size: sizeHint() }
  })

  /** The size in the other unit, and what it is worth or risks. */
  function sizeHint(): string | undefined {
    const [one, own, qty] = [ticket.value, terms.value, reading.value?.qty]
    if (one === undefined || own === undefined || qty === undefined) return undefined
    const money = (amount: number | undefined) => `${moneyText(amount, own.currency)} ${own.currency}`
    if (one.sizeUnit === 'risk') return `= ${sizeText(qty, own.instrument)}, ${money(riskOf(qty, at(), own))} at risk`
    if (one.sizeUnit === 'lots' && own.instrument.lotSize > 1) return `= ${unitWords(qty, own)}`
    if (one.sizeUnit === 'units' || one.sizeUnit === 'lots') return `= ${money(worth(qty, at().price, own))}`
    return `= ${sizeText(qty, own.instrument)}`
  }

  const money = computed(() => {
    const [own, { takeProfit, stopLoss, qty }] = [terms.value, reading.value ?? {}]
    if (own === undefined || qty === undefined) return {}
    const of = (price: number | undefined) => (price === undefined ? undefined : bracketMoney(price, entry(), own))
    const { takeProfitPL, stopLossPL } = preview.value?.figures ?? {}
    const share = ticket.value?.type === 2 ? opened(own) : undefined
    const shared = (local: number | undefined) => (local === undefined || share === undefined ? undefined : local * share)
    return {
      takeProfit: shared(of(takeProfit)) ?? takeProfitPL ?? of(takeProfit),
      stopLoss: (ticket.value?.trailing ? undefined : shared(of(stopLoss))) ?? stopLossPL ?? of(stopLoss),
    }
  })

  /**
   * The share of a market order that opens a position, of which alone the server's figures tell. They are of the quote it was
   * asked at; this keeps its word, and leaves the price to the quote of now.
   */
  function opened(own: Terms): number | undefined {
    const [order, figures] = [about.value, preview.value?.figures]
    if (order === undefined || figures == null) return undefined
    for (const [price, told] of [
      [order.takeProfit, figures.takeProfitPL],
      [order.stopLoss, figures.stopLossPL],
    ] as const) {
      const all = price === undefined ? undefined : bracketMoney(price, { ...order, price: figures.price }, own)
      if (all === undefined || all === 0 || told == null) continue
      return Math.abs(told - all) < 10 ** -moneyDigits(own.currency) ? 1 : Math.min(1, Math.max(0, told / all))
    }
    return undefined
  }

  const bracketPrices = computed(() => {
    const { takeProfit, stopLoss } = reading.value ?? {}
    const text = (price: number | undefined) =>
      price === undefined ? '' : priceText(price, terms.value?.instrument.minTick ?? 0.01)
    return { takeProfit: text(takeProfit), stopLoss: text(stopLoss) }
  })

  /** What may be won for each that may be lost. */
  const ratio = computed(() => {
    const { takeProfit = 0, stopLoss = 0 } = money.value
    return takeProfit > 0 && stopLoss < 0 ? takeProfit / -stopLoss : undefined
  })

  const sizeUnits = computed(() => [
    ...((terms.value?.instrument.lotSize ?? 1) > 1 ? [{ value: 'lots', word: 'lots' }] : []),
    { value: 'units', word: 'units' },
    { value: 'money', word: terms.value?.currency ?? 'money' },
    { value: 'equity', word: '% equity' },
    { value: 'risk', word: '% risk' },
  ])

  const chooseType = (type: OrderType) => desk.turn({ type })

  function setPrice(field: PriceField, text: string): void {
    if (ticket.value) change(priced(ticket.value, field, text), field === 'limit' ? 'limitPrice' : 'stopPrice')
  }

  function nudgePrice(field: 'limit' | 'stop', steps: number): void {
    if (!ticket.value || !terms.value) return
    const { minTick } = terms.value.instrument
    const price = typed(ticket.value[field]) ?? at().price
    const next = Math.max(minTick, snapTo(price + steps * minTick, minTick))
    setPrice(field, fieldText(next, minTick))
  }

  function nudgeSize(steps: number): void {
    if (!ticket.value || !terms.value) return
    const unit = ticket.value.sizeUnit
    const next = nudged(unit, typed(ticket.value.size) ?? 0, steps, terms.value)
    change({ size: amountText(unit, next, terms.value) }, 'qty')
  }

  /** A risk is reckoned from the stop loss, so choosing it asks for one. */
  function sizeUnit(unit: string): void {
    if (!ticket.value || !terms.value) return
    const { qty } = reading.value ?? {}
    if (unit === 'risk') bracket.on('stopLoss', true)
    change(resized(ticket.value, unit as SizeUnit, qty, at(), terms.value), 'qty')
  }

  /** A date begins a day from now. */
  function validity(kind: string): void {
    const until = ticket.value?.until || dateText(marketNow() + DAY_MS, terms.value?.zone)
    change({ validity: kind, ...(kind === 'GTD' ? { until } : {}) }, 'duration')
  }

  function sought({ side, type, limit, stop }: Ticket): Sought {
    const [limited, stopped] = [
      type === 1 || type === 4 ? typed(limit) : undefined,
      type === 3 || type === 4 ? typed(stop) : undefined,
    ]
    return {
      ...{ side, ...prices.value },
      ...(limited === undefined ? {} : { limit: limited }),
      ...(stopped === undefined ? {} : { stop: stopped }),
    }
  }

  function held({ instrument: { symbol } }: Terms): Holdings {
    const of = <T extends { symbol: string }>(all: Map<string, T>) => [...all.values()].filter((one) => one.symbol === symbol)
    return {
      hedging: account.value?.positionMode === 'hedging',
      positions: of(positions.value),
      individual: of(individualPositions.value),
      orders: of(orders.value),
    }
  }

  /** Max is what the free margin carries, rounded down. */
  function chip(which: 'min' | '½' | '×2' | 'max'): void {
    const [one, own] = [ticket.value, terms.value]
    if (one === undefined || own === undefined) return
    const { min, max, step } = own.instrument.qty
    const qty = reading.value?.qty ?? min
    const wanted = { min, '½': qty / 2, '×2': qty * 2, max: mostOf(sought(one), held(own), own) ?? max }[which]
    const legal = Math.min(max, Math.max(min, floorTo(Math.max(0, wanted), step)))
    change(withQuantity(one, legal, at(), own), 'qty')
  }

  const bracket = {
    on: (kind: BracketKind, on: boolean) => ticket.value && change({ [kind]: { ...ticket.value[kind], on } }, kind),
    typed: (kind: BracketKind, text: string) =>
      ticket.value && change({ [kind]: { unit: ticket.value[kind].unit, text, on: true } }, kind),
    unit(kind: BracketKind, unit: BracketUnit): void {
      if (!ticket.value || !terms.value) return
      const price = reading.value?.[kind]
      const field = reunited(kind, ticket.value[kind], unit, price, entry(), terms.value)
      change({ [kind]: field }, kind)
    },
    nudge(kind: BracketKind, steps: number): void {
      if (!ticket.value || !terms.value) return
      const { unit, text } = ticket.value[kind]
      const tick = terms.value.instrument.minTick
      const by = { distance: Math.max(1, distanceStep(terms.value.instrument)), price: tick, money: 1, percent: 0.05 }[unit]
      const next = Math.max(by, (typed(text) ?? 0) + steps * by)
      change({ [kind]: { on: true, unit, text: bracketText(unit, next, terms.value) } }, kind)
    },
  }

  /** Puts the nearest legal value where the complaint is. */
  function repair(): void {
    const [one, own, found] = [ticket.value, terms.value, complaint.value]
    if (one === undefined || own === undefined || found === undefined || !repairable(found)) return
    const { field, nearest = 0 } = found
    if (found.code === CLOSED) return chooseType(1)
    if (field === 'qty') change(withQuantity(one, nearest, at(), own), 'qty')
    if (field === 'limitPrice') setPrice('limit', fieldText(nearest, own.instrument.minTick))
    if (field === 'stopPrice') setPrice('stop', fieldText(nearest, own.instrument.minTick))
    if (field !== 'takeProfit' && field !== 'stopLoss') return
    const { unit } = one[field]
    const amount = bracketAmount(field, unit, nearest, entry(), own)
    if (amount !== undefined) change({ [field]: { on: true, unit, text: bracketText(unit, amount, own) } }, field)
  }

  const typeSize = (text: string) => change({ size: text }, 'qty')
  return {
    hints,
    money,
    bracketPrices,
    ratio,
    sizeUnits,
    chooseType,
    setPrice,
    nudgePrice,
    typeSize,
    nudgeSize,
    sizeUnit,
    validity,
    chip,
    bracket,
    repair,
  }
}
