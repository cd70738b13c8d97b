import type { Notice } from '../../generated/rest.js'
import { curlOf, type Sent } from '../../state/curl.js'
import { nameOf } from '../../state/format.js'
import { noticeWords } from '../../state/notice-words.js'
import type { LogLine, Tone } from '../../state/notifications.js'
import { type Column, timeColumn } from './grid.js'

/** A line of the log: said by the server about the account, or by this page. */
export interface LogRow {
  id: string
  time: number
  tone: Tone
  text: string
  about: string
  from: 'account' | 'page' | 'sent'
  /** Asks the server for what this line is about, or for the same again. */
  curl: string
}

export function noticeRow(told: Notice, account: string): LogRow {
  const { id, time, type, symbol, notice, orderId, executionId } = told
  const what = executionId ? `executions/${executionId}/explain` : orderId ? `orders/${orderId}` : 'notices?limit=20'
  const curl = curlOf({ method: 'GET', url: `${account}/${what}`, body: '' })
  const about = symbol === undefined || symbol === null ? notice.replaceAll('_', ' ') : nameOf(symbol)
  return { id, time, tone: type ?? 'information', text: noticeWords(told), about, from: 'account', curl }
}

/** What the account's log says as well is told once, by the account. */
export function logRows(notices: readonly LogRow[], lines: readonly LogLine[]): readonly LogRow[] {
  const told = new Set(notices.map(({ text }) => text))
  const own = lines
    .filter(({ text }) => !told.has(text))
    .map(({ id, time, tone, text }): LogRow => ({ id: `page ${id}`, time, tone, text, about: 'page', from: 'page', curl: '' }))
  return [...notices, ...own].sort((one, other) => other.time - one.time)
}

/** Commands of this page with what they were answered, among the other lines. */
export function withSent(rows: readonly LogRow[], sent: readonly Sent[]): readonly LogRow[] {
  const asked = sent.map((one): LogRow => {
    const { id, time, method, url, body, status } = one
    const answer = status === 0 ? 'no answer' : String(status)
    const text = `${method} ${new URL(url).pathname}${body === '' ? '' : ` ${body}`} → ${answer}`
    const tone = status >= 200 && status < 300 ? 'information' : 'error'
    return { ...{ id: `sent ${id}`, time, tone, text, about: 'request' }, from: 'sent', curl: curlOf(one) }
  })
  return [...rows, ...asked].sort((one, other) => other.time - one.time)
}

const TONE_WORDS: Readonly<Record<Tone, string>> = { information: '', success: 'Done', warning: 'Warning', error: 'Refused' }

export function logColumns(zone: 'UTC' | 'local'): Column<LogRow>[] {
  return [
    { ...timeColumn('time', 'Time', ({ time }) => time, zone), lead: true },
    {
      ...{ id: 'tone', title: 'Kind', value: ({ tone }) => TONE_WORDS[tone] },
      tone: ({ tone }) => (tone === 'error' ? 'danger' : tone === 'warning' ? 'warn' : 'quiet'),
    },
    { id: 'about', title: 'About', value: ({ about }) => about, tone: () => 'quiet' },
    { id: 'text', title: 'What happened', value: ({ text }) => text, lead: true, wraps: true, hint: ({ text }) => text },
    { id: 'acts', title: '', value: () => undefined, acts: true },
  ]
}
