import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import type { AccountMetainfo, Replay } from '../../src/generated/rest.js'

vi.stubGlobal('location', { origin: 'http://localhost' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
const { accountId, accounts } = await import('../../src/state/account.js')
const { rest, wire } = await import('../../src/state/house.js')
const { toasts } = await import('../../src/state/notifications.js')
const { elsewhereText, followOthers, markOf } = await import('../../src/state/others.js')
const { replays } = await import('../../src/state/replay.js')

const known = (id: string, live = false) => ({ id, name: '', live }) as AccountMetainfo
type Ear = (told: unknown) => void
const ears: Ear[] = []
const ask = vi.spyOn(rest, 'ask')
vi.spyOn(wire, 'listen').mockImplementation(((_topic: string, _of: object, ear: Ear) => {
  ears.push(ear)
  return () => {}
}) as never)
let scope = effectScope()

beforeEach(() => {
  scope = effectScope()
  accounts.value = [known('paper'), known('past')]
  replays.value = [{ id: 'R1', accountId: 'past', symbols: [] } as unknown as Replay]
  accountId.value = 'past'
})
afterEach(() => scope.stop())

test('accounts of real money are not called demo accounts', () => {
  expect(elsewhereText.value).toBe('Your demo account keeps running')
  accounts.value = [known('paper'), known('broker', true), known('past')]
  expect(elsewhereText.value).toBe('Your 2 accounts keep running')
  accounts.value = [known('broker', true), known('past')]
  expect(elsewhereText.value).toBe('Your live account keeps running')
  expect(['broker', 'past', 'other'].map(markOf)).toEqual(['LIVE', 'REPLAY', 'PAPER'])
})

test('orders there are counted without brackets that wait for theirs, and the last count stands where the next one fails', async () => {
  accounts.value = [known('broker', true), known('past')]
  const orders = [{ status: 6 }, { status: 4 }, { status: 3, parentId: 'o1' }]
  ask.mockResolvedValueOnce(orders).mockRejectedValueOnce(new Error('No'))
  scope.run(followOthers)
  await vi.waitFor(() => expect(elsewhereText.value).toBe('Your live account keeps running: 2 working orders there'))
  ears[0]?.({ kind: 'update', value: { id: '1', notice: 'fill', type: 'information', text: 'Bought 1' } })
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(2))
  await Promise.allSettled(ask.mock.results.map(({ value }) => value))
  expect(elsewhereText.value).toBe('Your live account keeps running: 2 working orders there')
  expect(toasts.value.map(({ text }) => text)).toEqual([expect.stringContaining('broker · LIVE: ')])
})
