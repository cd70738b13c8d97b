import { afterEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'

vi.stubGlobal('location', { origin: 'http://localhost' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
const { accountId, equity } = await import('../../src/state/account.js')
const { rest } = await import('../../src/state/house.js')
const { dayStart, followToday } = await import('../../src/state/today.js')

const DAY_MS = 86_400_000
const scope = effectScope()
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

test('the beginning of the day is asked for until it is told', async () => {
  vi.useFakeTimers()
  const told = { opening: { equity: 1_000 }, points: [] }
  const ask = vi.spyOn(rest, 'ask').mockRejectedValueOnce(new Error('No')).mockResolvedValue(told)
  accountId.value = 'A'
  equity.value = { accountId: 'A', time: DAY_MS + 1 } as never
  scope.run(followToday)
  equity.value = { accountId: 'A', time: 2 * DAY_MS + 1 } as never
  await vi.advanceTimersByTimeAsync(0)
  expect([ask.mock.calls.length, dayStart.value]).toEqual([1, undefined])
  await vi.advanceTimersByTimeAsync(60_000)
  expect([ask.mock.calls.length, dayStart.value]).toEqual([2, 1_000])
})
