import type { AddPanelOptions, DockviewApi } from 'dockview-vue'
import { PANELS } from '../panels.js'

const LEFT = 240
const RIGHT = 304
const BOTTOM = 226
/** What stands above and below the panels, and what the ticket needs to show every order whole. */
const BARS = 68
const TICKET = 560
const DEPTH_MIN = 160

/** Where the panels stand before anybody has moved one. */
export function build(api: DockviewApi): void {
  const add = (id: string, more: Partial<AddPanelOptions> = {}) =>
    api.addPanel({ id, component: id, title: PANELS.find((one) => one.id === id)?.title ?? id, ...more } as AddPanelOptions)
  const depth = Math.max(DEPTH_MIN, Math.min(BOTTOM, innerHeight - BARS - TICKET))
  add('chart')
  add('ticket', { position: { referencePanel: 'chart', direction: 'right' }, initialWidth: RIGHT, minimumWidth: 288 })
  add('positions', { position: { referencePanel: 'chart', direction: 'below' }, initialHeight: BOTTOM })
  add('watchlist', { position: { referencePanel: 'chart', direction: 'left' }, initialWidth: LEFT, minimumWidth: 200 })
  add('depth', { position: { referencePanel: 'ticket', direction: 'below' }, initialHeight: depth })
  for (const id of ['orders', 'history', 'executions', 'account', 'log']) {
    add(id, { position: { referencePanel: 'positions' }, inactive: true })
  }
}
