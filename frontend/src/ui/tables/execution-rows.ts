import type { Execution } from '../../generated/topics.js'
import { moneyText, nameOf, priceText, profitText, timeText } from '../../state/format.js'
import { sizeWords } from '../ticket/sentence.js'
import type { Terms } from '../ticket/terms.js'
import type { Column } from './grid.js'

export function executionColumns(
  termsOf: (symbol: string) => Terms | undefined,
  currency: string,
  zone: 'UTC' | 'local',
): Column<Execution>[] {
  return [
    {
      ...{ id: 'time', title: 'Time', value: ({ time }) => time },
      text: ({ time }) => timeText(time, zone),
      hint: ({ time }) => new Date(time).toISOString(),
    },
    { id: 'symbol', title: 'Symbol', value: ({ symbol }) => nameOf(symbol), hint: ({ id }) => id },
    {
      ...{ id: 'side', title: 'Side', value: ({ side }) => (side === 1 ? 'Buy' : 'Sell') },
      text: ({ side }) => (side === 1 ? '▲ Buy' : '▼ Sell'),
      tone: ({ side }) => (side === 1 ? 'buy' : 'sell'),
    },
    {
      ...{ id: 'qty', title: 'Size', number: true, value: ({ qty }) => qty },
      text: ({ qty, symbol }) => {
        const terms = termsOf(symbol)
        return terms === undefined ? String(qty) : sizeWords(qty, terms)
      },
    },
    {
      ...{ id: 'price', title: 'Price', number: true, value: ({ price }) => price },
      text: ({ price, symbol }) => priceText(price, termsOf(symbol)?.instrument.minTick ?? 0.01),
    },
    {
      ...{ id: 'fee', title: `Fee, ${currency}`, number: true, value: ({ commission }) => commission },
      text: ({ commission }) => moneyText(commission, currency),
    },
    {
      ...{ id: 'profit', title: `Profit, ${currency}`, number: true, value: ({ profit }) => profit },
      text: ({ profit }) => profitText(profit, currency),
      tone: ({ profit }) => (profit > 0 ? 'up' : profit < 0 ? 'down' : 'quiet'),
    },
    { id: 'order', title: 'Order', value: ({ orderId }) => orderId },
    { id: 'why', title: 'Why this price', value: () => undefined, acts: true },
  ]
}
