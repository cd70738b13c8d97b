import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { addIndicator, buy, panel, row, seen, send, tab, ticket } from './acts.js'
import { inBrowser } from './stage.js'

const PICTURE = fileURLToPath(new URL('../../../docs/terminal.png', import.meta.url))
const BYTES_MAX = 400_000

inBrowser('the picture README opens with', (stage) => {
  it('has a position with brackets, a waiting order, indicators and depth', async () => {
    const { page } = await stage.visit()
    await ticket(page).getByRole('checkbox', { name: 'Take profit' }).check()
    await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
    await ticket(page).getByRole('textbox', { name: 'Take profit' }).fill('160')
    await buy(page, '0.25')
    await seen(row(page, 'Positions', /BTCUSD.*0\.25/))
    await seen(panel(page, 'Chart').getByRole('button', { name: /^Stop loss of/ }))
    for (const name of ['Take profit', 'Stop loss']) await ticket(page).getByRole('checkbox', { name }).uncheck()
    await ticket(page).getByRole('button', { name: 'Limit', exact: true }).click()
    const price = ticket(page).getByRole('textbox', { name: 'Price', exact: true })
    await price.fill((Number((await price.inputValue()).replaceAll(',', '')) - 75).toFixed(2))
    await ticket(page).getByRole('textbox', { name: 'Size' }).fill('0.1')
    await send(page).click()
    await addIndicator(page, 'RSI')
    await tab(page, 'Positions').click()
    await ticket(page).getByRole('button', { name: 'Market', exact: true }).click()
    // Toasts have gone, quotes have come.
    await page.waitForTimeout(9_000)
    await page.mouse.move(0, 0)
    await page.screenshot({ path: PICTURE })
    expect(statSync(PICTURE).size).toBeLessThan(BYTES_MAX)
  })
})
