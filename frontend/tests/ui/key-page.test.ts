// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { FIXED, KEYS, keyWords } from '../../src/ui/shell/key-table.js'

const PAGE = resolve(import.meta.dirname, '../../../docs/how-to/use-the-terminal.md')
const table = (rows: readonly (readonly [string, string])[]) =>
  ['| Key | Does |', '| --- | --- |', ...rows.map(([key, does]) => `| \`${key}\` | ${does} |`)].join('\n')

it('the page about the terminal tells the keys as they are at first', () => {
  const page = readFileSync(PAGE, 'utf8')
  expect(page).toContain(table(KEYS.map(({ key, does }) => [keyWords(key), does])))
  expect(page).toContain(table(FIXED))
})
