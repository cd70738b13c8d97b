import { expect, it } from 'vitest'
import { buy, panel, ready, row, seen } from './acts.js'
import { inBrowser } from './stage.js'

inBrowser('a first visit', (stage) => {
  it('shows prices, an account and a ticket', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await seen(page.getByRole('button', { name: /^Live/ }))
    await seen(page.getByRole('application', { name: /BTCUSD/ }))
    await seen(panel(page, 'Chart').getByRole('rowheader'))
    expect(await page.title()).toContain('BTCUSD')
  })

  it('buys at the market and sees the position', async () => {
    const { page } = await stage.visit()
    await buy(page, '0.01')
    await seen(row(page, 'Positions', /BTCUSD.*Long.*0\.01/i))
  })

  it('trades by keyboard alone', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await page.keyboard.press('b')
    await page.keyboard.type('0.02')
    await page.keyboard.press('Enter')
    await seen(row(page, 'Positions', /0\.0[23]/))
  })
})
