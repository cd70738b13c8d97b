import { ref, watch } from 'vue'
import type { Tokens } from '../generated/rest.js'
import { Refusal, Rest } from '../rest/client.js'
import { forgetAccounts, loadAccounts } from './account.js'
import { connection } from './connection.js'
import { armed } from './desk.js'
import { wire } from './house.js'
import { forgetImports } from './imports.js'
import { libraryPath } from './library.js'
import { dismiss, forgetNotifications, notify } from './notifications.js'
import { loadReplays, replays } from './replay.js'
import { forgetSent } from './sent.js'
import { admit, onRenewal, shutOut, signInAsked, visit } from './visit.js'
import { reasonText } from './words.js'

/** The server ends a socket with this when its session has ended. */
const SIGN_IN_CODE = 4401
/** Tokens are renewed this much before their end, or after half their life where that is short. */
const EARLY_MS = 60_000
const RENEW_MS_MIN = 1_000
/** The pause before the server is asked again, when it could not be reached. */
const AGAIN_MS = 3_000
const UNAUTHORIZED = 401
const ENDED = 'Your session has ended. Sign in again: the desk stays as you left it.'

/** Whoever asks here needs no token. */
const door = new Rest({ base: location.origin })
/** Another number for each person whose desk this is, so that nobody finds what another has left. */
export const desk = ref(0)
/** Who signed in last; the form knows the login. */
export const person = ref('')
let again: ReturnType<typeof setTimeout> | undefined
let failed = ''
let renewal: ReturnType<typeof setTimeout> | undefined
let renewing: Promise<boolean> | undefined

/** Load what the page stands on; where the server wants to know who is calling, ask, and go on after that. */
export async function begin(): Promise<void> {
  clearTimeout(again)
  try {
    if (visit.value === undefined && (await mustSignIn())) return shutOut()
    admit()
    await loadAccounts()
    await loadReplays()
    dismiss('begin')
    failed = ''
  } catch (trouble) {
    if (signInAsked.value) return
    clearTimeout(again)
    again = setTimeout(() => void begin(), AGAIN_MS)
    const text = reasonText(trouble)
    if (text === failed) return
    failed = text
    notify('error', text, { key: 'begin', stays: true, action: { label: 'Retry', act: () => void begin() } })
  }
}

async function mustSignIn(): Promise<boolean> {
  const headers = { Accept: 'application/json' }
  const { authentication, tradingViewLibrary } = await door.ask((signal) => door.calls.GET('/', { headers, signal }))
  libraryPath.value = tradingViewLibrary
  return authentication === true
}

/** A session that ends while the page is open ends here as well. */
export function followSession(): void {
  onRenewal(renew)
  watch(connection, async ({ code, state }) => {
    if (state === 'waiting' && code === SIGN_IN_CODE && !signInAsked.value && (await renew())) wire.retryNow()
  })
  watch(signInAsked, (asked) => {
    if (asked) armed.value = false
  })
}

export async function signIn(login: string, password: string): Promise<void> {
  const tokens = await door.ask((signal) => door.calls.POST('/api/v1/auth/token', { body: { login, password }, signal }))
  if (person.value !== '' && person.value !== tokens.login) {
    forgetAccounts()
    forgetNotifications()
    replays.value = []
    forgetSent()
    forgetImports()
    desk.value += 1
  }
  person.value = tokens.login
  keep(tokens)
  await begin()
  wire.retryNow()
}

/** Nothing of the visit stays: the page is loaded anew. */
export async function signOut(): Promise<void> {
  const refreshToken = visit.value?.refreshToken
  clearTimeout(renewal)
  person.value = ''
  shutOut()
  if (refreshToken !== undefined) {
    await door
      .ask((signal) => door.calls.POST('/api/v1/auth/logout', { body: { refreshToken }, signal }))
      .catch(() => undefined)
  }
  location.reload()
}

function keep({ accessToken, refreshToken, expiresIn, login }: Tokens): void {
  clearTimeout(renewal)
  if (refreshToken === undefined) throw new Error('Expected a refresh token with the access token, found none')
  visit.value = { accessToken, refreshToken, login }
  const lasts = expiresIn * 1000
  renewal = setTimeout(() => void renew(), Math.max(RENEW_MS_MIN, lasts - EARLY_MS, lasts / 2))
}

/** Whether there are other tokens now. Whoever asks meanwhile gets the same answer. */
function renew(): Promise<boolean> {
  renewing ??= renewed().finally(() => {
    renewing = undefined
  })
  return renewing
}

async function renewed(): Promise<boolean> {
  clearTimeout(renewal)
  const refreshToken = visit.value?.refreshToken
  try {
    if (refreshToken !== undefined) {
      keep(await door.ask((signal) => door.calls.POST('/api/v1/auth/refresh', { body: { refreshToken }, signal })))
      return true
    }
  } catch (trouble) {
    if (!(trouble instanceof Refusal) || trouble.status !== UNAUTHORIZED) {
      renewal = setTimeout(() => void renew(), AGAIN_MS)
      return false
    }
  }
  // Of several answers that come in unknown, the first has said why.
  if (!signInAsked.value) shutOut(refreshToken === undefined ? '' : ENDED)
  return false
}
