import { describe, expect, test } from 'vitest'
import { type Known, parseOrder, type ReadOrder, readBack } from '../../src/ui/shell/palette/sentence.js'
import { sizeOf } from '../../src/ui/ticket/sizing.js'
import { emptyTicket, wished } from '../../src/ui/ticket/ticket.js'
import { terms } from './terms.js'

const EURUSD: Known = {
  symbol: 'DEMO:EURUSD',
  type: 'forex',
  minTick: 0.00001,
  pipSize: 0.0001,
  lotSize: 100_000,
  qty: { min: 1_000, max: 50_000_000, step: 1_000, default: 1_000 },
  bid: 1.08638,
  ask: 1.08642,
  byRisk: (percent, at) => sizeOf('risk', percent, at, terms()),
}

function read(text: string, known: Known = EURUSD) {
  const order = parseOrder(text)
  if (typeof order !== 'object') throw new Error(`no order: ${order}`)
  return readBack(order, known)
}

test('an order in words is read back as the sentence that the ticket would say', () => {
  expect(read('buy 0.5 eurusd 1.0844 sl 15 tp 37.5')).toEqual({
    wish: { side: 1, type: 1, price: 1.0844, qty: 50_000, takeProfit: 1.08815, stopLoss: 1.0829 },
    sentence: 'Buy limit 0.50 lots EURUSD at 1.08440, stop loss 1.08290 (15.0 pips), take profit 1.08815 (37.5 pips)',
  })
})

describe('where the price stands decides the type', () => {
  test.each([
    ['buy 1 eurusd 1.08', 1],
    ['buy 1 eurusd 1.09', 3],
    ['sell 1 eurusd 1.09', 1],
    ['sell 1 eurusd 1.08', 3],
    ['sell 1 eurusd', 2],
  ])('%s', (text, type) => {
    expect(read(text)).toMatchObject({ wish: { type } })
  })
})

test('without a price brackets are measured from the side that would fill', () => {
  expect(read('sell eurusd sl 10')).toMatchObject({ wish: { side: -1, type: 2, stopLoss: 1.08738 } })
  expect(read('buy eurusd sl 10')).toMatchObject({ wish: { side: 1, type: 2, stopLoss: 1.08542 } })
})

test('a number near the price is a price, and @ and p say which is meant', () => {
  expect(read('buy 1 eurusd sl 1.08')).toMatchObject({ wish: { stopLoss: 1.08 } })
  const share: Known = {
    symbol: 'DEMO:ACME',
    type: 'stock',
    minTick: 0.01,
    pipSize: 0.01,
    lotSize: 1,
    qty: { min: 1, max: 100_000, step: 1, default: 1 },
    bid: 20,
    ask: 20.02,
  }
  expect(read('buy 10 acme tp 0.22p', share)).toMatchObject({ wish: { takeProfit: 20.24 } })
  expect(read('buy 10 acme tp @30', share)).toMatchObject({
    wish: { takeProfit: 30 },
    sentence: 'Buy 10 shares ACME at market, take profit 30.00 (9.98 points)',
  })
})

test('units may be named, and a price may come after at', () => {
  expect(read('buy 20000u eurusd at 1.08')).toMatchObject({ wish: { qty: 20_000, price: 1.08 } })
})

test('a price off the grid is taken to the nearest on it', () => {
  expect(read('buy 1 eurusd 1.084405')).toMatchObject({ wish: { price: 1.08441 } })
})

test('a size in percent is what may be lost, as the ticket sizes by risk', () => {
  const { wish, sentence } = read('buy 1 % eurusd 1.0844 sl 15') as ReadOrder
  expect(sentence).toBe('Buy limit 6.66 lots EURUSD at 1.08440, stop loss 1.08290 (15.0 pips), 1% of the equity at risk')
  expect(wish).toEqual({ side: 1, type: 1, price: 1.0844, risk: 1, stopLoss: 1.0829 })
  const prices = { bid: 1.08638, ask: 1.08642 }
  const ticket = wished(emptyTicket(terms(), prices), { clear: true, ...wish }, terms(), prices)
  expect(ticket).toMatchObject({ sizeUnit: 'risk', size: '1', stopLoss: { on: true, unit: 'price', text: '1.08290' } })
})

test.each([
  ['buy 0.001% eurusd sl 50', '0.001% of the equity at risk is less than the smallest EURUSD loses at this stop'],
  ['buy 1% eurusd sl @1.08642', 'The stop loss stands at the entry, so it does not say how much is at risk'],
])('"%s" has no size', (text, why) => {
  expect(read(text)).toBe(why)
})

test.each([
  ['buy 0.001 eurusd', 'Expected a size of at least 0.01 lots, found 0.001'],
  ['buy 0 eurusd', 'Expected a size of at least 0.01 lots, found 0'],
  ['buy 0.015 eurusd', 'Expected a size in steps of 0.01 lots, found 0.015'],
  ['buy 1500u eurusd', 'Expected a size in steps of 0.01 lots, found 1500'],
])('"%s" is not taken for another size', (text, why) => {
  expect(read(text)).toBe(why)
})

test('a comma is the point where it can be nothing else', () => {
  expect(read('buy 0,5 eurusd 1,0844 sl 15')).toEqual(read('buy 0.5 eurusd 1.0844 sl 15'))
})

test.each(['', 'eurusd', 'settings', 'buy'])('"%s" is no order', (text) => {
  expect(parseOrder(text)).toBeUndefined()
})

test.each([
  ['buy 1 eurusd sl', 'Expected a number after "sl", such as sl 15'],
  ['buy 1 eurusd soon', 'Expected sl, tp or a price after EURUSD, found "soon"'],
  ['buy 1 eurusd 1.08 1.09', 'Expected one price, found 1.08 and "1.09"'],
  ['buy 1% eurusd', 'Expected a stop loss to size by risk, such as buy 1% eurusd sl 15'],
  ['buy 1 1% eurusd sl 15', 'Expected one size, found "1%" as well'],
  ['buy 250% eurusd sl 15', 'Expected a risk of up to 100% of the equity, found "250%"'],
  ['buy 0,,5 eurusd', 'Expected a number, found "0,,5"'],
  ['buy 1.234,5 eurusd', 'Expected a number, found "1.234,5"'],
  ['buy 1,250 eurusd', '1,250 can be read in two ways: write 1250 or 1.250'],
])('"%s" says what was expected', (text, sentence) => {
  expect(parseOrder(text)).toBe(sentence)
})

test('without a price in the market a distance cannot be reckoned', () => {
  expect(read('buy eurusd sl 10', { ...EURUSD, bid: undefined, ask: undefined })).toContain('has no price now')
})
