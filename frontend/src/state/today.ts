import { shallowRef, watch } from 'vue'
import { accountId } from './account.js'
import { rest } from './house.js'

/** Equity where the account's day began, in UTC, to which today's profit is measured. */
export const dayStart = shallowRef<number>()
const ASK_MS = 300_000
const DAY_MS = 86_400_000

export function followToday(): void {
  const load = async () => {
    const id = accountId.value
    if (id === '') return
    const from = Math.floor(Date.now() / DAY_MS) * DAY_MS
    const params = { path: { accountId: id }, query: { from, points: 2 } }
    const found = await rest
      .ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/equity-curve', { params, signal }))
      .catch(() => undefined)
    if (id !== accountId.value) return
    const first = found?.points[0]
    dayStart.value = first === undefined ? undefined : (first.equity ?? first.balance)
  }
  watch(
    accountId,
    () => {
      dayStart.value = undefined
      void load()
    },
    { immediate: true },
  )
  setInterval(load, ASK_MS)
}
