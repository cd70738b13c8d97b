import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { becomes, gone, panel, ready, reload, row, seen, send, tab, ticket } from './acts.js'
import { inBrowser } from './stage.js'

const BEGIN = Date.UTC(2013, 1, 4)
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const MINUTES = 300
const SPREAD = 0.02
const HALF = 50
/** Of a wave whose minutes rise and fall by a pip, the level at this minute. */
const level = (minute: number) => 92 + (HALF - Math.abs((minute % (2 * HALF)) - HALF)) / 100

/** Minute bars of one side. */
function csv(distance = 0): string {
  const rows = Array.from({ length: MINUTES }, (_, minute) => {
    const [open, close] = [level(minute) + distance, level(minute + 1) + distance]
    const prices = [open, Math.max(open, close), Math.min(open, close), close].map((price) => price.toFixed(3))
    return `${new Date(BEGIN + minute * MINUTE_MS).toISOString().slice(0, 19)},${prices.join(',')}`
  })
  return ['time,open,high,low,close', ...rows, ''].join('\n')
}

/** So many that one can see how they are read. */
function manyDays(): string {
  const [, ...rows] = csv().trim().split('\n')
  const date = (day: number) => new Date(BEGIN + day * DAY_MS).toISOString().slice(0, 10)
  return Array.from({ length: 400 }, (_, day) => rows.map((one) => one.replace('2013-02-04', date(day))).join('\n')).join('\n')
}

/** As a hand drags files from a folder over the page; the answer lets them fall. */
async function drag(page: Page, files: Record<string, string>): Promise<() => Promise<void>> {
  const dataTransfer = await page.evaluateHandle((named) => {
    const carried = new DataTransfer()
    for (const [name, text] of Object.entries(named)) carried.items.add(new File([text], name, { type: 'text/csv' }))
    return carried
  }, files)
  await page.dispatchEvent('body', 'dragover', { dataTransfer })
  return () => page.dispatchEvent('body', 'drop', { dataTransfer })
}

inBrowser('the past', (stage) => {
  const sheet = (page: Page, name: string) => page.getByRole('dialog', { name })
  const bar = (page: Page) => page.getByRole('region', { name: 'Replay' })
  const press = (page: Page, name: string) => bar(page).getByRole('button', { name, exact: true }).click()
  const on = (page: Page) => press(page, 'One bar on')
  const clock = (page: Page) => bar(page).getByLabel('Replay time, UTC').innerText()
  const imports = () => stage.rest.ask((signal) => stage.rest.calls.GET('/api/v1/imports', { signal }))
  const replays = () => stage.rest.ask((signal) => stage.rest.calls.GET('/api/v1/replays', { signal }))
  const of = async (account: string) => {
    const { rest } = stage
    const params = { path: { accountId: account } }
    const [positions, executions, state] = await Promise.all([
      rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/positions', { params, signal })),
      rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/executions', { params, signal })),
      rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/state', { params, signal })),
    ])
    return { positions, executions, state }
  }

  it('takes files that are dropped anywhere, says what they are, and reads them', async () => {
    const { page } = await stage.visit()
    await ready(page)
    const drop = await drag(page, { 'usdjpy-m1-bid.csv': csv(), 'usdjpy-m1-ask.csv': csv(SPREAD) })
    await seen(page.getByText(/^\s*Drop to import/))
    await drop()
    const chosen = sheet(page, 'Import prices')
    await seen(chosen.getByText('Bars, bid side, commas, with a header'))
    await seen(chosen.getByText('Bid and ask of USDJPY become one series.'))
    expect(await chosen.getByRole('region', { name: 'First rows of usdjpy-m1-bid.csv' }).getByRole('row').count()).toBe(6)
    await chosen.getByLabel('Zone of its times').fill('Asia/Tokyo')
    await seen(chosen.getByText('2013-02-03 15:00:00'))
    await chosen.getByLabel('Zone of its times').fill('UTC')
    await seen(chosen.getByText('2013-02-04 00:00:00'))
    await chosen.getByRole('button', { name: 'Import', exact: true }).click()
    const done = sheet(page, 'Imported')
    await seen(done.getByText('300 bars of 1m, 4 Feb 2013, bid and ask, no volume.'))
    await done.getByRole('button', { name: 'Open chart' }).click()
    await seen(page.getByRole('application', { name: /^USDJPY/ }))
    expect((await imports()).map(({ status }) => status)).toEqual(['done'])
  })

  it('shows the very line that is refused, and a cancelled import keeps nothing', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await (await drag(page, { 'eurjpy-m1.csv': csv().replace('92.010', 'nonsense') }))()
    await sheet(page, 'Import prices').getByRole('button', { name: 'Import', exact: true }).click()
    const refused = sheet(page, 'Not imported')
    await seen(refused.getByText("line 2: expected a price, found 'nonsense'"))
    await seen(refused.locator('pre').filter({ hasText: '2013-02-04T00:00:00,92.000,nonsense' }))
    await refused.getByRole('button', { name: 'Close' }).last().click()
    await (await drag(page, { 'gbpjpy-m1.csv': manyDays() }))()
    await sheet(page, 'Import prices').getByRole('button', { name: 'Import', exact: true }).click()
    const running = sheet(page, 'Importing')
    await seen(running.getByText(/of 1?\d\d,\d{3} rows|MB/))
    await running.getByRole('button', { name: 'Cancel, keep nothing' }).click()
    await gone(running)
    await seen(page.getByText('Import cancelled. Nothing of it is kept.'))
    expect((await imports()).flatMap(({ series }) => series).map(({ symbol }) => symbol)).toEqual(['USDJPY'])
  })

  it('plays, trades, goes back, and leaves with its position closed at the price it told', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await page.getByRole('banner').getByRole('button', { name: 'Replay' }).click()
    const choose = sheet(page, 'Trade the past')
    await choose.getByLabel('From, UTC').fill('2013-02-04T01:00')
    await choose.getByRole('button', { name: 'Start the replay' }).click()
    await becomes(
      () => page.title(),
      (title) => title.startsWith('REPLAY'),
      'a title that says so',
    )
    await seen(page.getByText(/^Your \d demo accounts keep running: 0 working orders there/))
    await seen(panel(page, 'Depth').getByText('No book in the past'))
    const account = (await replays())[0]?.accountId ?? ''

    await bar(page).getByLabel('Speed').selectOption('60')
    await press(page, 'Play')
    await becomes(
      () => clock(page),
      (now) => !now.endsWith('01:00:00'),
      'a clock that goes on',
    )
    await press(page, 'Pause')
    await page.getByRole('application').focus()
    await page.keyboard.press('ArrowRight')
    const end = await becomes(
      () => clock(page),
      (now) => now.endsWith(':59'),
      'the end of a bar by a key',
    )
    await page.keyboard.press('ArrowRight')
    await becomes(
      () => clock(page),
      (now) => now !== end && now.endsWith(':59'),
      'the end of the next',
    )
    await page.keyboard.press(' ')
    await seen(bar(page).getByRole('button', { name: 'Pause', exact: true }))
    await page.keyboard.press(' ')
    await seen(bar(page).getByRole('button', { name: 'Play', exact: true }))

    await ticket(page).getByRole('textbox', { name: 'Size' }).fill('1')
    await send(page).click()
    await on(page)
    await seen(row(page, 'Positions', /USDJPY.*Long/))
    await bar(page).locator('.rail i').first().waitFor({ state: 'attached' })

    await press(page, 'Jump to…')
    await bar(page).getByLabel('Moment, UTC').fill('2013-02-04T00:30')
    await seen(bar(page).getByText('Going back to 4 Feb 00:30 removes 1 trade of this replay.'))
    await press(page, 'Go back')
    await becomes(
      () => of(account),
      ({ executions }) => executions.length === 0,
      'no trade any more',
    )
    await gone(row(page, 'Positions', 'USDJPY'))
    await becomes(
      () => clock(page),
      (now) => now.endsWith('00:30:00'),
      'the moment gone back to',
    )

    await ticket(page).getByRole('button', { name: 'Limit', exact: true }).click()
    await ticket(page).getByRole('textbox', { name: 'Price', exact: true }).fill('92.25')
    await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
    await ticket(page).getByRole('textbox', { name: 'Stop loss' }).fill('100')
    await send(page).click()
    await tab(page, 'Orders').click()
    await seen(row(page, 'Orders', /USDJPY.*Limit.*92\.25/i))
    await press(page, 'Jump to…')
    await bar(page).getByLabel('Moment, UTC').fill('2013-02-04T01:25')
    await press(page, 'Jump')
    await becomes(
      async () => (await panel(page, 'Chart').getByRole('rowheader').allInnerTexts()).map((time) => Date.parse(`${time}Z`)),
      (times) => times.length > 1 && times.every((time, row) => row === 0 || (times[row - 1] ?? 0) - time === MINUTE_MS),
      'a bar for every minute that was jumped over',
    )
    await tab(page, 'Positions').click()
    await on(page)
    await seen(row(page, 'Positions', /USDJPY.*Long/))

    await press(page, 'Leave replay')
    const close = page.getByRole('menuitem', { name: /^Close at 92\.\d+/ })
    const told = Number(/92\.\d+/.exec(await close.innerText())?.[0])
    await close.click()
    const line = page.getByText(/^R1: 2 trades, result .* JPY\. It is kept, paused\./).first()
    await seen(line)
    await seen(page.getByRole('banner').getByRole('button', { name: /PAPER/ }))
    await seen(page.getByRole('application', { name: /^BTCUSD/ }))
    expect(await bar(page).count()).toBe(0)
    const { positions, executions, state } = await of(account)
    expect(positions).toEqual([])
    expect(executions.at(-1)).toMatchObject({ side: -1, price: told })
    expect(await line.innerText()).toContain(`${Math.abs(state.realizedPL).toLocaleString('en-US')} JPY`)
  })

  it('tells nothing from beyond its now, and lets a hedging account trade', async () => {
    const { page } = await stage.visit()
    await ready(page)
    const body = { symbols: ['IMPORT:USDJPY'], start: BEGIN + 10 * MINUTE_MS, positionMode: 'hedging' as const }
    const made = await stage.rest.ask((signal) => stage.rest.calls.POST('/api/v1/replays', { body, signal }))
    await reload(page)
    await page.getByRole('banner').getByRole('button', { name: /PAPER/ }).click()
    await page.getByRole('menuitemradio', { name: new RegExp(made.id) }).click()
    await seen(bar(page).getByText('REPLAY', { exact: true }))
    await seen(page.getByRole('application', { name: /^USDJPY/ }))
    const cells = panel(page, 'Chart').getByRole('cell')
    const shown = async () => (await cells.allTextContents()).filter((text) => /^9\d\./.test(text)).map(Number)
    const prices = await becomes(shown, (all) => all.length > 10, 'the bars so far')
    expect(Math.max(...prices)).toBe(level(10))
    await ready(page)
    await send(page).click()
    await on(page)
    await seen(row(page, 'Positions', /USDJPY.*Long/))
    expect((await of(made.accountId)).executions).toHaveLength(1)
    await press(page, 'Play')
    await seen(bar(page).getByRole('button', { name: 'Pause', exact: true }))
    await page
      .getByRole('banner')
      .getByRole('button', { name: /REPLAY/ })
      .click()
    await page.getByRole('menuitemradio').first().click()
    await seen(page.getByText(new RegExp(`^${made.id}: 1 trade, .* It is kept, paused\\.`)))
    expect((await replays()).find(({ id }) => id === made.id)).toMatchObject({ state: 'paused' })
  })

  it('discards a replay with its account when asked twice, and keeps it at second thought', async () => {
    const { page } = await stage.visit()
    await ready(page)
    const body = { symbols: ['IMPORT:USDJPY'], start: BEGIN + 10 * MINUTE_MS }
    const { id } = await stage.rest.ask((signal) => stage.rest.calls.POST('/api/v1/replays', { body, signal }))
    const known = async () => (await replays()).some((one) => one.id === id)
    const bin = async () => {
      await page.getByRole('banner').getByRole('button', { name: 'Replay' }).click()
      await sheet(page, 'Trade the past')
        .getByRole('button', { name: `Discard ${id} and its account` })
        .click()
    }
    const question = sheet(page, `Discard ${id}`)
    await bin()
    await question.getByRole('button', { name: 'Keep' }).click()
    await gone(question)
    expect(await known()).toBe(true)
    await bin()
    await question.getByRole('button', { name: 'Discard' }).click()
    await gone(question)
    expect(await known()).toBe(false)
  })
})
