import type { Locator, Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import { becomes, gone, panel, ready, seen, send, ticket } from './acts.js'
import { Desk } from './chart-desk.js'
import { inBrowser, PHONE } from './stage.js'

/** Of BTCUSD these are 100 dollars: far enough for an order to wait. */
const COARSE = { label: '10,000 ticks' }
const FINGER = 44

inBrowser('the ladder', (stage) => {
  const desk = new Desk(stage)
  beforeEach(() => desk.reset())
  const rungs = (page: Page) => panel(page, 'Depth').locator('.rung')
  const priceOf = async (rung: Locator) => Number((await rung.locator('.price').innerText()).replaceAll(',', ''))
  const prices = (page: Page) => panel(page, 'Depth').locator('.rung .price').allInnerTexts()

  /** A desk with the pointer over a coarse ladder, so that it stands still. */
  async function ladder(): Promise<{ page: Page; low: Locator; high: Locator }> {
    const { page } = await stage.visit()
    await ready(page)
    await panel(page, 'Depth').getByLabel('Price step').selectOption(COARSE)
    await seen(rungs(page))
    await becomes(
      () => prices(page),
      (all) => all.every((one) => one.endsWith('00.00')),
      'prices in hundreds',
    )
    await rungs(page).last().hover()
    await seen(panel(page, 'Depth').getByText('stands still'))
    return { page, low: rungs(page).last(), high: rungs(page).first() }
  }
  const arm = (page: Page) => ticket(page).getByRole('switch').click()

  it('fills the ticket where it is not armed: limits at their side, with Shift stops', async () => {
    const { page, low, high } = await ladder()
    const [below, above] = [await low.locator('.price').innerText(), await high.locator('.price').innerText()]
    const says = (hasText: string) => send(page).filter({ hasText })
    await low.locator('.bid').click()
    await seen(says(`Buy 0.001 BTCUSD at ${below}`))
    await high.locator('.ask').click()
    await seen(says(`Sell 0.001 BTCUSD at ${above}`))
    await high.locator('.bid').click({ modifiers: ['Shift'] })
    await seen(says(`Buy 0.001 BTCUSD stop ${above}`))
    await low.locator('.ask').click({ modifiers: ['Shift'] })
    await seen(says(`Sell 0.001 BTCUSD stop ${below}`))
    await high.locator('.bid').click()
    await seen(page.getByText(/A buy limit stands below the market/).first())
    expect(await desk.orders()).toEqual([])
  })

  it('sends where it is armed, moves what is pulled under its own id, and cancels with ×', async () => {
    const { page, low } = await ladder()
    await arm(page)
    await low.hover()
    await low.locator('.bid').click()
    const [placed] = await becomes(
      () => desk.orders(),
      (all) => all.length === 1,
      'one order',
    )
    expect(placed).toMatchObject({ type: 1, side: 1, limitPrice: await priceOf(low) })
    const mine = low.locator('.own.buy')
    await seen(mine.getByText(/\d/))
    const next = rungs(page).nth((await rungs(page).count()) - 2)
    const to = await priceOf(next)
    const [from, target] = [await mine.boundingBox(), await next.boundingBox()]
    if (from === null || target === null) return expect.fail('Expected two rungs, found none')
    await page.mouse.move(from.x + 8, from.y + 8)
    await page.mouse.down()
    await page.mouse.move(from.x + 8, target.y + 10, { steps: 4 })
    await seen(panel(page, 'Depth').getByText('release to move'))
    await page.mouse.up()
    const [moved] = await becomes(
      () => desk.orders(),
      (all) => all[0]?.limitPrice === to,
      `the order at ${to}`,
    )
    expect(moved?.id).toBe(placed?.id)
    await seen(next.locator('.own.buy').getByText(/\d/))
    await next.locator('.own.buy').click()
    await becomes(
      () => desk.orders(),
      (all) => all.length === 0,
      'no order',
    )
    await gone(next.locator('.own.buy').getByText(/\d/))
  })

  it('stands still under the pointer, shows there what would be sent, follows outside, and Home centres it', async () => {
    const { page, low } = await ladder()
    await ticket(page).getByRole('textbox', { name: 'Size' }).fill('0.123')
    await panel(page, 'Depth').getByLabel('Price step').selectOption({ label: '1 tick' })
    await low.locator('.bid').focus()
    await low.locator('.bid').hover()
    await page.keyboard.press('Home')
    const stood = await prices(page)
    const ghost = () => low.locator('.bid').evaluate((cell) => getComputedStyle(cell, '::before').content)
    expect(await ghost()).toContain('0.123')
    const quote = panel(page, 'Watchlist').getByRole('row').filter({ hasText: 'BTCUSD' })
    const first = await quote.innerText()
    await becomes(
      () => quote.innerText(),
      (now) => now !== first,
      'another quote',
    )
    expect(await prices(page)).toEqual(stood)
    const centred = async () => {
      await page.keyboard.press('Home')
      return prices(page)
    }
    await becomes(centred, (now) => now.join() !== stood.join(), 'prices around the new ones')
    const again = await prices(page)
    await page.mouse.move(0, 0)
    await becomes(
      () => prices(page),
      (now) => now.join() !== again.join(),
      'prices that are followed',
    )
  })

  it('can be hit by a finger', async () => {
    const { page } = await stage.visit({ viewport: PHONE, hasTouch: true, isMobile: true })
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: 'Ticket' }).click()
    await ready(page)
    await page.getByRole('button', { name: 'Depth', exact: true }).click()
    await seen(rungs(page))
    const box = await rungs(page).first().locator('.bid').boundingBox()
    expect(box?.height).toBeGreaterThanOrEqual(FINGER)
    await rungs(page).last().locator('.bid').tap()
    await seen(send(page).filter({ hasText: /^Buy 0\.001 BTCUSD at \d/ }))
  })
})
