// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { nextTick } from 'vue'
import { forgetSettings, readSettings, settings } from '../../src/state/settings.js'

test('what was chosen is kept, and what is absent or of another kind is as it was at first', () => {
  const kept = readSettings(JSON.stringify({ version: 1, theme: 'light', keys: 'yes', watchlist: [1], layout: { grid: 1 } }))
  expect(kept.theme).toBe('light')
  expect(kept.layout).toEqual({ grid: 1 })
  expect(kept.keys).toBe(true)
  expect(kept.watchlist).toContain('DEMO:BTCUSD')
})

test('a value that cannot be chosen is as it was at first, part by part', () => {
  const kept = readSettings(
    JSON.stringify({
      ...{ version: 1, textSize: 7, zone: 'Mars', askAbove: 10, notices: { fills: false, orders: 'no' } },
      newOrders: { forex: { sizeUnit: 'risk', size: '1' }, crypto: { sizeUnit: 'barrels' } },
      ...{ keyOf: { buy: 'k', sell: 4 }, panels: [] },
    }),
  )
  expect(kept).toMatchObject({ textSize: 100, zone: 'local', askAbove: 10, keyOf: { buy: 'k' }, panels: {} })
  expect(kept.notices).toEqual({ fills: false, orders: true, money: true })
  expect(kept.newOrders.forex).toEqual({ sizeUnit: 'risk', size: '1', takeProfit: '', stopLoss: '' })
  expect(kept.newOrders.crypto.sizeUnit).toBe('')
})

test('one of the defaults that is changed changes no other', () => {
  settings.newOrders.forex.size = '3'
  expect(settings.newOrders.crypto.size).toBe('')
  forgetSettings()
  expect(settings.newOrders.forex.size).toBe('')
})

test('another version is not guessed at', () => {
  expect(() => readSettings('{"version": 7}')).toThrow('expected version 1, found 7')
})

test('a change is written to the browser, and nothing that could trade by itself is in it', async () => {
  settings.theme = 'dark'
  await nextTick()
  const kept = localStorage.getItem('terminal.settings') ?? ''
  expect(JSON.parse(kept)).toMatchObject({ version: 1, theme: 'dark' })
  expect(kept).not.toMatch(/armed|token|draft/i)
  forgetSettings()
  expect(settings.theme).toBe('system')
})
