import { expect, it } from 'vitest'
import { Refusal } from '../../src/rest/client.js'
import { folded, reasonText, traderWords } from '../../src/state/words.js'
import { complaintOf } from '../../src/ui/ticket/placing.js'

it.each([
  [
    'Expected a stopLoss below the bid (641329.74), found 641400',
    'Expected a stop loss below the bid (641,329.74), found 641,400',
  ],
  ['Expected a limitPrice for this order type, found none', 'Expected a limit price for this order type, found none'],
  [
    'Expected no takeProfit for a stop order in this state, found one',
    'Expected no take profit for a stop order in this state, found one',
  ],
  [
    'Expected an account that may open positions, found it locked until it is unlocked: Kill switch',
    'The account is locked (Kill switch). Nothing can be opened until it is unlocked',
  ],
  [
    'Expected DEMO:EURUSD to be open, found it closed until 2026-11-22 22:00:00 UTC',
    'EURUSD is closed until 2026-11-22 22:00:00 UTC',
  ],
  [
    'DEMO:EURUSD is closed until 2026-11-22 22:00:00 UTC: nothing fills before',
    'EURUSD is closed until 2026-11-22 22:00:00 UTC: nothing fills before',
  ],
  ['found -12345.5 USD', 'found -12,345.5 USD'],
  ['Bought 0.01 BTCUSD at 64132.12.', 'Bought 0.01 BTCUSD at 64,132.12.'],
  ['Expected a price in ticks of 0.00001, found 1.084405', 'Expected a price in ticks of 0.00001, found 1.084405'],
])('says %j as %j', (told, said) => {
  expect(traderWords(told)).toBe(said)
  expect(traderWords(said)).toBe(said)
})

it.each([
  "Expected one of the account's orders, found '12345678'",
  'Expected an account such as DEMO-123456 or A12345',
  'Expected a time from 2013-02-01 10:00:00 to 2024',
  'http://127.0.0.1:18000/trades/12345',
  "Expected only fields that are known, found 'stopLoss'",
])('leaves %j alone', (told) => {
  expect(traderWords(told)).toBe(told)
})

it('says a refusal likewise, at its field', () => {
  const message = 'Expected a stopLoss below the market (641329.74), found 700000'
  const refusal = new Refusal(422, { code: 'wrong_side', message, field: 'stopLoss' })
  const said = 'Expected a stop loss below the market (641,329.74), found 700,000'
  expect(reasonText(refusal)).toBe(said)
  expect(complaintOf(refusal)).toMatchObject({ message: said, field: 'stopLoss' })
})

it('folds what is long behind its first sentences', () => {
  expect(folded('Not connected')).toEqual({ said: 'Not connected.', details: '' })
  const long = `The server could not be reached: ${'a very long reason '.repeat(12)}`.trim()
  expect(folded(long)).toEqual({
    said: 'The server could not be reached.',
    details: `${'a very long reason '.repeat(12)}`.trim().concat('.'),
  })
  const { said, details } = folded('word '.repeat(60).trim())
  expect(said.length).toBeLessThan(125)
  expect(`${said.replace(' …', '')} ${details}`).toBe(`${'word '.repeat(60).trim()}.`)
})
