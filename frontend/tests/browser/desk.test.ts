import { expect, it } from 'vitest'
import { addIndicator, becomes, buy, choose, panel, ready, reload, seen, send, tab, ticket } from './acts.js'
import { CUTS, inBrowser, PHONE } from './stage.js'

inBrowser('the desk', (stage) => {
  it('goes to another symbol from the watchlist and from the search', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await choose(page, 'EURUSD')
    await seen(page.getByRole('application', { name: /^EURUSD/ }))
    await seen(send(page).filter({ hasText: 'EURUSD' }))
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Symbol, command/ }).fill('xau')
    await seen(page.getByRole('option', { selected: true }).filter({ hasText: 'XAUUSD' }))
    await page.keyboard.press('Enter')
    await seen(page.getByRole('application', { name: /^XAUUSD/ }))
  })

  it('shows live quotes', async () => {
    const { page } = await stage.visit()
    await ready(page)
    const quote = panel(page, 'Watchlist').getByRole('row').filter({ hasText: 'BTCUSD' })
    const first = await quote.innerText()
    await becomes(
      () => quote.innerText(),
      (now) => now !== first,
      'another quote',
    )
  })

  it('turns light and stays so', async () => {
    const { page } = await stage.visit()
    const theme = () => page.locator('html').getAttribute('data-theme')
    await page.getByRole('button', { name: 'Light theme' }).click()
    await becomes(theme, (now) => now === 'light', 'the light theme')
    await reload(page)
    await seen(page.getByRole('button', { name: 'Dark theme' }))
    expect(await theme()).toBe('light')
  })

  it('goes to another account and to one opened here', async () => {
    const { page } = await stage.visit()
    const menu = page.getByRole('button', { name: /PAPER/ })
    await menu.click()
    const other = page.getByRole('menuitemradio', { checked: false }).first()
    const name = (await other.locator('span').first().innerText()).trim()
    await other.click()
    await seen(menu.filter({ hasText: name }))
    await menu.click()
    await page.getByRole('menuitem', { name: 'Open an account' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Second try')
    await page.getByRole('spinbutton', { name: 'Balance' }).fill('5000')
    await page.getByRole('button', { name: 'Open the account' }).click()
    await seen(menu.filter({ hasText: 'Second try' }))
    await seen(page.getByRole('definition').filter({ hasText: '5,000.00' }))
  })

  it('changes resolution, adds an indicator and keeps both', async () => {
    const { page } = await stage.visit()
    const chart = panel(page, 'Chart')
    await chart.getByRole('button', { name: '5m', exact: true }).click()
    await seen(page.getByRole('application', { name: /BTCUSD, 5m/ }))
    await addIndicator(page, 'RSI')
    await seen(chart.getByRole('button', { name: 'Indicators 4' }))
    await reload(page)
    await seen(page.getByRole('application', { name: /BTCUSD, 5m/ }))
    await seen(chart.getByRole('button', { name: 'Indicators 4' }))
  })

  it('says that it is offline and is back by itself', async () => {
    const { page } = await stage.visit({ forgives: CUTS })
    await ready(page)
    await stage.server.kill()
    await seen(page.getByRole('button', { name: /^Reconnecting/ }))
    await seen(ticket(page).getByText('Nothing will be sent'))
    await tab(page, 'History').click()
    await stage.server.startAgain()
    await seen(page.getByRole('button', { name: /^(Back|Live)/ }))
    await seen(page.getByRole('grid', { name: 'History' }))
  })

  it('trades on a phone', async () => {
    const { page } = await stage.visit({ viewport: PHONE, hasTouch: true, isMobile: true })
    await seen(page.getByRole('application', { name: /BTCUSD/ }))
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await wide()).toBeLessThanOrEqual(PHONE.width)
    const go = (name: string) => page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name }).click()
    await go('Ticket')
    await buy(page, '0.01')
    await go('Positions')
    await seen(panel(page, 'Positions').getByText('BTCUSD'))
    expect(await wide()).toBeLessThanOrEqual(PHONE.width)
  })
})
