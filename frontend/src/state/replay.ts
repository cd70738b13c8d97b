import { computed, ref, shallowRef } from 'vue'
import type { Replay, ReplayRequest } from '../generated/rest.js'
import { accountId, accounts, chooseAccount, loadAccounts } from './account.js'
import { armed, symbol } from './desk.js'
import { rest } from './house.js'
import { notify } from './notifications.js'
import { settings } from './settings.js'

const PATH = '/api/v1/replays/{replayId}'
/** How often a replay is asked where it is: what happens in it is told on the wire, its clock is not. */
const ASK_MS = 500
export const SPEEDS = [1, 5, 15, 60, 300, 3600] as const

export const replays = shallowRef<readonly Replay[]>([])
/** The replay whose account is in front. */
export const replay = computed(() => replays.value.find((one) => one.accountId === accountId.value))
export const replaying = computed(() => replay.value !== undefined)
/** A change is on its way. */
export const busy = ref(false)

let before: { account: string; symbol: string } | undefined
let timer: ReturnType<typeof setTimeout> | undefined

export async function loadReplays(): Promise<void> {
  replays.value = await rest.ask((signal) => rest.calls.GET('/api/v1/replays', { signal }))
  follow()
}

export async function startReplay(body: ReplayRequest): Promise<void> {
  const made = await rest.ask((signal) => rest.calls.POST('/api/v1/replays', { body, signal }))
  replays.value = [...replays.value, made]
  await loadAccounts()
  enter(made)
}

/** Go into a replay: its account and its symbol come to the front, and nothing stays armed. */
export function enter(one: Replay): void {
  before ??= { account: accountId.value, symbol: symbol.value }
  armed.value = false
  // The symbol first: what a panel keeps of the other one must not be taken for this one's.
  symbol.value = one.symbols[0] ?? symbol.value
  chooseAccount(one.accountId)
  follow()
}

/** Back to the present. The replay stays, paused, unless it is to be discarded. */
export async function leaveReplay({ discard = false } = {}): Promise<void> {
  const left = replay.value
  if (left === undefined) return
  if (left.state === 'playing') await change(() => control(left.id, 'pause'))
  toThePresent()
  if (!discard) {
    notify('information', `Left ${left.accountId}; it is kept, paused.`)
    return
  }
  const params = { path: { replayId: left.id } }
  await rest.ask((signal) => rest.calls.DELETE(PATH, { params, signal }))
  await Promise.all([loadReplays(), loadAccounts()])
  notify('information', `${left.accountId} and its account are gone.`)
}

function toThePresent(): void {
  clearTimeout(timer)
  armed.value = false
  const known = before
  before = undefined
  const paper = accounts.value.find(({ id }) => !replays.value.some((one) => one.accountId === id))
  symbol.value = known?.symbol ?? settings.watchlist[0] ?? symbol.value
  chooseAccount(known?.account ?? paper?.id ?? '')
}

export const play = () => act((id) => control(id, 'play'))
export const pause = () => act((id) => control(id, 'pause'))
export const step = (bars: number, resolution: string) =>
  act((id) =>
    rest.ask((signal) =>
      rest.calls.POST(`${PATH}/step`, {
        params: { path: { replayId: id } },
        body: { bars, resolution: resolution as NonNullable<StepBody['resolution']> },
        signal,
      }),
    ),
  )
export const setSpeed = (speed: number) =>
  act((id) =>
    rest.ask((signal) => rest.calls.PUT(`${PATH}/speed`, { params: { path: { replayId: id } }, body: { speed }, signal })),
  )
export const seek = (time: number) =>
  act((id) =>
    rest.ask((signal) => rest.calls.POST(`${PATH}/seek`, { params: { path: { replayId: id } }, body: { time }, signal })),
  )

type StepBody = import('../generated/rest.js').StepRequest

async function act(send: (id: string) => Promise<Replay>): Promise<void> {
  const one = replay.value
  if (one !== undefined && !busy.value) await change(() => send(one.id))
}

async function change(send: () => Promise<Replay>): Promise<void> {
  busy.value = true
  try {
    put(await send())
  } catch (trouble) {
    notify('error', trouble instanceof Error ? trouble.message : String(trouble), { key: 'replay' })
  } finally {
    busy.value = false
    follow()
  }
}

function control(id: string, verb: 'play' | 'pause'): Promise<Replay> {
  const params = { path: { replayId: id } }
  return rest.ask((signal) =>
    verb === 'play'
      ? rest.calls.POST(`${PATH}/play`, { params, signal })
      : rest.calls.POST(`${PATH}/pause`, { params, signal }),
  )
}

function put(one: Replay): void {
  replays.value = replays.value.map((known) => (known.id === one.id ? one : known))
}

function follow(): void {
  clearTimeout(timer)
  const one = replay.value
  if (one?.state !== 'playing') return
  timer = setTimeout(async () => {
    const params = { path: { replayId: one.id } }
    await rest.ask((signal) => rest.calls.GET(PATH, { params, signal })).then(put, () => undefined)
    follow()
  }, ASK_MS)
}
