import { describe, expect, it } from 'vitest'
import { Distance } from '../../src/state/distance.js'
import { lightOf, type Seen } from '../../src/ui/shell/light.js'

const NOON = Date.UTC(2026, 0, 5, 12)
const at = (more: Partial<Seen>): string => {
  const { shape, text } = lightOf({ connection: { state: 'open', attempt: 0 }, now: NOON, zone: 'UTC', ...more })
  return `${shape} ${text}`
}
const waiting = { state: 'waiting', attempt: 3, retryAt: NOON + 3_400 } as const

describe('the connection light', () => {
  it('says how far the server is, and when that has been far for a while', () => {
    expect(at({})).toBe('● Live')
    expect(at({ medianMs: 12.4 })).toBe('● Live 12 ms')
    expect(at({ medianMs: 12, slowMs: 820 })).toBe('◐ Slow 820 ms')
  })

  it('counts down to the next try, and says since when there is nothing', () => {
    expect(at({ connection: waiting, lostAt: NOON - 1_000 })).toBe('○ Reconnecting, try 3, 4 s')
    expect(at({ connection: { state: 'connecting', attempt: 3 }, lostAt: NOON - 1_000 })).toBe('○ Reconnecting, try 3')
    expect(at({ connection: waiting, lostAt: NOON - 5_000 })).toMatch(/^■ Offline since .*11:59(:55)?\. Retry$/)
    expect(at({ connection: { state: 'connecting', attempt: 0 } })).toBe('○ Connecting')
    expect(at({ connection: { state: 'closed', attempt: 0 } })).toBe('■ Offline')
  })

  it('says that one is back before all else, then that the venue is silent', () => {
    const silent = { since: NOON, message: 'no prices' }
    expect(at({ back: 'Back after 9 s', silent })).toBe('● Back after 9 s')
    expect(at({ silent, slowMs: 900 })).toMatch(/^◆ Venue silent since .*12:00/)
  })
})

describe('the distance', () => {
  it('is the median of the last ten answers', () => {
    const distance = new Distance()
    expect(distance.medianMs).toBeUndefined()
    for (const ms of [900, 900, ...Array(10).fill(20), 400, 400]) distance.heard(ms, NOON)
    expect(distance.medianMs).toBe(20)
  })

  it('is slow when it has been for five seconds, until one answer is quick, or another socket stands', () => {
    const distance = new Distance()
    distance.heard(700, NOON)
    expect(distance.slowMs(NOON + 4_999)).toBeUndefined()
    distance.heard(820, NOON + 5_000)
    expect(distance.slowMs(NOON + 5_000)).toBe(820)
    distance.heard(40, NOON + 10_000)
    expect(distance.slowMs(NOON + 20_000)).toBeUndefined()
    distance.heard(700, NOON)
    distance.forget()
    expect(distance.slowMs(NOON + 20_000)).toBeUndefined()
  })
})
