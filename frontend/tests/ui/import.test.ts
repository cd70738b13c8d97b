import { expect, test, vi } from 'vitest'
import type { FilePreview, SeriesReport } from '../../src/generated/rest.js'
import type { Progress } from '../../src/state/imports.js'
import { formatWords, pairsOf, progressWords, repairsOf, usualStart } from '../../src/ui/import/words.js'

vi.stubGlobal('location', { origin: 'http://localhost' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
/** An upload whose answers are given by hand. */
class Upload {
  static last: Upload
  upload: { onprogress?: (told: { loaded: number; total: number }) => void; onload?: () => void } = {}
  onload?: () => void
  onabort?: (() => void) | null
  status = 0
  responseText = ''
  aborted = false
  open() {}
  setRequestHeader() {}
  send() {
    Upload.last = this
  }
  abort() {
    this.aborted = true
  }
  answer(status: number, body: unknown) {
    Object.assign(this, { status, responseText: JSON.stringify(body) })
    this.onload?.()
  }
}
vi.stubGlobal('XMLHttpRequest', Upload)
const { chooseFiles, forgetImports, importView, refusedLine, startImport } = await import('../../src/state/imports.js')
const { rest } = await import('../../src/state/house.js')
const JOB = { id: '7', status: 'running', bytesRead: 1, bytesTotal: 2 }

const preview = (more: Partial<FilePreview>): FilePreview => ({
  name: 'a.csv',
  symbol: 'USDJPY',
  kind: 'bars',
  side: 'bid',
  delimiter: ',',
  header: true,
  zoned: false,
  columns: [],
  rows: [],
  ...more,
})

test('a file is told in words, and both sides of a symbol are told to belong together', () => {
  expect(formatWords(preview({}))).toBe('Bars, bid side, commas, with a header')
  expect(formatWords(preview({ kind: 'ticks', side: 'both', delimiter: ';', header: false }))).toBe(
    'Ticks, bid and ask, semicolons, no header',
  )
  expect(pairsOf([preview({}), preview({ side: 'ask' })])).toEqual(['Bid and ask of USDJPY become one series.'])
  expect(pairsOf([preview({}), preview({ side: 'ask', symbol: 'EURUSD' })])).toEqual([])
})

test('progress says rows, rate and what is left, once that can be known', () => {
  const progress: Progress = { doing: 'reading', done: 250_000, total: 1_000_000, rows: 40_000, begun: 0 }
  expect(progressWords(progress, 100)).toBe('About 10,000 of 40,000 rows')
  expect(progressWords(progress, 2_000)).toBe('About 10,000 of 40,000 rows · 5,000 rows/s · 6 s left')
  expect(progressWords({ ...progress, done: 1_000_000 }, 9_000)).toBe('About 40,000 of 40,000 rows · writing them down')
})

test('what was put right is said, and nothing where nothing was', () => {
  const clean = { duplicates: 0, conflicts: 0, disordered: 0, lifted: 0, oneSided: 0 } as SeriesReport
  expect(repairsOf(clean)).toEqual([])
  expect(repairsOf({ ...clean, duplicates: 1, lifted: 2_144 })).toEqual([
    '1 line stood there twice and counts once.',
    '2,144 bids lay above their asks; the asks are lifted to them.',
  ])
})

test('a replay begins with some past to see, and at most eight hours of it', () => {
  const day = 86_400_000
  expect(usualStart({ first: 0, last: 28 * day })).toBe(day / 3)
  expect(usualStart({ first: 0, last: 7_200_000 })).toBe(720_000)
})

test.each(['\n', '\r\n'])('the refused line is found in its file, lines ended by %j', async (end) => {
  const file = new File([['time,open', '1,2', 'x,y', '3,4'].join(end)], 'bad.csv')
  const found = await refusedLine("bad.csv, line 3: expected a price, found 'y'.", [file])
  expect(found).toEqual({ file: 'bad.csv', number: 3, text: 'x,y', why: "expected a price, found 'y'." })
  expect(await refusedLine('bad.csv, line 9: no.', [file])).toBeUndefined()
  expect(await refusedLine('other.csv, line 3: no.', [file])).toBeUndefined()
})

test('an import that is given up late leaves the sheet of the next one alone', async () => {
  const ask = vi.spyOn(rest, 'ask').mockResolvedValue([])
  await startImport([new File(['a'], 'a.csv')], {})
  Upload.last.upload.onload?.()
  if (importView.value?.stage === 'running') importView.value.cancel()
  expect(importView.value).toBeUndefined()
  await chooseFiles([new File(['b'], 'b.csv')])
  ask.mockClear()
  Upload.last.answer(202, JOB)
  expect(importView.value?.stage).toBe('chosen')
  expect(ask).toHaveBeenCalledOnce()
  forgetImports()
})

test('an import whose person has gone is neither asked for nor shown again', async () => {
  vi.useFakeTimers()
  const ask = vi.spyOn(rest, 'ask').mockResolvedValue(JOB)
  await startImport([new File(['a'], 'a.csv')], {})
  Upload.last.answer(202, JOB)
  await vi.advanceTimersByTimeAsync(900)
  expect(importView.value?.stage).toBe('running')
  forgetImports()
  ask.mockClear()
  await vi.advanceTimersByTimeAsync(900)
  expect([importView.value, ask.mock.calls.length, Upload.last.aborted]).toEqual([undefined, 0, true])
  vi.useRealTimers()
})
