import type { Page } from 'playwright-core'
import { it } from 'vitest'
import { becomes, gone, seen } from './acts.js'
import { Books, BTC } from './books.js'
import { Desk } from './chart-desk.js'
import { CUTS, inBrowser } from './stage.js'
import { Way } from './way.js'

inBrowser('what is in a hand', (stage) => {
  const pill = (page: Page, name: string | RegExp) => page.getByRole('application').getByRole('button', { name })
  const calm = { symbol: BTC, resolution: '1D' }
  const toast = (page: Page, words: RegExp) => page.getByLabel('Notifications').getByText(words)

  it('on one account is put back where another one comes in front', async () => {
    const [first, second] = [await Books.open(stage, 'FIRST'), await Books.open(stage, 'SECOND')]
    for (const books of [first, second]) await books.place({ qty: 0.02 })
    const { page } = await stage.visit({ settings: { ...calm, ...first.settings } })
    const wish = pill(page, /^Stop loss of long/)
    await seen(pill(page, /^Long/))
    await pill(page, /^Long/).focus()
    await pill(page, /^Add a stop loss to Long/).press('Enter')
    await seen(wish.filter({ hasText: 'SL' }))
    await page.getByRole('button', { name: /PAPER/ }).click()
    await page.getByRole('menuitemradio', { name: /SECOND/ }).click()
    await seen(page.getByRole('button', { name: /PAPER/ }).filter({ hasText: 'SECOND' }))
    await seen(pill(page, /^Long/))
    await gone(wish)
  })

  it('goes back where nothing can be sent, and is not sent later', async () => {
    const books = await Books.open(stage, 'CUT-OFF')
    const price = Math.round(await new Desk(stage).bid()) - 2_000
    await books.place({ type: 1, limitPrice: price })
    const { page } = await stage.visit({ settings: { ...calm, ...books.settings }, forgives: CUTS })
    const way = await Way.under(page)
    const order = pill(page, /^Buy limit/)
    await seen(order)
    way.down = true
    way.cut()
    await seen(toast(page, /^Connection lost/))
    await order.press('ArrowDown')
    await order.press('Enter')
    await seen(toast(page, /^Kept at [\d,.]+\. Not connected\. Nothing has been sent/))
    way.down = false
    await page.getByRole('button', { name: /^(Reconnecting|Offline)/ }).click()
    await seen(toast(page, /^Back after/))
    await becomes(
      () => books.orders(),
      ([one]) => one?.limitPrice === price,
      'the order where it was',
    )
  })
})
