import type { InstrumentInfo } from '../generated/rest.js'
import { priceText } from '../state/format.js'
import { OrderType } from '../tradingview/numbers.js'

/** What can be done at a price; pure, so that what is offered can be held to examples. */
export type Act =
  | { kind: 'order'; side: 1 | -1; type: 1 | 3; price: number }
  | { kind: 'market'; side: 1 | -1 }
  | { kind: 'protect'; positionId: string; field: 'takeProfit' | 'stopLoss'; price: number }
  | { kind: 'close'; positionId: string; half: boolean }
  | { kind: 'reverse'; positionId: string }
  | { kind: 'copy'; price: number }

export interface Item {
  label: string
  act: Act
}

interface Standing {
  id: string
  side: 1 | -1
  title: string
}

/** Only what the market's side of the price allows: a buy below it waits as a limit, above it as a stop. */
export function itemsAt(
  price: number,
  quote: { bid?: number; ask?: number },
  positions: readonly Standing[],
  { minTick }: Pick<InstrumentInfo, 'minTick'>,
): Item[] {
  const at = priceText(price, minTick)
  const items: Item[] = []
  const add = (label: string, act: Act) => items.push({ label, act })
  for (const side of [1, -1] as const) {
    const market = side === 1 ? quote.ask : quote.bid
    if (market === undefined || price === market) continue
    const limit = side === 1 ? price < market : price > market
    const type = limit ? OrderType.Limit : OrderType.Stop
    add(`${side === 1 ? 'Buy' : 'Sell'} ${limit ? 'limit' : 'stop'} at ${at}`, { kind: 'order', side, type, price })
  }
  add('Buy at market', { kind: 'market', side: 1 })
  add('Sell at market', { kind: 'market', side: -1 })
  for (const { id, side, title } of positions) {
    const mark = side === 1 ? quote.bid : quote.ask
    const field = mark !== undefined && price > mark === (side === 1) ? 'takeProfit' : 'stopLoss'
    const name = field === 'takeProfit' ? 'Take profit' : 'Stop loss'
    add(`${name} of ${title} at ${at}`, { kind: 'protect', positionId: id, field, price })
    add(`Close ${title}`, { kind: 'close', positionId: id, half: false })
    add(`Reverse ${title}`, { kind: 'reverse', positionId: id })
  }
  add(`Copy ${at}`, { kind: 'copy', price })
  return items
}
