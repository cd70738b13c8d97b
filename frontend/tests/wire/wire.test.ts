import { beforeEach, describe, expect, it } from 'vitest'
import { backOffMs } from '../../src/wire/back-off.js'
import { ANSWER_MS_MAX, BACK_OFF_MS_MAX, CONNECT_MS_MAX, PROBE_EVERY_MS, STREAMS_MAX } from '../../src/wire/limits.js'
import type { Heard } from '../../src/wire/topics.js'
import { Wire } from '../../src/wire/wire.js'
import { FakeClock, settled } from '../fakes/clock.js'
import { FakeNet } from '../fakes/socket.js'

const EURUSD = { symbol: 'DEMO:EURUSD' }
const ACCOUNT = { accountId: 'A' }
const quote = (lp: number) => ({ s: 'ok', n: 'DEMO:EURUSD', v: { lp } })

let net: FakeNet
let clock: FakeClock
let wire: Wire
const troubles: unknown[] = []

beforeEach(() => {
  net = new FakeNet()
  clock = new FakeClock()
  troubles.length = 0
  wire = new Wire({
    address: 'ws://server',
    WebSocket: net.WebSocket,
    clock,
    random: () => 1,
    onTrouble: (one) => troubles.push(one),
  })
})

function ear() {
  const heard: Heard[] = []
  return { heard, listener: (one: Heard) => void heard.push(one), kinds: () => heard.splice(0).map(({ kind }) => kind) }
}

async function connected() {
  await settled()
  net.last.open()
  return net.last
}

describe('one socket for everybody', () => {
  it('is dialled by the first listener only', async () => {
    expect(wire.connection.state).toBe('idle')
    wire.listen('quotes', EURUSD, () => {})
    wire.listen('orders', ACCOUNT, () => {})
    const socket = await connected()
    expect(net.sockets).toHaveLength(1)
    expect(socket.taken()).toEqual(['quotes.subscribe {"symbol":"DEMO:EURUSD"}', 'orders.subscribe {"accountId":"A"}'])
  })

  it('gives a later listener of the same topic its own state, and the earlier one no update twice', async () => {
    const [one, other] = [ear(), ear()]
    wire.listen('quotes', EURUSD, one.listener)
    const socket = await connected()
    socket.subscribed('quotes', EURUSD, { seq: 1, state: quote(1) })
    wire.listen('quotes', EURUSD, other.listener)
    socket.update('quotes', EURUSD, { seq: 2, payload: quote(2) })
    socket.subscribed('quotes', EURUSD, { seq: 2, state: quote(2) })
    socket.update('quotes', EURUSD, { seq: 3, payload: quote(3) })
    expect(one.kinds()).toEqual(['state', 'update', 'update'])
    expect(other.kinds()).toEqual(['state', 'update'])
  })

  it('unsubscribes when the last listener has left, and not before', async () => {
    const stops = [wire.listen('quotes', EURUSD, () => {}), wire.listen('quotes', EURUSD, () => {})]
    const socket = await connected()
    socket.taken()
    stops[0]?.()
    stops[0]?.()
    expect(socket.taken()).toEqual([])
    stops[1]?.()
    expect(socket.taken()).toEqual(['quotes.unsubscribe {"symbol":"DEMO:EURUSD"}'])
  })

  it('tells nothing to who has left, also when the answer was under way', async () => {
    const gone = ear()
    const stop = wire.listen('quotes', EURUSD, gone.listener)
    const socket = await connected()
    stop()
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    socket.update('quotes', EURUSD, { seq: 1, payload: quote(2) })
    expect(gone.heard).toEqual([])
  })

  it('tells a refused listener why, and does not ask for it again', async () => {
    const refused = ear()
    wire.listen('orders', ACCOUNT, refused.listener)
    let socket = await connected()
    socket.subscribed('orders', ACCOUNT, { status: 'error', code: 'unknown_account', message: 'no such account' })
    expect(refused.heard).toEqual([{ kind: 'refused', code: 'unknown_account', message: 'no such account' }])
    socket.cut()
    clock.advance(BACK_OFF_MS_MAX)
    socket = await connected()
    expect(socket.taken()).toEqual([])
  })

  it('hears an error frame as the answer of the request it names', async () => {
    const refused = ear()
    wire.listen('quotes', EURUSD, refused.listener)
    const socket = await connected()
    socket.say('error', { code: 'bad_request', message: 'Expected a symbol', request: 'quotes.subscribe' })
    expect(refused.kinds()).toEqual(['refused'])
  })

  it('tells the listeners of a topic that it is out of reach now, and does not ask for it again', async () => {
    const [gone, stays] = [ear(), ear()]
    wire.listen('orders', ACCOUNT, gone.listener)
    wire.listen('quotes', EURUSD, stays.listener)
    const socket = await connected()
    socket.subscribed('orders', ACCOUNT, { state: [] })
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    socket.say('error', { code: 'access_ended', message: 'Expected the right to hear orders:{"accountId":"A"}, found it gone' })
    expect([gone.kinds(), stays.kinds()]).toEqual([['state', 'refused'], ['state']])
    socket.cut(4401)
    expect(wire.connection.code).toBe(4401)
    clock.advance(250)
    expect((await connected()).taken()).toEqual(['quotes.subscribe {"symbol":"DEMO:EURUSD","epoch":"e1","seq":0}'])
  })

  it('lets one listener fail alone', async () => {
    const fine = ear()
    wire.listen('quotes', EURUSD, () => {
      throw new Error('mine')
    })
    wire.listen('quotes', EURUSD, fine.listener)
    const socket = await connected()
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    expect(fine.kinds()).toEqual(['state'])
    expect(troubles).toEqual([new Error('mine')])
  })

  it('holds a bounded number of topics', () => {
    for (let index = 0; index < STREAMS_MAX; index += 1) wire.listen('quotes', { symbol: `S${index}` }, () => {})
    expect(() => wire.listen('quotes', EURUSD, () => {})).toThrow(/at most 1000 topics/)
  })

  it('survives a frame that is no JSON', async () => {
    wire.listen('quotes', EURUSD, () => {})
    const socket = await connected()
    socket.raw('{')
    socket.say('?', {})
    expect(wire.connection.state).toBe('open')
    expect(troubles).toHaveLength(1)
  })
})

describe('after a cut', () => {
  it('resumes each topic from what was seen last', async () => {
    const one = ear()
    wire.listen('orders', ACCOUNT, one.listener)
    const first = await connected()
    first.subscribed('orders', ACCOUNT, { seq: 4, state: [] })
    first.update('orders', ACCOUNT, { seq: 5, fact: 9, of: { orders: 1 }, payload: {} })
    first.cut()
    clock.advance(BACK_OFF_MS_MAX)
    const second = await connected()
    expect(second.taken()).toEqual(['orders.subscribe {"accountId":"A","epoch":"e1","seq":5}'])
    second.subscribed('orders', ACCOUNT, { seq: 5, recovered: true })
    second.update('orders', ACCOUNT, { seq: 6, fact: 10, of: { orders: 1 }, payload: {} })
    expect(one.kinds()).toEqual(['state', 'update', 'recovered', 'update'])
  })

  it('tells, once all of it is in, how many updates were missed and which lists had to be stated anew', async () => {
    const returns: unknown[] = []
    wire.onReturn((found) => returns.push(found))
    wire.listen('orders', ACCOUNT, () => {})
    wire.listen('positions', ACCOUNT, () => {})
    wire.listen('quotes', EURUSD, () => {})
    const first = await connected()
    first.subscribed('orders', ACCOUNT, { seq: 4, state: [] })
    first.subscribed('positions', ACCOUNT, { seq: 1, state: [] })
    first.subscribed('quotes', EURUSD, { state: quote(1) })
    expect(returns).toEqual([])
    first.probed()
    expect(returns).toEqual([{ updates: 0, afresh: [] }])
    first.cut()
    clock.advance(BACK_OFF_MS_MAX)
    const second = await connected()
    second.subscribed('orders', ACCOUNT, { seq: 4, recovered: true })
    second.update('orders', ACCOUNT, { seq: 5, payload: {} })
    second.update('orders', ACCOUNT, { seq: 6, payload: {} })
    second.subscribed('positions', ACCOUNT, { epoch: 'e2', seq: 9, state: [] })
    second.update('positions', ACCOUNT, { epoch: 'e2', seq: 10, payload: {} })
    second.subscribed('quotes', EURUSD, { epoch: 'e2', seq: 0, state: quote(2) })
    second.update('quotes', EURUSD, { epoch: 'e2', seq: 1, payload: quote(3) })
    second.probed()
    expect(returns.slice(1)).toEqual([{ updates: 2, afresh: ['positions'] }])
    second.update('orders', ACCOUNT, { seq: 7, payload: {} })
    second.probed()
    expect(returns).toHaveLength(2)
  })

  it('does not resume for a listener that was never told a state', async () => {
    wire.listen('orders', ACCOUNT, () => {})
    const first = await connected()
    first.subscribed('orders', ACCOUNT, { seq: 4, state: [] })
    wire.listen('orders', ACCOUNT, () => {})
    first.cut()
    clock.advance(BACK_OFF_MS_MAX)
    expect((await connected()).taken()).toEqual(['orders.subscribe {"accountId":"A"}'])
  })

  it('says that a new epoch began with an empty list', async () => {
    const one = ear()
    wire.listen('orders', ACCOUNT, one.listener)
    const socket = await connected()
    socket.subscribed('orders', ACCOUNT, { state: [] })
    socket.update('orders', ACCOUNT, { epoch: 'e2', seq: 0, fact: 3, of: { orders: 1 } })
    expect(one.heard.at(-1)).toEqual({ kind: 'emptied', epoch: 'e2', seq: 0, fact: 3, of: { orders: 1 } })
  })

  it('waits longer after each attempt that comes to nothing, within a limit, and starts over once it has been answered', async () => {
    const pauses: number[] = []
    wire.onConnection(({ state, retryAt }) => state === 'waiting' && pauses.push((retryAt ?? 0) - clock.now()))
    wire.listen('quotes', EURUSD, () => {})
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await settled()
      net.last.cut()
      clock.advance(pauses.at(-1) ?? 0)
    }
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000])
    const socket = await connected()
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    socket.cut()
    expect(pauses.at(-1)).toBe(250)
  })

  it('spreads the attempts of many clients', () => {
    expect(backOffMs(0, () => 0)).toBe(125)
    expect(backOffMs(0, () => 1)).toBe(250)
    expect(backOffMs(1e9, () => 1)).toBe(BACK_OFF_MS_MAX)
  })

  it('gives up a socket that does not open in time', async () => {
    wire.listen('quotes', EURUSD, () => {})
    await settled()
    clock.advance(CONNECT_MS_MAX)
    expect(wire.connection).toMatchObject({ state: 'waiting', reason: 'no connection in time' })
    expect(net.last.closed).toBe(true)
  })

  it('notices a connection that died without a word', async () => {
    wire.listen('quotes', EURUSD, () => {})
    const socket = await connected()
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    socket.probed()
    socket.probed()
    const reasons: unknown[] = []
    wire.onConnection(({ reason }) => reason !== undefined && reasons.push(reason))
    clock.advance(PROBE_EVERY_MS)
    socket.taken()
    expect(socket.probes).toBe(3)
    clock.advance(ANSWER_MS_MAX)
    expect(reasons).toEqual(['no answer in time'])
    expect(socket.closed).toBe(true)
  })

  it('measures how far the server is, and stays while it answers', async () => {
    wire.listen('quotes', EURUSD, () => {})
    const socket = await connected()
    socket.subscribed('quotes', EURUSD, { state: quote(1) })
    clock.advance(900)
    socket.probed()
    expect(wire.connection.latencyMs, 'that one waited for everything before it').toBeUndefined()
    clock.advance(30)
    socket.probed()
    expect(wire.connection).toMatchObject({ state: 'open', latencyMs: 30 })
    clock.advance(PROBE_EVERY_MS - 930 + 40)
    socket.probed()
    expect(wire.connection).toMatchObject({ state: 'open', latencyMs: 40 })
    clock.advance(PROBE_EVERY_MS)
    expect(wire.connection.state).toBe('open')
  })

  it('asks for the address before every attempt, and tries again when there is none', async () => {
    let asked = 0
    wire = new Wire({
      address: () => (++asked === 1 ? Promise.reject(new Error('no ticket')) : `ws://server?ticket=${asked}`),
      WebSocket: net.WebSocket,
      clock,
      random: () => 1,
    })
    wire.listen('quotes', EURUSD, () => {})
    await settled()
    expect(wire.connection).toMatchObject({ state: 'waiting', reason: 'Error: no ticket' })
    wire.retryNow()
    await settled()
    expect(net.last.address).toBe('ws://server?ticket=2')
  })

  it('asks for the address once while the answer waits for a person, and every attempt is served by it', async () => {
    const answers: ((address: string) => void)[] = []
    const address = () => new Promise<string>((resolve) => answers.push(resolve))
    wire = new Wire({ address, WebSocket: net.WebSocket, clock, random: () => 1 })
    wire.listen('quotes', EURUSD, () => {})
    await clock.pass(10 * (CONNECT_MS_MAX + BACK_OFF_MS_MAX))
    expect(answers).toHaveLength(1)
    wire.retryNow()
    answers[0]?.('ws://server')
    await settled()
    expect(net.sockets).toHaveLength(1)
  })

  it('asks for another address when the last one came too late', async () => {
    const answers: ((address: string) => void)[] = []
    const address = () => new Promise<string>((resolve) => answers.push(resolve))
    wire = new Wire({ address, WebSocket: net.WebSocket, clock, random: () => 1 })
    wire.listen('quotes', EURUSD, () => {})
    await settled()
    clock.advance(CONNECT_MS_MAX)
    answers[0]?.('ws://server?ticket=late')
    await settled()
    expect([wire.connection.state, net.sockets.length]).toEqual(['waiting', 0])
    wire.retryNow()
    await settled()
    answers[1]?.('ws://server?ticket=new')
    await settled()
    expect(net.last.address).toBe('ws://server?ticket=new')
  })

  it('goes on waiting longer where the server opens the door only to send one away', async () => {
    wire.listen('quotes', EURUSD, () => {})
    for (const pause of [250, 500, 1000]) {
      const socket = await connected()
      socket.say('error', { code: 'access_ended', message: 'Expected a session, found none' })
      socket.cut(4401)
      expect((wire.connection.retryAt ?? 0) - clock.now()).toBe(pause)
      clock.advance(pause)
    }
  })

  it('stays closed once it was closed', async () => {
    wire.listen('quotes', EURUSD, () => {})
    const socket = await connected()
    wire.close()
    expect(socket.closed).toBe(true)
    clock.advance(BACK_OFF_MS_MAX)
    expect(net.sockets).toHaveLength(1)
    expect(() => wire.listen('quotes', EURUSD, () => {})).toThrow(/closed/)
  })
})
