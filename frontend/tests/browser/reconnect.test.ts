import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { OrderType, Side } from '../../src/tradingview/numbers.js'
import { becomes, gone, panel, ready, row, seen, send, tab, ticket } from './acts.js'
import { CUTS, inBrowser, type Stage } from './stage.js'
import { Way } from './way.js'

const ACCOUNT = 'DEMO-ACCOUNT'
const path = { accountId: ACCOUNT }

async function limit(stage: Stage, limitPrice: number): Promise<string> {
  const body = { symbol: 'DEMO:BTCUSD', type: OrderType.Limit, side: Side.Buy, qty: 0.01, limitPrice } as const
  const { orderId } = await stage.rest.command((header, signal) =>
    stage.rest.calls.POST('/api/v1/broker/accounts/{accountId}/orders', { params: { path, header }, body, signal }),
  )
  return orderId as string
}

function cancel(stage: Stage, orderId: string): Promise<unknown> {
  return stage.rest.command((header, signal) =>
    stage.rest.calls.DELETE('/api/v1/broker/accounts/{accountId}/orders/{orderId}', {
      params: { path: { ...path, orderId }, header },
      signal,
    }),
  )
}

const executions = (stage: Stage, signal: AbortSignal) =>
  stage.rest.calls.GET('/api/v1/broker/accounts/{accountId}/executions', { params: { path }, signal })
const light = (page: Page, words: RegExp) => page.getByRole('button', { name: words })
const toast = (page: Page, words: RegExp) => page.getByLabel('Notifications').getByText(words)
const orders = (page: Page) => page.getByRole('grid', { name: 'Orders' }).getByRole('row').filter({ hasText: 'BTCUSD' })

inBrowser('a cut', (stage) => {
  it('by a killed server: says since when, sends nothing, and comes back with all that happened', async () => {
    const { page } = await stage.visit({ forgives: CUTS })
    const way = await Way.under(page)
    await ready(page)
    const [first] = [await limit(stage, 10_000), await limit(stage, 11_000)]
    await tab(page, 'Orders').click()
    await becomes(
      () => orders(page).count(),
      (count) => count === 2,
      'two orders',
    )
    way.down = true
    await stage.server.kill()
    await seen(light(page, /^Reconnecting, try \d/))
    await seen(toast(page, /^Connection lost\. Reconnecting; nothing will be sent\.$/))
    await seen(ticket(page).getByText('Not connected. Nothing will be sent.'))
    await seen(panel(page, 'Orders').getByText(/^As of \d\d:\d\d:\d\d/i))
    await send(page).click()
    await page.keyboard.press('Enter')
    await seen(light(page, /^Offline since \d\d:\d\d:\d\d\. Retry/))
    await stage.server.startAgain()
    await cancel(stage, first)
    await limit(stage, 12_000)
    way.down = false
    await light(page, /^Offline/).click()
    await page.keyboard.press('Escape')
    await seen(light(page, /^Back after \d+ s/))
    await seen(toast(page, /^Back after \d+ s\. \d+ updates caught up, none lost\.$/))
    await becomes(
      () => orders(page).allInnerTexts(),
      (rows) => rows.length === 2 && rows.some((one) => /12,000/.test(one)),
      'both',
    )
    const known = await stage.rest.ask((signal) =>
      stage.rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders', { params: { path }, signal }),
    )
    expect(known).toHaveLength(2)
    await seen(light(page, /^Live/))
    await ready(page)
  })

  it('that nothing happened in says so', async () => {
    const { page } = await stage.visit({ forgives: CUTS })
    const way = await Way.under(page)
    await ready(page)
    await seen(light(page, /^Live/))
    way.cut()
    await seen(toast(page, /^Back after \d+ s\. Nothing happened on your account meanwhile\.$/))
  })

  it('too long ago to be resumed loads the state afresh and asks to look at it', async () => {
    const { page } = await stage.visit({ forgives: CUTS })
    const way = await Way.under(page)
    await ready(page)
    await tab(page, 'History').click()
    await seen(page.getByRole('grid', { name: 'History' }))
    await tab(page, 'Orders').click()
    await seen(orders(page))
    way.down = way.forgetful = true
    way.cut()
    await seen(light(page, /^Reconnecting/))
    const another = await limit(stage, 13_000)
    await cancel(stage, await limit(stage, 14_000))
    way.down = false
    await seen(toast(page, /History was too short; state loaded afresh, check your orders\.$/))
    await seen(row(page, 'Orders', /13,000/))
    await tab(page, 'History').click()
    await seen(row(page, 'History', /14,000/))
    await tab(page, 'Orders').click()
    await cancel(stage, another)
    await becomes(
      () => orders(page).count(),
      (count) => count === 2,
      'two orders',
    )
  })

  it('of prices alone shows their age, and no market order goes once the server trades on them no longer', async () => {
    const { page } = await stage.visit({ forgives: CUTS })
    await page.clock.install()
    const way = await Way.under(page)
    await ready(page)
    const quote = panel(page, 'Watchlist').getByRole('row').filter({ hasText: 'BTCUSD' })
    expect(await quote.getByText(/s old$/).count()).toBe(0)
    way.silent = true
    await page.clock.fastForward(12_000)
    await seen(quote.getByText(/^1\d s old$/))
    await page.clock.fastForward(50_000)
    await seen(quote.getByText(/^6\d s old$/))
    const before = (await stage.rest.ask((signal) => executions(stage, signal))).length
    // The clock that ran ahead may have cut the socket too: then the ticket says that first.
    const old = ticket(page).getByText(/^The last price of BTCUSD is \d+ s old\. What fills at once needs a newer one/)
    await becomes(
      async () => {
        await send(page).click()
        return old.isVisible()
      },
      Boolean,
      'that the price is too old',
    )
    expect(await stage.rest.ask((signal) => executions(stage, signal))).toHaveLength(before)
    way.silent = false
    await gone(quote.getByText(/s old$/))
    await send(page).click()
    await seen(row(page, 'Positions', 'BTCUSD'))
  })
})
