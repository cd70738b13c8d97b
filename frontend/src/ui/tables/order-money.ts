import type { Execution, PlacedOrder } from '../../generated/topics.js'
import { moneyText, profitText } from '../../state/format.js'
import type { Column, Total } from './grid.js'

/** What an order's fills have cost and brought. */
export interface OrderMoney {
  qty: number
  fee: number
  profit: number
}

type Known = ReadonlyMap<string, OrderMoney>

export function moneyOf(fills: readonly Execution[]): Known {
  const known = new Map<string, OrderMoney>()
  for (const { orderId, qty, commission, profit } of fills) {
    const before = known.get(orderId) ?? { qty: 0, fee: 0, profit: 0 }
    known.set(orderId, { qty: before.qty + qty, fee: before.fee + commission, profit: before.profit + profit })
  }
  return known
}

/** Sizes are sums of binary fractions. */
const NOISE = 1e-9

/** Nothing was filled: no money. Not all of its fills are known: nothing can be said yet. */
function of({ id, filledQty }: PlacedOrder, known: Known): OrderMoney | undefined {
  const found = known.get(id)
  return found === undefined || found.qty < filledQty * (1 - NOISE) ? undefined : found
}

/** Filled orders of which more fills have to be asked for. */
export function unknownOf(orders: readonly PlacedOrder[], known: Known): number {
  return orders.filter((order) => order.filledQty > 0 && of(order, known) === undefined).length
}

export function moneyColumns(known: Known, currency: string): Column<PlacedOrder>[] {
  const totalOf = (part: 'fee' | 'profit', words: (sum: number) => string) => {
    return (rows: readonly PlacedOrder[]): Total => {
      const sum = rows.reduce((all, row) => all + (of(row, known)?.[part] ?? 0), 0)
      const without = unknownOf(rows, known)
      const tone = part === 'fee' ? '' : toneOf(sum)
      return without === 0
        ? { text: words(sum), tone }
        : {
            text: `${words(sum)} …`,
            tone,
            hint: `Without ${without} ${without === 1 ? 'order' : 'orders'} whose fills are still asked for`,
          }
    }
  }
  const fee = (sum: number | undefined) => moneyText(sum, currency)
  const profit = (sum: number | undefined) => profitText(sum, currency)
  return [
    {
      ...{ id: 'fee', title: `Fee, ${currency}`, number: true, value: (row) => of(row, known)?.fee },
      text: (row) => fee(of(row, known)?.fee),
      total: totalOf('fee', fee),
    },
    {
      ...{ id: 'profit', title: `Profit, ${currency}`, number: true, lead: true, value: (row) => of(row, known)?.profit },
      text: (row) => profit(of(row, known)?.profit),
      tone: (row) => toneOf(of(row, known)?.profit ?? 0),
      hint: () => 'Booked by what it closed, before fees',
      total: totalOf('profit', profit),
    },
  ]
}

function toneOf(profit: number): string {
  return profit > 0 ? 'up' : profit < 0 ? 'down' : 'quiet'
}
