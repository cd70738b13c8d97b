// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Notice } from '../../src/generated/rest.js'
import { tell } from '../../src/state/notices.js'
import { dismiss, log, toasts } from '../../src/state/notifications.js'
import { forgetSettings, settings } from '../../src/state/settings.js'

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

it('never keeps a margin call quiet, and says figures in groups', () => {
  Object.assign(settings.notices, { fills: false, orders: false, money: false })
  tell(told('margin_call', 'Margin call: equity 64132.12 USD'), { stays: true })
  expect(toasts.value).toMatchObject([{ text: 'Margin call: equity 64,132.12 USD', stays: true }])
})
