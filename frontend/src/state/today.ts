import { computed, shallowRef, watch } from 'vue'
import { accountId, equity } from './account.js'
import { rest } from './house.js'

/** Equity where the account's day began, in UTC of its market's time, to which today's profit is measured. */
export const dayStart = shallowRef<number>()
const DAY_MS = 86_400_000

/** Asked again with each account and each of its days; in a replay, those are days of the past. */
export function followToday(): void {
  const day = computed(() => (equity.value === undefined ? undefined : Math.floor(equity.value.time / DAY_MS) * DAY_MS))
  watch([accountId, day], async ([id, from]) => {
    dayStart.value = undefined
    const now = equity.value
    if (id === '' || from === undefined || now?.accountId !== id || now.time <= from) return
    const params = { path: { accountId: id }, query: { from, points: 2 } }
    const found = await rest
      .ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/equity-curve', { params, signal }))
      .catch(() => undefined)
    if (id !== accountId.value) return
    const first = found?.points[0]
    dayStart.value = first === undefined ? undefined : (first.equity ?? first.balance)
  })
}
