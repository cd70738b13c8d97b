import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { EquityCurve, InstrumentInfo } from '../../src/generated/rest.js'
import { moneyText, profitText } from '../../src/state/format.js'
import { becomes, gone, panel, ready, reload, row, seen, send, tab } from './acts.js'
import { Books } from './books.js'
import { inBrowser, PHONE, REFUSALS } from './stage.js'

const toasts = (page: Page) => page.getByRole('complementary', { name: 'Notifications' })

/** Whether two of the page's parts cover a point together. */
async function overlap(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = await Promise.all([one.boundingBox(), other.boundingBox()])
  if (a === null || b === null) throw new Error('Expected both to be drawn')
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

inBrowser('the account', (stage) => {
  it('is funded, begun anew, and given another leverage, and offers the nearest of what is refused', async () => {
    const books = await Books.open(stage, 'MONEY')
    const { page } = await stage.visit({ settings: books.settings, forgives: REFUSALS })
    await tab(page, 'Account').click()
    const account = panel(page, 'Account')
    const balance = async () => (await books.state()).balance
    await seen(page.getByRole('button', { name: 'Notifications', exact: true }))
    await account.getByRole('button', { name: 'Fund' }).click()
    const card = page.getByRole('dialog', { name: 'Fund' })
    await card.getByRole('textbox', { name: 'Amount' }).fill('2,500.50')
    await card.getByRole('button', { name: 'Book it' }).click()
    await becomes(balance, (now) => now === 102_500.5, 'the deposit')
    await seen(toasts(page).getByText('Deposited 2,500.50 USD'))
    expect(await toasts(page).getByText('Deposited').count()).toBe(1)
    await seen(account.getByText('102,500.50').first())
    const figures = page.locator('header.top dl')
    const today = async (wanted: string) =>
      becomes(
        () => figures.innerText(),
        (text) => text.replace(/\s+/g, ' ').includes(`Today ${wanted} (`),
        `${wanted} earned today`,
      )
    await today(profitText(0))
    await seen(account.getByText('deepest drawdown 0.00'))
    await account.getByRole('button', { name: 'Fund' }).click()
    await card.getByRole('textbox', { name: 'Amount' }).fill('-900000')
    await card.getByRole('button', { name: 'Book it' }).click()
    await card.getByRole('alert').getByRole('button', { name: 'Use -102500.5' }).click()
    await becomes(balance, (now) => now === 0, 'all withdrawn')
    await seen(account.getByText('deepest drawdown 0.00'))
    await account.getByRole('button', { name: 'Reset' }).click()
    const anew = page.getByRole('dialog', { name: 'Reset' })
    await anew.getByRole('textbox', { name: 'Balance' }).fill('1000')
    await anew.getByRole('textbox', { name: 'Balance' }).press('Enter')
    await becomes(balance, (now) => now === 1_000, 'the new balance')
    await books.place({ qty: 0.05 })
    const lever = account.getByRole('spinbutton', { name: 'Leverage' })
    await lever.fill('1')
    await account.getByRole('button', { name: 'Set', exact: true }).click()
    const nearest = account.getByRole('alert').getByRole('button', { name: /^Use \d+$/ })
    const wanted = Number((await nearest.innerText()).replace('Use ', ''))
    await nearest.click()
    await becomes(books.leverage.bind(books), ({ leverage }) => leverage === wanted, 'the nearest leverage')
    await gone(account.getByRole('alert'))
  })

  it('keeps limits, says which is wrong and what would not be, and holds orders to them', async () => {
    const books = await Books.open(stage, 'BOUND')
    const { page } = await stage.visit({ settings: books.settings, forgives: REFUSALS })
    await tab(page, 'Account').click()
    const form = page.getByRole('form', { name: 'Risk limits' })
    const set = form.getByRole('button', { name: 'Set limits' })
    await form.getByRole('textbox', { name: 'Daily loss' }).fill('abc')
    await set.click()
    await seen(form.getByRole('alert').filter({ hasText: 'Expected a number above 0, or nothing.' }))
    await form.getByRole('textbox', { name: 'Daily loss' }).fill('500.005')
    await set.click()
    await form.getByRole('alert').getByRole('button', { name: 'Use 500' }).click()
    await seen(form.getByText('These limits hold now.'))
    await form.getByRole('textbox', { name: 'One order, units' }).fill('0.02')
    await set.click()
    await becomes(
      () => books.limits(),
      ({ limits }) => limits.dailyLoss === 500 && limits.symbols?.['*']?.order === 0.02,
      'both limits',
    )
    await expect(books.place({ qty: 0.05 })).rejects.toMatchObject({ body: { nearest: 0.02 } })
    await seen(form.getByText('These limits hold now.'))
    await panel(page, 'Account').getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('dialog', { name: 'Reset' }).getByRole('button', { name: 'Reset' }).click()
    await gone(form.getByText('These limits hold now.'))
  })

  it('is stopped by one switch and goes on when unlocked', async () => {
    const books = await Books.open(stage, 'STOP')
    await books.place({ qty: 0.02 })
    await books.place({ type: 1, limitPrice: 50_000 })
    const { page } = await stage.visit({ settings: books.settings })
    await seen(row(page, 'Positions', 'BTCUSD'))
    await tab(page, 'Account').click()
    const account = panel(page, 'Account')
    await account.getByRole('button', { name: 'Kill switch' }).click()
    await seen(page.getByText('1 position and 1 entry order of Test STOP end.'))
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
    expect(await books.positions()).toHaveLength(1)
    await account.getByRole('button', { name: 'Kill switch' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop everything' }).click()
    await seen(account.getByText('Locked.'))
    await becomes(
      () => books.positions(),
      (all) => all.length === 0,
      'no position',
    )
    expect(await books.orders()).toEqual([])
    await expect(books.place({})).rejects.toMatchObject({ code: 'account_locked' })
    await account.getByRole('button', { name: 'Unlock' }).click()
    await gone(account.getByText('Locked.'))
    await books.place({})
    await becomes(
      () => books.positions(),
      (all) => all.length === 1,
      'a position',
    )
  })

  it('tells its news on a phone over no price and over nothing that sends', async () => {
    const books = await Books.open(stage, 'NEWS')
    const { page } = await stage.visit({ viewport: PHONE, hasTouch: true, isMobile: true, settings: books.settings })
    const news = (verb: string) => toasts(page).getByText(new RegExp(`^${verb} 0\\.010 BTCUSD at `))
    const tabs = page.getByRole('navigation', { name: 'Panels' })
    const free = async (kept: Locator) => {
      await seen(kept)
      expect(await overlap(toasts(page), kept), String(kept)).toBe(false)
    }
    await tabs.getByRole('button', { name: 'Ticket' }).click()
    const ticket = panel(page, 'Order ticket')
    await ready(page)
    await books.place({})
    await seen(news('Bought'))
    for (const kept of [ticket.getByRole('group', { name: 'Side' }), send(page)]) await free(kept)
    await tabs.getByRole('button', { name: 'Chart' }).click()
    await books.place({ side: -1 })
    await seen(news('Sold'))
    await free(panel(page, 'Chart').getByRole('button', { name: '1m', exact: true }).first())
    await free(tabs)
  })

  it('watches a closed market as closed, and takes a symbol off the list beside its prices', async () => {
    const books = await Books.open(stage, 'WATCH')
    const { page } = await stage.visit({ settings: books.settings })
    await page.route('**/instruments', async (route) => {
      const answer = await route.fetch()
      const all = (await answer.json()) as InstrumentInfo[]
      const json = all.map((one) => (/EURUSD$/.test(one.symbol) ? { ...one, isOpen: false, changesAt: Date.now() + 1e7 } : one))
      await route.fulfill({ response: answer, json })
    })
    await reload(page)
    const line = page.getByRole('grid', { name: 'Quotes' }).locator('.place').filter({ hasText: 'EURUSD' })
    await seen(line.getByText('closed', { exact: true }))
    await gone(
      page
        .getByRole('grid', { name: 'Quotes' })
        .locator('.place')
        .filter({ hasText: /BTCUSD.*closed/ }),
    )
    await line.hover()
    const away = line.getByRole('button', { name: 'Take EURUSD off the list' })
    await seen(away)
    for (const part of [line.getByTitle('Buy here'), line.getByText('closed', { exact: true })])
      expect(await overlap(away, part)).toBe(false)
  })

  it('is one of many: another is opened as each on its own, and one goes back', async () => {
    const books = await Books.open(stage, 'FIRST')
    const { page } = await stage.visit({ settings: books.settings })
    const menu = page.getByRole('button', { name: /PAPER/ })
    await seen(menu.filter({ hasText: 'Test FIRST' }))
    await menu.press('Enter')
    await page.getByRole('menuitem', { name: 'Open an account' }).click()
    const sheet = page.getByRole('dialog', { name: 'Open an account' })
    await sheet.getByRole('textbox', { name: 'Name' }).fill('Each one')
    await sheet.getByRole('combobox', { name: 'Currency' }).selectOption('EUR')
    await sheet.getByRole('spinbutton', { name: 'Balance' }).fill('20000')
    await sheet.getByRole('combobox', { name: 'Positions' }).selectOption('hedging')
    await sheet.getByRole('button', { name: 'Open the account' }).click()
    await seen(menu.filter({ hasText: 'Each one' }))
    const opened = new Books(stage, 'EACH-ONE')
    expect(await opened.state()).toMatchObject({ balance: 20_000, currency: 'EUR' })
    await seen(panel(page, 'Positions').getByRole('button', { name: 'Each', exact: true }))
    await opened.place({ qty: 0.01 })
    await seen(row(page, 'Positions', 'BTCUSD'))
    await menu.click()
    await page.getByRole('menuitemradio', { name: /Test FIRST/ }).click()
    await seen(menu.filter({ hasText: 'Test FIRST' }))
    await gone(row(page, 'Positions', 'BTCUSD'))
    await seen(toasts(page).getByText('Now on Test FIRST.'))
  })

  it('shows the equity curve of each period and what closed trades came to, as the server tells them', async () => {
    const books = await Books.open(stage, 'FIGURES')
    for (const qty of [0.02, 0.03]) {
      await books.place({ qty })
      await books.place({ side: -1, qty })
    }
    const { page } = await stage.visit({ settings: books.settings })
    await tab(page, 'Account').click()
    const account = panel(page, 'Account')
    const state = await books.state()
    const figures = account.getByRole('definition')
    await seen(figures.filter({ hasText: moneyText(state.balance) }))
    const trades = await books.trades()
    expect(trades).toHaveLength(2)
    const net = trades.map(({ netProfit }) => netProfit)
    const fees = trades.reduce((all, one) => all + one.fees, 0)
    const told = account.locator('.statistics')
    const wanted = [
      ['Net profit', profitText(net.reduce((all, one) => all + one, 0))],
      ['Fees', moneyText(fees)],
      ['Best, worst', `${profitText(Math.max(...net))} / ${profitText(Math.min(...net))}`],
    ]
    await seen(told.getByText('Net profit'))
    const shown = await told.locator('dl').evaluate((list) => {
      const text = (element: Element) => element.textContent?.replace(/\s+/g, ' ').trim() ?? ''
      return [...list.querySelectorAll('dt')].map((term) => [text(term), text(term.nextElementSibling ?? term)])
    })
    expect(shown).toEqual(expect.arrayContaining(wanted))
    const won = net.filter((one) => one > 0).length
    await seen(told.getByText(`${won} of 2 won, ${won * 50} %`))
    const curve = account.getByRole('img', { name: /^Equity from/ })
    const DAY_MS = 86_400_000
    for (const [period, span] of Object.entries({ '1W': 7 * DAY_MS, '1M': 30 * DAY_MS, All: undefined, '1D': DAY_MS })) {
      // The latest figure moves with the market, so the page is held to the very answer it was given.
      const answered = page.waitForResponse(/equity-curve.*points=300/)
      await account.getByRole('button', { name: period, exact: true }).click()
      const answer = await answered
      const from = new URL(answer.url()).searchParams.get('from')
      expect(from === null ? undefined : Math.round((Date.now() - Number(from)) / DAY_MS) * DAY_MS).toBe(span)
      const first = ((await answer.json()) as EquityCurve).opening
      const text = moneyText(first?.equity ?? first?.balance)
      await becomes(
        () => curve.getAttribute('aria-label'),
        (label) => label?.includes(`from ${text} `) === true,
        `a curve from ${text}`,
      )
    }
    const pressed = account.getByRole('button', { name: '1D', exact: true })
    expect(await pressed.getAttribute('aria-pressed')).toBe('true')
  })
})
