import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { SEEN_MS_MAX } from './stage.js'

/** What a person sees is looked at again until it is so. */
export async function becomes<T>(look: () => Promise<T> | T, wanted: (found: T) => boolean, what: string): Promise<T> {
  const until = Date.now() + SEEN_MS_MAX
  for (;;) {
    const found = await look()
    if (wanted(found)) return found
    if (Date.now() > until) expect.fail(`Expected ${what}, found ${JSON.stringify(found)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export const seen = (locator: Locator) => locator.first().waitFor({ state: 'visible' })
export const gone = (locator: Locator) => locator.first().waitFor({ state: 'hidden' })

export const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true }).last()
export const ticket = (page: Page) => page.getByRole('region', { name: 'Order ticket' })
/** By its name: a price would go into the ticket. */
export const choose = (page: Page, symbol: string) =>
  panel(page, 'Watchlist').getByRole('gridcell', { name: symbol, exact: true }).click()
export const send = (page: Page) => ticket(page).getByRole('button', { name: /Enter$/ })
export const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })
/** A row of a table that has these words. */
export const row = (page: Page, grid: string, words: string | RegExp) =>
  page.getByRole('grid', { name: grid }).getByRole('row').filter({ hasText: words })

/** The ticket has an instrument and the server has said what the order would cost. */
export async function ready(page: Page): Promise<void> {
  await seen(send(page))
  await seen(ticket(page).getByText('Expected fill'))
}

/** A sheet that closed a moment ago may still be leaving the browser's history, and would end a load begun meanwhile. */
export async function reload(page: Page): Promise<void> {
  await page.waitForFunction(() => !(history.state as { overlay?: true } | null)?.overlay)
  await page.reload()
}

export async function buy(page: Page, size: string): Promise<void> {
  await ready(page)
  await ticket(page).getByRole('textbox', { name: 'Size' }).fill(size)
  await send(page).click()
}

export async function dragDown(page: Page, handle: Locator, pixels: number): Promise<void> {
  const box = await handle.boundingBox()
  if (box === null) return expect.fail('Expected something to drag, found nothing')
  const [x, y] = [box.x + 10, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 1, y + pixels, { steps: 5 })
  await page.mouse.up()
}

export async function addIndicator(page: Page, name: string): Promise<void> {
  const menu = page.getByRole('dialog', { name: 'Indicators' })
  const opener = panel(page, 'Chart').getByRole('button', { name: /^Indicators/ })
  await opener.click()
  await menu.getByRole('button', { name: `+ ${name}` }).click()
  await opener.click()
  await gone(menu)
}
