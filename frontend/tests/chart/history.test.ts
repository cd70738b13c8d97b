import { describe, expect, it } from 'vitest'
import { BARS_MAX, History, type HistoryEars, PAGE_BARS } from '../../src/chart/history.js'
import type { Bar, Datafeed, PeriodParams, SymbolInfo } from '../../src/tradingview/datafeed.js'

const bar = (time: number, close = 1): Bar => ({ time, open: 1, high: 1, low: 1, close })

/** A datafeed that answers when it is told to. */
class Held {
  asked: { period: PeriodParams; done: (bars: Bar[]) => void; failed: (reason: string) => void }[] = []
  tick: (bar: Bar) => void = () => {}
  reset = () => {}
  stopped: string[] = []
  resolveSymbol = (name: string, done: (symbol: SymbolInfo) => void) => done({ name, ticker: name } as SymbolInfo)
  getBars = (
    _: SymbolInfo,
    __: string,
    period: PeriodParams,
    done: (bars: Bar[], meta: object) => void,
    failed: (reason: string) => void,
  ) => {
    this.asked.push({ period, done: (bars) => done(bars, {}), failed })
  }
  subscribeBars = (_: SymbolInfo, __: string, tick: (bar: Bar) => void, ___: string, reset: () => void) => {
    this.tick = tick
    this.reset = reset
  }
  unsubscribeBars = (guid: string) => this.stopped.push(guid)
}

function stage() {
  const feed = new Held()
  const said: unknown[] = []
  const frames: (() => void)[] = []
  const ears: HistoryEars = {
    state: ({ kind }) => said.push(kind),
    resolved: () => {},
    whole: (bars, more) => said.push(['whole', bars.length, more]),
    older: (bars, more) => said.push(['older', bars.map(({ time }) => time), more]),
    tick: ({ time, close }) => said.push(['tick', time, close]),
  }
  const history = new History(feed as unknown as Datafeed, ears, { now: () => 1_000_000, frame: (act) => frames.push(act) })
  const paint = () => {
    for (const act of frames.splice(0)) act()
  }
  return { feed, said, history, paint }
}

describe('bars of a chart', () => {
  it('are loaded up to now, then older ones as they are asked for', () => {
    const { feed, said, history } = stage()
    history.open('X', '1')
    expect(feed.asked[0]?.period).toEqual({ from: 1000, to: 1001, countBack: PAGE_BARS, firstDataRequest: true })
    feed.asked[0]?.done([bar(600_000), bar(660_000)])
    history.older()
    history.older()
    expect(feed.asked.length).toBe(2)
    expect(feed.asked[1]?.period.to).toBe(600)
    feed.asked[1]?.done([bar(540_000), bar(600_000)])
    expect(said).toEqual(['loading', ['whole', 2, true], 'ready', ['older', [540_000], true]])
  })

  it('end when nothing is older', () => {
    const { feed, said, history } = stage()
    history.open('X', '1')
    feed.asked[0]?.done([bar(0)])
    history.older()
    feed.asked[1]?.done([])
    expect(said.at(-1)).toEqual(['older', [], false])
  })

  it('are told once a frame, the newest of each bar', () => {
    const { feed, said, history, paint } = stage()
    history.open('X', '1')
    feed.asked[0]?.done([bar(0)])
    feed.tick(bar(0, 2))
    feed.tick(bar(0, 3))
    feed.tick(bar(60_000, 4))
    said.length = 0
    paint()
    expect(said).toEqual([
      ['tick', 0, 3],
      ['tick', 60_000, 4],
    ])
    expect(history.bars.map(({ close }) => close)).toEqual([3, 4])
  })

  it('that came while the past was loading are not lost', () => {
    const { feed, said, history, paint } = stage()
    history.open('X', '1')
    feed.tick(bar(60_000, 7))
    paint()
    feed.asked[0]?.done([bar(0)])
    expect(said.at(-1)).toEqual(['tick', 60_000, 7])
  })

  it('are loaded anew when time went back: nothing of the future stays', () => {
    const { feed, history } = stage()
    history.open('R1:X', '1')
    feed.asked[0]?.done([bar(0), bar(60_000), bar(120_000)])
    feed.reset()
    feed.asked[1]?.done([bar(0)])
    expect(history.bars.map(({ time }) => time)).toEqual([0])
  })

  it('of a symbol that was left are not shown', () => {
    const { feed, said, history } = stage()
    history.open('X', '1')
    history.open('Y', '1')
    said.length = 0
    feed.asked[0]?.done([bar(0)])
    expect(said).toEqual([])
    expect(feed.stopped.length).toBe(1)
  })

  it('of a resolution that was left are not shown, however late they or their ticks come', () => {
    const { feed, said, history, paint } = stage()
    history.open('X', '1')
    const late = feed.tick
    history.open('X', '5')
    const later = feed.tick
    history.open('X', '60')
    feed.asked[2]?.done([bar(3_600_000)])
    feed.asked[1]?.done([bar(300_000)])
    feed.asked[0]?.done([bar(60_000)])
    late(bar(3_660_000))
    later(bar(3_900_000))
    feed.asked[0]?.failed('too late')
    paint()
    history.older()
    expect(history.bars.map(({ time }) => time)).toEqual([3_600_000])
    expect(said.slice(-2)).toEqual([['whole', 1, true], 'ready'])
    expect(feed.stopped.length).toBe(2)
  })

  it('that cannot be had are said to be, and none is not a failure', () => {
    const { feed, said, history } = stage()
    history.open('X', '1')
    feed.asked[0]?.failed('no answer')
    expect(said).toEqual(['loading', 'failed'])
    history.reload()
    feed.asked[1]?.done([])
    expect(said.at(-1)).toBe('empty')
  })

  it('are bounded: beyond it nothing older is offered', () => {
    const { feed, said, history } = stage()
    history.open('X', '1')
    feed.asked[0]?.done(Array.from({ length: BARS_MAX - 1 }, (_, index) => bar((index + 10) * 60_000)))
    history.older()
    feed.asked[1]?.done([bar(0)])
    expect(said.at(-1)).toEqual(['older', [0], false])
  })
})
