// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Notice } from '../../src/generated/rest.js'
import { noticeWords } from '../../src/state/notice-words.js'
import { tell } from '../../src/state/notices.js'
import { dismiss, log, toasts } from '../../src/state/notifications.js'
import { forgetSettings, settings } from '../../src/state/settings.js'
import { sizesMet } from '../../src/state/sizes.js'
import { tellsHere } from '../../src/state/told-here.js'
import { crypto, terms } from './terms.js'

const told = (notice: Notice['notice'], text: string) =>
  ({ id: `${notice} ${text}`, time: 0, type: 'information', notice, text }) as Notice

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  forgetSettings()
  for (const { key } of toasts.value) dismiss(key)
  vi.useRealTimers()
})

it('shows news of any account, and only writes down what was chosen to be quiet', () => {
  settings.notices.fills = false
  tell(told('fill', 'Bought 1'), { before: 'Second · PAPER: ' })
  tell(told('cancellation', 'Cancelled'), { before: 'Second · PAPER: ' })
  expect(toasts.value.map(({ text }) => text)).toEqual(['Second · PAPER: Cancelled'])
  expect(log.value.slice(0, 2).map(({ text }) => text)).toEqual(['Second · PAPER: Cancelled', 'Second · PAPER: Bought 1'])
})

it('says symbols by their names and no ids, and once what the page tells itself', () => {
  const cancelled = told('cancellation', 'Cancelled: stop limit order o10 to sell 0.001 DEMO:BTCUSD')
  tell({ ...cancelled, orderId: 'o10' })
  expect(toasts.value.map(({ text }) => text)).toEqual(['Cancelled: stop limit order to sell 0.001 BTCUSD'])
  tellsHere(['o10', 'o11'])
  expect(toasts.value).toEqual([])
  tell({ ...cancelled, id: 'n2', orderId: 'o11' })
  expect(toasts.value).toEqual([])
  expect(log.value[0]?.text).toBe('Cancelled: stop limit order o10 to sell 0.001 BTCUSD')
  vi.advanceTimersByTime(5_000)
  tell({ ...cancelled, id: 'n3', orderId: 'o11' })
  expect(toasts.value).toHaveLength(1)
})

it('says sizes as the tables do: lots where a lot is more than a unit', () => {
  for (const { instrument } of [terms(), crypto()]) sizesMet.set(instrument.symbol, instrument)
  const said = (text: string) => noticeWords({ text, orderId: 'o1' })
  expect(said('Bought 150000 DEMO:EURUSD at 1.085, profit -4.5 USD')).toBe('Bought 1.50 lots EURUSD at 1.085, profit −4.5 USD')
  expect(said('Cancelled: limit order o1 to sell 1000 DEMO:EURUSD. Too late')).toBe(
    'Cancelled: limit order to sell 0.01 lots EURUSD. Too late',
  )
  expect(said('Bought 0.5 DEMO:BTCUSD at 70000.5')).toBe('Bought 0.500 BTCUSD at 70,000.5')
  expect(said('Bought 12345 DEMO:XAUUSD at 4000')).toBe('Bought 12,345 XAUUSD at 4000')
})

it.each([
  ['Sold 0.001 DEMO:BTCUSD at 71154.99, profit -0.05 USD', 'Sold 0.001 BTCUSD at 71,154.99, profit −0.05 USD'],
  ['Deposited: 10000 USD', 'Deposited 10,000.00 USD'],
  ['Withdrawn: 0.5 USD', 'Withdrawn 0.50 USD'],
  ['The account is locked, until 2026-11-22 22:00:00 UTC. Kill switch', ''],
])('says %j in its own words', (text, said) => {
  expect(noticeWords({ text })).toBe(said || text)
})

it('never keeps a margin call quiet, and says figures in groups', () => {
  Object.assign(settings.notices, { fills: false, orders: false, money: false })
  tell(told('margin_call', 'Margin call: equity 64132.12 USD'), { stays: true })
  expect(toasts.value).toMatchObject([{ text: 'Margin call: equity 64,132.12 USD', stays: true }])
})
