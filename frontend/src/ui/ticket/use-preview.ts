import { onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue'
import { requestOf } from '../../broker/commands.js'
import type { OrderPreview } from '../../generated/rest.js'
import { accountId } from '../../state/account.js'
import { connection } from '../../state/connection.js'
import { rest } from '../../state/house.js'
import type { PreOrder } from '../../tradingview/broker.js'

/** After the last key. */
const QUIET_MS = 150
/** A market order's preview follows the price. */
const FOLLOW_MS = 1_000

/** The server's view of the order in the ticket; what is shown says for which terms it was made. */
export function usePreview(order: Ref<PreOrder | undefined>, typed: Ref<unknown>) {
  const preview = shallowRef<OrderPreview>()
  const previewed = ref('')
  /** What was typed when the preview was asked for. */
  const answers = shallowRef<unknown>()
  let asked = 0
  let quiet: ReturnType<typeof setTimeout> | undefined
  const connected = () => connection.value.state === 'open'

  async function ask(): Promise<void> {
    const wanted = order.value
    if (wanted === undefined || accountId.value === '' || !connected()) return
    asked += 1
    const mine = asked
    const meant = typed.value
    const params = { path: { accountId: accountId.value } }
    try {
      const body = requestOf(wanted)
      const path = '/api/v1/broker/accounts/{accountId}/orders/preview'
      const found = await rest.ask((signal) => rest.calls.POST(path, { params, body, signal }))
      if (mine !== asked) return
      preview.value = found
      previewed.value = termsOf(wanted)
      answers.value = meant
    } catch {
      // The local figures stay; whoever sends will hear what is wrong.
      if (mine === asked) forget()
    }
  }

  function forget(): void {
    preview.value = answers.value = undefined
    previewed.value = ''
  }

  watch(connected, (now) => (now ? void ask() : forget()))
  watch(
    // A market order's brackets move with the price, so what was typed counts here and not what it comes to.
    () => (order.value === undefined ? '' : `${accountId.value} ${order.value.symbol} ${JSON.stringify(typed.value)}`),
    () => {
      clearTimeout(quiet)
      asked += 1
      quiet = setTimeout(() => void ask(), QUIET_MS)
    },
    { immediate: true },
  )
  const timer = setInterval(() => {
    if (order.value?.type === 2 && !document.hidden) void ask()
  }, FOLLOW_MS)
  onScopeDispose(() => {
    clearTimeout(quiet)
    clearInterval(timer)
    asked += 1
  })
  return { preview, previewed, answers, forget, again: ask }
}

/** Orders of the same terms are the same to a preview. */
export function termsOf(order: PreOrder): string {
  return JSON.stringify(order)
}
