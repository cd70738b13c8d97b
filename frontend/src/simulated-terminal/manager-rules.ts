import type { AccountManagerInfo, Broker, Column, Row } from '../tradingview/broker.js'
import type { Complaints } from './complaints.js'

/** What each standard formatter reads from a row. */
const ARITY: Readonly<Record<string, readonly number[]>> = {
  symbol: [2, 3],
  type: [3],
  formatPriceInCurrency: [2],
  fixedInCurrency: [2],
  profitInInstrumentCurrency: [2],
  empty: [0],
}
const ANY: ReadonlySet<string> = new Set(['default', 'text'])

/** The methods a flag promises. */
const PROMISED: Readonly<Record<string, readonly (keyof Broker)[]>> = {
  supportOrdersHistory: ['ordersHistory'],
  supportPositions: ['positions'],
  supportPositionNetting: ['individualPositions'],
  supportClosePosition: ['closePosition'],
  supportPartialClosePosition: ['closePosition'],
  supportCloseIndividualPosition: ['closeIndividualPosition'],
  supportNativeReversePosition: ['reversePosition'],
  supportPositionBrackets: ['editPositionBrackets'],
  supportIndividualPositionBrackets: ['editIndividualPositionBrackets'],
  supportPlaceOrderPreview: ['previewOrder'],
  supportModifyOrderPreview: ['previewOrder'],
  supportLeverage: ['leverageInfo', 'setLeverage', 'previewLeverage'],
  supportMargin: ['subscribeMarginAvailable', 'unsubscribeMarginAvailable'],
}
const ALWAYS: readonly (keyof Broker)[] = [
  'accountsMetainfo',
  'currentAccount',
  'connectionStatus',
  'orders',
  'executions',
  'symbolInfo',
  'isTradable',
  'accountManagerInfo',
  'chartContextMenuActions',
  'placeOrder',
  'modifyOrder',
  'cancelOrder',
]

export function checkMethods(broker: Broker, flags: Readonly<Record<string, boolean>>, complaints: Complaints): void {
  const promised = Object.entries(PROMISED).flatMap(([flag, methods]) =>
    flags[flag] ? methods.map((method) => ({ method, why: flag })) : [],
  )
  for (const { method, why } of [...ALWAYS.map((method) => ({ method, why: 'every broker' })), ...promised]) {
    complaints.expect(typeof broker[method] === 'function', 'missing-method', `${method} is missing, which ${why} needs`)
  }
}

export async function checkManager(info: AccountManagerInfo, complaints: Complaints): Promise<void> {
  const fine = (isFine: boolean, text: string) => complaints.expect(isFine, 'bad-account-manager', text)
  fine(typeof info?.accountTitle === 'string', 'accountTitle is missing')
  if (
    !fine(
      Array.isArray(info?.summary) && Array.isArray(info?.orderColumns) && Array.isArray(info?.pages),
      'summary, orderColumns or pages are missing',
    )
  )
    return
  for (const { text, wValue } of info.summary)
    fine(typeof wValue?.value === 'function', `the summary row ${text} has no watched value`)
  const lists = [info.orderColumns, info.positionColumns, info.individualPositionColumns, info.historyColumns]
  for (const columns of lists) checkColumns(columns ?? [], fine)
  for (const { id, title, tables } of info.pages) {
    fine(typeof id === 'string' && typeof title === 'string', `a page has no id or no title: ${id}`)
    for (const table of tables) {
      checkColumns(table.columns, fine)
      fine(typeof table.changeDelegate?.fire === 'function', `the table ${table.id} has no changeDelegate`)
      checkRows(table.id, await table.getData(), fine)
    }
  }
}

type Fine = (isFine: boolean, text: string) => boolean

function checkColumns(columns: readonly Column[], fine: Fine): void {
  const ids = columns.map(({ id }) => id)
  fine(new Set(ids).size === ids.length, `column ids repeat: ${ids.join(', ')}`)
  for (const { id, label, dataFields, formatter } of columns) {
    if (
      !fine(
        typeof id === 'string' && typeof label === 'string' && Array.isArray(dataFields),
        `column ${id} has no label or no dataFields`,
      )
    )
      continue
    if (formatter === undefined || ANY.has(formatter)) continue
    const wanted = ARITY[formatter] ?? [1]
    fine(
      wanted.includes(dataFields.length),
      `column ${id}: ${formatter} reads ${wanted.join(' or ')} fields, found ${dataFields.length}`,
    )
  }
}

function checkRows(table: string, rows: readonly Row[], fine: Fine): void {
  const ids = rows.map(({ id }) => id)
  fine(
    ids.every((id) => typeof id === 'string' && id !== ''),
    `a row of ${table} has no id`,
  )
  fine(new Set(ids).size === ids.length, `row ids of ${table} repeat`)
}
