// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { accountId, instruments } from '../../src/state/account.js'
import { comingText } from '../../src/state/format.js'
import { followHours } from '../../src/state/hours.js'
import { rest } from '../../src/state/house.js'
import { terms } from './terms.js'

const NOW = Date.UTC(2026, 10, 20, 12)
const HOUR_MS = 3_600_000

test.each([
  [NOW + 2.5 * HOUR_MS, '14:30'],
  [NOW + 70 * HOUR_MS, 'Mon 10:00'],
  [NOW + 240 * HOUR_MS, '30 Nov 12:00'],
])('a moment to come is told as shortly as can be', (time, words) => {
  expect(comingText(time, 'UTC', NOW)).toBe(words)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('instruments are asked for anew when one of them turns, and not before', async () => {
  vi.useFakeTimers({ now: NOW })
  const ask = vi.spyOn(rest, 'ask').mockResolvedValue([])
  accountId.value = 'A'
  instruments.set('S', { ...terms().instrument, isOpen: false, changesAt: NOW + 60_000 })
  followHours()
  await vi.advanceTimersByTimeAsync(59_000)
  expect(ask).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(ask).toHaveBeenCalledTimes(1)
})
