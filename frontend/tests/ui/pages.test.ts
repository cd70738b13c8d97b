import { afterEach, expect, test, vi } from 'vitest'
import { effectScope, ref } from 'vue'

const ears = new Set<(told: { emptied: boolean }) => void>()
const tell = (emptied: boolean) => {
  for (const ear of ears) ear({ emptied })
}
vi.mock('../../src/state/account.js', () => ({
  accountId: ref('A'),
  trouble: ref(''),
  loadAccounts: async () => {},
  onTold: (ear: (told: { emptied: boolean }) => void) => {
    ears.add(ear)
    return () => ears.delete(ear)
  },
}))
vi.mock('../../src/state/attempt.js', () => ({ attempt: () => {} }))
const { usePages } = await import('../../src/ui/tables/pages.js')

const scope = effectScope()
afterEach(() => scope.stop())

test('the pages of an account that began anew begin anew', async () => {
  const ask = vi.fn(async () => [{ id: '1' }])
  const pages = scope.run(() => usePages(ask))
  await vi.waitFor(() => expect(pages?.rows.value).toEqual([{ id: '1' }]))
  tell(false)
  expect(ask).toHaveBeenCalledTimes(1)
  ask.mockResolvedValue([])
  tell(true)
  expect(pages?.rows.value).toEqual([])
  await vi.waitFor(() => expect(pages?.loading.value).toBe(false))
  expect([pages?.rows.value, ask.mock.calls.length]).toEqual([[], 2])
  scope.stop()
  expect(ears.size).toBe(0)
})
