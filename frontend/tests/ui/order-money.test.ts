import { expect, it } from 'vitest'
import type { Execution, PlacedOrder } from '../../src/generated/topics.js'
import { shown } from '../../src/ui/tables/grid.js'
import { moneyColumns, moneyOf, unknownOf } from '../../src/ui/tables/order-money.js'

const fill = (orderId: string, qty: number, commission: number, profit: number) =>
  ({ orderId, qty, commission, profit }) as Execution
const order = (id: string, filledQty: number) => ({ id, filledQty, qty: 3 }) as PlacedOrder
const orders = [order('1', 0.3), order('2', 1), order('3', 0)]
const fills = [fill('1', 0.1, 1, 0), fill('1', 0.2, 2, -1250.5), fill('2', 1, 4, 20)]

it('adds up what the fills of each order have cost and brought, and of all that are shown', () => {
  const [fee, profit] = moneyColumns(moneyOf(fills), 'USD')
  expect(orders.map((row) => fee && shown(fee, row))).toEqual(['3.00', '4.00', '–'])
  expect(orders.map((row) => profit && shown(profit, row))).toEqual(['−1,250.50', '+20.00', '–'])
  expect(fee?.total?.(orders)).toEqual({ text: '7.00', tone: '' })
  expect(profit?.total?.(orders)).toEqual({ text: '−1,230.50', tone: 'down' })
  expect(profit?.total?.(orders.slice(1))).toMatchObject({ text: '+20.00', tone: 'up' })
})

it('says nothing of an order until all of its fills are known, and marks the sum', () => {
  const known = moneyOf(fills.slice(1))
  expect(unknownOf(orders, known)).toBe(1)
  const [fee] = moneyColumns(known, 'USD')
  expect(fee && shown(fee, orders[0] as PlacedOrder)).toBe('–')
  expect(fee?.total?.(orders)).toMatchObject({ text: '4.00 …', hint: 'Without 1 order whose fills are still asked for' })
})
