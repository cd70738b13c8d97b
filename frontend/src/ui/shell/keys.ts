import { act } from '../../state/acts.js'
import { armed, askTicket, resolution, symbol, wanted } from '../../state/desk.js'
import { dismiss, notify, toasts } from '../../state/notifications.js'
import { faster, pause, play, replay, step } from '../../state/replay.js'
import { settings } from '../../state/settings.js'
import { signInAsked } from '../../state/visit.js'
import { beside } from '../../state/watchlist.js'
import { PANELS } from '../panels.js'
import { cancelOrders, closeAll, closeHere, reverseHere } from './commands.js'
import { goTo } from './go.js'
import { actOf, type KeyId, nameOfKey } from './key-table.js'
import { openPalette, overlay } from './overlay.js'

/** So long a key waits for the next one. */
const CHORD_MS = 1_500
const RESOLUTIONS = new Set(['1', '5', '15', '30', '60', '240'])

/** What lies over the panels and closes when Escape is pressed. */
const LYING = 'dialog[open], [data-dismissable-layer], .drop-menu, .chart-card, .chart-menu'
/** Whether something did when Escape was pressed: by the time the key is ours it may have closed. */
let lay = false
let chord = ''
let digits = ''
let since = 0

/** Hears the page's keys; those of text fields and of anything that lies above stay theirs. */
export function followKeys(): void {
  addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Escape') lay = document.querySelector(LYING) !== null
    },
    { capture: true },
  )
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || signInAsked.value) return
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      openPalette()
      return
    }
    // Escape is for safety: neither a field of the ticket nor keys that are off keep it from disarming. It also leaves the field.
    if (event.key === 'Escape' && overlay.value === undefined && (!typing(event.target) || inTicket(event.target))) {
      chord = digits = ''
      if (escaped()) event.preventDefault()
      if (typing(event.target)) event.target.blur()
      return
    }
    if (!settings.keys || event.ctrlKey || event.metaKey || event.altKey || overlay.value !== undefined) return
    if (typing(event.target)) return
    if (pressed(event, isControl(event.target, event.key))) event.preventDefault()
  })
}

/** Inputs that take no letters. */
const PRESSED = 'input:is([type="checkbox"], [type="radio"], [type="button"])'

function typing(target: EventTarget | null): target is HTMLElement {
  if (!(target instanceof HTMLElement) || target.matches(PRESSED)) return false
  return target.closest('input, select, textarea, [contenteditable="true"]') !== null
}

function inTicket(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('.ticket') !== null
}

/** What is pressed, or chosen from, by keys. */
const CONTROL = `button, input, a, summary, ${['tab', 'listbox', 'option', 'menu', 'menuitem', 'slider'].map((role) => `[role="${role}"]`)}`
/** A panel that only holds the focus after a click in it is none. */
const STOP = '[tabindex]:not([tabindex="-1"], [role="tabpanel"], [role="grid"], [role="gridcell"])'

/**
 * Where arrows, Space and Enter have a meaning of their own: in a grid all but Space. The chart takes its keys itself, and
 * leaves the replay's.
 */
function isControl(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement) || target.matches('[role="application"]')) return false
  return target.closest(`${CONTROL}, ${STOP}`) !== null || (key !== ' ' && target.closest('[role="grid"]') !== null)
}

function pressed(event: KeyboardEvent, control: boolean): boolean {
  const late = Date.now() - since > CHORD_MS
  since = Date.now()
  if (late) chord = digits = ''
  if (chord === 'go') return went(event.key)
  if (/^\d$/.test(event.key)) {
    digits += event.key
    return true
  }
  if (event.key === 'Enter' && digits !== '') return tookResolution()
  digits = ''
  const name = nameOfKey(event)
  const found = actOf(name)
  if (found === undefined || (control && OWN.has(name))) return false
  return ACTS[found]() !== false
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

const OWN: ReadonlySet<string> = new Set([' ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', '+', '-'])

const ACTS: Readonly<Record<KeyId, () => boolean | undefined>> = {
  search: () => said(openPalette),
  keys: () => said(() => (overlay.value = 'keys')),
  buy: () => said(() => askTicket({ side: 1, focus: 'size' })),
  sell: () => said(() => askTicket({ side: -1, focus: 'size' })),
  'buy now': () => said(() => atMarket(1)),
  'sell now': () => said(() => atMarket(-1)),
  arm: () => said(arm),
  type: () => said(() => askTicket({ type: nextType() })),
  size: () => said(() => askTicket({ focus: 'size' })),
  'take profit': () => said(() => askTicket({ focus: 'takeProfit' })),
  'stop loss': () => said(() => askTicket({ focus: 'stopLoss' })),
  close: () => said(closeHere),
  reverse: () => said(reverseHere),
  'close all': () => said(closeAll),
  cancel: () => said(() => cancelOrders(symbol.value)),
  'cancel all': () => said(() => cancelOrders()),
  'next line': () => act('next line'),
  'hold lines': () => act('hold lines'),
  undo: () => undoShown() || act('undo'),
  'zoom in': () => act('zoom in'),
  'zoom out': () => act('zoom out'),
  newest: () => act('newest bar'),
  earlier: () => act('pan left'),
  later: () => (replay.value === undefined ? act('pan right') : said(() => void step(1, resolution.value))),
  'symbol before': () => said(() => turn(-1)),
  'symbol after': () => said(() => turn(1)),
  go: () => said(() => (chord = 'go')),
  play: () => (replay.value === undefined ? false : said(() => void (replay.value?.state === 'playing' ? pause() : play()))),
  slower: () => (replay.value === undefined ? false : said(() => faster(-1))),
  faster: () => (replay.value === undefined ? false : said(() => faster(1))),
}

/** One thing at a time: a drag goes back, what lies open closes, then one-click is off. */
function escaped(): boolean {
  if (act('put back')) return true
  // It closes by itself, unless the key has been taken.
  if (lay) return false
  const was = armed.value
  armed.value = false
  return was
}

function said(run: () => void): true {
  run()
  return true
}

/** The newest change that a toast still offers to undo. */
function undoShown(): boolean {
  const toast = toasts.value.findLast(({ action }) => action?.label === 'Undo')
  if (toast === undefined) return false
  dismiss(toast.key)
  toast.action?.act()
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
  const at = round.indexOf(wanted.value?.type ?? 4)
  return round[(at + 1) % round.length] ?? 2
}

function turn(by: 1 | -1): void {
  symbol.value = beside(settings.watchlist, symbol.value, by) ?? symbol.value
}
