// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { longPress } from '../../src/chart/long-press.js'

const LONG_MS = 1_000
let box: HTMLElement
let opened: MouseEvent[]

beforeEach(() => {
  vi.useFakeTimers()
  box = document.createElement('div')
  opened = []
  box.addEventListener('contextmenu', (event) => opened.push(event))
  longPress(box)
})
afterEach(() => void vi.useRealTimers())

function touch(kind: string, ...fingers: [x: number, y: number][]): Event {
  const touches = fingers.map(([clientX, clientY]) => ({ clientX, clientY }))
  const event = Object.assign(new Event(kind, { bubbles: true, cancelable: true }), { touches })
  box.dispatchEvent(event)
  return event
}

it('a finger that rests opens the menu where it is, and lifting it presses nothing', () => {
  touch('touchstart', [30, 40])
  touch('touchmove', [33, 42])
  vi.advanceTimersByTime(LONG_MS)
  expect(opened.map(({ clientX, clientY }) => [clientX, clientY])).toEqual([[30, 40]])
  expect(touch('touchend').defaultPrevented).toBe(true)
})

it('a tap, a pan and two fingers open nothing', () => {
  touch('touchstart', [30, 40])
  expect(touch('touchend').defaultPrevented).toBe(false)
  vi.advanceTimersByTime(LONG_MS)
  touch('touchstart', [30, 40])
  touch('touchmove', [45, 40])
  vi.advanceTimersByTime(LONG_MS)
  touch('touchend')
  touch('touchstart', [30, 40])
  touch('touchstart', [30, 40], [90, 40])
  vi.advanceTimersByTime(LONG_MS)
  expect(opened).toEqual([])
})

it('a browser that tells of it as well, before or after, opens it once', () => {
  const told = () => new MouseEvent('contextmenu', { bubbles: true, cancelable: true })
  touch('touchstart', [30, 40])
  box.dispatchEvent(told())
  vi.advanceTimersByTime(LONG_MS)
  expect(opened.length).toBe(1)
  touch('touchend')
  touch('touchstart', [30, 40])
  vi.advanceTimersByTime(LONG_MS)
  box.append(document.createElement('canvas'))
  const after = told()
  box.firstElementChild?.dispatchEvent(after)
  expect([opened.length, after.defaultPrevented]).toEqual([2, true])
})

it('the right button works time and again', () => {
  touch('touchstart', [30, 40])
  vi.advanceTimersByTime(LONG_MS)
  touch('touchend')
  for (let press = 0; press < 2; press += 1)
    box.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))
  expect(opened.length).toBe(3)
})
