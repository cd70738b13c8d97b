import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { accounts, isWorking } from './account.js'
import { rest, wire } from './house.js'
import { tell } from './notices.js'
import { replaying, replays } from './replay.js'

/** Accounts of the present that are listened to during a replay. */
const OTHERS_MAX = 16

const past = (id: string) => replays.value.some((one) => one.accountId === id)

/** What an account's orders spend: nothing, nothing in the past, or real money. */
export const markOf = (id: string) =>
  past(id) ? 'REPLAY' : accounts.value.find((one) => one.id === id)?.live ? 'LIVE' : 'PAPER'

/** Accounts of the present that go on while somebody is in the past. */
const others = computed(() => accounts.value.filter(({ id }) => !past(id)))
/** How many orders work in each, once that is known. */
const working = shallowRef<ReadonlyMap<string, number>>(new Map())

export const elsewhereText = computed(() => {
  const count = others.value.length
  const kind = others.value.every(({ live }) => !live) ? 'demo ' : count === 1 ? 'live ' : ''
  const running = `Your ${count === 1 ? `${kind}account keeps` : `${count} ${kind}accounts keep`} running`
  const known = others.value.slice(0, OTHERS_MAX).flatMap(({ id }) => working.value.get(id) ?? [])
  if (known.length < Math.min(count, OTHERS_MAX)) return running
  const orders = known.reduce((sum, one) => sum + one, 0)
  return `${running}: ${orders} working ${orders === 1 ? 'order' : 'orders'} there`
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
    ([now]) => {
      end()
      if (!now) return
      for (const { id, name } of others.value.slice(0, OTHERS_MAX)) {
        void recount(id)
        stops.push(
          wire.listen('notices', { accountId: id }, (told) => {
            if (told.kind !== 'update') return
            void recount(id)
            if (told.value.notice !== 'fill' && told.value.type === 'information') return
            tell(told.value, { before: `${name || id} · ${markOf(id)}: ` })
          }),
        )
      }
    },
    { immediate: true },
  )
  onScopeDispose(end)
}

/** Where the count cannot be had, the last one stands. */
async function recount(id: string): Promise<void> {
  const params = { path: { accountId: id } }
  const open = await rest
    .ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders', { params, signal }))
    .catch(() => undefined)
  if (open !== undefined) working.value = new Map([...working.value, [id, open.filter(isWorking).length]])
}
