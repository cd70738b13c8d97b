import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { becomes, gone, panel, ready, reload, seen, send, ticket } from './acts.js'
import { inBrowser, PHONE } from './stage.js'

/** Where the chart's last column in a candle's colours stands. */
const newestCandle = (page: Page) =>
  page.getByRole('application').evaluate((box) => {
    const style = getComputedStyle(document.documentElement)
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (probe === null) throw new Error('Expected a canvas')
    const hues = ['--candle-up', '--candle-down'].map((name) => {
      probe.fillStyle = style.getPropertyValue(name)
      probe.fillRect(0, 0, 1, 1)
      return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).join()
    })
    const [canvas] = [...box.querySelectorAll('canvas')].sort((a, b) => b.width * b.height - a.width * a.height)
    const drawn = canvas?.getContext('2d')
    if (!canvas || !drawn) throw new Error('Expected a chart')
    const { data } = drawn.getImageData(0, 0, canvas.width, canvas.height)
    let last = 0
    for (let x = 0; x < canvas.width; x += 1) {
      let tall = 0
      for (let y = 0; y < canvas.height; y += 1) {
        const at = (y * canvas.width + x) * 4
        if (hues.includes(data.slice(at, at + 3).join())) tall += 1
      }
      if (tall > 4) last = x
    }
    return last / devicePixelRatio
  })

/** As a busy browser takes to go back in its history. */
const SLOW_BACK_MS = 500

inBrowser('the shell', (stage) => {
  it('keeps the places of the panels over two visits', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await page.getByRole('tab', { name: 'Orders' }).click()
    for (let visit = 0; visit < 2; visit += 1) {
      await page.waitForFunction(() => localStorage.getItem('terminal.settings')?.includes('"layout":{'))
      await reload(page)
      await ready(page)
      expect(await page.getByRole('tab', { name: 'Orders' }).getAttribute('aria-selected')).toBe('true')
    }
  })

  it('reads an order in words back and fills the ticket with it', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await page.keyboard.press('/')
    await page.getByRole('combobox', { name: /Symbol, command/ }).fill('sell 0.2 btcusd 1000000 sl @1100000')
    await seen(page.getByRole('option', { name: /^Sell limit 0\.200? .*BTCUSD at 1,000,000\.00, stop loss 1,100,000\.00/ }))
    await page.keyboard.press('Enter')
    await seen(send(page).filter({ hasText: /Sell 0\.2.*1,000,000/ }))
  })

  it('opens what a command of the search names, and goes back from it', async () => {
    const { page } = await stage.visit()
    await ready(page)
    await page.keyboard.press('/')
    await page.getByRole('combobox', { name: /Symbol, command/ }).fill('trade the past')
    await page.keyboard.press('Enter')
    await seen(page.getByRole('dialog', { name: 'Trade the past' }).getByText(/Nothing is imported yet/))
    await page.goBack()
    await gone(page.getByRole('dialog', { name: 'Trade the past' }))
    await ready(page)
  })

  it('asks again for what is traded until it is told, and says so meanwhile', async () => {
    const { page } = await stage.visit({ forgives: /ERR_FAILED/ })
    await ready(page)
    let away = true
    await page.route('**/instruments', (route) => (away ? route.abort() : route.continue()))
    await reload(page)
    await seen(ticket(page).getByText(/^The instruments could not be loaded\. .* Asking again in \d+ s\./))
    await seen(page.getByRole('region', { name: 'Instrument' }).getByText(/Asking again in/))
    away = false
    await ready(page)
    await seen(page.getByLabel('Notifications').getByText('The instruments have been loaded.'))
  })

  it('folds what a server says at length, and asks again only when told to', async () => {
    const { page } = await stage.visit({ forgives: /status of 500/ })
    await ready(page)
    let asked = 0
    const message = `The history could not be read: ${'a long reason '.repeat(20)}`
    await page.route('**/orders/history**', (route) => {
      asked += 1
      return route.fulfill({ status: 500, json: { code: 'broken', message } })
    })
    await reload(page)
    await ready(page)
    await page.getByRole('tab', { name: 'History' }).click()
    const history = panel(page, 'Order history')
    await seen(history.getByText('The history could not be read.', { exact: true }))
    await history.getByText('Details').click()
    await seen(history.getByText(/^a long reason a long reason/))
    expect(asked).toBe(1)
    await history.getByRole('button', { name: 'Retry' }).click()
    await becomes(
      () => asked,
      (count) => count === 2,
      'a second question',
    )
    await seen(history.getByText('Details'))
    expect(asked).toBe(2)
  })

  it('takes a price of the watchlist, and an order in words, into the ticket of their own symbol', async () => {
    const { page } = await stage.visit({ settings: { symbol: 'DEMO:ETHUSD', watchlist: ['DEMO:BTCUSD'] } })
    await ready(page)
    const size = ticket(page).getByRole('textbox', { name: 'Size', exact: true })
    await size.fill('7')
    await panel(page, 'Watchlist').getByTitle('Sell here').click()
    await seen(send(page).filter({ hasText: /^Sell .*BTCUSD at \d/ }))
    expect(await size.inputValue()).not.toBe('7')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Symbol, command/ }).fill('sell 3 ethusd sl 80')
    await seen(page.getByRole('option', { selected: true }).filter({ hasText: /^Sell 3/ }))
    await page.keyboard.press('Enter')
    await seen(send(page).filter({ hasText: /^Sell 3\.000 ETHUSD at market/ }))
    expect(await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).isChecked()).toBe(true)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Symbol, command/ }).fill('words that find nothing')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('others')
    expect(await page.getByRole('combobox', { name: /Symbol, command/ }).inputValue()).toBe('others')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('buy 1% btcusd sl 700')
    await seen(
      page.getByRole('option', { selected: true }).filter({ hasText: /^Buy .*BTCUSD at market.*1% of the equity at risk/ }),
    )
    await page.keyboard.press('Enter')
    await seen(send(page).filter({ hasText: /^Buy 1\.\d+ BTCUSD at market/ }))
    expect(await ticket(page).getByRole('combobox', { name: /unit/i }).first().inputValue()).toBe('risk')
  })

  it('shows the keys, and they can be off', async () => {
    const { page } = await stage.visit({ settings: { keys: false } })
    await ready(page)
    await page.keyboard.press('?')
    await page.keyboard.press('Control+k')
    await seen(page.getByRole('dialog', { name: 'Search' }))
    expect(await page.getByRole('dialog', { name: 'Keys' }).count()).toBe(0)
  })

  it('shows the chart on a phone as it was left, in the colours chosen meanwhile', async () => {
    const { page } = await stage.visit({ viewport: PHONE, hasTouch: true, forgives: /willReadFrequently/ })
    const go = (name: string) => page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name }).click()
    await seen(page.getByRole('application', { name: /^BTCUSD/ }))
    const before = await becomes(
      () => newestCandle(page),
      (x) => x > PHONE.width / 3,
      'candles',
    )
    await go('Watchlist')
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('dialog', { name: 'Settings' }).getByRole('combobox', { name: 'Theme' }).selectOption('light')
    await page.keyboard.press('Escape')
    await go('Chart')
    await becomes(
      () => newestCandle(page),
      (x) => Math.abs(x - before) < 20,
      `the newest candle at ${before}`,
    )
  })

  it('stays, however fast what lies over it is closed and opened', async () => {
    const { page } = await stage.visit()
    // Where a browser goes back to is settled when it is asked to, whatever is added before it gets there.
    await page.addInitScript((ms) => {
      let added = 0
      const push = history.pushState.bind(history)
      history.pushState = (...given) => {
        added += 1
        push(...given)
      }
      history.back = () => {
        const then = added
        setTimeout(() => history.go(then - added - 1), ms)
      }
    }, SLOW_BACK_MS)
    await reload(page)
    await ready(page)
    const search = page.getByRole('dialog', { name: 'Search' })
    await page.keyboard.press('Control+k')
    for (let time = 0; time < 3; time += 1) {
      await seen(search)
      await page.keyboard.press('Escape')
      // Hidden is not yet closed.
      await page.locator('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('Control+k')
      await page.waitForTimeout(2 * SLOW_BACK_MS)
    }
    await seen(search)
    await page.keyboard.press('Escape')
    await gone(search)
    await page.waitForTimeout(2 * SLOW_BACK_MS)
    expect(page.url()).toBe(`${stage.server.url}/`)
    await page.keyboard.press('Control+k')
    await seen(search)
    await page.goBack()
    await gone(search)
  })

  it('goes back on a phone from a sheet and from a tab', async () => {
    const { page } = await stage.visit({ viewport: PHONE, hasTouch: true })
    await page.getByRole('button', { name: 'Ticket' }).click()
    await seen(send(page))
    await page.getByRole('button', { name: 'Settings' }).click()
    await seen(page.getByRole('dialog', { name: 'Settings' }))
    await page.goBack()
    await becomes(
      () => page.getByRole('dialog').count(),
      (count) => count === 0,
      'no sheet',
    )
    await seen(send(page))
    await page.goBack()
    await seen(page.getByRole('button', { name: 'Chart', exact: true }).and(page.locator('[aria-current="page"]')))
  })
})

inBrowser('the explorer of topics', (stage) => {
  it.each(['dark', 'light'] as const)('keeps its menu in sight, %s', async (colorScheme) => {
    // The explorer's complaints are its own.
    const { page } = await stage.visit({ colorScheme, viewport: PHONE, forgives: /./ })
    await page.goto(`${stage.server.url}/api/v1/ws/asyncapi`)
    const burger = page.locator('.burger-menu')
    await seen(burger)
    const box = await burger.boundingBox()
    expect((box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0)).toBeLessThan(PHONE.height)
    expect(await burger.evaluate((one) => getComputedStyle(one).backgroundColor)).not.toBe('rgba(0, 0, 0, 0)')
    await burger.click()
    await seen(page.locator('.sidebar').getByText('Operations'))
  })
})

/** Stands where TradingView's library would, and shows what it was given. */
const STAND_IN = `window.TradingView = { widget: class {
  constructor(options) {
    this.options = options
    options.container.textContent = [options.symbol, options.library_path, options.charts_storage_url].join(' ')
    options.datafeed.onReady(() => options.container.append(' datafeed ready'))
    if (typeof options.broker_factory === 'function') options.container.append(' broker ready')
  }
  onChartReady(act) { setTimeout(act) }
  remove() {}
  changeTheme(theme) { this.options.container.append(' drawn ' + theme.toLowerCase()) }
  activeChart() { return { setSymbol() {}, setResolution() {}, resetData() {} } }
} }`
const library = mkdtempSync(join(tmpdir(), 'library-'))
mkdirSync(join(library, 'charting_library'))
writeFileSync(join(library, 'charting_library/charting_library.standalone.js'), STAND_IN)

inBrowser(
  "TradingView's library",
  (stage) => {
    it('is offered where it is, and gets both adapters and our chart storage', async () => {
      const { page } = await stage.visit()
      await ready(page)
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByLabel('Chart engine').selectOption('tradingview')
      await page.keyboard.press('Escape')
      for (const shown of [
        `DEMO:BTCUSD /trading_terminal/charting_library/ ${stage.server.url}/api/v1/chart-storage`,
        'datafeed ready',
        'broker ready',
      ]) {
        await seen(page.getByText(shown))
      }
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByRole('combobox', { name: 'Theme' }).selectOption('light')
      await seen(page.getByText('drawn light'))
    })
  },
  { TRADING_TRADINGVIEW_LIBRARY: library },
)
