import type { Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import { becomes, gone, panel, ready, reload, row, seen, send, tab, ticket } from './acts.js'
import { inBrowser } from './stage.js'

const size = (page: Page) => ticket(page).getByRole('textbox', { name: 'Size', exact: true })
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id ?? '')
const attribute = (page: Page, name: string) => page.locator('html').getAttribute(`data-${name}`)
const clock = (page: Page) => page.getByRole('contentinfo').innerText()

const sheet = (page: Page) => page.getByRole('dialog', { name: 'Settings' })
const choice = (page: Page, name: string) => sheet(page).getByRole('combobox', { name })

async function inSettings(page: Page, act: () => Promise<unknown>): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click()
  await act()
  await page.keyboard.press('Escape')
  // Hidden is not yet closed.
  await page.locator('dialog').waitFor({ state: 'detached' })
}

inBrowser('settings', (stage) => {
  beforeEach(async () => {
    const params = { path: { accountId: 'DEMO-ACCOUNT' } }
    const reset = '/api/v1/broker/accounts/{accountId}/reset'
    await stage.rest.ask((signal) => stage.rest.calls.POST(reset, { params, body: {}, signal }))
  })

  it('change how the page looks, and are kept', async () => {
    const { page } = await stage.visit({ timezoneId: 'America/New_York' })
    await ready(page)
    const rows = () => row(page, 'Quotes', 'BTCUSD').evaluate((one) => one.getBoundingClientRect().height)
    const before = await rows()
    expect(await clock(page)).not.toContain('UTC')
    await inSettings(page, async () => {
      await choice(page, 'Colours of rise and fall').selectOption('blue-orange')
      await choice(page, 'Rows').selectOption('comfortable')
      await choice(page, 'Text').selectOption('125')
      await choice(page, 'Times').selectOption('UTC')
    })
    const changed = async () => {
      expect(await attribute(page, 'palette')).toBe('blue-orange')
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('20px')
      expect(await rows()).toBeGreaterThan(before)
      await becomes(
        () => clock(page),
        (text) => text.includes('UTC'),
        'a clock in UTC',
      )
    }
    await changed()
    await reload(page)
    await ready(page)
    await changed()
  })

  it('decide what a new order begins with, also where another was typed before', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await size(page).fill('0.5')
    await inSettings(page, async () => {
      await choice(page, 'Kind of instrument').selectOption('crypto')
      await choice(page, 'Size in').selectOption('units')
      await sheet(page).getByRole('textbox', { name: 'Size', exact: true }).fill('0.02')
      await sheet(page).getByRole('textbox', { name: 'Stop loss, points' }).fill('321')
      await choice(page, 'Kind of instrument').selectOption('forex')
    })
    const begins = async () => {
      expect(await size(page).inputValue()).toBe('0.02')
      expect(await ticket(page).getByRole('textbox', { name: 'Stop loss' }).inputValue()).toBe('321')
      expect(await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).isChecked()).toBe(false)
    }
    await begins()
    await reload(page)
    await ready(page)
    await begins()
    await size(page).fill('0.03')
    await reload(page)
    await ready(page)
    expect(await size(page).inputValue()).toBe('0.03')
  })

  it('ask before an order above a share of the equity, or never', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await size(page).fill('0.5')
    await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
    await ticket(page).getByRole('textbox', { name: 'Stop loss' }).fill('4000')
    await inSettings(page, () => choice(page, 'Ask before an order that puts at risk').selectOption('1'))
    await send(page).click()
    await seen(send(page).filter({ hasText: /^Confirm, 2\.\d % of equity at risk/ }))
    await reload(page)
    await ready(page)
    await inSettings(page, () => choice(page, 'Ask before an order that puts at risk').selectOption('0'))
    await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
    await send(page).click()
    await seen(row(page, 'Positions', /BTCUSD.*0\.5/))
  })

  it('keep fills to the Log', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await inSettings(page, () => page.getByLabel('Show fills').uncheck())
    await reload(page)
    await ready(page)
    await size(page).fill('0.013')
    await send(page).click()
    await tab(page, 'Log').click()
    await seen(panel(page, 'Log').getByText(/0\.013/))
    expect(
      await page
        .getByRole('complementary', { name: 'Notifications' })
        .getByText(/0\.013/)
        .count(),
    ).toBe(0)
  })

  it('give an act another key, take keys away, and switch them all off', async () => {
    const { page } = await stage.visit()
    await ready(page)
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await page.keyboard.press('?')
    await keys.getByRole('button', { name: 'Key for buy: B' }).click()
    await page.keyboard.press('5')
    await seen(keys.getByText('Digits choose the resolution.'))
    await page.keyboard.press('q')
    await seen(keys.getByText('Q was “size”, which has no key now.'))
    await keys.getByRole('button', { name: 'Key for sell: S' }).click()
    await page.keyboard.press('Escape')
    await keys.getByRole('button', { name: 'Key for sell: S' }).click()
    await page.keyboard.press('Delete')
    await seen(keys.getByRole('button', { name: 'Key for sell: none' }))
    await page.keyboard.press('Escape')
    await gone(keys)
    for (let visit = 0; visit < 2; visit += 1) {
      for (const dead of ['b', 's']) await page.keyboard.press(dead)
      expect(await focused(page)).not.toBe('ticket-qty')
      await seen(ticket(page).getByText('First trade: Q, then Enter'))
      await page.keyboard.press('q')
      await becomes(
        () => focused(page),
        (id) => id === 'ticket-qty',
        'the size in focus',
      )
      await reload(page)
      await ready(page)
    }
    await inSettings(page, () => page.getByLabel('Keys work outside text fields').uncheck())
    await page.keyboard.press('q')
    expect(await focused(page)).not.toBe('ticket-qty')
  })

  it('that cannot be read leave the defaults and a note', async () => {
    const { page } = await stage.visit()
    await page.addInitScript(() => localStorage.setItem('terminal.settings', '{broken'))
    await reload(page)
    await ready(page)
    await seen(page.getByText(/^The settings kept in this browser could not be read \(.*\), so the defaults are shown\.$/))
    expect(await attribute(page, 'palette')).toBe('default')
  })
})
