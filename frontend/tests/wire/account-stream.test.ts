import { beforeEach, describe, expect, it } from 'vitest'
import { ACCOUNT_TOPICS, type AccountState, AccountStream, type Told } from '../../src/wire/account-stream.js'
import { BACK_OFF_MS_MAX, GROUP_MS_MAX } from '../../src/wire/limits.js'
import { Wire } from '../../src/wire/wire.js'
import { FakeClock, settled } from '../fakes/clock.js'
import { FakeNet } from '../fakes/socket.js'

const ACCOUNT = { accountId: 'A' }
let net: FakeNet
let clock: FakeClock
let told: Told[]
let restated: Partial<AccountState>[]

beforeEach(async () => {
  net = new FakeNet()
  clock = new FakeClock()
  told = []
  restated = []
  const wire = new Wire({ address: 'ws://server', WebSocket: net.WebSocket, clock, random: () => 1 })
  new AccountStream(
    wire,
    'A',
    { restated: (state) => restated.push(state), told: (one) => told.push(one), refused: () => {} },
    clock,
  )
  await settled()
  net.last.open()
})

const seqs = new Map<string, number>()
function tell(topic: string, fact: number, of: object, payload?: object) {
  const seq = (seqs.get(topic) ?? 0) + 1
  seqs.set(topic, seq)
  net.last.update(topic, ACCOUNT, { seq, fact, of, ...(payload === undefined ? {} : { payload }) })
}
function joined(rest: object = { state: [] }) {
  for (const topic of ACCOUNT_TOPICS) net.last.subscribed(topic, ACCOUNT, rest)
}
const shape = (one: Told) => [one.fact, one.executions.length, one.orders.length, one.positions.length]

describe('an account', () => {
  it('is stated once all its topics have answered', () => {
    for (const topic of ACCOUNT_TOPICS) {
      expect(restated).toEqual([])
      net.last.subscribed(topic, ACCOUNT, { state: [] })
    }
    expect(restated).toEqual([{ executions: [], orders: [], positions: [], 'individual-positions': [] }])
  })

  it('is told a fact when it is whole', () => {
    joined()
    const of = { executions: 1, orders: 2, equity: 1, positions: 1 }
    tell('executions', 4, of, { id: 'x1' })
    tell('orders', 4, of, { id: 'o1' })
    tell('orders', 4, of, { id: 'o2' })
    expect(told).toEqual([])
    tell('positions', 4, of, { id: 'p' })
    expect(told.map(shape)).toEqual([[4, 1, 2, 1]])
  })

  it('is told facts in their order, whatever came first', () => {
    joined()
    tell('orders', 2, { executions: 1, orders: 1 }, { id: 'o1' })
    tell('orders', 3, { orders: 1 }, { id: 'o1' })
    expect(told).toEqual([])
    tell('executions', 2, { executions: 1, orders: 1 }, { id: 'x1' })
    expect(told.map(({ fact }) => fact)).toEqual([2, 3])
  })

  it('is told what there is of a fact when the rest does not come', () => {
    joined()
    tell('orders', 2, { executions: 1, orders: 1 }, { id: 'o1' })
    clock.advance(GROUP_MS_MAX)
    expect(told.map(shape)).toEqual([[2, 0, 1, 0]])
  })

  it('hears after a cut what it missed, by facts, though each topic catches up by itself', async () => {
    joined()
    net.last.cut()
    clock.advance(BACK_OFF_MS_MAX)
    await settled()
    net.last.open()
    const of = { executions: 1, orders: 1, positions: 1 }
    net.last.subscribed('executions', ACCOUNT, { recovered: true })
    tell('executions', 5, of, { id: 'x1' })
    tell('executions', 6, of, { id: 'x2' })
    clock.advance(GROUP_MS_MAX * 2)
    net.last.subscribed('orders', ACCOUNT, { recovered: true })
    tell('orders', 5, of, { id: 'o1' })
    tell('orders', 6, of, { id: 'o2' })
    net.last.subscribed('positions', ACCOUNT, { recovered: true })
    tell('positions', 5, of, { id: 'p' })
    tell('positions', 6, of, { id: 'p' })
    expect(told).toEqual([])
    net.last.subscribed('individual-positions', ACCOUNT, { recovered: true })
    expect(told.map(shape)).toEqual([
      [5, 1, 1, 1],
      [6, 1, 1, 1],
    ])
    expect(restated).toHaveLength(1)
  })

  it('is stated anew after a cut that was too long', async () => {
    joined()
    net.last.cut()
    clock.advance(BACK_OFF_MS_MAX)
    await settled()
    net.last.open()
    net.last.subscribed('executions', ACCOUNT, { recovered: true })
    for (const topic of ACCOUNT_TOPICS.slice(1)) net.last.subscribed(topic, ACCOUNT, { state: [] })
    expect(Object.keys(restated[1] ?? {})).toEqual(['orders', 'positions', 'individual-positions'])
  })

  it('is told that it began anew', () => {
    joined()
    const of = { executions: 1, orders: 2, positions: 1, 'individual-positions': 1 }
    tell('executions', 7, of)
    tell('orders', 7, of, { id: 'o1' })
    tell('orders', 7, of)
    tell('positions', 7, of)
    tell('individual-positions', 7, of)
    expect(told).toMatchObject([{ fact: 7, emptied: true, orders: [{ id: 'o1' }], positions: [] }])
  })
})
