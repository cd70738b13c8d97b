import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatafeed, type HouseDatafeed } from '../../src/datafeed/datafeed.js'
import { Rest } from '../../src/rest/client.js'
import { SimulatedChart } from '../../src/simulated-terminal/chart.js'
import type { Bar, DOMData } from '../../src/tradingview/datafeed.js'
import { Wire } from '../../src/wire/wire.js'
import { Replay } from './replay.js'
import { Server } from './server.js'

const BTC = 'DEMO:BTCUSD'
let server: Server
let rest: Rest
let wire: Wire
let datafeed: HouseDatafeed
let forgotten: string[] = []
let chart: SimulatedChart

beforeAll(async () => {
  server = await Server.start()
  rest = new Rest({ base: server.url })
})
afterAll(() => server?.stop())
beforeEach(() => {
  wire = new Wire({ address: server.socketUrl })
  datafeed = createDatafeed({ rest, wire, onReset: () => forgotten.push('bars') })
  chart = new SimulatedChart(datafeed)
})
afterEach(() => {
  datafeed.dispose()
  wire.close()
  expect(chart.complaints).toEqual([])
})

describe('a chart', () => {
  it('is told what there is', async () => {
    expect((await chart.ready()).supported_resolutions).toContain('1D')
    expect((await chart.search('btc')).map(({ ticker }) => ticker)).toContain(BTC)
    expect(Math.abs((await chart.serverTime()) * 1000 - Date.now())).toBeLessThan(5_000)
  })

  it('is told in a sentence that a symbol is not known', async () => {
    await expect(chart.resolve('NOSUCH:THING')).rejects.toThrow(/NOSUCH:THING/)
  })

  it.each(['1', '60', '1D', 'W'])('loads %s bars page by page, without a gap at the seams', async (resolution) => {
    const bars = await chart.history(await chart.resolve(BTC), resolution, 700)
    expect(bars.length).toBeGreaterThanOrEqual(700)
    expect(new Set(bars.map(({ time }) => time)).size).toBe(bars.length)
  })

  it('comes to the beginning of what there is', async () => {
    const market = await Replay.begin(rest, server.url)
    const symbol = await chart.resolve(market.symbol)
    await market.step(100)
    const bars = await chart.history(symbol, '1', 1_000)
    expect(bars.length).toBeGreaterThan(10)
    expect(bars.length).toBeLessThan(100)
  })

  it('goes on with live bars where its history ends', async () => {
    const symbol = await chart.resolve(BTC)
    const ticks: Bar[] = []
    const stops = ['1S', '1', '1D'].map(async (resolution) =>
      chart.live(symbol, resolution, await chart.history(symbol, resolution, 2), (bar) => ticks.push(bar)),
    )
    await chart.waiting.until(() => ticks.length > 6, 10_000)
    expect(ticks.length).toBeGreaterThan(6)
    for (const stop of stops) (await stop)()
  })

  it('shows a symbol in another currency, live bars too', async () => {
    const symbol = await chart.resolve(BTC, { currencyCode: 'EUR' })
    const own = await chart.history(await chart.resolve(BTC), '1D', 2, 2)
    const converted = await chart.history(symbol, '1D', 2, 2)
    expect(converted[0]?.close).not.toBe(own[0]?.close)
    let told: Bar | undefined
    const stop = chart.live(symbol, '1D', converted, (bar) => {
      told = bar
    })
    await chart.waiting.until(() => told !== undefined, 10_000)
    stop()
    expect((told?.close ?? 0) / (converted.at(-1)?.close ?? 1)).toBeCloseTo(1, 1)
  })

  it('loads its history again after a cut', async () => {
    const symbol = await chart.resolve(BTC)
    let [ticks, resets] = [0, 0]
    forgotten = []
    const stop = chart.live(
      symbol,
      '1',
      [],
      () => ++ticks,
      () => ++resets,
    )
    await chart.waiting.until(() => ticks > 0, 10_000)
    await server.kill()
    await server.startAgain()
    const before = ticks
    await chart.waiting.until(() => ticks > before, 10_000)
    expect(resets).toBe(1)
    expect(forgotten).toEqual(['bars'])
    stop()
  })

  it('shows own executions as marks', async () => {
    const market = await Replay.begin(rest, server.url)
    const body = { symbol: market.symbol, type: 2, side: 1, qty: 1000 } as never
    const path = { accountId: market.accountId }
    await rest.ask((signal) =>
      rest.calls.POST('/api/v1/broker/accounts/{accountId}/orders', { params: { path }, body, signal }),
    )
    const symbol = await chart.resolve(market.symbol)
    const marks = await new Promise<{ time: number; label: string }[]>((done) => datafeed.getMarks(symbol, 0, 2e9, done, '1'))
    expect(marks.map(({ label }) => label)).toEqual(['B'])
    // Below the chart stand movements of money besides fills, of which there was none.
    expect(await new Promise((done) => datafeed.getTimescaleMarks(symbol, 0, 2e9, done, '1'))).toEqual([])
  })
})

describe('a watchlist', () => {
  it('is given every quote it asked for, the unknown as errors', async () => {
    const quotes = await chart.quotesOf([BTC, 'NOSUCH:THING'])
    expect(quotes.map(({ n, s }) => [n, s])).toEqual([
      [BTC, 'ok'],
      ['NOSUCH:THING', 'error'],
    ])
  })

  it('is told live quotes', async () => {
    const stop = chart.watch([BTC, 'NOSUCH:THING'])
    await chart.waiting.until(() => chart.quotes.size === 2, 10_000)
    expect([...chart.quotes.values()].map(({ s }) => s).sort()).toEqual(['error', 'ok'])
    stop()
  })
})

describe('a ladder', () => {
  it('is given the book around the quote', async () => {
    let book: DOMData | undefined
    const stop = chart.ladder(BTC, (depth) => {
      book = depth
    })
    await chart.waiting.until(() => book !== undefined, 10_000)
    expect(book?.asks.length).toBeGreaterThan(3)
    stop()
  })
})
