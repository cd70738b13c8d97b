import { computed, onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue'
import { requestOf } from '../../broker/commands.js'
import type { OrderPreview } from '../../generated/rest.js'
import { accountId } from '../../state/account.js'
import { connection } from '../../state/connection.js'
import { rest } from '../../state/house.js'
import type { PreOrder } from '../../tradingview/broker.js'
import type { Prices } from './ticket.js'

/** After the last key. */
const QUIET_MS = 150
/** A preview follows the price. */
const FOLLOW_MS = 1_000

/** What the server said of an order, and when. */
interface Told {
  preview: OrderPreview
  order: PreOrder
  /** What was typed. */
  said: string
  at: number
}

/** The server's view of the order in the ticket: only of what is typed there now; what is shown says for which terms it was made. */
export function usePreview(order: Ref<PreOrder | undefined>, typed: Ref<unknown>, prices: Ref<Prices>) {
  const told = shallowRef<Told>()
  const previewed = ref('')
  let asked = 0
  let underway = 0
  let askedAt = ''
  let quiet: ReturnType<typeof setTimeout> | undefined
  const connected = () => connection.value.state === 'open'
  // An order's brackets move with the price, so what was typed counts here and not what it comes to.
  const said = computed(() =>
    order.value === undefined ? '' : `${accountId.value} ${order.value.symbol} ${JSON.stringify(typed.value)}`,
  )
  const now = computed(() => (told.value !== undefined && told.value.said === said.value ? told.value : undefined))

  async function ask(): Promise<void> {
    const wanted = order.value
    if (wanted === undefined || accountId.value === '' || !connected()) return
    asked += 1
    const mine = asked
    const meant = said.value
    askedAt = JSON.stringify(prices.value)
    underway += 1
    const params = { path: { accountId: accountId.value } }
    try {
      const body = requestOf(wanted)
      const path = '/api/v1/broker/accounts/{accountId}/orders/preview'
      const preview = await rest.ask((signal) => rest.calls.POST(path, { params, body, signal }))
      if (mine !== asked) return
      told.value = { preview, order: wanted, said: meant, at: Date.now() }
      previewed.value = termsOf(wanted)
    } catch {
      // The local figures stay; whoever sends will hear what is wrong.
      if (mine === asked) forget()
    } finally {
      underway -= 1
    }
  }

  function forget(): void {
    told.value = undefined
    previewed.value = ''
  }

  watch(connected, (open) => (open ? void ask() : forget()))
  watch(
    said,
    () => {
      clearTimeout(quiet)
      asked += 1
      quiet = setTimeout(() => void ask(), QUIET_MS)
    },
    { immediate: true },
  )
  const timer = setInterval(() => {
    if (document.hidden || underway > 0) return
    if (order.value?.type === 2 || askedAt !== JSON.stringify(prices.value)) void ask()
  }, FOLLOW_MS)
  onScopeDispose(() => {
    clearTimeout(quiet)
    clearInterval(timer)
    asked += 1
  })
  return {
    preview: computed(() => now.value?.preview),
    /** The order it was asked of. */
    about: computed(() => now.value?.order),
    age: () => Date.now() - (now.value?.at ?? 0),
    ...{ previewed, forget, again: ask },
  }
}

/** Orders of the same terms are the same to a preview. */
export function termsOf(order: PreOrder): string {
  return JSON.stringify(order)
}
