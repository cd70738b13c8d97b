import { computed, ref, shallowRef, watch } from 'vue'
import { accountId, equity, onTold } from './account.js'
import { rest } from './house.js'
import { keepAsking } from './keep-asking.js'
import { ownMoney } from './own-money.js'

/** Equity to which today's profit is measured: where the account's day began, in UTC of its market's time, and what was paid in since. */
export const dayStart = shallowRef<number>()
/** Counts what moves the beginning: deposits, withdrawals, resets. */
export const paid = ref(0)
const DAY_MS = 86_400_000

/** Asked again with each account and each of its days; in a replay, those are days of the past. */
export function followToday(): void {
  onTold(({ emptied }) => {
    if (emptied) paid.value += 1
  })
  const day = computed(() => (equity.value === undefined ? undefined : Math.floor(equity.value.time / DAY_MS) * DAY_MS))
  watch([accountId, day, paid], ([id, from], _, onCleanup) => {
    // While money moves, what was known is no measure.
    dayStart.value = undefined
    const now = equity.value
    if (id === '' || from === undefined || now?.accountId !== id || now.time <= from) return
    const params = { path: { accountId: id }, query: { from, points: 2 } }
    let wanted = true
    const ask = async () => {
      const found = await rest.ask((signal) =>
        rest.calls.GET('/api/v1/broker/accounts/{accountId}/equity-curve', { params, signal }),
      )
      if (wanted) dayStart.value = ownMoney(found)
    }
    const asking = keepAsking(ask, () => {})
    onCleanup(() => {
      wanted = false
      asking.stop()
    })
  })
}
