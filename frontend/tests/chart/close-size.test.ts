import { expect, test } from 'vitest'
import { half, partOf, sizeField, sizeLabel } from '../../src/chart/close-size.js'
import { crypto, terms } from '../ui/terms.js'

const forex = terms().instrument
const bitcoin = crypto().instrument
const share = terms({ type: 'stock', lotSize: 1, qty: { min: 1, max: 1_000, step: 1, default: 1 } }).instrument

test('the size of a position is asked for in the words of the tables', () => {
  expect([forex, share, bitcoin, undefined].map(sizeLabel)).toEqual(['Lots', 'Shares', 'Units', 'Units'])
  expect([sizeField(25_000, forex), sizeField(1_200, share), sizeField(0.5, bitcoin)]).toEqual(['0.25', '1200', '0.500'])
})

test.each([
  ['0.1', 10_000],
  ['0,1', 10_000],
  ['.07', 7_000],
  ['0.29', 29_000],
  ['0.30', 30_000],
])('%s lots are %i units', (said, size) => {
  expect(partOf(said, 30_000, forex)).toEqual({ size })
})

test.each([
  ['', 'in lots, found none'],
  ['half', 'in lots, found “half”'],
  ['9'.repeat(400), `in lots, found “${'9'.repeat(400)}”`],
  ['0', 'of at least 0.01 lots, found 0'],
  ['-0.1', 'of at least 0.01 lots, found -0.1'],
  ['0.005', 'of at least 0.01 lots, found 0.005'],
  ['0.125', 'in steps of 0.01 lots, found 0.125'],
  ['0.26', 'of at most 0.25 lots, found 0.26'],
  ['25000', 'of at most 0.25 lots, found 25000'],
])('of 0.25 lots nobody closes “%s”', (said, why) => {
  expect(partOf(said, 25_000, forex)).toEqual({ wrong: `Expected a size ${why}` })
})

test('shares and units are refused in their own words', () => {
  expect(partOf('1.5', 20, share)).toEqual({ wrong: 'Expected a size in steps of 1 share, found 1.5' })
  expect(partOf('0.6', 0.5, bitcoin)).toEqual({ wrong: 'Expected a size of at most 0.500, found 0.6' })
  expect(partOf('0', 0.5, undefined)).toEqual({ wrong: 'Expected a size above 0, found 0' })
})

test('all that is held may be closed, on the grid or not', () => {
  expect(partOf('0.0125', 1_250, forex)).toEqual({ size: 1_250 })
  expect(partOf(sizeField(1_250, forex), 1_250, forex)).toEqual({ size: 1_250 })
  expect(partOf('0.001', 500, forex)).toMatchObject({
    wrong: expect.stringMatching(/^Expected a size of .* lots, all of it, found 0.001$/),
  })
  expect(partOf('120', 12_000_000, forex)).toEqual({ size: 12_000_000 })
  expect(partOf('110', 12_000_000, forex)).toEqual({ wrong: 'Expected a size of at most 100.00 lots, found 110' })
})

test('half of a position stands on the grid, and there is none of the smallest', () => {
  expect([half(25_000, forex), half(1_000, forex), half(0.005, bitcoin)]).toEqual([12_000, undefined, 0.002])
})
