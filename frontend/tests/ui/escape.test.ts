// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { onAct } from '../../src/state/acts.js'
import { armed } from '../../src/state/desk.js'
import { forgetSettings, settings } from '../../src/state/settings.js'
import { followKeys } from '../../src/ui/shell/keys.js'

followKeys()
const press = async (on: Element = document.body) => {
  on.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))
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
