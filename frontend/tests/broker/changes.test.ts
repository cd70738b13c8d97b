import { describe, expect, it } from 'vitest'
import { changeOf } from '../../src/broker/changes.js'
import type { PlacedOrder } from '../../src/generated/rest.js'

const KNOWN: PlacedOrder = {
  ...{ id: 'o', symbol: 'S', type: 1, side: 1, qty: 10, status: 6, limitPrice: 1.5, takeProfit: 2, stopLoss: 1 },
  ...{ filledQty: 0, duration: { type: 'GTC' }, triggered: false, isClose: false, placeTime: 0, updateTime: 0 },
}
const wanted = (more: object) => ({ ...KNOWN, ...more }) as never

describe('a modification asks for', () => {
  it('nothing when nothing differs', () => {
    expect(changeOf(wanted({}), KNOWN)).toEqual({})
  })

  it('what differs', () => {
    expect(changeOf(wanted({ qty: 20, limitPrice: 1.6, takeProfit: 3 }), KNOWN, 'yes')).toEqual({
      qty: 20,
      limitPrice: 1.6,
      takeProfit: 3,
      confirmId: 'yes',
    })
  })

  it('the end of a bracket that is missing', () => {
    expect(changeOf(wanted({ takeProfit: undefined }), KNOWN)).toEqual({ takeProfit: null })
  })

  it('no end of brackets of a bracket, which has none', () => {
    const known = { ...KNOWN, parentId: 'p', parentType: 2 as const }
    expect(changeOf(wanted({ parentId: 'p', takeProfit: undefined, limitPrice: 1.7 }), known)).toEqual({ limitPrice: 1.7 })
  })

  it('another duration, but not another end of the day, which the house tells', () => {
    const day = { ...KNOWN, duration: { type: 'DAY' as const, datetime: 5 } }
    expect(changeOf(wanted({ duration: { type: 'DAY' } }), day)).toEqual({})
    expect(changeOf(wanted({ duration: { type: 'GTD', datetime: 9 } }), day)).toEqual({
      duration: { type: 'GTD', datetime: 9 },
    })
  })
})
