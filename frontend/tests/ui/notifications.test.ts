import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { alert, dismiss, log, notify, release, status, toasts } from '../../src/state/notifications.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.runAllTimers()
  for (const { key } of toasts.value) dismiss(key)
  vi.useRealTimers()
})

it('shows three at most, one for each key, and lets go of those that do not stay', () => {
  for (const text of ['one', 'two', 'three', 'four']) notify('information', text)
  notify('success', 'four, filled', { key: 'information four' })
  expect(toasts.value.map(({ text }) => text)).toEqual(['two', 'three', 'four, filled'])
  notify('error', 'margin call', { stays: true })
  vi.advanceTimersByTime(6_000)
  expect(toasts.value.map(({ text }) => text)).toEqual(['margin call'])
  release('error margin call')
  expect(log.value[0]?.text).toBe('margin call')
})

it('is spoken at once, then together every two seconds; what went wrong never waits', () => {
  for (const text of ['Bought 1.', 'Bought 2.', 'Bought 3.']) notify('success', text)
  expect(status.value).toBe('Bought 1.')
  notify('warning', 'Connection lost.')
  expect(alert.value).toBe('Connection lost.')
  vi.advanceTimersByTime(2_000)
  expect(status.value).toBe('Bought 2. Bought 3.')
  vi.advanceTimersByTime(2_000)
  notify('success', 'Bought 4.')
  expect(status.value).toBe('Bought 4.')
})

it('lets nothing that passes push away what stays', () => {
  notify('error', 'margin call', { stays: true })
  for (const text of ['one', 'two', 'three']) notify('success', text)
  expect(toasts.value.map(({ text }) => text)).toEqual(['margin call', 'two', 'three'])
  for (const text of ['stop out', 'locked', 'out of reach']) notify('error', text, { stays: true })
  notify('success', 'four')
  expect(toasts.value.map(({ text }) => text)).toEqual(['stop out', 'locked', 'out of reach', 'four'])
})

it('is spoken again, after a silence, when the same is said again', () => {
  notify('error', 'Refused.')
  notify('error', 'Refused.')
  expect(alert.value).toBe('')
  vi.advanceTimersByTime(100)
  expect(alert.value).toBe('Refused.')
  notify('error', 'Refused.')
  notify('error', 'Locked.')
  vi.advanceTimersByTime(100)
  expect(alert.value).toBe('Locked.')
  notify('success', 'Bought 5.')
  vi.advanceTimersByTime(2_000)
  notify('success', 'Bought 5.')
  expect(status.value).toBe('')
  vi.advanceTimersByTime(100)
  expect(status.value).toBe('Bought 5.')
})
