import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Replay, ReplayRequest } from '../generated/rest.js'
import { Refusal } from '../rest/client.js'
import { accountId, accounts, chooseAccount, equity, executions, loadAccounts, positions, RECENT_MAX } from './account.js'
import { armed, symbol } from './desk.js'
import { profitText } from './format.js'
import { rest } from './house.js'
import { notify } from './notifications.js'
import { settings } from './settings.js'
import { reasonText } from './words.js'

const PATH = '/api/v1/replays/{replayId}'
/** How often a replay is asked where it is: what happens in it is told on the wire, its clock is not. */
const ASK_MS = 500
const NOT_FOUND = 404
/** A replay that plays and has stood still for so many looks waits for its prices. */
const STILL_LOOKS = 3
/** The last one is as fast as the server tells prices. */
export const SPEEDS = [1, 5, 15, 60, 300, 3600] as const
export const speedText = (speed: number) => (speed === SPEEDS.at(-1) ? 'max' : `${speed}×`)

export const replays = shallowRef<readonly Replay[]>([])
/** The replay whose account is in front. */
export const replay = computed(() => replays.value.find((one) => one.accountId === accountId.value))
export const replaying = computed(() => replay.value !== undefined)
/** A change is on its way. */
export const busy = ref(false)
/** It plays, and its prices are not there yet. */
export const buffering = ref(false)
/** Why the replay in front cannot go on, while it cannot. */
export const replayTrouble = ref('')
let still = 0

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
  await enter(made)
}

/** Go into a replay: its account and its symbol come to the front, and nothing stays armed. */
export async function enter(one: Replay): Promise<void> {
  await goToAccount(one.accountId)
  follow()
}

/** Another account comes to the front. A replay that plays is left as by its own button, after what was pressed in it. */
export async function goToAccount(id: string): Promise<void> {
  if (id === accountId.value) return
  if (replay.value !== undefined) await last
  if (replay.value === undefined) chooseAccount(id)
  else await leaveReplay('keep', id)
}

/** However one came to an account, its symbols are the ones in front; what was there before returns afterwards. */
export function followReplays(): void {
  watch(
    [replay, accountId],
    ([one], [last, lastAccount]) => {
      if (one?.id === last?.id) return
      armed.value = false
      replayTrouble.value = ''
      buffering.value = false
      if (one !== undefined && !one.symbols.includes(symbol.value)) {
        before ??= { account: last === undefined ? lastAccount : '', symbol: symbol.value }
        symbol.value = one.symbols[0] ?? symbol.value
      } else if (one === undefined && last?.symbols.includes(symbol.value)) symbol.value = presentSymbol()
      if (one === undefined) before = undefined
      follow()
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
}

const presentSymbol = () => before?.symbol ?? settings.watchlist[0] ?? symbol.value

/** What is left behind: kept as it is, with its positions closed, or gone with its account. */
export type Leaving = 'keep' | 'close' | 'discard'

/** Back to the present, or to the account that was asked for, with a line about how it went. */
export async function leaveReplay(how: Leaving = 'keep', to?: string): Promise<void> {
  const left = replay.value
  if (left === undefined || busy.value) return
  if (how !== 'discard' && left.state === 'playing' && !(await change(() => control(left.id, 'pause')))) return
  if (how === 'close' && !(await flatten(left.accountId))) return
  const told = `${left.id}: ${resultWords()}`
  if (to === undefined) toThePresent()
  else chooseAccount(to)
  if (how !== 'discard') {
    notify('information', `${told} It is kept, paused.`, { key: 'replay' })
    return
  }
  if (await change(() => discard(left.id))) notify('information', `${told} It is gone with its account.`, { key: 'replay' })
}

/** A replay and its account come to an end. */
export async function discard(id: string): Promise<undefined> {
  await rest.ask((signal) => rest.calls.DELETE(PATH, { params: { path: { replayId: id } }, signal }))
  await Promise.all([loadReplays(), loadAccounts()])
  return undefined
}

/** How many trades going back would remove; of very many, the last ones are counted. */
export const tradesText = (count: number) =>
  `${count}${count < RECENT_MAX ? '' : ' or more'} ${count === 1 ? 'trade' : 'trades'}`

function resultWords(): string {
  const { realizedPL = 0, unrealizedPL = 0, currency = '' } = equity.value ?? {}
  const held = positions.value.size
  const open = held === 0 ? '' : `, ${held} ${held === 1 ? 'position' : 'positions'} open`
  return `${tradesText(executions.value.length)}, result ${profitText(realizedPL + unrealizedPL, currency)} ${currency}${open}.`
}

/** Closes whatever is open; says so when something is left, since a price offers only so much. */
async function flatten(account: string): Promise<boolean> {
  busy.value = true
  try {
    const params = { path: { accountId: account } }
    await rest.ask((signal) => rest.calls.POST('/api/v1/broker/accounts/{accountId}/positions/flatten', { params, signal }))
    const left = await rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/positions', { params, signal }))
    if (left.length === 0) return true
    notify('warning', 'The price offers less than is held: the rest closes at the next prices. Go on by a bar, then leave.', {
      key: 'replay',
    })
  } catch (trouble) {
    say(trouble)
  } finally {
    busy.value = false
  }
  return false
}

function toThePresent(): void {
  clearTimeout(timer)
  armed.value = false
  const known = before
  before = undefined
  const paper = accounts.value.find(({ id }) => !replays.value.some((one) => one.accountId === id))
  symbol.value = known?.symbol ?? settings.watchlist[0] ?? symbol.value
  chooseAccount(known?.account || (paper?.id ?? ''))
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

/** The speed that was asked for last, until the server has it; once it is on its way, another wish is another one. */
let wish: { id: string; speed: number; sent: boolean; done: Promise<boolean> } | undefined

/** One request at a time: of what is wished meanwhile, the last goes after it. */
export function setSpeed(speed: number): Promise<boolean> {
  const id = replay.value?.id ?? ''
  if (wish?.id === id && !wish.sent) {
    wish.speed = speed
    return wish.done
  }
  const own = { id, speed, sent: false, done: Promise.resolve(false) }
  wish = own
  own.done = act((replayId) => {
    own.sent = true
    const params = { path: { replayId } }
    return rest.ask((signal) => rest.calls.PUT(`${PATH}/speed`, { params, body: { speed: own.speed }, signal }))
  }).finally(() => {
    if (wish === own) wish = undefined
  })
  return own.done
}

/** A step up or down, from the speed that is wished, also where the server does not play at it yet. */
export function faster(by: 1 | -1): void {
  const one = replay.value
  if (one === undefined) return
  const speed = wish?.id === one.id ? wish.speed : one.speed
  const next = by === 1 ? SPEEDS.find((each) => each > speed) : SPEEDS.findLast((each) => each < speed)
  if (next !== undefined) void setSpeed(next)
}

/** Counts jumps: what lies between then and now was not told bar by bar. */
export const jumps = ref(0)
export const seek = (time: number) =>
  act((id) =>
    rest.ask((signal) => rest.calls.POST(`${PATH}/seek`, { params: { path: { replayId: id } }, body: { time }, signal })),
  ).then((done) => {
    if (done) jumps.value += 1
  })

type StepBody = import('../generated/rest.js').StepRequest

/** What was pressed while the server still does what was pressed before; more than these are not meant. */
const ACTS_WAITING_MAX = 8
let waiting = 0
let last: Promise<boolean> = Promise.resolve(false)

/** One after the other: whoever picks a speed and presses Play at once wants both. Each in the replay it was pressed in. */
function act(send: (id: string) => Promise<Replay>): Promise<boolean> {
  const id = replay.value?.id
  if (id === undefined || waiting >= ACTS_WAITING_MAX) return Promise.resolve(false)
  waiting += 1
  last = last.then(async () => {
    const done = await change(() => send(id))
    waiting -= 1
    return done
  })
  return last
}

function say(trouble: unknown): void {
  notify('error', reasonText(trouble), { key: 'replay' })
}

/** Whether it was done; why not, where it was not, is said. */
async function change(send: () => Promise<Replay | undefined>): Promise<boolean> {
  busy.value = true
  try {
    const one = await send()
    if (one !== undefined) put(one)
    return true
  } catch (trouble) {
    say(trouble)
    return false
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
  if (one?.state !== 'playing') {
    still = 0
    buffering.value = false
    return
  }
  timer = setTimeout(() => void look(one), ASK_MS)
}

async function look(one: Replay): Promise<void> {
  try {
    const now = await rest.ask((signal) => rest.calls.GET(PATH, { params: { path: { replayId: one.id } }, signal }))
    still = now.now === one.now ? still + 1 : 0
    buffering.value = now.state === 'playing' && still >= STILL_LOOKS
    replayTrouble.value = ''
    put(now)
  } catch (trouble) {
    replayTrouble.value = reasonText(trouble)
    // Asked again with the next look, where this fails as well.
    if (trouble instanceof Refusal && trouble.status === NOT_FOUND) await leaveGone(one.id).catch(() => undefined)
  }
  follow()
}

/** It was discarded elsewhere, with its account: it can neither be paused nor stayed in. */
async function leaveGone(id: string): Promise<void> {
  await Promise.all([loadReplays(), loadAccounts()])
  notify('warning', `${id} has been discarded.`, { key: 'replay' })
}
