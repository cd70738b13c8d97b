import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../../src')
/** Whose files may not know the panels: they are what panels stand on. */
const BELOW = ['broker', 'chart', 'datafeed', 'rest', 'state', 'storage', 'tradingview', 'wire']

it('no floor below the panels imports from them', () => {
  const wrong = BELOW.flatMap((floor) => filesOf(join(SRC, floor))).flatMap((file) =>
    importsOf(file)
      .filter((target) => relative(SRC, target).startsWith('ui/') && !target.endsWith('.css'))
      .map((target) => `${relative(SRC, file)} imports ${relative(SRC, target)}`),
  )
  expect(wrong).toEqual([])
})

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|vue)$/.test(name))
    .map((name) => join(folder, name))
}

function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/(?:from|import) '(\.[^']+)'/g)
  return [...found].map(([, path = '']) => resolve(dirname(file), path))
}
