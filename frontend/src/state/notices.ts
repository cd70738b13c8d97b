import type { Notice } from '../generated/rest.js'
import { noticeWords } from './notice-words.js'
import { note, notify, type Toast, type Tone } from './notifications.js'
import { settings } from './settings.js'
import { tellsOf } from './told-here.js'

/** News that may be only written down; refusals, margin and locks are always shown. */
const QUIETABLE: Readonly<Partial<Record<Notice['notice'], keyof typeof settings.notices>>> = {
  fill: 'fills',
  cancellation: 'orders',
  expiry: 'orders',
  deposit: 'money',
  withdrawal: 'money',
  swap: 'money',
  dividend: 'money',
  correction: 'money',
}

/** Says what an account's log says, as a toast or, where that was chosen, in the Log alone. */
export function tell(told: Notice, more: Partial<Pick<Toast, 'stays'>> & { before?: string } = {}): void {
  const { notice, orderId, id, type } = told
  const { before = '', ...rest } = more
  const text = before + noticeWords(told)
  const tone: Tone = notice === 'fill' ? 'success' : type
  const kind = QUIETABLE[notice]
  const twice = notice === 'cancellation' && orderId != null && tellsOf(orderId)
  if (twice || (kind !== undefined && !settings.notices[kind])) note(tone, text)
  else notify(tone, text, { key: orderId ?? id, ...rest })
}
