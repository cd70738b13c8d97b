import { expect, it } from 'vitest'
import type { PlacedOrder } from '../../src/generated/topics.js'
import { shown } from '../../src/ui/tables/grid.js'
import { orderColumns, orderName } from '../../src/ui/tables/order-rows.js'
import { crypto } from './terms.js'

const order = {
  ...{ id: 'o10', symbol: 'DEMO:BTCUSD', side: -1, qty: 0.5, status: 6 },
  ...{ type: 4, stopPrice: 70_000, limitPrice: 69_990.5 },
} as PlacedOrder

it('a stop-limit tells its stop and its limit, any other its price', () => {
  const { price } = orderColumns(() => crypto(), 'UTC')
  expect(shown(price, order)).toBe('70,000.00, limit 69,990.50')
  expect(shown(price, { ...order, type: 3 })).toBe('70,000.00')
})

it('is named among others of its symbol', () => {
  expect(orderName(order)).toBe('BTCUSD order, stop limit to sell 0.5')
})
