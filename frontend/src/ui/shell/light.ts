import { timeText } from '../../state/format.js'
import type { Connection } from '../../wire/wire.js'

/** After so long without a connection it is not coming back by itself any moment; it is still tried. */
const OFFLINE_MS = 5_000

/** All that the light tells about. */
export interface Seen {
  connection: Connection
  now: number
  zone: 'UTC' | 'local'
  lostAt?: number | undefined
  back?: string
  silent?: { since: number; message: string } | undefined
  medianMs?: number | undefined
  slowMs?: number | undefined
}

/** Shapes differ, so that nobody needs to see the colour. */
export interface Light {
  shape: '●' | '◐' | '○' | '■' | '◆'
  tone: 'up' | 'warn' | 'danger' | 'quiet'
  text: string
  /** Where there is little room. */
  short: string
  pulsing?: boolean
}

export function lightOf(seen: Seen): Light {
  return seen.connection.state === 'open' ? connected(seen) : apart(seen)
}

function connected({ back = '', silent, medianMs, slowMs, zone }: Seen): Light {
  if (back !== '') return light('●', 'up', back, 'Back')
  if (silent !== undefined) return light('◆', 'warn', `Venue silent since ${timeText(silent.since, zone)}`, 'Venue silent')
  if (slowMs !== undefined) return light('◐', 'warn', `Slow ${Math.round(slowMs)} ms`)
  return light('●', 'up', medianMs === undefined ? 'Live' : `Live ${Math.round(medianMs)} ms`)
}

function apart({ connection: { state, attempt, retryAt }, now, lostAt, zone }: Seen): Light {
  if (state === 'closed') return light('■', 'danger', 'Offline')
  if (lostAt === undefined) return { ...light('○', 'warn', 'Connecting'), pulsing: true }
  if (now - lostAt >= OFFLINE_MS) {
    const since = timeText(lostAt, zone)
    return light('■', 'danger', `Offline since ${since}. Retry`, `Offline ${since}`)
  }
  const seconds = state === 'waiting' && retryAt !== undefined ? Math.max(0, Math.ceil((retryAt - now) / 1000)) : 0
  const text = `Reconnecting, try ${Math.max(1, attempt)}${seconds > 0 ? `, ${seconds} s` : ''}`
  return { ...light('○', 'warn', text, 'Reconnecting'), pulsing: true }
}

function light(shape: Light['shape'], tone: Light['tone'], text: string, short = text): Light {
  return { shape, tone, text, short }
}
