import type { Page } from 'playwright-core'
import { beforeEach, expect, it } from 'vitest'
import { POINTS, TOOL_NAMES, TOOLS, type Tool } from '../../src/chart/drawings.js'
import { KINDS, SORTS } from '../../src/chart/indicators/catalogue.js'
import { RESOLUTIONS, shortOf } from '../../src/chart/resolutions.js'
import { becomes, choose, dragDown, gone, panel, reload, seen, send } from './acts.js'
import { CALM, Desk, SYMBOL } from './chart-desk.js'
import { CUTS, inBrowser, PHONE, REFUSALS } from './stage.js'

/** The scale leaves room above the bars: no market is as high. */
const ABOVE = [0.6, 0.06] as const
/** Longer than what was drawn waits to be kept. */
const SETTLED_MS = 1_000

inBrowser('the chart', (stage) => {
  const desk = new Desk(stage)
  const chart = (page: Page) => panel(page, 'Chart')
  const canvas = (page: Page) => page.getByRole('application')
  const pill = (page: Page, name: string | RegExp) => canvas(page).getByRole('button', { name })
  const bars = (page: Page) => chart(page).getByRole('rowheader')
  beforeEach(() => desk.reset())

  /** A point of the chart, in shares of its box. */
  async function at(page: Page, x: number, y: number): Promise<[number, number]> {
    const box = await canvas(page).boundingBox()
    if (box === null) return expect.fail('Expected a chart, found none')
    return [box.x + box.width * x, box.y + box.height * y]
  }

  it('loads the past as one scrolls to it', async () => {
    const { page } = await stage.visit({ settings: { ...CALM, resolution: '1' } })
    const asked: number[] = []
    page.on('response', (response) => {
      const { pathname, searchParams } = new URL(response.url())
      if (pathname.endsWith('/datafeed/history')) asked.push(Number(searchParams.get('to')))
    })
    await seen(bars(page))
    await canvas(page).focus()
    for (let press = 0; press < 10; press += 1) await page.keyboard.press('-')
    const begun = await becomes(
      () => asked[0] ?? 0,
      (first) => first > 0,
      'history asked for',
    )
    await becomes(
      async () => {
        await page.keyboard.press('ArrowLeft')
        return (begun - Math.min(...asked)) / 60
      },
      (minutes) => minutes > 900,
      'two pages of older bars asked for',
    )
  })

  it('says of the bar under the pointer what it was, and of the last one when the pointer has left', async () => {
    const { page } = await stage.visit({ settings: CALM })
    await seen(bars(page))
    const legend = () => chart(page).locator('.legend').first().innerText()
    const last = await legend()
    const opened = (text: string) => /^O\s*(\S+)/.exec(text)?.[1]
    await page.mouse.move(...(await at(page, 0.3, 0.5)))
    await becomes(legend, (text) => opened(text) !== opened(last), 'another bar')
    await page.mouse.move(0, 0)
    await becomes(legend, (text) => opened(text) === opened(last), 'the last bar again')
  })

  it('shows bars at every resolution', async () => {
    const { page } = await stage.visit({ settings: CALM })
    const choice = chart(page).getByRole('combobox', { name: 'Resolution' })
    await seen(bars(page))
    for (const resolution of RESOLUTIONS) {
      await choice.selectOption(resolution)
      await seen(page.getByRole('application', { name: `BTCUSD, ${shortOf(resolution)}.` }))
      await becomes(
        () => bars(page).count(),
        (count) => count > 1,
        `bars at ${resolution}`,
      )
    }
  })

  it('adds, changes and removes each indicator, and keeps them', async () => {
    const { page } = await stage.visit({ settings: { ...CALM, panels: { chart: { indicators: [] } } } })
    await seen(bars(page))
    const panes = () => canvas(page).locator('canvas').count()
    const bare = await panes()
    const opener = chart(page).getByRole('button', { name: /^Indicators/ })
    const menu = page.getByRole('dialog', { name: 'Indicators' })
    await opener.click()
    for (const kind of KINDS) await menu.getByRole('button', { name: `+ ${kind}`, exact: true }).click()
    expect(await becomes(panes, (count) => count > bare, 'a pane for each that is not over the candles')).toBeGreaterThan(bare)
    const full = await panes()
    const changed = KINDS.filter((kind) => SORTS[kind].parameters.length > 0)
    for (const kind of changed) {
      const line = menu.getByRole('listitem').filter({ has: page.getByRole('button', { name: new RegExp(`^Remove ${kind}`) }) })
      await line.getByRole('spinbutton').first().fill('7')
      await page.keyboard.press('Tab')
      await seen(menu.getByRole('button', { name: new RegExp(`^Remove ${kind} 7`) }))
    }
    await page.keyboard.press('Escape')
    await gone(menu)
    await reload(page)
    await seen(bars(page))
    await becomes(panes, (count) => count === full, `${full} canvases again`)
    await opener.click()
    for (const kind of changed) await seen(menu.getByRole('button', { name: new RegExp(`^Remove ${kind} 7`) }))
    for (const _ of KINDS)
      await menu
        .getByRole('button', { name: /^Remove/ })
        .first()
        .click()
    await becomes(panes, (count) => count === bare, 'no pane but the candles')
    await page.keyboard.press('Escape')
    await gone(menu)
  })

  async function drawMenu(page: Page, choice: string): Promise<void> {
    await chart(page).getByRole('button', { name: 'Draw…' }).click()
    await page.getByRole('dialog', { name: 'Draw' }).getByRole('button', { name: choice }).click()
  }

  async function draw(page: Page, tool: Tool, points: readonly [number, number][]): Promise<void> {
    await drawMenu(page, TOOL_NAMES[tool])
    // As fast as a hand is: no two are a double click.
    for (const point of points) await page.mouse.click(...(await at(page, ...point)))
    if (tool !== 'note') return
    // Straight away, as a hand does: it has to be the note, not a key that trades.
    await seen(page.getByRole('textbox', { name: 'Note' }))
    await page.keyboard.type('watch here')
    await page.keyboard.press('Enter')
  }

  it('tells a hand that draws the next point', async () => {
    const { page } = await stage.visit({ settings: CALM })
    await seen(bars(page))
    const told = (words: string) => seen(chart(page).getByText(`Click ${words}; Esc stops.`))
    await drawMenu(page, TOOL_NAMES.channel)
    const steps = [
      ['where it begins', 0.4],
      ['where it ends', 0.5],
      ['how wide it is', 0.6],
    ] as const
    for (const [words, share] of steps) {
      await told(words)
      await page.mouse.click(...(await at(page, share, share)))
    }
    await gone(chart(page).getByText('Esc stops'))
  })

  /** A drawing is taken once the chart has seen the pointer on it. */
  async function pull(page: Page, from: [number, number], to: [number, number]): Promise<void> {
    await page.mouse.move(...(await at(page, from[0] - 0.02, from[1] - 0.02)))
    await page.mouse.move(...(await at(page, ...from)))
    await page.waitForTimeout(200)
    await page.mouse.down()
    await page.mouse.move(...(await at(page, ...to)), { steps: 5 })
    await page.waitForTimeout(100)
    await page.mouse.up()
  }

  it('draws with each tool, moves, deletes, and keeps what was drawn for its symbol', async () => {
    const { page } = await stage.visit({ settings: CALM })
    await seen(bars(page))
    for (const [row, tool] of TOOLS.entries()) {
      const y = 0.15 + row * 0.07
      await draw(
        page,
        tool,
        Array.from({ length: POINTS[tool] }, (_, point) => [0.2 + 0.15 * point, y + 0.02 * point]),
      )
    }
    await becomes(
      async () => (await desk.drawings()).at(-1)?.text,
      (text) => text === 'watch here',
      'the note kept',
    )
    const drawn = await desk.drawings()
    expect(drawn.map(({ tool }) => tool)).toEqual(TOOLS)
    await reload(page)
    await seen(bars(page))
    const first = async () => (await desk.drawings()).find(({ tool }) => tool === 'trend')
    const before = JSON.stringify(await first())
    await pull(page, [0.275, 0.16], [0.295, 0.1])
    await becomes(first, (now) => now !== undefined && JSON.stringify(now) !== before, 'the trend line elsewhere')

    await choose(page, 'EURUSD')
    await seen(page.getByRole('application', { name: /^EURUSD/ }))
    expect(await desk.drawings('DEMO:EURUSD')).toEqual([])
    await choose(page, 'BTCUSD')
    await seen(page.getByRole('application', { name: /^BTCUSD/ }))
    await seen(bars(page))
    await page.mouse.click(...(await at(page, 0.295, 0.1)))
    await page.keyboard.press('Delete')
    await becomes(first, (now) => now === undefined, 'no trend line')
    expect((await desk.drawings()).length).toBe(TOOLS.length - 1)
  })

  it('colours what is selected, and removes all and brings it back', async () => {
    const { page } = await stage.visit({ settings: CALM })
    await seen(bars(page))
    await draw(page, 'horizontal', [[0.5, 0.45]])
    const bar = canvas(page).getByRole('toolbar', { name: 'Horizontal line' })
    await bar.getByRole('button', { name: 'Teal' }).focus()
    await page.keyboard.press('Enter')
    await seen(bar.getByRole('button', { name: 'Teal', pressed: true }))
    const kept = () => desk.drawings()
    const drawn = await becomes(kept, (all) => all.at(-1)?.colour === 4, 'a line kept with its colour')
    await drawMenu(page, 'Remove all drawings')
    await gone(bar)
    await becomes(kept, (all) => all.length === 0, 'no drawing kept')
    await page.getByRole('button', { name: 'Undo' }).click()
    expect(await becomes(kept, (all) => all.length > 0, 'the drawings again')).toEqual(drawn)
    await bar.getByRole('button', { name: 'Remove' }).click()
    await gone(bar)
    await becomes(kept, (all) => all.length === drawn.length - 1, 'one drawing less')
  })

  it('keeps what was drawn where reading it takes longer than the eye does', async () => {
    const { page } = await stage.visit({ settings: CALM })
    await seen(bars(page))
    const lines = async () => (await desk.drawings()).filter(({ tool }) => tool === 'horizontal').length
    const others = await lines()
    await draw(page, 'horizontal', [[0.5, 0.4]])
    const before = await becomes(lines, (count) => count === others + 1, 'one line more kept')
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    const told: string[] = []
    await page.route('**/drawing_templates**', async (route) => {
      told.push(route.request().method())
      await held
      await route.continue()
    })
    await choose(page, 'EURUSD')
    await seen(page.getByRole('application', { name: /^EURUSD/ }))
    await choose(page, 'BTCUSD')
    await seen(page.getByRole('application', { name: /^BTCUSD/ }))
    await seen(bars(page))
    await draw(page, 'horizontal', [[0.5, 0.5]])
    await page.waitForTimeout(SETTLED_MS)
    expect(told.filter((method) => method !== 'GET')).toEqual([])
    answer()
    await becomes(lines, (count) => count === before + 1, 'the line drawn meanwhile beside the others')
  })

  /** The first order that has this price, and its price. */
  const priceOf = async (field: 'limitPrice' | 'stopPrice') => (await desk.orders()).find((one) => one[field] != null)?.[field]

  it('moves protection by hand, back with Undo, not with Esc, and says why it would not', async () => {
    const bid = Math.round(await desk.bid())
    await desk.place({ type: 2, side: 1, takeProfit: bid + 9_000, stopLoss: bid - 4_000 })
    const { page } = await stage.visit({ settings: CALM, forgives: REFUSALS })
    const target = pill(page, /^Take profit of long/)
    await seen(target)
    await dragDown(page, target, -30)
    const undo = page.getByRole('button', { name: 'Undo' })
    await becomes(
      () => priceOf('limitPrice'),
      (price) => Number(price) > bid + 9_000,
      'a higher target',
    )
    await undo.click()
    await becomes(
      () => priceOf('limitPrice'),
      (price) => price === bid + 9_000,
      'the target where it was',
    )

    const stop = pill(page, /^Stop loss of long/)
    const box = await stop.boundingBox()
    if (box === null) return expect.fail('Expected a stop, found none')
    const [x, y] = [box.x + 8, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 20, { steps: 4 })
    await seen(canvas(page).getByText(/^−[\d.,]+ points · [\d.]+ R$/))
    await page.mouse.move(x, y - 120, { steps: 4 })
    await seen(canvas(page).getByText(/^must be below the bid/))
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await gone(canvas(page).getByText(/^must be below the bid/))
    await dragDown(page, stop, -120)
    await seen(page.getByText(`Kept at ${(bid - 4_000).toLocaleString('en-US')}.00.`).first())
    await becomes(
      async () => (await stop.boundingBox())?.y ?? 0,
      (now) => Math.abs(now - box.y) < 8,
      'the stop back in its place',
    )
    expect(await priceOf('stopPrice')).toBe(bid - 4_000)
  })

  it('pulls protection out of a position, holds lines, and drags an order', async () => {
    const bid = Math.round(await desk.bid())
    await desk.place({ type: 2, side: 1 })
    await desk.place({ type: 1, side: 1, limitPrice: bid - 2_000 })
    const { page } = await stage.visit({ settings: CALM })
    const order = pill(page, /^Buy limit/)
    await seen(order)
    await page.keyboard.press('h')
    await dragDown(page, order, 30)
    expect(await priceOf('limitPrice')).toBe(bid - 2_000)
    await page.keyboard.press('h')
    await dragDown(page, order, 30)
    await becomes(
      () => priceOf('limitPrice'),
      (price) => Number(price) < bid - 2_000,
      'the order lower',
    )
    await pill(page, /^Long/).hover()
    await dragDown(page, pill(page, 'Add a stop loss to Long 0.010'), 60)
    await becomes(
      () => priceOf('stopPrice'),
      (price) => Number(price) < bid - 500,
      'a stop',
    )
  })

  it('places what is legal at a price, by right click and by keyboard', async () => {
    const { page } = await stage.visit({ settings: CALM })
    await seen(bars(page))
    await seen(send(page))
    const menu = page.getByRole('menu', { name: 'At this price' })
    await page.mouse.click(...(await at(page, ...ABOVE)), { button: 'right' })
    await seen(menu.getByRole('menuitem', { name: /^Sell limit at/ }))
    expect(await menu.getByRole('menuitem', { name: /^(Buy limit|Sell stop) at/ }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await gone(menu)
    await canvas(page).focus()
    await page.keyboard.press('Shift+F10')
    // The middle of the chart is above the market on some days.
    const item = menu.getByRole('menuitem', { name: /^Buy (stop|limit) at/ })
    await seen(item)
    const label = (await item.innerText()).trim()
    await item.focus()
    await page.keyboard.press('Enter')
    const price = label.replace(/^.* at /, '')
    await seen(send(page).filter({ hasText: price }))
    await page.keyboard.press('Enter')
    await becomes(
      () => priceOf(label.startsWith('Buy stop') ? 'stopPrice' : 'limitPrice'),
      (found) => found === Number(price.replaceAll(',', '')),
      `an order at ${price}`,
    )
  })

  it('opens the same by a finger that rests, and pans by one that moves', async () => {
    await desk.place({ type: 2, side: 1 })
    const { page, context } = await stage.visit({ settings: CALM, viewport: PHONE, hasTouch: true, isMobile: true })
    await seen(bars(page))
    const menu = page.getByRole('menu', { name: 'At this price' })
    const bought = pill(page, /^Bought .* Why this price$/)
    await seen(bought)
    const devtools = await context.newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...[point]: [number, number][]) =>
      devtools.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [{ x: point[0], y: point[1] }] : [] })
    await touch('touchStart', await at(page, ...ABOVE))
    await seen(menu.getByRole('menuitem', { name: /^Sell limit at/ }))
    await touch('touchEnd')
    expect(await menu.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await gone(menu)
    const place = async () => (await bought.boundingBox())?.x ?? 0
    const before = await place()
    const [x, y] = await at(page, 0.1, 0.6)
    await touch('touchStart', [x, y])
    for (let step = 1; step <= 5; step += 1) await touch('touchMove', [x - 10 * step, y])
    await touch('touchEnd')
    await becomes(place, (now) => now < before - 20, 'the chart moved with the finger')
    expect(await menu.count()).toBe(0)
  })

  it('explains why an execution had its price', async () => {
    await desk.place({ type: 2, side: 1 })
    const { page } = await stage.visit({ settings: CALM })
    await pill(page, /^Bought .* Why this price$/).click()
    const card = page.getByRole('dialog', { name: 'Why this price' })
    await seen(card.getByText(/\d{2},?\d{3}\.\d/))
    await page.keyboard.press('Escape')
    await gone(card)
  })

  it('leaves nothing of another symbol, another resolution or another account', async () => {
    const bid = Math.round(await desk.bid())
    await desk.place({ type: 1, side: 1, limitPrice: bid - 2_000 })
    const { page } = await stage.visit({ settings: CALM })
    const order = pill(page, /^Buy limit/)
    await seen(order)
    await choose(page, 'EURUSD')
    await gone(order)
    await becomes(
      () => bars(page).locator('xpath=../td[1]').allInnerTexts(),
      (opens) => opens.length > 1 && opens.every((open) => Number(open) < 10),
      'bars of euros alone',
    )
    await choose(page, 'BTCUSD')
    await seen(order)
    await page.getByRole('button', { name: /PAPER/ }).click()
    await page.getByRole('menuitemradio', { checked: false }).first().click()
    await gone(order)
  })

  it('has every bar after a cut', async () => {
    const { page } = await stage.visit({ settings: { symbol: SYMBOL, resolution: '1S' }, forgives: CUTS })
    const times = async () => (await bars(page).allInnerTexts()).map((text) => Date.parse(`1970-01-01T${text}Z`) / 1_000)
    await seen(bars(page))
    await stage.server.kill()
    await seen(chart(page).getByText('Not connected.'))
    const [last = 0] = await times()
    await stage.server.startAgain()
    await gone(chart(page).getByText('Not connected.'))
    const all = await becomes(times, ([newest = 0]) => newest > last + 4, 'bars from after the cut')
    expect(all).toContain(last)
    expect(all).toEqual(all.map((_, row) => (all[0] as number) - row))
  })
})
