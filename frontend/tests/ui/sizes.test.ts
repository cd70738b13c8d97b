import { expect, it } from 'vitest'
import { sizeText } from '../../src/state/sizes.js'
import { crypto, terms } from './terms.js'

const share = terms({ type: 'stock', lotSize: 1, qty: { min: 1, max: 1_000, step: 1, default: 1 } })

it('says a size in lots, units or shares', () => {
  expect(sizeText(120_000, terms().instrument)).toBe('1.20 lots')
  expect(sizeText(1_500, terms().instrument)).toBe('0.015 lots')
  expect(sizeText(0.1 + 0.2, crypto().instrument)).toBe('0.300')
  expect(sizeText(0.01, crypto().instrument)).toBe('0.010')
  expect([1, 20].map((qty) => sizeText(qty, share.instrument))).toEqual(['1 share', '20 shares'])
})
