import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { becomes, gone, panel, reload, row, seen, tab } from './acts.js'
import { Books, BTC } from './books.js'
import { CUTS, inBrowser } from './stage.js'

/** A cell that is changed where it stands, by the head of its column. */
const cell = (line: Locator, label: string) =>
  line.getByRole('button', { name: /^(add|[\d.,]+)/ }).and(line.locator(`[title^="Change ${label}"]`))
async function type(line: Locator, label: string, text: string, key = 'Enter'): Promise<void> {
  await cell(line, label).click()
  const field = line.getByRole('textbox', { name: new RegExp(`^${label}`) })
  await field.fill(text)
  await field.press(key)
}
const undo = (page: Page) => page.getByRole('complementary', { name: 'Notifications' }).getByRole('button', { name: 'Undo' })
const lines = (page: Page, grid: string) => page.getByRole('grid', { name: grid }).locator('tbody [data-row]')
const menu = (page: Page, name: string) => panel(page, name).getByRole('button', { name: 'Columns and export' })

inBrowser('the tables', (stage) => {
  it('change an order where it stands, say under the cell why not, and take back what was done', async () => {
    const books = await Books.open(stage, 'EDITS')
    const id = await books.place({ type: 1, limitPrice: 50_000, stopLoss: 49_000 })
    const { page } = await stage.visit({ settings: books.settings, forgives: CUTS })
    await tab(page, 'Orders').click()
    const line = row(page, 'Orders', 'Limit')
    const order = async () => (await books.orders()).find((one) => one.id === id)
    const has = (wanted: object) =>
      becomes(
        order,
        (one) => Object.entries(wanted).every(([field, value]) => one?.[field as 'qty'] === value),
        JSON.stringify(wanted),
      )
    await type(line, 'price', '51000', 'Escape')
    await seen(line.getByText('50,000.00'))
    await type(line, 'price', '50100')
    await has({ limitPrice: 50_100 })
    await seen(line.getByText('50,100.00'))
    await undo(page).click()
    await has({ limitPrice: 50_000 })
    await type(line, 'filled / size', '0.02')
    await has({ qty: 0.02 })
    await type(line, 'take profit', '60000')
    await has({ takeProfit: 60_000 })
    await type(line, 'stop loss', '')
    await has({ stopLoss: undefined, takeProfit: 60_000 })
    await type(line, 'price', '50000.006')
    await seen(line.getByRole('alert').filter({ hasText: 'Expected a price in ticks of 0.01' }))
    await line
      .getByRole('alert')
      .getByRole('button', { name: /^Use 50000/ })
      .click()
    await gone(line.getByRole('alert'))
    await has({ limitPrice: 50_000.01 })
  })

  it('place a cancelled order anew with what protected it', async () => {
    const books = await Books.open(stage, 'ANEW')
    await books.place({ type: 1, limitPrice: 50_000, takeProfit: 60_000, stopLoss: 49_000, qty: 0.03 })
    const { page } = await stage.visit({ settings: books.settings })
    await tab(page, 'Orders').click()
    await row(page, 'Orders', 'Limit')
      .getByRole('button', { name: /^Cancel/ })
      .click()
    await becomes(
      () => books.orders(),
      (all) => all.length === 0,
      'no order',
    )
    await seen(undo(page))
    await page.keyboard.press('u')
    const back = await becomes(
      () => books.orders(),
      (all) => all.length === 3,
      'the order and its brackets',
    )
    expect(back.find(({ bracket }) => bracket == null)).toMatchObject({
      limitPrice: 50_000,
      qty: 0.03,
      takeProfit: 60_000,
      stopLoss: 49_000,
    })
    await row(page, 'Orders', 'Stop loss')
      .getByRole('button', { name: /^Cancel/ })
      .click()
    await becomes(
      () => books.orders(),
      (all) => all.length === 2,
      'no stop loss',
    )
    await undo(page).click()
    await becomes(
      () => books.orders(),
      (all) => all.some(({ stopPrice }) => stopPrice === 49_000),
      'the stop loss back',
    )
  })

  it('protect, halve, turn round and close a position', async () => {
    const books = await Books.open(stage, 'HOLDS')
    await books.place({ qty: 0.02 })
    const { page } = await stage.visit({ settings: books.settings, forgives: CUTS })
    const line = row(page, 'Positions', 'BTCUSD')
    const held = async () => (await books.positions()).map(({ side, qty }) => side * qty)
    await seen(line.getByText('no stop'))
    await type(line, 'stop loss', '10000')
    await becomes(
      () => books.positions(),
      ([one]) => one?.stopLoss === 10_000,
      'a stop',
    )
    await type(line, 'take profit', '990000')
    await becomes(
      () => books.positions(),
      ([one]) => one?.takeProfit === 990_000 && one.stopLoss === 10_000,
      'both',
    )
    await gone(line.getByText('no stop'))
    await type(line, 'stop loss', '')
    await becomes(
      () => books.positions(),
      ([one]) => one?.stopLoss === undefined && one?.takeProfit === 990_000,
      'no stop',
    )
    await undo(page).last().click()
    await becomes(
      () => books.positions(),
      ([one]) => one?.stopLoss === 10_000,
      'the stop back',
    )
    await type(line, 'stop loss', '900000')
    await seen(line.getByRole('alert').getByRole('button', { name: /^Use / }))
    await page.keyboard.press('Escape')
    await line.getByRole('button', { name: 'Close half of BTCUSD' }).click()
    await becomes(held, ([qty]) => qty === 0.01, 'half of it')
    await line.getByRole('button', { name: 'Reverse BTCUSD' }).click()
    await page.getByRole('button', { name: 'Reverse', exact: true }).click()
    await becomes(held, ([qty]) => qty === -0.01, 'as much short')
    await seen(row(page, 'Positions', /BTCUSD.*Short/))
    await line.getByRole('button', { name: 'Close BTCUSD' }).click()
    const question = page.getByRole('dialog', { name: 'Close BTCUSD' })
    const part = question.getByRole('textbox', { name: 'Units' })
    expect(await part.getAttribute('placeholder')).toBe('0.010, all of it')
    await part.fill('0.011')
    await seen(question.getByRole('alert').filter({ hasText: 'Expected a size of at most 0.010, found 0.011' }))
    expect(await question.getByRole('button', { name: 'Close', exact: true }).isDisabled()).toBe(true)
    await part.fill('0.004')
    await gone(question.getByRole('alert'))
    await question.getByRole('button', { name: 'Close', exact: true }).click()
    await becomes(held, ([qty]) => qty === -0.006, 'a part of it')
    await panel(page, 'Positions')
      .getByRole('button', { name: /^Close all/ })
      .click()
    await page
      .getByRole('dialog', { name: /^Close all/ })
      .getByRole('button', { name: /^Close all/ })
      .click()
    await becomes(held, (all) => all.length === 0, 'nothing held')
    await seen(panel(page, 'Positions').getByText('No positions.'))
  })

  it('show what a hedging account’s net position is made of, each with acts of its own', async () => {
    const books = await Books.open(stage, 'EACH', 'hedging')
    await books.place({ qty: 0.02 })
    await books.place({ side: -1, qty: 0.01 })
    const { page } = await stage.visit({ settings: books.settings })
    await seen(row(page, 'Positions', 'BTCUSD'))
    expect(await lines(page, 'Positions').count()).toBe(1)
    await panel(page, 'Positions').getByRole('button', { name: 'Each' }).click()
    await becomes(
      () => lines(page, 'Positions').count(),
      (count) => count === 3,
      'a net row over two',
    )
    const [net, short] = [lines(page, 'Positions').first(), lines(page, 'Positions').filter({ hasText: 'Short' })]
    expect(await net.getByRole('button').allTextContents()).toEqual(['Close 2'])
    await type(short, 'stop loss', '990000')
    await becomes(
      () => books.individual(),
      (all) => all.some(({ side, stopLoss }) => side === -1 && stopLoss === 990_000),
      'a stop',
    )
    await short.getByRole('button', { name: 'Close BTCUSD' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
    await becomes(
      () => books.individual(),
      (all) => all.length === 1 && all[0]?.side === 1,
      'the long alone',
    )
    await books.place({ side: -1, qty: 0.01 })
    await becomes(
      () => lines(page, 'Positions').count(),
      (count) => count === 3,
      'two of them again',
    )
    await net.getByRole('button', { name: 'Close all of BTCUSD' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
    await becomes(
      () => books.individual(),
      (all) => all.length === 0,
      'none',
    )
  })

  it('are sorted, filtered, summed, copied and kept as a file', async () => {
    const books = await Books.open(stage, 'TAKEN')
    for (const qty of [0.02, 0.03, 0.01]) await books.place({ qty })
    await books.place({ side: -1, qty: 0.06 })
    const { page, context } = await stage.visit({ settings: books.settings })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await tab(page, 'Executions').click()
    const sizes = () => lines(page, 'Executions').locator('td:nth-child(4)').allTextContents()
    await becomes(sizes, (all) => all.length === 4, 'four fills')
    const head = page.getByRole('grid', { name: 'Executions' }).getByRole('button', { name: 'Size' })
    await head.click()
    expect(await sizes()).toEqual(['0.010', '0.020', '0.030', '0.060'])
    await head.click()
    expect(await sizes()).toEqual(['0.060', '0.030', '0.020', '0.010'])
    const money = (amount: number) => amount.toFixed(2).replace('-', '−')
    const told = await books.executions()
    const sum = (of: (one: (typeof told)[number]) => number) => money(told.map(of).reduce((all, one) => all + one, 0))
    const totals = page.getByRole('grid', { name: 'Executions' }).locator('tfoot')
    expect(await totals.innerText()).toMatch(
      new RegExp(`4 fills.*${sum(({ commission }) => commission)}.*${sum(({ profit }) => profit)}`, 's'),
    )
    await panel(page, 'Executions').getByRole('searchbox').fill('sell 0.06')
    await becomes(sizes, (all) => all.length === 1, 'one of them')
    await menu(page, 'Executions').click()
    await page.getByRole('button', { name: 'Copy as TSV' }).click()
    const copied = await becomes(
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text !== '',
      'a copy',
    )
    const only = told.find(({ side }) => side === -1)
    expect(copied.split('\r\n').map((one) => one.split('\t'))).toEqual([
      ['Time', 'Symbol', 'Side', 'Size', 'Price', 'Fee, USD', 'Profit, USD', 'Order'],
      [
        new Date(only?.time ?? 0).toISOString(),
        'BTCUSD',
        'Sell',
        '0.06',
        ...[only?.price, only?.commission, only?.profit].map(String),
        only?.orderId,
      ],
    ])
    const card = page.getByRole('dialog', { name: 'Columns and export' })
    await card.getByRole('checkbox', { name: 'Order' }).uncheck()
    const download = page.waitForEvent('download')
    await card.getByRole('button', { name: 'Export CSV' }).click()
    expect((await download).suggestedFilename()).toBe('executions.csv')
    expect(readFileSync(await (await download).path(), 'utf8')).toMatch(
      /^Time,Symbol,Side,Size,Price,"Fee, USD","Profit, USD"\r\n/,
    )
    await page.keyboard.press('Escape')
    await reload(page)
    await seen(row(page, 'Executions', 'BTCUSD'))
    expect(await page.getByRole('grid', { name: 'Executions' }).getByRole('columnheader', { name: 'Order' }).count()).toBe(0)
    expect(await sizes()).toEqual(['0.060', '0.030', '0.020', '0.010'])
  })

  it('bring older history while one scrolls, and hold only the rows that are seen', async () => {
    const books = await Books.open(stage, 'LONG')
    const ORDERS = 130
    const place = (at: number) => books.place({ type: 1, limitPrice: 50_000 + at })
    for (let at = 0; at < ORDERS; at += 10) {
      const placed = await Promise.all(Array.from({ length: 10 }, (_, more) => place(at + more)))
      await Promise.all(placed.map((id) => books.cancel(id)))
    }
    const { page } = await stage.visit({ settings: books.settings })
    await tab(page, 'History').click()
    const grid = page.getByRole('grid', { name: 'Order history' })
    const count = async () => Number(await grid.getAttribute('aria-rowcount')) - 2
    await becomes(count, (rows) => rows === 100, 'the latest hundred')
    expect(await lines(page, 'Order history').count()).toBeLessThan(50)
    await row(page, 'Order history', 'Cancelled').first().getByRole('gridcell').first().focus()
    await page.keyboard.press('Control+End')
    await becomes(count, (rows) => rows === ORDERS, 'all of them')
    await page.keyboard.press('Control+End')
    await becomes(
      () => lines(page, 'Order history').last().getAttribute('aria-rowindex'),
      (at) => at === String(ORDERS + 1),
      'the first order',
    )
    expect(await page.locator(':focus').getAttribute('data-cell')).toMatch(new RegExp(`^${ORDERS - 1}:`))
    const params = { path: { accountId: books.id } }
    await stage.rest.ask((signal) =>
      stage.rest.calls.POST('/api/v1/broker/accounts/{accountId}/reset', { params, body: {}, signal }),
    )
    await seen(panel(page, 'Order history').getByText('No order has ended yet.'))
  })

  it('say why a fill has its price, and hand over what was asked as curl', async () => {
    const books = await Books.open(stage, 'WHY')
    const { page, context } = await stage.visit({ settings: books.settings })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const id = await books.place({ type: 1, limitPrice: 50_000 })
    await books.place({})
    await tab(page, 'Executions').click()
    await row(page, 'Executions', 'BTCUSD').getByRole('button', { name: 'Why?' }).click()
    const card = page.getByRole('dialog', { name: 'Why?' })
    await seen(card.getByText('Filled at'))
    expect(await card.innerText()).toContain(
      (await books.executions())[0]?.price.toLocaleString('en-US', { minimumFractionDigits: 2 }),
    )
    await page.keyboard.press('Escape')
    await tab(page, 'Orders').click()
    await type(row(page, 'Orders', 'Limit'), 'price', '50500')
    await becomes(
      () => books.orders(),
      ([one]) => one?.limitPrice === 50_500,
      'a moved order',
    )
    await tab(page, 'Log').click()
    await panel(page, 'Log').getByRole('button', { name: 'Requests' }).click()
    await row(page, 'Log', 'PATCH').getByRole('button', { name: 'curl' }).click()
    const text = await becomes(
      () => page.evaluate(() => navigator.clipboard.readText()),
      (found) => found.startsWith('curl'),
      'a curl',
    )
    expect(text).toContain(`-X PATCH`)
    expect(text).toContain(`${stage.server.url}/api/v1/broker/accounts/WHY/orders/${id}`)
    expect(text).toContain(`-d '{"limitPrice":50500}'`)
  })

  it('are walked and worked by keys alone', async () => {
    const books = await Books.open(stage, 'KEYS')
    await books.place({ type: 1, limitPrice: 50_000 })
    await books.place({ type: 1, limitPrice: 50_100, symbol: BTC })
    const { page } = await stage.visit({ settings: books.settings })
    await tab(page, 'Orders').click()
    await row(page, 'Orders', '50,000.00').getByRole('gridcell').first().focus()
    const at = () => page.locator(':focus').getAttribute('data-cell')
    const begin = Number((await at())?.split(':')[0])
    for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowRight')
    expect(await at()).toBe(`${begin}:5`)
    await page.keyboard.press('Enter')
    await page.keyboard.type('49900')
    await page.keyboard.press('Escape')
    expect(await at()).toBe(`${begin}:5`)
    await page.keyboard.press('Enter')
    await page.keyboard.type('49900')
    await page.keyboard.press('Enter')
    await becomes(
      () => books.orders(),
      (all) => all.some(({ limitPrice }) => limitPrice === 49_900),
      'a moved order',
    )
    await becomes(at, (now) => now === `${begin}:5`, 'the focus back on its cell')
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await becomes(
      () => books.orders(),
      (all) => all.length === 1,
      'one order',
    )
    await becomes(at, (now) => now !== null && now !== undefined, 'the focus kept in the table')
    const grid = page.getByRole('grid', { name: 'Orders' })
    await becomes(
      () => grid.getAttribute('aria-rowcount'),
      (rows) => rows === '3',
      'the cancelled order gone from the table',
    )
    expect(await grid.getAttribute('aria-colcount')).toBe('12')
  })

  it('say what they could not load, ask again, and grey what may be old', async () => {
    const books = await Books.open(stage, 'STATES')
    await books.cancel(await books.place({ type: 1, limitPrice: 50_000 }))
    await books.place({ type: 1, limitPrice: 50_100 })
    const { page } = await stage.visit({ settings: books.settings, forgives: CUTS })
    const history = '**/orders/history**'
    await page.route(history, (route) =>
      route.fulfill({ status: 503, json: { code: 'busy', message: 'Expected the journal, found it busy' } }),
    )
    // The page may have asked before it was in the way.
    await reload(page)
    await tab(page, 'History').click()
    await seen(panel(page, 'Order history').getByRole('alert').filter({ hasText: 'found it busy' }))
    await page.unroute(history)
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    await page.route(history, async (route) => {
      await held
      await route.continue()
    })
    // It asks again by itself too, and may just have done so.
    const retry = panel(page, 'Order history').getByRole('button', { name: 'Retry' })
    const loading = panel(page, 'Order history').getByText('Loading', { exact: true })
    await becomes(
      async () => {
        await retry.click({ timeout: 500 }).catch(() => {})
        return loading.isVisible()
      },
      Boolean,
      'that it loads again',
    )
    answer()
    await seen(row(page, 'Order history', 'Cancelled'))
    await panel(page, 'Order history').getByRole('searchbox').fill('nothing such')
    await seen(panel(page, 'Order history').getByText('Nothing here has “nothing such”.'))
    await stage.server.kill()
    await seen(panel(page, 'Order history').getByText(/^as of \d/))
    await tab(page, 'Orders').click()
    await row(page, 'Orders', 'Limit')
      .getByRole('button', { name: /^Cancel/ })
      .click()
    await seen(page.getByText('Not connected. Nothing has been sent').first())
    await tab(page, 'History').click()
    await stage.server.startAgain()
    await gone(panel(page, 'Order history').getByText(/^as of \d/))
    expect(await books.orders()).toHaveLength(1)
  })
})
