// Validates AsyncAPI documents with the official parser: node frontend/scripts/check-asyncapi.mjs FILE…
import { readFile } from 'node:fs/promises'
import { Parser } from '@asyncapi/parser'

const ERROR = 0

async function check(file) {
  const { document, diagnostics } = await new Parser().parse(await readFile(file, 'utf8'))
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === ERROR)
  for (const error of errors) console.error(`${file}: ${error.path.join('.')}: ${error.message}`)
  if (document === undefined || errors.length > 0) return false
  console.log(`${file}: valid, ${document.operations().length} operations on ${document.channels().length} channels`)
  return true
}

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('Expected the documents to check, found none')
  process.exit(2)
}
const verdicts = await Promise.all(files.map(check))
process.exit(verdicts.every(Boolean) ? 0 : 1)
