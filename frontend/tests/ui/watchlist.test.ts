import { expect, test } from 'vitest'
import { beside, moved, sorted, WATCHLIST_MAX, withoutSymbol, withSymbol } from '../../src/state/watchlist.js'

const LIST = ['a', 'b', 'c']

test('a symbol is on the list once, and the list has an end', () => {
  expect(withSymbol(LIST, 'd')).toEqual(['a', 'b', 'c', 'd'])
  expect(withSymbol(LIST, 'b')).toEqual(LIST)
  const full = Array.from({ length: WATCHLIST_MAX }, (_, at) => `s${at}`)
  expect(withSymbol(full, 'one more')).toEqual(full)
  expect(withoutSymbol(LIST, 'b')).toEqual(['a', 'c'])
})

test('a symbol is dragged before another, or to the end', () => {
  expect(moved(LIST, 'c', 'a')).toEqual(['c', 'a', 'b'])
  expect(moved(LIST, 'a', 'c')).toEqual(['b', 'a', 'c'])
  expect(moved(LIST, 'a')).toEqual(['b', 'c', 'a'])
  expect(moved(LIST, 'a', 'a')).toEqual(LIST)
  expect(moved(LIST, 'x', 'a')).toEqual(LIST)
})

test('by change, what rose most is on top and what is unknown below', () => {
  const change: Record<string, number> = { a: -1, c: 2 }
  expect(sorted(LIST, 'change', (symbol) => change[symbol])).toEqual(['c', 'a', 'b'])
  expect(sorted(['b', 'a'], 'name', () => 0)).toEqual(['a', 'b'])
  expect(sorted(['b', 'a'], 'own', () => 0)).toEqual(['b', 'a'])
})

test('one steps round the list in circles', () => {
  expect(beside(LIST, 'c', 1)).toBe('a')
  expect(beside(LIST, 'a', -1)).toBe('c')
  expect(beside(LIST, 'not on it', 1)).toBe('a')
  expect(beside([], 'a', 1)).toBeUndefined()
})
