import { expect, test } from 'vitest'
import { matching } from '../../src/ui/shell/palette/matching.js'

const LIST = [
  { group: 'Panels', title: 'Positions', run: () => {} },
  { group: 'Orders', title: 'Close all positions', hint: 'Shift X', run: () => {} },
  { group: 'API', title: 'Swagger UI', run: () => {} },
] as const

test('the palette finds by every word, and what begins with it comes first', () => {
  expect(matching(LIST, 'positions').map(({ title }) => title)).toEqual(['Positions', 'Close all positions'])
  expect(matching(LIST, 'all close').map(({ title }) => title)).toEqual(['Close all positions'])
  expect(matching(LIST, 'api').map(({ title }) => title)).toEqual(['Swagger UI'])
  expect(matching(LIST, '')).toHaveLength(3)
  expect(matching(LIST, 'nothing')).toEqual([])
})
