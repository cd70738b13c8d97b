import { beforeEach, expect, test, vi } from 'vitest'
import type { Replay } from '../../src/generated/rest.js'

vi.stubGlobal('location', { origin: 'http://localhost' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })

/** Longer than it takes until a replay that plays is looked at. */
const LOOK_MS = 1_000
const asked: string[] = []
let refused = ''
let status = 503
let there: Replay[] = []
/** Speeds that were asked for; the server plays at the last of them. */
const speeds: number[] = []
vi.stubGlobal('fetch', async (request: Request) => {
  const { method, url } = request
  const [, what = ''] = new URL(url).pathname.split('/api/v1/')
  asked.push(`${method} ${what}`)
  if (`${method} ${what}` === refused) return Response.json({ code: 'error', message: 'Not now' }, { status })
  if (what === 'replays') return Response.json(there)
  const [, id = ''] = what.split('/')
  if (method === 'PUT') speeds.push((await request.json()).speed)
  if (method === 'PUT') return Response.json({ ...one(id), speed: speeds.at(-1) })
  return Response.json(method === 'POST' ? one(id) : [])
})
const { accountId } = await import('../../src/state/account.js')
const { toasts } = await import('../../src/state/notifications.js')
const { faster, goToAccount, leaveReplay, loadReplays, replay, replays, seek, jumps, setSpeed, step } = await import(
  '../../src/state/replay.js'
)
const { admit } = await import('../../src/state/visit.js')

const one = (id: string, state: Replay['state'] = 'paused') =>
  ({ id, accountId: `of ${id}`, state, symbols: ['IMPORT:A'], now: 0 }) as unknown as Replay

const told = () => toasts.value.filter(({ key }) => key === 'replay').map(({ tone, text }) => `${tone}: ${text}`)

beforeEach(() => {
  admit()
  replays.value = [one('R1', 'playing'), one('R2')]
  accountId.value = 'of R1'
  asked.length = 0
  refused = ''
})

test('what cannot be discarded is not told to be gone', async () => {
  refused = 'DELETE replays/R1'
  await leaveReplay('discard')
  expect(told()).toEqual([expect.stringMatching(/^error: Not now/)])
  refused = ''
  accountId.value = 'of R1'
  await leaveReplay('discard')
  expect(told()).toEqual([expect.stringMatching(/^information: R1: .* It is gone with its account\.$/)])
})

test('what cannot be paused is not left, and not told to be paused', async () => {
  refused = 'POST replays/R1/pause'
  await leaveReplay('keep')
  expect([told(), accountId.value]).toEqual([[expect.stringMatching(/^error: Not now/)], 'of R1'])
  refused = ''
  await leaveReplay('keep')
  expect([told(), accountId.value]).toEqual([[expect.stringMatching(/^information: R1: .* It is kept, paused\.$/)], ''])
})

test('another account is gone to from a replay as from its own button: paused, after what was pressed, with a line', async () => {
  refused = 'POST replays/R1/pause'
  await goToAccount('of R2')
  expect([told(), accountId.value]).toEqual([[expect.stringMatching(/^error: Not now/)], 'of R1'])
  refused = ''
  asked.length = 0
  await Promise.all([step(1, '1'), goToAccount('of R2')])
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual(['POST replays/R1/step'])
  expect([told(), accountId.value]).toEqual([[expect.stringMatching(/^information: R1: .* It is kept, paused\.$/)], 'of R2'])
})

test('a jump that was refused is none', async () => {
  refused = 'POST replays/R1/seek'
  await seek(1)
  expect(jumps.value).toBe(0)
  refused = ''
  await seek(1)
  expect(jumps.value).toBe(1)
})

test('what was pressed in one replay is not done in the next', async () => {
  const first = step(1, '1')
  const second = step(1, '1')
  accountId.value = 'of R2'
  await Promise.all([first, second])
  expect(asked).toEqual(['POST replays/R1/step', 'POST replays/R1/step'])
})

test('a replay that was discarded elsewhere while it played is left', async () => {
  vi.useFakeTimers()
  there = [one('R1', 'playing')]
  await loadReplays()
  there = []
  ;[refused, status] = ['GET replays/R1', 404]
  await vi.advanceTimersByTimeAsync(LOOK_MS)
  vi.useRealTimers()
  expect([told(), replays.value, accountId.value]).toEqual([['warning: R1 has been discarded.'], [], ''])
})

test('each press makes it faster than the last one wished, also while a change is under way', async () => {
  replays.value = [{ ...one('R1'), speed: 1 }]
  for (let presses = 0; presses < 3; presses += 1) faster(1)
  await expect.poll(() => replay.value?.speed).toBe(60)
  expect(speeds.length).toBeLessThan(3)
  const first = setSpeed(300)
  await Promise.resolve()
  faster(1)
  faster(-1)
  faster(-1)
  await first
  await expect.poll(() => replay.value?.speed).toBe(60)
  faster(-1)
  await expect.poll(() => replay.value?.speed).toBe(15)
  refused = 'PUT replays/R1/speed'
  expect(await setSpeed(3600)).toBe(false)
  refused = ''
  faster(1)
  await expect.poll(() => replay.value?.speed).toBe(60)
})
