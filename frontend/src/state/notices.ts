import type { Notice } from '../generated/rest.js'
import { note, notify, type Toast, type Tone } from './notifications.js'
import { settings } from './settings.js'
import { traderWords } from './words.js'

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
  const text = before + traderWords(told.text)
  const tone: Tone = notice === 'fill' ? 'success' : type
  const kind = QUIETABLE[notice]
  if (kind !== undefined && !settings.notices[kind]) note(tone, text)
  else notify(tone, text, { key: orderId ?? id, ...rest })
}
