import { expect, it } from 'vitest'
import { COLOUR_NAMES, DRAWINGS_MAX, type Drawing, nextPoint, POINTS, read, TOOLS, written } from '../../src/chart/drawings.js'

const one = (tool: (typeof TOOLS)[number]): Drawing => ({
  id: tool,
  tool,
  places: Array.from({ length: POINTS[tool] }, (_, index) => ({ time: 1_000 * index, price: 1.5 + index })),
  ...(tool === 'note' ? { text: 'watch here' } : {}),
})

it('every kind of drawing is read as it was written', () => {
  const all = TOOLS.map(one)
  expect(read(written(all))).toEqual(all)
})

it('what cannot be drawn is left out, and the rest is not lost', () => {
  const kept = JSON.stringify({
    version: 1,
    drawings: [
      one('trend'),
      { ...one('ray'), places: [] },
      { ...one('note'), places: [{ time: 'now', price: 1 }] },
      { tool: 'circle' },
      null,
    ],
  })
  expect(read(kept)).toEqual([one('trend')])
})

it('a drawing keeps its colour, and one without or with an unknown one is not lost', () => {
  const coloured = { ...one('trend'), colour: COLOUR_NAMES.length }
  expect(read(written([coloured, one('ray')]))).toEqual([coloured, one('ray')])
  const unknown = [0, COLOUR_NAMES.length + 1, 1.5, '#ff0000', null].map((colour) => ({ ...one('trend'), colour }))
  expect(read(JSON.stringify({ version: 1, drawings: unknown }))).toEqual(unknown.map(() => one('trend')))
})

it('nonsense and other versions are no drawings', () => {
  expect([read('{'), read('7'), read('{"version":2,"drawings":[]}')]).toEqual([[], [], []])
})

it('the oldest of too many give way', () => {
  const many = Array.from({ length: DRAWINGS_MAX + 5 }, (_, index) => ({ ...one('horizontal'), id: String(index) }))
  expect(
    read(written(many))
      .map(({ id }) => id)
      .slice(0, 1),
  ).toEqual(['5'])
})

it('a hand that draws is told the next point', () => {
  const told = TOOLS.map((tool) => [0, 1, 2].slice(0, POINTS[tool]).map((made) => nextPoint(tool, made).replace('Click ', '')))
  const line = ['where it begins', 'where it ends']
  const once = ['where it goes']
  expect(told).toEqual([line, line, once, [...line, 'how wide it is'], line, line, once])
})
