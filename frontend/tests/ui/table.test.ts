// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { Refusal } from '../../src/rest/client.js'
import DataGrid from '../../src/ui/tables/DataGrid.vue'
import EditCell from '../../src/ui/tables/EditCell.vue'

const cell = (send: (value: number | undefined) => Promise<unknown>) =>
  mount(EditCell, { props: { text: '1.0830', raw: 1.083, label: 'stop loss', send, removable: true }, attachTo: document.body })

async function type(edited: ReturnType<typeof cell>, text: string, key = 'enter') {
  await edited.get('button').trigger('click')
  await edited.get('input').setValue(text)
  await edited.get('input').trigger(`keydown.${key}`)
  await nextTick()
  await nextTick()
}

it('sends a number that was changed in place, and none that was not', async () => {
  const send = vi.fn(async () => {})
  const edited = cell(send)
  await type(edited, '1.0840')
  await type(edited, '1.083')
  expect(send.mock.calls).toEqual([[1.084]])
})

it('restores on Esc and removes when emptied', async () => {
  const send = vi.fn(async () => {})
  const edited = cell(send)
  await type(edited, '9', 'esc')
  expect(edited.find('input').exists()).toBe(false)
  await type(edited, '')
  expect(send.mock.calls).toEqual([[undefined]])
})

it('keeps a refusal under the cell, and sends the nearest legal value when that is pressed', async () => {
  const refusal = new Refusal(422, {
    code: 'no',
    message: 'Expected a stopLoss below the market',
    field: 'stopLoss',
    nearest: 1.05,
  })
  const send = vi.fn(async (value: number | undefined) => {
    if (value !== 1.05) throw refusal
  })
  const edited = cell(send)
  await type(edited, '2')
  expect(edited.get('[role=alert]').text()).toContain('Expected a stop loss below the market.')
  await edited.get('[role=alert] button').trigger('click')
  await nextTick()
  expect(send).toHaveBeenLastCalledWith(1.05)
})

it('opens the row somebody stands in, also when another has come before it', async () => {
  const table = mount(DataGrid<{ id: string }>, {
    props: {
      ...{ name: 'test', label: 'Test', empty: 'Nothing', units: ['row', 'rows'], rows: [{ id: 'a' }, { id: 'b' }] },
      columns: [{ id: 'id', title: 'Id', value: ({ id }) => id }],
      nesting: { key: ({ id }) => id, parent: () => undefined },
    },
    attachTo: document.body,
  })
  const cell = table.get('[data-row="a"] td')
  ;(cell.element as HTMLElement).focus()
  await table.setProps({ rows: [{ id: 'new' }, { id: 'a' }, { id: 'b' }] })
  await cell.trigger('keydown', { key: 'Enter' })
  expect(table.emitted('open')).toEqual([[{ id: 'a' }]])
  await cell.trigger('keydown', { key: 'ArrowDown' })
  expect(document.activeElement?.textContent).toBe('b')
})
