import { describe, expect, it } from 'vitest'
import { half } from '../../src/chart/close-size.js'
import type { ClosedTrade, EquityPoint } from '../../src/generated/rest.js'
import { ownMoney } from '../../src/state/own-money.js'
import type { Quote } from '../../src/state/quotes.js'
import { formOf, limitsOf } from '../../src/ui/account/limits.js'
import { curveOf, endingWords, levelShare, spanText, statistics, wonWords } from '../../src/ui/account/statistics.js'
import {
  allStops,
  atStop,
  heldOf,
  individualRow,
  netRow,
  type PositionRow,
  positionColumns,
  reverseWords,
  rowName,
} from '../../src/ui/tables/position-rows.js'
import { crypto } from './terms.js'

const trade = (netProfit: number) => ({ netProfit, fees: 1, holdingTime: 60_000 }) as ClosedTrade

describe('closed trades', () => {
  it('say nothing where there are none', () => {
    expect(statistics([])).toMatchObject({ trades: 0, winRate: undefined, best: undefined, profitFactor: undefined })
  })

  it('say how much is won for what is lost', () => {
    const told = statistics([trade(30), trade(-10), trade(-5), trade(0)])
    expect(told).toMatchObject({ trades: 4, won: 1, net: 15, fees: 4, winRate: 25, profitFactor: 2, averageWin: 30 })
    expect(told).toMatchObject({ averageLoss: -7.5, best: 30, worst: -10, holding: 60_000 })
  })

  it('says how many of them were won', () => {
    expect(wonWords(statistics([trade(1), trade(-1), trade(-1), trade(2)]), false)).toBe('2 of 4 won, 50 %')
    expect(wonWords(statistics([trade(-1)]), false)).toBe('0 of 1 won')
    expect(wonWords(statistics([trade(1), trade(1)]), true)).toBe('2 of the latest 2 won, 100 %')
  })

  it('tells a span in its two largest units', () => {
    expect([spanText(500), spanText(75_000), spanText(11_520_000), spanText(undefined)]).toEqual([
      '1 s',
      '1 min 15 s',
      '3 h 12 min',
      '–',
    ])
  })
})

it('says what the kill switch ends', () => {
  expect(endingWords(4, 1, 'Hedge one')).toBe('4 positions and 1 entry order of Hedge one end.')
  expect(endingWords(1, 0, 'Demo')).toBe('1 position of Demo ends.')
  expect(endingWords(0, 2, 'Demo')).toBe('2 entry orders of Demo end.')
  expect(endingWords(0, 0, 'Demo')).toBe('Demo holds nothing now, and has no entry order.')
})

describe('the equity curve', () => {
  it('needs two points', () => {
    expect(curveOf([{ time: 1, balance: 5, deposits: 0 }])).toBeUndefined()
  })

  it('fills its box and shades what lies below an earlier high', () => {
    const points = [100, 120, 90, 110].map((equity, time) => ({ time, balance: 100, equity, deposits: 0 }))
    const curve = curveOf(points)
    expect(curve).toMatchObject({ low: 90, high: 120, first: 100, last: 110, deepest: 30 })
    expect(curve?.line).toBe('0.00,66.67 33.33,0.00 66.67,100.00 100.00,33.33')
  })

  it('tells nothing of money that was paid in or out', () => {
    const known = [
      { time: 0, balance: 100, equity: 100, deposits: 0 },
      { time: 1, balance: 99, equity: 99, deposits: 0 },
      { time: 2, balance: 1_099, equity: 1_104, deposits: 1_000 },
      { time: 3, balance: 604, equity: 604, deposits: 500 },
    ]
    expect(curveOf(known)).toMatchObject({ first: 100, last: 104, low: 99, high: 104, deepest: 1 })
    const [opening, ...points] = known
    const curve = { accountId: 'a', currency: 'USD', points }
    expect(ownMoney({ ...curve, opening: opening as EquityPoint })).toBe(600)
    expect(ownMoney({ ...curve, opening: { time: 0, balance: 100, deposits: 0 } })).toBe(599)
    expect(ownMoney({ ...curve, points: [], opening: { time: 0, balance: 100, deposits: 0 } })).toBe(100)
  })

  it('is a line also where all is of one moment', () => {
    const points = [100, 100].map((equity) => ({ time: 7, balance: 100, equity, deposits: 0 }))
    expect(curveOf(points)?.line).toBe('0.00,50.00 100.00,50.00')
  })

  it('marks a level on a track that ends at three times the call', () => {
    expect([levelShare(150), levelShare(1_000), levelShare(-1)]).toEqual([50, 100, 0])
  })
})

describe('the limits editor', () => {
  it('states all limits, those of single symbols too', () => {
    const known = { symbols: { 'DEMO:ACME': { order: 5 } }, dailyLoss: 100, timezone: 'Europe/Berlin' }
    const form = { ...formOf(known), drawdown: '500', order: '2' }
    expect(limitsOf(form, known)).toEqual({
      ...{ dailyLoss: 100, drawdown: 500, drawdownKind: 'trailing', timezone: 'Europe/Berlin' },
      symbols: { 'DEMO:ACME': { order: 5 }, '*': { order: 2 } },
    })
  })

  it('names the field that holds no number', () => {
    expect(limitsOf({ ...formOf(undefined), dailyLoss: 'x' }, undefined)).toEqual({ field: 'dailyLoss' })
  })
})

describe('a position’s row', () => {
  const position = {
    id: 'p',
    symbol: 'DEMO:BTCUSD',
    side: 1,
    qty: 0.003,
    avgPrice: 70_000,
    stopLoss: 69_000,
    updateTime: 0,
  } as const

  it('is halved on the grid, rounded down, while there is a smaller part', () => {
    const { instrument } = crypto()
    expect([half(0.003, instrument), half(0.001, instrument), half(0.5, instrument)]).toEqual([0.001, undefined, 0.25])
  })

  it('knows what it loses at its stop', () => {
    expect(atStop(netRow(position, 1), crypto())).toBeCloseTo(-3, 6)
    expect(atStop({ ...netRow(position, 1), stopLoss: undefined }, crypto())).toBeUndefined()
  })

  it('names itself among others, and says what turning it round does', () => {
    const row = netRow(position, 1)
    expect(rowName(row, crypto())).toBe('BTCUSD, long 0.003')
    const words = 'Sell 0.006 BTCUSD at the market: closes long 0.003, opens short 0.003?'
    const gone = (fallen: Partial<typeof row>) => reverseWords({ ...row, stopLoss: undefined, ...fallen }, crypto())
    expect(gone({})).toBe(words)
    expect(gone({ stopLoss: 69_000 })).toBe(`${words} Its stop loss goes with it: the new one has none.`)
    expect(gone({ stopLoss: 69_000, takeProfit: 1 })).toBe(
      `${words} Its take profit and stop loss go with it: the new one has none.`,
    )
    expect(gone({ stopLoss: 69_000, trailing: 5 })).toMatch(/Its trailing stop goes/)
    expect(reverseWords({ ...row, side: -1 }, undefined)).toMatch(/^Buy 0.006 .* closes short 0.003, opens long 0.003/)
  })

  it('nests below its net position', () => {
    const { avgPrice: price, ...rest } = position
    expect(individualRow({ ...rest, id: 'i', date: 0, price }, undefined, 'p')).toMatchObject({ parent: 'p', price: 70_000 })
  })

  it('of a hedging account is worth what its parts are, and as safe as they are', () => {
    const { avgPrice: price, stopLoss, ...rest } = position
    const long = individualRow({ ...rest, id: 'a', date: 0, price, stopLoss }, 4, 'p')
    const short = individualRow({ ...rest, side: -1, id: 'b', date: 0, price }, -1, 'p')
    const net = netRow({ ...position, stopLoss: undefined as never }, undefined, [long, short])
    expect(net.pl).toBe(3)
    expect([heldOf([net]), heldOf([net, long, short]), heldOf([long])]).toEqual([2, 2, 1])
    const columns = positionColumns({
      termsOf: () => crypto(),
      quoteOf: () => ({ bid: 70_100, ask: 70_110 }) as Quote,
      currency: 'USD',
    })
    const shown = (row: PositionRow) => ['entry', 'pips'].map((id) => columns.find((one) => one.id === id)?.text?.(row))
    const alone = shown(netRow({ ...position, stopLoss: undefined as never }, undefined, [long]))
    expect(shown(net)).toEqual([alone[0], '–'])
    expect(alone).toEqual(shown(long))
    expect(allStops([net], () => crypto())).toMatchObject({ without: 1 })
  })
})
