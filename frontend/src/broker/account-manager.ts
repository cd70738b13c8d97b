import type { AccountManager, ManagerColumn, ManagerTable } from '../generated/rest.js'
import type { EquityData } from '../generated/topics.js'
import type { AccountManagerInfo, Column, Row, Table, WatchedValue } from '../tradingview/broker.js'
import type { BrokerHost } from '../tradingview/host.js'

/** Rows of a table, the page that follows the row named last. */
export type ReadRows = (table: ManagerTable, lastId?: string) => Promise<Row[]>

/** The Account Manager as the server announces it, with values that are kept up to date. */
export class Manager {
  readonly info: AccountManagerInfo
  private readonly values = new Map<string, WatchedValue<number>>()
  private readonly tables: { source: ManagerTable; table: Table }[] = []

  constructor(
    announced: AccountManager,
    private readonly host: BrokerHost,
    private readonly read: ReadRows,
  ) {
    const { accountTitle, orderColumns, positionColumns, individualPositionColumns, historyColumns, pages } = announced
    this.info = {
      accountTitle,
      summary: announced.summary.map(({ text, field, formatter, isDefault }) => ({
        text,
        wValue: this.value(field),
        formatter,
        isDefault,
      })),
      orderColumns: orderColumns.map(column),
      positionColumns: positionColumns.map(column),
      ...(individualPositionColumns === undefined ? {} : { individualPositionColumns: individualPositionColumns.map(column) }),
      historyColumns: historyColumns.map(column),
      pages: pages.map(({ tables, ...page }) => ({ ...page, tables: tables.map((table) => this.table(table)) })),
    }
  }

  /** The account's money has changed. */
  money(equity: EquityData): void {
    for (const [field, value] of this.values) {
      const found = equity[field as keyof EquityData]
      if (typeof found === 'number') value.setValue(found)
    }
    for (const { source, table } of this.tables) {
      if (source.source.topic === 'equity') table.changeDelegate.fire(row(equity as never, source.source.rowId))
    }
  }

  /** Something was told on a topic: tables that stand on it ask for their first page again. */
  changed(topic: string): void {
    for (const { source, table } of this.tables) {
      if (source.source.topic !== topic || topic === 'equity') continue
      this.read(source).then(
        (rows) => {
          for (const one of rows) table.changeDelegate.fire(one)
        },
        () => {},
      )
    }
  }

  private value(field: string): WatchedValue<number> {
    const value = this.values.get(field) ?? this.host.factory.createWatchedValue(0)
    this.values.set(field, value)
    return value
  }

  private table(source: ManagerTable): Table {
    const { id, title, columns, initialSorting, flags } = source
    const table: Table = {
      id,
      ...(title === undefined ? {} : { title }),
      columns: columns.map(column),
      getData: (lastId) => this.read(source, lastId === undefined ? undefined : String(lastId)),
      changeDelegate: this.host.factory.createDelegate<[Partial<Row>]>(),
      ...(initialSorting === undefined ? {} : { initialSorting }),
      flags,
    }
    this.tables.push({ source, table })
    return table
  }
}

/** A row whose id is unique among its table's, as a terminal needs it. */
export function row(values: Record<string, unknown>, idField: string): Row {
  return { ...values, id: String(values[idField]) }
}

function column({ dataFields, ...rest }: ManagerColumn): Column {
  return { ...rest, dataFields: [...dataFields] }
}
