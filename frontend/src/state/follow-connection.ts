import { watch } from 'vue'
import type { Return } from '../wire/conversation.js'
import { accountId } from './account.js'
import { back, connection, lostAt, lostBecause, silent } from './connection.js'
import { armed } from './desk.js'
import { wire } from './house.js'
import { notify } from './notifications.js'
import { signInAsked } from './visit.js'

/** So long the light says that one is back. */
const BACK_MS = 6_000

/** Says when the socket is lost, when it is back and what that brought, and when an account has no venue. */
export function followConnection(): void {
  let over: ReturnType<typeof setTimeout> | undefined
  let met = false
  watch(connection, ({ state, reason }) => {
    met ||= state === 'open'
    if (state !== 'waiting' || lostAt.value !== undefined) return
    // Who has yet to sign in was not there before.
    if (signInAsked.value && !met) return
    lostAt.value = Date.now()
    lostBecause.value = reason ?? ''
    armed.value = false
    if (signInAsked.value) return
    notify('warning', 'Connection lost. Reconnecting; nothing will be sent.', { key: 'connection', stays: true })
  })
  wire.onReturn((found) => {
    if (lostAt.value === undefined) return
    const text = returnWords(Date.now() - lostAt.value, found)
    lostAt.value = undefined
    back.value = text.slice(0, text.indexOf('.'))
    clearTimeout(over)
    over = setTimeout(() => {
      back.value = ''
    }, BACK_MS)
    const afresh = found.afresh.length > 0
    notify(afresh ? 'warning' : 'success', text, { key: 'connection', stays: afresh })
  })
  addEventListener('online', () => wire.retryNow())
  followVenue()
}

/** A trader's question after a cut: what have I missed? */
export function returnWords(awayMs: number, { updates, afresh }: Return): string {
  const away = `Back after ${awayText(awayMs)}.`
  if (afresh.length > 0) return `${away} History was too short; state loaded afresh, check your orders.`
  if (updates === 0) return `${away} Nothing happened on your account meanwhile.`
  return `${away} ${updates} ${updates === 1 ? 'update' : 'updates'} caught up, none lost.`
}

function awayText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

function followVenue(): void {
  let stop = () => {}
  watch(
    accountId,
    (id) => {
      stop()
      silent.value = undefined
      if (id === '') return
      stop = wire.listen('broker-connection', { accountId: id }, (heard) => {
        const told = heard.kind === 'state' ? heard.state : heard.kind === 'update' ? heard.value : undefined
        if (told === undefined) return
        const { status, message = 'The venue does not answer.', timestamp } = told
        const was = silent.value
        silent.value = status === 1 ? undefined : { since: was?.since ?? timestamp, message }
        if (status !== 1 && was === undefined) notify('warning', message, { key: 'venue', stays: true })
        if (status === 1 && was !== undefined) notify('success', 'The venue answers again.', { key: 'venue' })
      })
    },
    { immediate: true },
  )
}
