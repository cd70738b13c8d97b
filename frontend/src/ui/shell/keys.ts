import { act } from '../../state/acts.js'
import { armed, askTicket, draft, resolution, symbol } from '../../state/desk.js'
import { notify } from '../../state/notifications.js'
import { pause, play, replay, SPEEDS, setSpeed, step } from '../../state/replay.js'
import { settings } from '../../state/settings.js'
import { beside } from '../../state/watchlist.js'
import { PANELS } from '../panels.js'
import { cancelOrders, closeAll, closeHere, reverseHere } from './commands.js'
import { goTo } from './go.js'
import { openPalette, overlay } from './overlay.js'

/** What the `?` table shows, in its order. */
export const KEY_TABLE: readonly (readonly [keys: string, does: string])[] = [
  ['Ctrl K  or  /', 'search: symbols, commands, orders in words'],
  ['?', 'this table'],
  ['B  S', 'buy or sell in the ticket, size in focus'],
  ['Shift B  Shift S', 'market order at once when armed, else fill the ticket'],
  ['Shift A', 'arm or disarm one-click trading'],
  ['T', 'next order type'],
  ['Q  P  L', 'size, take profit, stop loss'],
  ['X  R', 'close, reverse this symbol'],
  ['Shift X', 'close all positions'],
  ['C  Shift C', "cancel this symbol's orders, all orders"],
  ['N', 'next line on the chart; ↑ ↓ move it, Enter sends, Del cancels'],
  ['H  U', 'hold all lines, undo the last move'],
  ['1 5  Enter', 'resolution: digits, then Enter'],
  ['← →  + −  End', 'pan, zoom, newest bar'],
  ['[  ]', 'symbol before, after'],
  ['G then C T D W P O A', 'go to chart, ticket, depth, watchlist, positions, orders, account'],
  ['Space  →  ,  .', 'in a replay: play, one bar, slower, faster'],
  ['Esc', 'close, put back, disarm'],
]

/** So long a key waits for the next one. */
const CHORD_MS = 1_500
const RESOLUTIONS = new Set(['1', '5', '15', '30', '60', '240'])

let chord = ''
let digits = ''
let since = 0

/** Hears the page's keys; those of text fields and of anything that lies above stay theirs. */
export function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      openPalette()
      return
    }
    if (!settings.keys || event.ctrlKey || event.metaKey || event.altKey || overlay.value !== undefined) return
    if (typing(event.target)) return
    if (pressed(event, isControl(event.target))) event.preventDefault()
  })
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable="true"]') !== null
}

/** Where arrows, Space and Enter have a meaning of their own. */
function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('button, a, [role="grid"], [role="tab"], [role="listbox"], [tabindex]') !== null
  )
}

function pressed(event: KeyboardEvent, control: boolean): boolean {
  const late = Date.now() - since > CHORD_MS
  since = Date.now()
  if (late) chord = digits = ''
  if (chord === 'g') return went(event.key)
  if (event.key === 'g') {
    chord = 'g'
    return true
  }
  if (/^\d$/.test(event.key)) {
    digits += event.key
    return true
  }
  if (event.key === 'Enter' && digits !== '') return tookResolution()
  digits = ''
  const name = event.shiftKey && /^[a-z]$/i.test(event.key) ? `Shift ${event.key.toUpperCase()}` : event.key
  const found = KEYS[name]
  if (found === undefined || (control && OWN.has(name))) return false
  return found() !== false
}

function went(key: string): boolean {
  chord = ''
  const panel = PANELS.find((one) => one.key === key.toLowerCase())
  if (panel !== undefined) goTo(panel.id)
  return panel !== undefined
}

function tookResolution(): boolean {
  const wanted = digits
  digits = ''
  if (RESOLUTIONS.has(wanted)) resolution.value = wanted
  else
    notify('information', `${wanted} is no resolution; there are ${[...RESOLUTIONS].join(', ')} minutes.`, {
      key: 'resolution',
    })
  return true
}

const OWN: ReadonlySet<string> = new Set([' ', 'ArrowLeft', 'ArrowRight', 'End', '+', '-'])

const KEYS: Readonly<Record<string, () => boolean | undefined>> = {
  '/': () => said(openPalette),
  '?': () => said(() => (overlay.value = 'keys')),
  b: () => said(() => askTicket({ side: 1, focus: 'size' })),
  s: () => said(() => askTicket({ side: -1, focus: 'size' })),
  'Shift B': () => said(() => atMarket(1)),
  'Shift S': () => said(() => atMarket(-1)),
  'Shift A': () => said(arm),
  t: () => said(() => askTicket({ type: nextType() })),
  q: () => said(() => askTicket({ focus: 'size' })),
  p: () => said(() => askTicket({ focus: 'takeProfit' })),
  l: () => said(() => askTicket({ focus: 'stopLoss' })),
  x: () => said(closeHere),
  r: () => said(reverseHere),
  'Shift X': () => said(closeAll),
  c: () => said(() => cancelOrders(symbol.value)),
  'Shift C': () => said(() => cancelOrders()),
  n: () => act('next line'),
  h: () => act('hold lines'),
  u: () => act('undo'),
  '+': () => act('zoom in'),
  '=': () => act('zoom in'),
  '-': () => act('zoom out'),
  End: () => act('newest bar'),
  ArrowLeft: () => act('pan left'),
  ArrowRight: () => (replay.value === undefined ? act('pan right') : said(() => void step(1, resolution.value))),
  '[': () => said(() => turn(-1)),
  ']': () => said(() => turn(1)),
  ' ': () => (replay.value === undefined ? false : said(() => void (replay.value?.state === 'playing' ? pause() : play()))),
  ',': () => (replay.value === undefined ? false : said(() => faster(-1))),
  '.': () => (replay.value === undefined ? false : said(() => faster(1))),
  Escape: () => {
    if (act('put back')) return true
    const was = armed.value
    armed.value = false
    return was
  },
}

function said(run: () => void): true {
  run()
  return true
}

function atMarket(side: 1 | -1): void {
  askTicket({ side, type: 2, ...(armed.value ? { send: true } : { focus: 'size' as const }) })
}

function arm(): void {
  if (replay.value?.state === 'ended') return
  armed.value = !armed.value
  notify(armed.value ? 'warning' : 'information', armed.value ? 'Armed: one click sends an order.' : 'Disarmed.', {
    key: 'armed',
  })
}

/** Market, limit, stop, stop limit. */
function nextType(): 1 | 2 | 3 | 4 {
  const round = [2, 1, 3, 4] as const
  const at = round.indexOf(draft.value?.type ?? 4)
  return round[(at + 1) % round.length] ?? 2
}

function turn(by: 1 | -1): void {
  symbol.value = beside(settings.watchlist, symbol.value, by) ?? symbol.value
}

function faster(by: 1 | -1): void {
  const speed = replay.value?.speed ?? 1
  const next = by === 1 ? SPEEDS.find((one) => one > speed) : SPEEDS.findLast((one) => one < speed)
  if (next !== undefined) void setSpeed(next)
}
