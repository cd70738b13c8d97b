import type { Notice } from '../../generated/rest.js'
import { nameOf, timeText } from '../../state/format.js'
import type { LogLine, Tone } from '../../state/notifications.js'
import type { Column } from './grid.js'

/** A line of the log: said by the server about the account, or by this page. */
export interface LogRow {
  id: string
  time: number
  tone: Tone
  text: string
  about: string
  from: 'account' | 'page'
}

export function noticeRow({ id, time, type, text, symbol, notice }: Notice): LogRow {
  const about = symbol === undefined || symbol === null ? notice.replaceAll('_', ' ') : nameOf(symbol)
  return { id, time, tone: type ?? 'information', text, about, from: 'account' }
}

/** What the account's log says as well is told once, by the account. */
export function logRows(notices: readonly LogRow[], lines: readonly LogLine[]): readonly LogRow[] {
  const told = new Set(notices.map(({ text }) => text))
  const own = lines
    .filter(({ text }) => !told.has(text))
    .map(({ id, time, tone, text }): LogRow => ({ id: `page ${id}`, time, tone, text, about: 'page', from: 'page' }))
  return [...notices, ...own].sort((one, other) => other.time - one.time)
}

const TONE_WORDS: Readonly<Record<Tone, string>> = { information: '', success: 'Done', warning: 'Warning', error: 'Refused' }

export function logColumns(zone: 'UTC' | 'local'): Column<LogRow>[] {
  return [
    {
      ...{ id: 'time', title: 'Time', value: ({ time }) => time },
      text: ({ time }) => timeText(time, zone),
      hint: ({ time }) => new Date(time).toISOString(),
    },
    {
      ...{ id: 'tone', title: 'Kind', value: ({ tone }) => TONE_WORDS[tone] },
      tone: ({ tone }) => (tone === 'error' ? 'danger' : tone === 'warning' ? 'warn' : 'quiet'),
    },
    { id: 'about', title: 'About', value: ({ about }) => about, tone: () => 'quiet' },
    { id: 'text', title: 'What happened', value: ({ text }) => text, hint: ({ text }) => text },
  ]
}
