// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { onAct } from '../../src/state/acts.js'
import { armed, onTicketWish } from '../../src/state/desk.js'
import { forgetSettings, settings } from '../../src/state/settings.js'
import { assign } from '../../src/ui/shell/key-table.js'
import { followKeys } from '../../src/ui/shell/keys.js'

followKeys()
const press = async (on: Element = document.body, key = 'Escape') => {
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  await nextTick()
}

beforeEach(() => {
  forgetSettings()
  document.body.innerHTML = ''
  armed.value = true
})

it('puts back, then closes, then disarms: one thing for each press', async () => {
  let drags = 1
  const stop = onAct('put back', () => drags-- > 0)
  document.body.innerHTML = '<div class="drop-menu"></div>'
  // It closes before the page has its turn.
  document.body.addEventListener('keydown', () => drags < 0 && document.querySelector('.drop-menu')?.remove())
  await press()
  expect([armed.value, document.querySelector('.drop-menu')]).toEqual([true, expect.anything()])
  drags = -1
  await press()
  expect([armed.value, document.querySelector('.drop-menu')]).toEqual([true, null])
  await press()
  expect(armed.value).toBe(false)
  stop()
})

it('disarms from a field of the ticket, from no other, and also where keys are off', async () => {
  document.body.innerHTML = '<input id="filter"><section class="ticket"><input id="size"></section>'
  await press(document.querySelector('#filter') as Element)
  expect(armed.value).toBe(true)
  settings.keys = false
  await press(document.querySelector('#size') as Element)
  expect(armed.value).toBe(false)
})

it('leaves a field of the ticket, whatever else it did, and stays in any other', async () => {
  document.body.innerHTML = '<input id="filter"><section class="ticket"><input id="size"></section>'
  const [filter, size] = ['#filter', '#size'].map((id) => document.querySelector(id) as HTMLInputElement)
  for (const was of [true, false]) {
    armed.value = was
    size?.focus()
    await press(size)
    expect([armed.value, document.activeElement]).toEqual([false, document.body])
  }
  filter?.focus()
  await press(filter)
  expect(document.activeElement).toBe(filter)
})

it('keys work on a checkbox, a radio and a button, which keep the arrows, and in no text field', async () => {
  const [asked, panned] = [vi.fn(), vi.fn(() => true)]
  const stops = [onTicketWish(asked), onAct('pan left', panned)]
  document.body.innerHTML = ['checkbox', 'radio', 'button', 'text', 'number'].map((type) => `<input type="${type}">`).join('')
  const took: string[] = []
  for (const input of document.querySelectorAll('input')) {
    asked.mockClear()
    await press(input, 'b')
    if (asked.mock.calls.length === 1) took.push(input.type)
    await press(input, 'ArrowLeft')
  }
  expect(took).toEqual(['checkbox', 'radio', 'button'])
  expect(panned).not.toHaveBeenCalled()
  for (const stop of stops) stop()
})

it('keys work in a panel that a click has given the focus, and not where they have a meaning of their own', async () => {
  const panned = vi.fn(() => true)
  const stop = onAct('pan left', panned)
  document.body.innerHTML = `
    <div role="tabpanel" tabindex="-1"><p class="ours"></p><table role="grid"><tr><td tabindex="-1"></td></tr></table></div>
    <div role="tabpanel" tabindex="0" class="ours"></div><section tabindex="-1" class="ours"></section>
    <div role="application" tabindex="0" class="ours"></div>
    <div role="menu" tabindex="-1"><div role="menuitem" tabindex="-1"></div></div><div tabindex="0"></div><button tabindex="-1"></button>`
  const took: Element[] = []
  for (const place of document.querySelectorAll('p, td, [tabindex]')) {
    panned.mockClear()
    await press(place, 'ArrowLeft')
    if (panned.mock.calls.length === 1) took.push(place)
  }
  const ours = [document.querySelector('[role="tabpanel"]'), ...document.querySelectorAll('.ours')]
  expect(took).toEqual(ours)
  // A cell of a table does nothing by Space; a button in it does.
  const cell = document.querySelector('td') as Element
  cell.innerHTML = '<button></button>'
  assign('earlier', ' ')
  panned.mockClear()
  await press(cell, ' ')
  expect(panned).toHaveBeenCalledOnce()
  await press(cell.firstElementChild as Element, ' ')
  expect(panned).toHaveBeenCalledOnce()
  stop()
})
