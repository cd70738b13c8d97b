import { expect, it } from 'vitest'
import { ready, seen } from './acts.js'
import { openWithAxe, serious } from './axe.js'
import { CUTS, inBrowser, PHONE, REFUSALS } from './stage.js'

inBrowser('for everybody', (stage) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    it(`has nothing serious in sheets and menus, ${colorScheme}`, async () => {
      const { page } = await openWithAxe(stage, { colorScheme })
      await ready(page)
      for (const name of ['Settings', 'Replay', 'Notifications', 'API', /Symbol or command/, /PAPER/]) {
        await page.getByRole('banner').getByRole('button', { name }).click()
        await page.waitForTimeout(200)
        expect(await serious(page), String(name)).toEqual([])
        await page.keyboard.press('Escape')
      }
    })

    it(`has nothing serious on a phone, ${colorScheme}`, async () => {
      const { page } = await openWithAxe(stage, { colorScheme, viewport: PHONE })
      await seen(page.getByRole('application'))
      for (const button of await page.getByRole('navigation', { name: 'Panels' }).getByRole('button').all()) {
        await button.click()
        await page.waitForTimeout(300)
        expect(await serious(page), await button.innerText()).toEqual([])
      }
    })

    it(`has nothing serious when it is offline, ${colorScheme}`, async () => {
      const { page } = await openWithAxe(stage, { colorScheme, forgives: CUTS })
      await ready(page)
      await stage.server.kill()
      await seen(page.getByRole('button', { name: /^Reconnecting/ }))
      const found = await serious(page)
      await stage.server.startAgain()
      expect(found).toEqual([])
    })
  }
})

inBrowser(
  'for everybody who signs in',
  (stage) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      it(`has nothing serious in the form, also when it refuses, ${colorScheme}`, async () => {
        const { page } = await openWithAxe(stage, { colorScheme, forgives: REFUSALS })
        const form = page.getByRole('form', { name: 'Sign in' })
        await seen(form)
        expect(await serious(page)).toEqual([])
        await form.getByRole('textbox', { name: 'Login' }).fill('nobody')
        await form.getByLabel('Password').fill('nothing at all')
        await page.keyboard.press('Enter')
        await seen(form.getByRole('alert'))
        expect(await serious(page)).toEqual([])
      })
    }
  },
  { TRADING_AUTHENTICATION: 'true' },
)
