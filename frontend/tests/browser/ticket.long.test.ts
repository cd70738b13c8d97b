import type { Locator, Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import type { OrderPreview, OrderRequest } from '../../src/generated/rest.js'
import { becomes, dragDown, gone, panel, ready, reload, row, seen, send, tab, ticket } from './acts.js'
import { OPENS, ownMarket } from './own-market.js'
import { inBrowser } from './stage.js'

const PAIR = 'DEMO:NIGHTUSD'
const field = (page: Page, name: string) => ticket(page).getByRole('textbox', { name, exact: true })
const type = (page: Page, name: string) => ticket(page).getByRole('button', { name, exact: true }).click()
const unit = (page: Page, of: string, value: string) => ticket(page).getByLabel(`Unit of ${of}`).selectOption(value)
const check = (page: Page, name: string) => ticket(page).getByRole('checkbox', { name }).check()
const use = (page: Page, name: string | RegExp) => ticket(page).getByRole('button', { name }).click()
const says = (page: Page, words: string | RegExp) => seen(ticket(page).getByText(words))

inBrowser(
  'the order ticket',
  (stage) => {
    const params = { path: { accountId: 'DEMO-ACCOUNT' } }
    const { POST, GET } = {
      POST: (path: '/orders/preview', body: OrderRequest): Promise<OrderPreview> =>
        stage.rest.ask((signal) =>
          stage.rest.calls.POST(`/api/v1/broker/accounts/{accountId}${path}`, { params, body, signal }),
        ),
      GET: {
        orders: () =>
          stage.rest.ask((signal) => stage.rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders', { params, signal })),
        positions: () =>
          stage.rest.ask((signal) => stage.rest.calls.GET('/api/v1/broker/accounts/{accountId}/positions', { params, signal })),
        ended: () =>
          stage.rest.ask((signal) =>
            stage.rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders/history', { params, signal }),
          ),
      },
    }
    const placed = (count: number) =>
      becomes(GET.orders, (all) => all.length === count, `${count} orders`).then(
        (all) => all.toSorted((one, other) => other.placeTime - one.placeTime)[0],
      )

    const entry = async () => (await GET.orders()).find(({ parentId }) => parentId === undefined)

    beforeEach(async () => {
      const reset = '/api/v1/broker/accounts/{accountId}/reset'
      await stage.rest.ask((signal) => stage.rest.calls.POST(reset, { params, body: {}, signal }))
    })

    it('sends each type at its prices, and each duration, with a date', async () => {
      const { page } = await stage.visit({ settings: { zone: 'UTC' } })
      await ready(page)
      await field(page, 'Size').fill('0.01')
      await type(page, 'Limit')
      await field(page, 'Price').fill('10000')
      await send(page).click()
      expect(await placed(1)).toMatchObject({ type: 1, limitPrice: 10_000, qty: 0.01, duration: { type: 'GTC' } })
      await type(page, 'Stop')
      await field(page, 'Price').fill('900000')
      await ticket(page).getByLabel('Valid', { exact: true }).selectOption('DAY')
      await send(page).click()
      expect(await placed(2)).toMatchObject({ type: 3, stopPrice: 900_000, duration: { type: 'DAY' } })
      await type(page, 'Stop limit')
      await field(page, 'Stop price').fill('900000')
      await field(page, 'Limit price').fill('900010')
      await ticket(page).getByLabel('Valid', { exact: true }).selectOption('GTD')
      const until = Date.UTC(new Date().getUTCFullYear() + 1, 4, 6, 7, 8)
      await ticket(page).getByLabel('Valid until').fill(new Date(until).toISOString().slice(0, 16))
      await send(page).click()
      expect(await placed(3)).toMatchObject({
        ...{ type: 4, stopPrice: 900_000, limitPrice: 900_010 },
        duration: { type: 'GTD', datetime: until },
      })
      for (const kind of ['IOC', 'FOK']) {
        await type(page, 'Limit')
        await field(page, 'Price').fill('10000')
        await ticket(page).getByLabel('Valid', { exact: true }).selectOption(kind)
        await send(page).click()
        await becomes(
          GET.ended,
          (all) => all.some(({ duration, filledQty }) => duration?.type === kind && filledQty === 0),
          `an ended ${kind} order`,
        )
      }
    })

    it('sizes in lots, units, money, percent of equity and of risk, rounded down to a step', async () => {
      const { page } = await stage.visit({ settings: { symbol: PAIR } })
      await ready(page)
      await type(page, 'Limit')
      await field(page, 'Price').fill('1.00000')
      await field(page, 'Size').fill('0.25')
      await says(page, '= 25,000 EUR')
      await unit(page, 'size', 'units')
      expect(await field(page, 'Size').inputValue()).toBe('25000')
      await unit(page, 'size', 'money')
      expect(await field(page, 'Size').inputValue()).toBe('25000.00')
      await field(page, 'Size').fill('31999')
      await says(page, '= 0.31 lots')
      await unit(page, 'size', 'equity')
      await field(page, 'Size').fill('12.3')
      await says(page, '= 0.12 lots')
      await unit(page, 'size', 'risk')
      await ticket(page).getByRole('checkbox', { name: 'Stop loss', checked: true }).uncheck()
      await field(page, 'Size').fill('0.5')
      await send(page).click()
      await says(page, 'Set a stop loss to size by risk.')
      await check(page, 'Stop loss')
      await field(page, 'Stop loss').fill('15')
      // 100,000 × 0.5 % over 15 pips of 0.0001 is 333,333; a step is 1,000.
      await says(page, '= 3.33 lots, 499.50 USD at risk')
      await send(page).click()
      await placed(2)
      expect(await entry()).toMatchObject({ qty: 333_000, limitPrice: 1, stopLoss: 0.9985 })
    })

    it('reads a bracket in points, price, money and percent as the server does, to the cent', async () => {
      const { page } = await stage.visit()
      await ready(page)
      await type(page, 'Limit')
      await field(page, 'Price').fill('10000')
      await field(page, 'Size').fill('0.37')
      await check(page, 'Take profit')
      await check(page, 'Stop loss')
      await field(page, 'Take profit').fill('1234.56')
      await field(page, 'Stop loss').fill('777.77')
      const order = { symbol: 'BTCUSD', side: 1, type: 1, qty: 0.37, limitPrice: 10_000 } as const
      const levels = { takeProfit: 11_234.56, stopLoss: 9_222.23 }
      const { figures } = await POST('/orders/preview', { ...order, ...levels } as OrderRequest)
      const money = (amount: number | undefined) => Math.abs(amount ?? 0).toFixed(2)
      await says(page, `+${money(figures?.takeProfitPL)}`)
      await says(page, `−${money(figures?.stopLossPL)}`)
      const wanted = {
        price: ['11234.56', '9222.23'],
        money: [money(figures?.takeProfitPL), money(figures?.stopLossPL)],
        percent: ['0.4568', '0.2878'],
        distance: ['1234.56', '777.77'],
      }
      for (const [name, [profit, loss]] of Object.entries(wanted)) {
        await unit(page, 'take profit', name)
        await unit(page, 'stop loss', name)
        expect([name, await field(page, 'Take profit').inputValue()]).toEqual([name, profit])
        expect([name, await field(page, 'Stop loss').inputValue()]).toEqual([name, loss])
      }
      await says(page, 'Risk to reward 1 : 1.59')
      await send(page).click()
      await placed(3)
      expect(await entry()).toMatchObject(levels)
    })

    it('shows whole prices and sends from where it is, however much the ticket holds', async () => {
      const { page } = await stage.visit({ viewport: { width: 1280, height: 800 } })
      await ready(page)
      await type(page, 'Stop limit')
      for (const name of ['Take profit', 'Stop loss']) {
        await check(page, name)
        await unit(page, name.toLowerCase(), 'price')
      }
      await field(page, 'Size').fill('7.5')
      await says(page, /^−1,\d{3}\.\d{2}$/)
      const cut = (all: Element[]) =>
        all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ id }) => id)
      expect(await ticket(page).getByRole('textbox').evaluateAll(cut)).toEqual([])
      expect(await ticket(page).locator('[aria-invalid=true]').count()).toBe(0)
      await field(page, 'Stop price').fill('10000')
      await says(page, /Expected the stop of a buy above the ask/)
      const bottom = async (of: Locator) => {
        const box = await of.boundingBox()
        return (box?.y ?? 0) + (box?.height ?? Number.NaN)
      }
      const commission = ticket(page).getByText('Commission', { exact: true })
      await commission.scrollIntoViewIfNeeded()
      const top = (await send(page).boundingBox())?.y ?? 0
      expect(await bottom(commission)).toBeLessThanOrEqual(top)
      expect(await bottom(send(page))).toBeLessThanOrEqual(await bottom(ticket(page)))
    })

    it('lets a stop trail from the ticket', async () => {
      const account = { id: 'trailing', positionMode: 'hedging' } as const
      await stage.rest.ask((signal) => stage.rest.calls.POST('/api/v1/broker/accounts', { body: account, signal }))
      const { page } = await stage.visit({ settings: { account: 'trailing' } })
      await ready(page)
      await check(page, 'Stop loss')
      await check(page, 'Trail stop')
      await tab(page, 'Orders').click()
      const stops = row(page, 'Orders', 'Trailing stop')
      // One on each side: whichever way the price goes, one of them follows.
      for (const side of ['Buy', 'Sell']) {
        await ticket(page).getByRole('group', { name: 'Side' }).getByRole('button', { name: side }).click()
        await send(page).filter({ hasText: side }).click()
        await seen(stops.nth(side === 'Buy' ? 0 : 1))
      }
      const first = await stops.allInnerTexts()
      await becomes(
        () => stops.allInnerTexts(),
        (now) => now.length === 2 && now.join() !== first.join(),
        'a stop that has moved',
      )
    })

    it('shows a warning, and sends its confirmation with the order', async () => {
      const { page } = await stage.visit()
      await page.addInitScript(() => {
        const ask = window.fetch
        const sent: string[] = []
        Object.assign(window, { sent })
        window.fetch = async (what, how) => {
          if (what instanceof Request && what.url.endsWith('/orders')) sent.push(await what.clone().text())
          return ask(what, how)
        }
      })
      await reload(page)
      await ready(page)
      await type(page, 'Limit')
      await field(page, 'Price').fill('200000')
      await says(page, /has reached the limit/)
      await send(page).click()
      await becomes(GET.positions, (all) => all.length === 1, 'a position')
      const [body = ''] = await page.evaluate(() => (window as unknown as { sent: string[] }).sent)
      expect(JSON.parse(body)).toMatchObject({ confirmId: expect.stringMatching(/^c\d+-[0-9a-f]{12}$/) })
    })

    it('puts what would be refused at its field, and repairs it with one press', async () => {
      const { page } = await stage.visit()
      await ready(page)
      await field(page, 'Size').fill('50')
      await says(page, /Expected margin of .* USD to be available, found 100,000/)
      expect(await field(page, 'Size').getAttribute('aria-invalid')).toBe('true')
      await use(page, /^Use \d+\.\d{3}$/)
      await unit(page, 'size', 'equity')
      await field(page, 'Size').fill('10')
      await type(page, 'Stop')
      await field(page, 'Price').fill('10000')
      await send(page).click()
      await says(page, /Expected the stop of a buy above the ask/)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('ticket-stopPrice')
      await use(page, /^Use 7|^Use \d/)
      await type(page, 'Limit')
      await field(page, 'Price').fill('10000.005')
      await send(page).click()
      await says(page, /Expected a price in ticks of 0\.01/)
      await use(page, 'Use 10,000.01')
      await check(page, 'Stop loss')
      await unit(page, 'stop loss', 'price')
      await field(page, 'Stop loss').fill('60500')
      await send(page).click()
      await says(page, /Expected a stop loss below the order's price/)
      await use(page, 'Use 10,000.00')
      await ticket(page).getByLabel('Valid', { exact: true }).selectOption('GTD')
      await ticket(page).getByLabel('Valid until').fill('2020-01-01T00:00')
      await send(page).click()
      await says(page, 'Expected an end after now, found 2020-01-01 00:00.')
      await ticket(page).getByLabel('Valid', { exact: true }).selectOption('GTC')
      await send(page).click()
      await placed(2)
    })

    it('fires from Sell and Buy only while armed, and disarms with whatever changes what a click would do', async () => {
      const { page } = await stage.visit()
      await ready(page)
      const sides = (name: string) => ticket(page).getByRole('group', { name })
      const armed = ticket(page).getByRole('switch')
      const is = (on: boolean) =>
        becomes(
          () => armed.getAttribute('aria-checked'),
          (now) => now === String(on),
          on ? 'armed' : 'disarmed',
        )
      await sides('Side').getByRole('button', { name: 'Sell' }).click()
      await seen(send(page).filter({ hasText: 'Sell' }))
      expect(await GET.positions()).toEqual([])
      await page.keyboard.press('Shift+A')
      await is(true)
      await sides('Send at the market').getByRole('button', { name: 'Buy' }).click()
      await becomes(GET.positions, (all) => all.length === 1 && all[0]?.side === 1, 'a long position')
      await page.keyboard.press('Escape')
      await is(false)
      await page.keyboard.press('Shift+A')
      await is(true)
      const [asks, open] = [page.getByRole('button', { name: /^Close all/ }), page.getByRole('dialog')]
      await asks.click()
      await seen(open)
      await page.keyboard.press('Escape')
      await gone(open)
      await is(true)
      await ticket(page).getByRole('textbox', { name: 'Size' }).focus()
      await page.keyboard.press('Escape')
      await is(false)
      await armed.click()
      await page.getByRole('button', { name: /PAPER/ }).click()
      await page.getByRole('menuitemradio', { checked: false }).first().click()
      await is(false)
      await armed.click()
      await is(true)
      await page.keyboard.press(']')
      await is(false)
      await armed.click()
      await reload(page)
      await ready(page)
      await is(false)
    })

    it('asks first where that is chosen, and before much of the equity is at risk', async () => {
      const { page } = await stage.visit({ settings: { confirm: true } })
      await ready(page)
      await send(page).click()
      await seen(send(page).filter({ hasText: /^Confirm/ }))
      expect(await GET.positions()).toEqual([])
      await send(page).click()
      await becomes(GET.positions, (all) => all.length === 1, 'a position')
      await field(page, 'Size').fill('2')
      await check(page, 'Stop loss')
      await field(page, 'Stop loss').fill('4000')
      await send(page).click()
      await seen(send(page).filter({ hasText: /^Confirm, 8\.\d % of equity at risk/ }))
      expect(await GET.positions()).toMatchObject([{ qty: 0.001 }])
    })

    it('asks for live money unless it is armed, also after a drag', async () => {
      const { page } = await stage.visit()
      await page.route('**/api/v1/broker/accounts', async (route) => {
        const answer = await route.fetch()
        const accounts = (await answer.json()) as object[]
        await route.fulfill({ response: answer, json: accounts.map((one) => ({ ...one, live: true })) })
      })
      await reload(page)
      await ready(page)
      await send(page).click()
      await seen(send(page).filter({ hasText: 'Confirm, live money' }))
      expect(await GET.positions()).toEqual([])
      await page.keyboard.press('Shift+A')
      await gone(send(page).filter({ hasText: 'Confirm' }))
      await check(page, 'Stop loss')
      await send(page).click()
      await becomes(GET.positions, (all) => all.length === 1, 'a position')
      await ticket(page).getByRole('switch').click()
      const stop = panel(page, 'Chart').getByRole('button', { name: /^Stop loss of/ })
      const question = page.getByText(/live money: Enter sends, Esc puts it back/).first()
      const at = async () => (await GET.orders()).find(({ stopPrice }) => stopPrice != null)?.stopPrice ?? 0
      await seen(stop)
      const before = await at()
      // Prices move the scale: a hand that missed the line tries again.
      for (let tries = 0; tries < 4 && !(await question.isVisible()); tries += 1) await dragDown(page, stop, 20)
      expect(await at()).toBe(before)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await becomes(at, (price) => price < before, 'a lower stop')
    })

    it('says when a closed market opens, and lets an order wait for it', async () => {
      const { page } = await stage.visit({ settings: { symbol: 'DEMO:SLEEPY', zone: 'UTC' } })
      const opens = new RegExp(`Opens (\\w+ )?${new Date(OPENS).toISOString().slice(11, 16)}`)
      await says(page, opens)
      await send(page).click()
      await says(page, /SLEEPY is closed\./)
      await use(page, 'Make it a limit order')
      await says(page, /Waits for open/)
      await says(page, /nothing fills before/)
      await send(page).click()
      expect(await placed(1)).toMatchObject({ symbol: 'DEMO:SLEEPY', type: 1 })
    })

    it('turns by itself when the market opens', async () => {
      const { page } = await stage.visit()
      let open = false
      await page.route('**/instruments', async (route) => {
        const answer = await route.fetch()
        const all = (await answer.json()) as object[]
        const shut = { isOpen: false, changesAt: Date.now() + 1_500 }
        await route.fulfill({ response: answer, json: open ? all : all.map((one) => ({ ...one, ...shut })) })
      })
      await reload(page)
      await says(page, /Closed\. Opens \d\d:\d\d/)
      open = true
      await gone(ticket(page).getByText('Closed.'))
    })
  },
  ownMarket(),
)
