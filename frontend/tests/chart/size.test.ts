import { expect, it } from 'vitest'
import { sizeText } from '../../src/chart/lines/size.js'
import { sizeWords } from '../../src/ui/ticket/sentence.js'
import { crypto, terms } from '../ui/terms.js'

const share = terms({ type: 'stock', lotSize: 1, qty: { min: 1, max: 1_000, step: 1, default: 1 } })
const ounces = terms({ type: 'commodity', lotSize: 100, qty: { min: 0.1, max: 1_000, step: 0.1, default: 1 } })

it('says a size in lots, units or shares', () => {
  expect(sizeText(120_000, terms().instrument)).toBe('1.20 lots')
  expect(sizeText(0.01, crypto().instrument)).toBe('0.010')
  expect([1, 20].map((qty) => sizeText(qty, share.instrument))).toEqual(['1 share', '20 shares'])
})

it('says it as ticket and tables do', () => {
  for (const all of [terms(), crypto(), share, ounces])
    for (const qty of [0.1, 1, 12.5, 1_000, 2_345_000]) expect(sizeText(qty, all.instrument)).toBe(sizeWords(qty, all))
})
