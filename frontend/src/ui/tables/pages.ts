import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { accountId, loadAccounts, trouble as noAccount, onTold } from '../../state/account.js'
import { attempt } from '../../state/attempt.js'
import { complaintOf } from '../ticket/placing.js'

const PAGE = 100
/** Older rows than these are asked for as an export, not scrolled to. */
const ROWS_MAX = 20_000

/** Rows by pages, the latest first; older ones come when they are scrolled to. Begins anew with each account, and when it does. */
export function usePages<Row extends { id: string }>(
  ask: (page: { before?: string; limit: number }) => Promise<readonly Row[]>,
) {
  const rows = shallowRef<readonly Row[]>([])
  const asking = ref(false)
  const refused = ref('')
  const more = ref(true)
  let asked = 0

  async function load(): Promise<void> {
    if (asking.value || !more.value || accountId.value === '') return
    const mine = asked
    asking.value = true
    refused.value = ''
    const before = rows.value.at(-1)?.id
    try {
      const found = await ask({ limit: PAGE, ...(before === undefined ? {} : { before }) })
      if (mine !== asked) return
      rows.value = merged(rows.value, found)
      more.value = found.length === PAGE && rows.value.length < ROWS_MAX
    } catch (reason) {
      if (mine === asked) refused.value = complaintOf(reason).message
    } finally {
      if (mine === asked) asking.value = false
    }
  }

  function begin(): void {
    asked += 1
    rows.value = []
    refused.value = ''
    asking.value = false
    more.value = true
    void load()
  }

  /** Nothing can be said of an account that is not known yet. */
  const trouble = computed(() => (accountId.value === '' ? noAccount.value : refused.value))
  const loading = computed(() => asking.value || (accountId.value === '' && trouble.value === ''))

  watch(accountId, begin, { immediate: true })
  const deafen = onTold(({ emptied }) => {
    if (emptied) begin()
  })
  onScopeDispose(() => {
    deafen()
    asked += 1
  })
  const again = () => (accountId.value === '' ? attempt(loadAccounts) : load())
  return { rows, loading, trouble, more, load, again }
}

/** Rows that were told meanwhile stand before those that were asked for; each stands once. */
export function merged<Row extends { id: string }>(first: readonly Row[], then: readonly Row[]): readonly Row[] {
  const known = new Set(first.map(({ id }) => id))
  return [...first, ...then.filter(({ id }) => !known.has(id))]
}
