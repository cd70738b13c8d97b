import { timeText } from '../../state/format.js'
import type { Quote } from '../../state/quotes.js'

/** What a table does with rows, apart from how it looks. */
export type Cell = string | number | undefined

/** A live cell's text and the classes that colour it. */
export interface Painted {
  text: string
  tone?: 'up' | 'down' | 'warn' | ''
}

export interface Column<Row> {
  id: string
  title: string
  /** Sorted, filtered, copied and exported by. */
  value: (row: Row) => Cell
  /** As it is shown, where that is not the value itself. */
  text?: (row: Row) => string
  tone?: (row: Row) => string
  hint?: (row: Row) => string
  number?: boolean
  /** Painted with every frame in which this symbol's quote has moved, past Vue. */
  live?: { symbol: (row: Row) => string; paint: (row: Row, quote: Quote) => Painted }
  /** Runs on to further lines where a table is narrow. */
  wraps?: boolean
  /** Holds controls: it is neither sorted nor exported. */
  acts?: boolean
  /** Stands first where a table is narrow. */
  lead?: boolean
  /** What stands below it, of the rows that are shown. */
  total?: (rows: readonly Row[]) => Total
}

export interface Total {
  text: string
  tone?: string
  hint?: string
}

/** Shown as people read it, sorted and exported as it is written everywhere. */
export function timeColumn<Row>(
  id: string,
  title: string,
  of: (row: Row) => number | undefined,
  zone: 'UTC' | 'local',
): Column<Row> {
  const iso = (row: Row) => new Date(of(row) ?? 0).toISOString()
  return { id, title, value: iso, text: (row) => timeText(of(row) ?? 0, zone), hint: iso }
}

/** The columns in the order in which a narrow table shows them: what counts first, the controls at the end. */
export function narrowed<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  return [...columns.filter(({ lead }) => lead), ...columns.filter(({ lead }) => !lead)]
}

export interface Sort {
  id: string
  down: boolean
}

export interface Nesting<Row> {
  key: (row: Row) => string
  parent: (row: Row) => string | undefined
}

/** Rows as they are shown: filtered by every word, sorted, children behind their parent. */
export function arrange<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  filter: string,
  sort: Sort | undefined,
  nesting?: Nesting<Row>,
): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (row: Row) => {
    const text = columns.map((column) => shown(column, row).toLowerCase()).join(' ')
    return words.every((word) => text.includes(word))
  }
  const left = words.length === 0 ? rows : rows.filter(fits)
  const by = columns.find(({ id }) => id === sort?.id)
  const sorted = by === undefined || sort === undefined ? left : [...left].sort(order(by, sort.down))
  return nesting === undefined ? sorted : nested(sorted, nesting)
}

/** Unknown stands last, whichever way the rest is sorted. */
function order<Row>(column: Column<Row>, down: boolean): (one: Row, other: Row) => number {
  return (one, other) => {
    const [a, b] = [column.value(one), column.value(other)]
    if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
    const way = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
    return down ? -way : way
  }
}

function nested<Row>(rows: readonly Row[], { key, parent }: Nesting<Row>): readonly Row[] {
  const known = new Set(rows.map(key))
  const children = new Map<string, Row[]>()
  const top: Row[] = []
  for (const row of rows) {
    const above = parent(row)
    if (above === undefined || !known.has(above)) top.push(row)
    else children.set(above, [...(children.get(above) ?? []), row])
  }
  return top.flatMap((row) => [row, ...(children.get(key(row)) ?? [])])
}

export function shown<Row>(column: Column<Row>, row: Row): string {
  if (column.text !== undefined) return column.text(row)
  const value = column.value(row)
  return value === undefined ? '–' : String(value)
}

/** The next state of a head that is pressed: up, down, as it came. */
export function pressed(sort: Sort | undefined, id: string): Sort | undefined {
  if (sort?.id !== id) return { id, down: false }
  return sort.down ? undefined : { id, down: true }
}

/** For a spreadsheet, by way of the clipboard: values, not their dress. */
export function tsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return lines(rows, columns, '\t', (text) => text.replace(/[\t\r\n]+/g, ' '))
}

export function csv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return lines(rows, columns, ',', (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
}

function lines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  by: string,
  write: (text: string) => string,
): string {
  const told = columns.filter(({ acts }) => acts !== true)
  const head = told.map(({ title }) => write(title)).join(by)
  // A cell that begins like a formula would be run by a spreadsheet.
  const cell = (value: Cell) => write(typeof value === 'string' && /^[=+\-@]/.test(value) ? `'${value}` : String(value ?? ''))
  return [head, ...rows.map((row) => told.map((column) => cell(column.value(row))).join(by))].join('\r\n')
}

/** Above so many rows only those that are seen are in the page. */
export const VIRTUAL_ROWS = 50
const AROUND = 8

export interface Window {
  from: number
  to: number
}

export function windowOf(count: number, scrolled: number, height: number, row: number): Window {
  if (count <= VIRTUAL_ROWS) return { from: 0, to: count }
  const from = Math.max(0, Math.min(count, Math.floor(scrolled / row)) - AROUND)
  return { from, to: Math.min(count, from + Math.ceil(height / row) + 2 * AROUND) }
}

export type Step = 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'pageUp' | 'pageDown' | 'first' | 'last'
const PAGE = 10

/** Where the focus goes from a cell; −1 is the row of heads. */
export function walk(at: { row: number; column: number }, step: Step, rows: number, columns: number) {
  const row = (to: number) => ({ row: Math.max(-1, Math.min(rows - 1, to)), column: at.column })
  const column = (to: number) => ({ row: at.row, column: Math.max(0, Math.min(columns - 1, to)) })
  switch (step) {
    case 'up':
      return row(at.row - 1)
    case 'down':
      return row(at.row + 1)
    case 'pageUp':
      return row(at.row - PAGE)
    case 'pageDown':
      return row(at.row + PAGE)
    case 'left':
      return column(at.column - 1)
    case 'right':
      return column(at.column + 1)
    case 'home':
      return column(0)
    case 'end':
      return column(columns - 1)
    case 'first':
      return { row: 0, column: 0 }
    case 'last':
      return { row: rows - 1, column: columns - 1 }
  }
}
