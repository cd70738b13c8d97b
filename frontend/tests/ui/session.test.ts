import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { origin: 'http://localhost' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
vi.stubGlobal('WebSocket', class {})

const TOKENS = { accessToken: 'a', refreshToken: 'r', expiresIn: 3_600 }
let answers: Record<string, () => Response> = {}
vi.stubGlobal('fetch', async ({ method, url, body }: Request) => {
  const path = new URL(url).pathname
  const answer = answers[`${method} ${path}`]
  if (path === '/api/v1/auth/token') return Response.json({ ...TOKENS, login: (await new Response(body).json()).login })
  return answer?.() ?? Response.json([])
})
const { sent } = await import('../../src/state/sent.js')
const { chooseFiles, importView } = await import('../../src/state/imports.js')
const { log, toasts } = await import('../../src/state/notifications.js')
const { begin, signIn } = await import('../../src/state/session.js')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('whoever signs in after another finds neither what was sent nor what was to be imported', async () => {
  await signIn('alice', 'secret')
  const one = { id: 1, time: 0, method: 'POST', url: '/accounts/alice-1/orders', body: '{"qty":1}', status: 201 }
  sent.value = [one]
  await chooseFiles([])
  await signIn('alice', 'secret')
  expect([sent.value, importView.value?.stage]).toEqual([[one], 'chosen'])
  await signIn('bob', 'secret')
  expect([sent.value, importView.value]).toEqual([[], undefined])
})

test('what fails again and again for one reason is said once', async () => {
  answers = { 'GET /api/v1/replays': () => Response.json({ code: 'error', message: 'No replays' }, { status: 500 }) }
  await begin()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(toasts.value.filter(({ key }) => key === 'begin')).toHaveLength(1)
  expect(log.value.filter(({ text }) => text.includes('No replays'))).toHaveLength(1)
  answers = {}
  await vi.advanceTimersByTimeAsync(3_000)
  expect(toasts.value.filter(({ key }) => key === 'begin')).toEqual([])
})
