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
  pulsing?: boolean
}

export function lightOf(seen: Seen): Light {
  return seen.connection.state === 'open' ? connected(seen) : apart(seen)
}

function connected({ back = '', silent, medianMs, slowMs, zone }: Seen): Light {
  if (back !== '') return { shape: '●', tone: 'up', text: back }
  if (silent !== undefined) return { shape: '◆', tone: 'warn', text: `Venue silent since ${timeText(silent.since, zone)}` }
  if (slowMs !== undefined) return { shape: '◐', tone: 'warn', text: `Slow ${Math.round(slowMs)} ms` }
  return { shape: '●', tone: 'up', text: medianMs === undefined ? 'Live' : `Live ${Math.round(medianMs)} ms` }
}

function apart({ connection: { state, attempt, retryAt }, now, lostAt, zone }: Seen): Light {
  if (state === 'closed') return { shape: '■', tone: 'danger', text: 'Offline' }
  if (lostAt === undefined) return { shape: '○', tone: 'warn', text: 'Connecting', pulsing: true }
  if (now - lostAt >= OFFLINE_MS) return { shape: '■', tone: 'danger', text: `Offline since ${timeText(lostAt, zone)}. Retry` }
  const seconds = state === 'waiting' && retryAt !== undefined ? Math.max(0, Math.ceil((retryAt - now) / 1000)) : 0
  return {
    ...{ shape: '○', tone: 'warn', pulsing: true },
    text: `Reconnecting, try ${Math.max(1, attempt)}${seconds > 0 ? `, ${seconds} s` : ''}`,
  }
}
