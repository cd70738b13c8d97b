import type { Execution } from '../../generated/topics.js'
import { moneyText, nameOf, priceText, profitText } from '../../state/format.js'
import { sizeText } from '../../state/sizes.js'
import type { Terms } from '../ticket/terms.js'
import { type Column, timeColumn } from './grid.js'

const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0)
const toneOf = (profit: number) => (profit > 0 ? 'up' : profit < 0 ? 'down' : 'quiet')

export function executionColumns(
  termsOf: (symbol: string) => Terms | undefined,
  currency: string,
  zone: 'UTC' | 'local',
): Column<Execution>[] {
  return [
    timeColumn('time', 'Time', ({ time }) => time, zone),
    { id: 'symbol', title: 'Symbol', lead: true, value: ({ symbol }) => nameOf(symbol), hint: ({ id }) => id },
    {
      ...{ id: 'side', title: 'Side', lead: true, value: ({ side }) => (side === 1 ? 'Buy' : 'Sell') },
      text: ({ side }) => (side === 1 ? '▲ Buy' : '▼ Sell'),
      tone: ({ side }) => (side === 1 ? 'buy' : 'sell'),
    },
    {
      ...{ id: 'qty', title: 'Size', lead: true, number: true, value: ({ qty }) => qty },
      text: ({ qty, symbol }) => sizeText(qty, termsOf(symbol)?.instrument),
    },
    {
      ...{ id: 'price', title: 'Price', lead: true, number: true, value: ({ price }) => price },
      text: ({ price, symbol }) => priceText(price, termsOf(symbol)?.instrument.minTick ?? 0.01),
    },
    {
      ...{ id: 'fee', title: `Fee, ${currency}`, number: true, value: ({ commission }) => commission },
      text: ({ commission }) => moneyText(commission, currency),
      total: (rows) => ({ text: moneyText(sum(rows.map(({ commission }) => commission)), currency) }),
    },
    {
      ...{ id: 'profit', title: `Profit, ${currency}`, number: true, value: ({ profit }) => profit },
      text: ({ profit }) => profitText(profit, currency),
      tone: ({ profit }) => toneOf(profit),
      total: (rows) => {
        const won = sum(rows.map(({ profit }) => profit))
        return { text: profitText(won, currency), tone: toneOf(won) }
      },
    },
    { id: 'order', title: 'Order', value: ({ orderId }) => orderId },
    { id: 'why', title: 'Why this price', value: () => undefined, acts: true },
  ]
}
