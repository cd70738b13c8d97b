import { expect, test } from 'vitest'
import { closeComplaint } from '../../src/chart/close-size.js'

test.each([
  ['', 'none'],
  [0, '0'],
  [-1, '-1'],
  [Number.NaN, 'NaN'],
])('a position is not closed by %j', (size, found) => {
  expect(closeComplaint(size, 0.5)).toBe(`Expected a size above 0 and up to 0.5, found ${found}`)
})

test('a position is closed by a part of it or by all of it', () => {
  expect([closeComplaint(0.001, 0.5), closeComplaint(0.5, 0.5)]).toEqual(['', ''])
})
