import { watch } from 'vue'
import type { Tokens } from '../generated/rest.js'
import { Refusal } from '../rest/client.js'
import { loadAccounts } from './account.js'
import { connection } from './connection.js'
import { rest, wire } from './house.js'
import { notify } from './notifications.js'
import { admit, shutOut, signInAsked, visit } from './visit.js'

/** The server ends a socket with this when its session has ended. */
const SIGN_IN_CODE = 4401
/** Tokens are renewed this much before their end, and never more often than every few seconds. */
const EARLY_MS = 60_000
const RENEW_MS_MIN = 5_000
const UNAUTHORIZED = 401

let renewal: ReturnType<typeof setTimeout> | undefined

/** Load what the page stands on; where the server wants to know who is calling, ask, and go on after that. */
export async function begin(): Promise<void> {
  try {
    await loadAccounts()
    admit()
  } catch (trouble) {
    if (askedToSignIn(trouble)) return
    admit()
    const text = trouble instanceof Error ? trouble.message : String(trouble)
    notify('error', text, { key: 'begin', stays: true, action: { label: 'Retry', act: () => void begin() } })
  }
}

/** Shows the form if that is what was wrong. */
export function askedToSignIn(trouble: unknown): boolean {
  if (!(trouble instanceof Refusal) || trouble.status !== UNAUTHORIZED) return false
  shutOut()
  return true
}

export function followSession(): void {
  watch(connection, ({ code, state }) => {
    if (state === 'waiting' && code === SIGN_IN_CODE && !signInAsked.value) void renew()
  })
}

export async function signIn(login: string, password: string): Promise<void> {
  keep(await rest.ask((signal) => rest.calls.POST('/api/v1/auth/token', { body: { login, password }, signal })))
  await begin()
  wire.retryNow()
}

export async function signOut(): Promise<void> {
  const refreshToken = visit.value?.refreshToken
  clearTimeout(renewal)
  if (refreshToken !== undefined) {
    await rest
      .ask((signal) => rest.calls.POST('/api/v1/auth/logout', { body: { refreshToken }, signal }))
      .catch(() => undefined)
  }
  shutOut()
}

function keep({ accessToken, refreshToken, expiresIn, login }: Tokens): void {
  clearTimeout(renewal)
  if (refreshToken === undefined) throw new Error('Expected a refresh token with the access token, found none')
  visit.value = { accessToken, refreshToken, login }
  renewal = setTimeout(() => void renew(), Math.max(RENEW_MS_MIN, expiresIn * 1000 - EARLY_MS))
}

async function renew(): Promise<void> {
  const refreshToken = visit.value?.refreshToken
  if (refreshToken === undefined) return shutOut()
  try {
    keep(await rest.ask((signal) => rest.calls.POST('/api/v1/auth/refresh', { body: { refreshToken }, signal })))
    wire.retryNow()
  } catch (trouble) {
    if (trouble instanceof Refusal) {
      shutOut()
      notify('warning', 'The session has ended. Sign in again, and work goes on where it was.', { key: 'session' })
    } else renewal = setTimeout(() => void renew(), RENEW_MS_MIN)
  }
}
