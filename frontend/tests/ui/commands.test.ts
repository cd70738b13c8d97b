import { expect, test, vi } from 'vitest'
import { matching } from '../../src/ui/shell/palette/matching.js'

vi.stubGlobal('location', { origin: 'http://localhost' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
const { formatOf } = await import('../../src/state/imports.js')

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

test.each([
  [['time,open,high,low,close', '2013-02-01,1,2,0,1'], 'Bars, 5 columns'],
  [['2013.02.01;92.1;92.3;92.0;92.2'], 'Bars, 5 columns, no header'],
  [['time,bid,ask'], 'Ticks, 3 columns, bid and ask'],
  [['hello'], 'Not a table: expected columns separated by commas, semicolons or tabs'],
])('the first lines %j look like: %s', (rows, format) => {
  expect(formatOf(rows)).toBe(format)
})
