import type { Notice } from '../generated/rest.js'
import { moneyText } from './format.js'
import { sizeOfSymbol } from './sizes.js'
import { traderWords } from './words.js'

/** A size before its symbol. */
const SIZED = /(?<![\w.])(\d+(?:\.\d+)?) ([A-Z][A-Z0-9_]*:\S*\w)/g
const sizedWords = (_: string, units: string, symbol: string) => `${sizeOfSymbol(Number(units), symbol)} ${symbol}`

const PAID = /^(Deposited|Withdrawn): ([\d.]+) ([A-Z]{3})$/
const paidWords = (_: string, word: string, amount: string, currency: string) =>
  `${word} ${moneyText(Number(amount), currency)} ${currency}`

/** What an account's log says, as the page says things: symbols by their names, sizes in lots, no ids, true minuses. */
export function noticeWords({ text, orderId }: Pick<Notice, 'text' | 'orderId'>): string {
  const plain = orderId == null ? text : text.replaceAll(` ${orderId} `, ' ')
  return traderWords(plain.replace(SIZED, sizedWords).replace(PAID, paidWords)).replace(/(?<=[ (])-(?=\d)/g, '−')
}
