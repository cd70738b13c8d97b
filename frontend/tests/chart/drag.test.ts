import { describe, expect, it } from 'vitest'
import { ghostOf, type MoveEvent, type Moves, moved, REFUSED_MS, STILL, shownAt } from '../../src/chart/lines/drag.js'

const take: MoveEvent = { kind: 'take', key: 'stop', price: 100, by: 'pointer' }
const to = (price: number): MoveEvent => ({ kind: 'move', price })
const letGo: MoveEvent = { kind: 'let go', now: 1_000 }
const having = (...events: MoveEvent[]): Moves => events.reduce(moved, STILL)

describe('a line that is dragged', () => {
  it('goes with the hand and leaves a ghost', () => {
    const moves = having(take, to(99))
    expect([shownAt(moves, 'stop', 100), ghostOf(moves, 'stop')]).toEqual([99, 100])
  })

  it('goes back with Escape, and nothing is sent', () => {
    const moves = having(take, to(99), { kind: 'put back' })
    expect([shownAt(moves, 'stop', 100), moves.sent]).toEqual([100, {}])
  })

  it('is not sent when it was only touched', () => {
    expect(having(take, letGo)).toEqual(STILL)
  })

  it('stays where it was let go until the fact arrives, ghost and all', () => {
    const moves = having(take, to(99), letGo)
    expect([shownAt(moves, 'stop', 100), ghostOf(moves, 'stop')]).toEqual([99, 100])
    const done = moved(moves, { kind: 'fact', key: 'stop', price: 99 })
    expect([done.sent, shownAt(done, 'stop', 99), ghostOf(done, 'stop')]).toEqual([{}, 99, undefined])
  })

  it('a fact about something else of the order changes nothing', () => {
    const moves = having(take, to(99), letGo)
    expect(moved(moves, { kind: 'fact', key: 'stop', price: 100 })).toBe(moves)
  })

  it('cannot be taken again before the first change is answered', () => {
    expect(having(take, to(99), letGo, take).hand).toBeUndefined()
  })

  it('goes back when refused, and says why for a while', () => {
    const refused = having(take, to(99), letGo, { kind: 'refused', key: 'stop', why: 'too near', now: 2_000 })
    expect([shownAt(refused, 'stop', 100), refused.refused['stop']?.why]).toEqual([100, 'too near'])
    expect(moved(refused, { kind: 'time', now: 2_000 + REFUSED_MS - 1 })).toBe(refused)
    expect(moved(refused, { kind: 'time', now: 2_000 + REFUSED_MS }).refused).toEqual({})
  })

  it('a refusal that comes after the fact says nothing', () => {
    const done = having(take, to(99), letGo, { kind: 'fact', key: 'stop', price: 99 })
    expect(moved(done, { kind: 'refused', key: 'stop', why: 'late', now: 1 })).toBe(done)
  })

  it('leaves the hand when what it stands for has ended', () => {
    expect(having(take, to(99), { kind: 'fact', key: 'stop', price: undefined }).hand).toBeUndefined()
  })
})
