import type { Notice } from '../generated/rest.js'
import { traderWords } from './words.js'

/** A market before the name of a symbol. */
const MARKET = /(?<![\w/:.])[A-Z][A-Z0-9_]*:(?=[A-Z0-9])/g

/** What an account's log says, as the page says things: symbols by their names, no ids, true minuses. */
export function noticeWords({ text, orderId }: Pick<Notice, 'text' | 'orderId'>): string {
  const plain = orderId == null ? text : text.replaceAll(` ${orderId} `, ' ')
  return traderWords(plain.replace(MARKET, ''))
    .replace(/^(Deposited|Withdrawn): /, '$1 ')
    .replace(/(?<=[ (])-(?=\d)/g, '−')
}
