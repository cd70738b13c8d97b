import { expect, it } from 'vitest'
import { buy, ready, row, seen, send, tab, ticket } from './acts.js'
import { openWithAxe, serious } from './axe.js'
import { inBrowser } from './stage.js'

inBrowser('for everybody', (stage) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    it(`has nothing serious at a desk, ${colorScheme}`, async () => {
      const { page } = await openWithAxe(stage, { colorScheme })
      await ready(page)
      expect(await serious(page)).toEqual([])
      await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
      await buy(page, '0.01')
      await seen(row(page, 'Positions', 'BTCUSD'))
      for (const name of ['Orders', 'History', 'Executions', 'Account', 'Log']) {
        await tab(page, name).click()
        await page.waitForTimeout(300)
        expect(await serious(page), name).toEqual([])
      }
      await ticket(page).getByRole('textbox', { name: 'Size' }).fill('0.00001')
      await send(page).click()
      expect(await serious(page), 'refused').toEqual([])
    })
  }
})
