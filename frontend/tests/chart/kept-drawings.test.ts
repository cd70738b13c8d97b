import { beforeEach, expect, it, vi } from 'vitest'
import type { Drawing } from '../../src/chart/drawings.js'
import { KeptDrawings } from '../../src/chart/kept-drawings.js'
import type { Rest } from '../../src/rest/client.js'
import { admit, shutOut, visit } from '../../src/state/visit.js'

const SETTLED_MS = 1_000
const line: Drawing = { id: '1', tool: 'horizontal', places: [{ time: 0, price: 1 }] }
const written: string[] = []
const calls = {
  GET: async () => ({ status: 'ok', data: [] }),
  POST: async (_: string, { params }: { params: { query: { user: string } } }) => {
    written.push(params.query.user)
    return { status: 'ok' }
  },
}
const rest = { calls, ask: (send: (signal: AbortSignal) => unknown) => send(new AbortController().signal) } as unknown as Rest

function signIn(login: string): void {
  visit.value = { login, accessToken: '', refreshToken: '' }
  admit()
}

beforeEach(() => {
  vi.useFakeTimers()
  written.length = 0
  return () => void vi.useRealTimers()
})

it.each([
  ['ann', ['ann']],
  ['bob', []],
])('what waits to be kept while ann’s session ends is kept for her, where %s comes next', async (next, kept) => {
  signIn('ann')
  const drawings = new KeptDrawings(rest, (reason) => expect.fail(reason))
  await drawings.of('DEMO:EURUSD')
  drawings.keep('DEMO:EURUSD', [line])
  shutOut()
  await vi.advanceTimersByTimeAsync(SETTLED_MS)
  signIn(next)
  await vi.advanceTimersByTimeAsync(SETTLED_MS)
  expect(written).toEqual(kept)
})
