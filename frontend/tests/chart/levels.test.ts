import { expect, it } from 'vitest'
import { LABEL_HEIGHT, LEVELS, withRoom } from '../../src/chart/levels.js'

const shown = (height: number) => {
  const roomy = withRoom(LEVELS.map((share) => share * height))
  return LEVELS.filter((_, at) => roomy[at])
}

it('every level has its label where there is room for all', () => {
  expect(shown(LABEL_HEIGHT * 10)).toEqual(LEVELS)
})

it('the ends stay, then the middle, then the golden ones, whichever way it was drawn', () => {
  for (const way of [1, -1]) {
    expect(shown(LABEL_HEIGHT * 5 * way)).toEqual([0, 1, 0.5, 0.786, 0.236])
    expect(shown(LABEL_HEIGHT * 2 * way)).toEqual([0, 1, 0.5])
    expect(shown(LABEL_HEIGHT * way)).toEqual([0, 1])
    expect(shown(LABEL_HEIGHT * 0.9 * way)).toEqual([0])
  }
})
