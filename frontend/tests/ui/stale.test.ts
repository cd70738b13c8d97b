// @vitest-environment happy-dom
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { ref, shallowReactive } from 'vue'

vi.useFakeTimers()
let hear: (frame: object) => void = () => {}
const instruments = shallowReactive(new Map([['S', { isOpen: true }]]))
vi.mock('../../src/state/house.js', () => ({
  wire: {
    listen: (_: string, __: object, ear: typeof hear) => {
      hear = ear
      return () => {}
    },
  },
}))
vi.mock('../../src/state/account.js', () => ({ instruments }))
vi.mock('../../src/state/replay.js', () => ({ replays: ref([]) }))
const { watchQuote } = await import('../../src/state/quotes.js')
const { staleSeconds, staleWords } = await import('../../src/state/stale.js')

const MARKET = 1_700_000_000_000
const told = (time: number | undefined) => ({ s: 'ok', v: { bid: 1, ask: 2, time } })
const update = (time?: number) => hear({ kind: 'update', value: told(time) })
const restated = (time?: number) => hear({ kind: 'state', state: told(time) })
let stop = () => {}

beforeEach(() => {
  stop()
  stop = watchQuote('S', () => {})
})
afterAll(() => {
  stop()
  vi.useRealTimers()
})

it('tells a price its age from ten seconds on, and says what cannot fill once the server trades on it no longer', () => {
  update(MARKET)
  vi.advanceTimersByTime(9_000)
  expect(staleSeconds('S')).toBe(0)
  vi.advanceTimersByTime(3_000)
  expect(staleSeconds('S')).toBe(12)
  expect(staleWords('S', 12)).toBeUndefined()
  expect(staleWords('S', 60)).toBeUndefined()
  expect(staleWords('S', 61)).toMatch(/^The last price of S is 61 s old/)
})

it('makes a price no newer by telling it once more, as after a reconnect', () => {
  update(MARKET)
  vi.advanceTimersByTime(30_000)
  restated(MARKET)
  vi.advanceTimersByTime(1_000)
  expect(staleSeconds('S')).toBe(31)
  update(MARKET + 31_000)
  vi.advanceTimersByTime(1_000)
  expect(staleSeconds('S')).toBe(0)
})

it('counts from when it came in where a price says nothing of its time', () => {
  update()
  vi.advanceTimersByTime(30_000)
  restated()
  vi.advanceTimersByTime(1_000)
  expect(staleSeconds('S')).toBe(0)
})
