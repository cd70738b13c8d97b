import { expect, it } from 'vitest'
import { keepAsking } from '../../src/state/keep-asking.js'
import { FakeClock, settled } from '../fakes/clock.js'

function asked(failures: number) {
  const clock = new FakeClock()
  const pauses: number[] = []
  let times = 0
  const ask = async () => {
    times += 1
    if (times <= failures) throw new Error('away')
  }
  const asking = keepAsking(
    ask,
    (_, ms) => pauses.push(ms),
    clock,
    () => 1,
  )
  return { asking, clock, pauses, times: () => times }
}

it('asks again with longer and longer pauses until it is answered, and then no more', async () => {
  const { clock, pauses, times } = asked(4)
  await clock.pass(60_000, 600)
  expect(times()).toBe(5)
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000])
})

it('waits no longer than the longest pause', async () => {
  const { clock, pauses } = asked(30)
  await clock.pass(200_000, 2_000)
  expect(Math.max(...pauses)).toBe(15_000)
})

it('asks at once when told to, and never after it is called off', async () => {
  const { asking, clock, times } = asked(30)
  await settled()
  asking.now()
  await settled()
  expect(times()).toBe(2)
  asking.stop()
  asking.now()
  await clock.pass(60_000)
  expect(times()).toBe(2)
})
