import { describe, expect, it } from 'vitest'
import { curlOf } from '../../src/state/curl.js'
import { arrange, type Column, csv, narrowed, pressed, timeColumn, tsv, walk, windowOf } from '../../src/ui/tables/grid.js'
import { logRows } from '../../src/ui/tables/log-rows.js'

interface Row {
  id: string
  name: string
  size?: number
  parent?: string
}
const columns: Column<Row>[] = [
  { id: 'name', title: 'Name', value: ({ name }) => name },
  { id: 'size', title: 'Size', number: true, value: ({ size }) => size, text: ({ size }) => `${size ?? '–'} lots` },
  { id: 'acts', title: '', value: () => undefined, acts: true },
]
const rows: Row[] = [
  { id: '1', name: 'EURUSD', size: 10 },
  { id: '2', name: 'ACME' },
  { id: '3', name: 'BTC', size: 9 },
]
const nesting = { key: ({ id }: Row) => id, parent: ({ parent }: Row) => parent }
const ids = (found: readonly Row[]) => found.map(({ id }) => id).join('')

describe('a table', () => {
  it('sorts numbers as numbers, and what is unknown last both ways', () => {
    expect(ids(arrange(rows, columns, '', { id: 'size', down: false }))).toBe('312')
    expect(ids(arrange(rows, columns, '', { id: 'size', down: true }))).toBe('132')
    expect(ids(arrange(rows, columns, '', { id: 'name', down: false }))).toBe('231')
    expect(ids(arrange(rows, columns, '', undefined))).toBe('123')
  })

  it('filters by every word of what is shown', () => {
    expect(ids(arrange(rows, columns, 'lots eur', undefined))).toBe('1')
    expect(ids(arrange(rows, columns, 'nothing', undefined))).toBe('')
  })

  it('keeps children behind their parent, whatever sorts', () => {
    const child = { id: '4', name: 'TP', size: 99, parent: '3' }
    expect(ids(arrange([child, ...rows], columns, '', { id: 'size', down: true }, nesting))).toBe('1342')
    expect(ids(arrange([child], columns, '', undefined, nesting))).toBe('4')
  })

  it('turns a head up, down, and back', () => {
    const up = pressed(undefined, 'name')
    expect([up, pressed(up, 'name'), pressed({ id: 'name', down: true }, 'name')]).toEqual([
      { id: 'name', down: false },
      { id: 'name', down: true },
      undefined,
    ])
  })

  it('is taken elsewhere as values, without its controls', () => {
    expect(tsv(rows.slice(0, 2), columns)).toBe('Name\tSize\r\nEURUSD\t10\r\nACME\t')
    expect(csv([{ id: '1', name: 'a "b", c' }], columns)).toBe('Name,Size\r\n"a ""b"", c",')
  })

  it('never hands a spreadsheet a formula, and leaves negative numbers numbers', () => {
    expect(csv([{ id: '1', name: '=1+1', size: -3 }], columns)).toBe("Name,Size\r\n'=1+1,-3")
  })

  it('holds only the rows that are seen, above fifty', () => {
    expect(windowOf(50, 0, 200, 26)).toEqual({ from: 0, to: 50 })
    expect(windowOf(5_000, 26_000, 260, 26)).toEqual({ from: 992, to: 1018 })
    expect(windowOf(60, 999_999, 260, 26).to).toBe(60)
  })

  it('is walked with arrows, up into the heads', () => {
    expect(walk({ row: 0, column: 1 }, 'up', 3, 3)).toEqual({ row: -1, column: 1 })
    expect(walk({ row: 2, column: 1 }, 'down', 3, 3)).toEqual({ row: 2, column: 1 })
    expect(walk({ row: 2, column: 0 }, 'end', 3, 3)).toEqual({ row: 2, column: 2 })
    expect(walk({ row: 2, column: 2 }, 'first', 3, 3)).toEqual({ row: 0, column: 0 })
  })
})

describe('a narrow table', () => {
  it('begins with what counts, and keeps the rest in its order', () => {
    const lead = columns.map((column) => ({ ...column, lead: column.id === 'size' }))
    expect(narrowed(lead).map(({ id }) => id)).toEqual(['size', 'name', 'acts'])
  })
})

describe('a time', () => {
  it('is exported as it is written everywhere', () => {
    const at = timeColumn<number>('time', 'Time', (row) => row, 'UTC')
    expect(csv([0], [at])).toBe('Time\r\n1970-01-01T00:00:00.000Z')
  })
})

describe('the log', () => {
  it('hands a request to a shell, whatever it says', () => {
    const asked = { method: 'PATCH', url: 'http://host/orders/o1', body: '{"text":"it\'s"}' }
    expect(curlOf(asked)).toBe(
      `curl -X PATCH 'http://host/orders/o1' -H 'Content-Type: application/json' -d '{"text":"it'\\''s"}'`,
    )
    expect(curlOf({ method: 'GET', url: 'http://host/orders', body: '' })).toBe("curl 'http://host/orders'")
  })

  it('tells once what the account and the page both say, the latest first', () => {
    const notice = { id: 'n', time: 5, tone: 'information', text: 'Bought', about: 'BTC', from: 'account', curl: '' } as const
    const lines = [
      { id: 2, time: 9, tone: 'warning', text: 'Connection lost' },
      { id: 1, time: 5, tone: 'success', text: 'Bought' },
    ] as const
    expect(logRows([notice], lines).map(({ text }) => text)).toEqual(['Connection lost', 'Bought'])
  })
})
