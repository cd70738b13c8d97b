import { beforeEach, describe, expect, it } from 'vitest'
import { Hold } from '../../src/broker/hold.js'
import { HELD_MAX, HOLD_MS_MAX } from '../../src/broker/limits.js'
import { FakeClock } from '../fakes/clock.js'

let clock: FakeClock
let hold: Hold
let told: string[]

beforeEach(() => {
  clock = new FakeClock()
  hold = new Hold(clock)
  told = []
})

const pass = (word: string, clientOrderId?: string) =>
  hold.pass({ orders: clientOrderId === undefined ? [] : [{ clientOrderId }], tell: () => told.push(word) })

describe('updates of an order that is being placed', () => {
  it('wait until the placement was answered and whoever waited for it has heard', () => {
    const answered = hold.begin('mine')
    pass('placing', 'mine')
    answered()
    expect(told).toEqual([])
    clock.advance(0)
    expect(told).toEqual(['placing'])
  })

  it('hold back what comes after them, and nothing that came before', () => {
    const answered = hold.begin('mine')
    pass('before', 'theirs')
    pass('mine', 'mine')
    pass('position')
    expect(told).toEqual(['before'])
    answered()
    clock.advance(0)
    expect(told).toEqual(['before', 'mine', 'position'])
  })

  it('are told without an answer after a while', () => {
    hold.begin('mine')
    pass('mine', 'mine')
    clock.advance(HOLD_MS_MAX)
    expect(told).toEqual(['mine'])
  })

  it('are told without an answer when too much waits behind them', () => {
    hold.begin('mine')
    for (let index = 0; index < HELD_MAX + 1; index += 1) pass('mine', 'mine')
    expect(told).toEqual(['mine'])
  })
})
