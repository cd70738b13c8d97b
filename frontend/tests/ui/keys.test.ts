// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { forgetSettings, settings } from '../../src/state/settings.js'
import { actOf, assign, buyingWords, KEYS, keyOf, nameOfKey, unfit, wordsOf } from '../../src/ui/shell/key-table.js'

const press = (key: string, more: Partial<Record<'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey', boolean>> = {}) => ({
  ...{ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false },
  ...more,
})
beforeEach(forgetSettings)

test('no key does two things', () => {
  expect(new Set(KEYS.map(({ key }) => key)).size).toBe(KEYS.length)
})

test('a key that is given to something else leaves what had it, and says so', () => {
  expect(assign('buy', 'k')).toBe('')
  expect([actOf('k'), actOf('b'), wordsOf('buy')]).toEqual(['buy', undefined, 'K'])
  expect(assign('sell', 'k')).toBe('K was “buy”, which has no key now.')
  expect([keyOf('buy'), actOf('k')]).toEqual(['', 'sell'])
})

test('what has its first key again is no longer kept as changed', () => {
  assign('buy', 'k')
  assign('buy', 'b')
  expect(settings.keyOf).toEqual({})
})

test('a letter has its Shift, a sign is itself on every keyboard', () => {
  expect([nameOfKey(press('B', { shiftKey: true })), nameOfKey(press('B')), nameOfKey(press('?', { shiftKey: true }))]).toEqual(
    ['Shift B', 'b', '?'],
  )
  expect(nameOfKey(press('='))).toBe('+')
})

test.each([
  [press('k', { ctrlKey: true }), /Ctrl/],
  [press('5'), /Digits/],
  [press('Enter'), /Enter/],
  [press('F5'), /F5/],
])('%j cannot be given away', (pressed, why) => {
  expect(unfit(pressed)).toMatch(why)
})

test('somebody with nothing open is told the key that buys now, and none where there is none', () => {
  expect(buyingWords('BTCUSD', false)).toBe('Press B to buy BTCUSD.')
  assign('buy', 'k')
  expect(buyingWords('BTCUSD', false)).toBe('Press K to buy BTCUSD.')
  expect(buyingWords('BTCUSD', true)).toBe('The ticket buys BTCUSD.')
  settings.keys = false
  expect([buyingWords('BTCUSD', false), wordsOf('arm')]).toEqual(['The ticket buys BTCUSD.', ''])
  settings.keys = true
  assign('buy', '')
  expect(buyingWords('BTCUSD', false)).toBe('The ticket buys BTCUSD.')
})
