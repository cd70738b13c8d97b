import { describe, expect, it } from 'vitest'
import { announcements, catchUp, vanished } from '../../src/broker/announce.js'
import { Book, type Call } from '../../src/broker/book.js'
import type { Execution, PlacedOrder, Position } from '../../src/generated/topics.js'
import type { Told } from '../../src/wire/account-stream.js'

const [CANCELED, FILLED, INACTIVE, PLACING, WORKING] = [1, 2, 3, 4, 6] as const

const order = (id: string, status: PlacedOrder['status'], more: Partial<PlacedOrder> = {}): PlacedOrder => ({
  ...{ id, status, symbol: 'S', type: 1, side: 1, qty: 10, limitPrice: 1, filledQty: status === FILLED ? 10 : 0 },
  ...{ duration: { type: 'GTC' }, triggered: false, isClose: false, placeTime: 0, updateTime: 0 },
  ...more,
})
const bracket = (id: string, status: PlacedOrder['status'], parentId: string) =>
  order(id, status, { parentId, parentType: parentId === 'S' ? 2 : 1, origin: 'p' })
const position = (qty: number): Position => ({ id: 'S', symbol: 'S', side: 1, qty, avgPrice: 1, updateTime: 0 })
const execution = (orderId: string, id = 'x', time = 1): Execution => ({
  ...{ id, orderId, positionId: 'S', symbol: 'S', side: 1, qty: 10, price: 1, time, commission: 0, profit: 0 },
})
const told = (more: Partial<Told>): Told => ({
  fact: 1,
  emptied: false,
  executions: [],
  orders: [],
  positions: [],
  'individual-positions': [],
  ...more,
})
const words = (calls: Call[]) =>
  calls.map(({ kind, value }) =>
    kind === 'order' ? `${value.id}:${value.status}` : kind === 'position' ? `${kind}:${value.qty}` : kind,
  )

function known(...orders: PlacedOrder[]): Book {
  const book = new Book()
  for (const value of orders) book.told({ kind: 'order', value })
  return book
}

describe('a fact is told', () => {
  it('as execution, position, order, brackets when the order brought brackets', () => {
    const book = known(order('p', WORKING, { takeProfit: 2 }), bracket('tp', INACTIVE, 'p'))
    const fact = told({
      executions: [execution('p')],
      orders: [order('p', FILLED, { takeProfit: 2 }), bracket('tp', WORKING, 'S')],
      positions: [position(10)],
    })
    expect(words(announcements(fact, book))).toEqual(['execution', 'position:10', 'p:2', 'tp:6'])
  })

  it('likewise when the brackets were removed and only their traces are left', () => {
    const book = known(order('p', WORKING), bracket('tp', INACTIVE, 'p'))
    const fact = told({ executions: [execution('p')], orders: [order('p', FILLED)], positions: [position(10)] })
    expect(words(announcements(fact, book))).toEqual(['execution', 'position:10', 'p:2'])
  })

  it('as execution, order, position when it brought none', () => {
    const fact = told({ executions: [execution('p')], orders: [order('p', FILLED)], positions: [position(10)] })
    expect(words(announcements(fact, known(order('p', WORKING))))).toEqual(['execution', 'p:2', 'position:10'])
  })

  it('as execution, filled bracket, cancelled sibling, position when a bracket closes', () => {
    const book = known(bracket('tp', WORKING, 'S'), bracket('sl', WORKING, 'S'))
    const fact = told({
      executions: [execution('tp')],
      orders: [bracket('tp', FILLED, 'S'), bracket('sl', CANCELED, 'S')],
      positions: [position(0)],
    })
    expect(words(announcements(fact, book))).toEqual(['execution', 'tp:2', 'sl:1', 'position:0'])
  })

  it('as position, brackets when protection changes', () => {
    const fact = told({ orders: [bracket('sl', WORKING, 'S')], positions: [position(10)] })
    expect(words(announcements(fact, new Book()))).toEqual(['position:10', 'sl:6'])
  })

  it('with working before filled, when that was never said', () => {
    const fact = told({
      executions: [execution('p')],
      orders: [order('p', FILLED, { avgPrice: 1 })],
      positions: [position(10)],
    })
    const calls = announcements(fact, known(order('p', PLACING)))
    expect(words(calls)).toEqual(['p:6', 'execution', 'p:2', 'position:10'])
    expect(calls[0]?.value).toMatchObject({ filledQty: 0 })
    expect(calls[0]?.value).not.toHaveProperty('avgPrice')
  })

  it('once: an execution that is known and an order that has ended are left out', () => {
    const book = known(order('p', WORKING), order('p', CANCELED))
    book.told({ kind: 'execution', value: execution('p') })
    expect(announcements(told({ executions: [execution('p')], orders: [order('p', WORKING)] }), book)).toEqual([])
  })

  it('with the end of everything that was there when the account begins anew', () => {
    const book = known(order('a', WORKING), order('b', WORKING))
    book.told({ kind: 'position', value: position(10) })
    const fact = told({ emptied: true, orders: [order('a', CANCELED)] })
    expect(words(announcements(fact, book)).sort()).toEqual(['a:1', 'b:1', 'position:0'])
  })
})

describe('after a cut that was too long', () => {
  it('missed executions come first, in time order, then what they changed, and what is gone ends', () => {
    const book = known(order('p', WORKING), order('q', WORKING))
    book.told({ kind: 'position', value: position(10) })
    const state = {
      executions: [execution('p', 'x2', 2), execution('p', 'x1', 1)],
      orders: [order('q', WORKING)],
      positions: [],
    }
    expect(vanished(state, book)).toEqual(['p'])
    const calls = catchUp(state, [order('p', FILLED)], book)
    expect(words(calls)).toEqual(['execution', 'execution', 'p:2', 'q:6', 'position:0'])
    expect(calls.slice(0, 2).map(({ value }) => (value as Execution).id)).toEqual(['x1', 'x2'])
  })

  it('an order of others that came and filled meanwhile is asked for', () => {
    expect(vanished({ executions: [execution('theirs')], orders: [] }, new Book())).toEqual(['theirs'])
  })

  it('nothing is concluded about topics that resumed', () => {
    const book = known(order('p', WORKING))
    book.told({ kind: 'position', value: position(10) })
    expect(vanished({ executions: [] }, book)).toEqual([])
    expect(catchUp({ executions: [] }, [], book)).toEqual([])
  })
})
