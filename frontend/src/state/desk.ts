import { computed, ref, shallowRef } from 'vue'
import { account, instruments } from './account.js'
import { settings } from './settings.js'

/** What the panels share: the symbol and resolution in front, and a price that was pointed at. */
export const symbol = computed({ get: () => settings.symbol, set: (id) => (settings.symbol = id) })
export const resolution = computed({ get: () => settings.resolution, set: (text) => (settings.resolution = text) })
export const instrument = computed(() => instruments.get(symbol.value))
/** One click sends; off after whatever changes what a click would do. */
export const armed = ref(false)

/** Orders of the account in front spend real money. */
export const realMoney = computed(() => account.value?.live === true)

/** The ticket's order as it stands, before it is sent. */
export interface Draft {
  side: 1 | -1
  type: 1 | 2 | 3 | 4
  qty: number
  limitPrice?: number
  stopPrice?: number
  takeProfit?: number
  stopLoss?: number
}
export const wanted = shallowRef<Draft>()
/** What the ticket holds was sent and nobody has touched it since. */
export const spent = ref(false)
/** As the chart draws it: once sent it is an order with lines of its own. */
export const draft = computed(() => (spent.value ? undefined : wanted.value))

/** Something asks the ticket to take these terms: a price clicked on the chart or in the ladder, a key. */
export interface TicketWish {
  side?: 1 | -1
  type?: 1 | 2 | 3 | 4
  price?: number
  qty?: number
  /** The size as so many percent of the equity at risk; its stop loss comes with it. */
  risk?: number
  takeProfit?: number
  stopLoss?: number
  focus?: 'size' | 'price' | 'takeProfit' | 'stopLoss'
  /** Send it at once, where one-click is armed. */
  send?: boolean
  /** Begin anew first: a market order without brackets. */
  clear?: boolean
}
const wishes = new Set<(wish: TicketWish) => void>()

export function askTicket(wish: TicketWish): void {
  for (const take of [...wishes]) take(wish)
}

export function onTicketWish(take: (wish: TicketWish) => void): () => void {
  wishes.add(take)
  return () => wishes.delete(take)
}
