import { computed, onScopeDispose, ref, watch } from 'vue'
import { accounts } from './account.js'
import { rest, wire } from './house.js'
import { tell } from './notices.js'
import { replaying, replays } from './replay.js'

/** Accounts of the present that are listened to during a replay. */
const OTHERS_MAX = 16

/** Accounts of the present, and how many orders work there while somebody is in the past. */
export const others = computed(() => accounts.value.filter(({ id }) => !replays.value.some((one) => one.accountId === id)))
export const workingElsewhere = ref(0)

export const elsewhereText = computed(() => {
  const count = others.value.length
  const orders = workingElsewhere.value
  return `Your ${count === 1 ? 'demo account keeps' : `${count} demo accounts keep`} running: ${orders} working ${orders === 1 ? 'order' : 'orders'} there`
})

/** In the past, the present goes on: its orders are counted and its fills told, with their account's name. */
export function followOthers(): void {
  let stops: (() => void)[] = []
  const end = () => {
    for (const stop of stops) stop()
    stops = []
  }
  watch(
    [replaying, () => others.value.map(({ id }) => id).join(' ')],
    ([past]) => {
      end()
      if (!past) return
      const heard = others.value.slice(0, OTHERS_MAX)
      const counts = new Map<string, number>()
      const recount = async (id: string) => {
        const params = { path: { accountId: id } }
        const open = await rest
          .ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders', { params, signal }))
          .catch(() => [])
        counts.set(id, open.length)
        workingElsewhere.value = [...counts.values()].reduce((sum, one) => sum + one, 0)
      }
      for (const { id, name } of heard) {
        void recount(id)
        stops.push(
          wire.listen('notices', { accountId: id }, (told) => {
            if (told.kind !== 'update') return
            void recount(id)
            if (told.value.notice !== 'fill' && told.value.type === 'information') return
            tell(told.value, { before: `${name || id} · PAPER: ` })
          }),
        )
      }
    },
    { immediate: true },
  )
  onScopeDispose(end)
}
