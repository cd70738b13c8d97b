import { beforeEach, expect, it } from 'vitest'
import { addIndicator, becomes, buy, dragDown, gone, panel, row, seen, send, tab, ticket } from './acts.js'
import { Desk } from './chart-desk.js'
import { inBrowser } from './stage.js'

inBrowser('trading on the page', (stage) => {
  const desk = new Desk(stage)
  beforeEach(() => desk.reset())
  const held = async () => {
    const all = await desk.positions()
    return all.map(({ side, qty }) => side * qty)
  }

  it('protects from the ticket, drags the stop on the chart, reverses and closes', async () => {
    const { page } = await stage.visit()
    await ticket(page).getByRole('checkbox', { name: 'Take profit' }).check()
    await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
    await buy(page, '0.01')
    await seen(row(page, 'Positions', /BTCUSD.*Long.*0\.01/))
    const stop = panel(page, 'Chart').getByRole('button', { name: /^Stop loss of/ })
    await seen(stop)
    await addIndicator(page, 'RSI')
    await seen(stop)
    const before = (await desk.orders()).find(({ stopPrice }) => stopPrice != null)?.stopPrice ?? 0
    const at = async () => (await desk.orders()).find(({ stopPrice }) => stopPrice != null)?.stopPrice ?? 0
    // Prices move the scale: a hand that missed the line tries again.
    for (let tries = 0; tries < 4 && (await at()) === before; tries += 1) {
      await dragDown(page, stop, 20)
      await page.waitForTimeout(500)
    }
    expect(await at()).toBeLessThan(before)
    await page.getByRole('button', { name: 'Reverse BTCUSD' }).click()
    await page.getByRole('button', { name: 'Reverse', exact: true }).click()
    await seen(row(page, 'Positions', /BTCUSD.*Short.*0\.01/))
    expect(await held()).toEqual([-0.01])
    await page.getByRole('button', { name: 'Close BTCUSD' }).click()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await becomes(held, (all) => all.length === 0, 'no position')
    await gone(row(page, 'Positions', 'BTCUSD'))
  })

  it('moves a stop by keyboard', async () => {
    const { page } = await stage.visit()
    await ticket(page).getByRole('checkbox', { name: 'Stop loss' }).check()
    await buy(page, '0.01')
    const stop = panel(page, 'Chart').getByRole('button', { name: /^Stop loss of/ })
    await seen(stop)
    const before = (await desk.orders()).find(({ stopPrice }) => stopPrice != null)?.stopPrice ?? 0
    await stop.focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Enter')
    const at = async () => (await desk.orders()).find(({ stopPrice }) => stopPrice != null)?.stopPrice ?? 0
    await becomes(at, (price) => Math.abs(before - price - 0.1) < 1e-6, `a stop ten ticks below ${before}`)
  })

  it('puts a limit order into the table and cancels it there', async () => {
    const { page } = await stage.visit()
    await seen(send(page))
    await ticket(page).getByRole('button', { name: 'Limit', exact: true }).click()
    await ticket(page).getByRole('textbox', { name: 'Price' }).fill('60000')
    await ticket(page).getByRole('textbox', { name: 'Size' }).fill('0.01')
    await send(page).click()
    await tab(page, 'Orders').click()
    await seen(row(page, 'Orders', /BTCUSD.*60,000/))
    await page.getByRole('button', { name: 'Cancel BTCUSD order' }).click()
    await gone(row(page, 'Orders', 'BTCUSD'))
    expect(await desk.orders()).toEqual([])
  })

  it('says at the field why an order was refused, and offers the nearest that would not be', async () => {
    const { page } = await stage.visit()
    await buy(page, '0.00001')
    await seen(ticket(page).getByText(/Expected|at least|step/))
    expect(await held()).toEqual([])
  })

  it('lists what was filled, and history after it is over', async () => {
    const { page } = await stage.visit()
    await buy(page, '0.03')
    await seen(row(page, 'Positions', /0\.03/))
    await tab(page, 'Executions').click()
    await seen(row(page, 'Executions', /BTCUSD.*0\.03/))
    await tab(page, 'History').click()
    await seen(row(page, 'History', /BTCUSD.*0\.03/))
    await tab(page, 'Log').click()
    await seen(panel(page, 'Log').getByText(/BTCUSD/))
  })
})
