import { settings } from '../../state/settings.js'

export interface KeyRow {
  id: string
  /** As it was at first: a browser's name of the key, a capital letter with Shift before it. */
  key: string
  does: string
}

/** What has a key of its own, in the order of the `?` table. */
export const KEYS = [
  { id: 'search', key: '/', does: 'search: symbols, commands, orders in words' },
  { id: 'keys', key: '?', does: 'this table' },
  { id: 'buy', key: 'b', does: 'buy in the ticket, size in focus' },
  { id: 'sell', key: 's', does: 'sell in the ticket, size in focus' },
  { id: 'buy now', key: 'Shift B', does: 'buy at market: at once when armed, else in the ticket' },
  { id: 'sell now', key: 'Shift S', does: 'sell at market: at once when armed, else in the ticket' },
  { id: 'arm', key: 'Shift A', does: 'arm or disarm one-click trading' },
  { id: 'type', key: 't', does: 'next order type' },
  { id: 'size', key: 'q', does: 'size' },
  { id: 'take profit', key: 'p', does: 'take profit' },
  { id: 'stop loss', key: 'l', does: 'stop loss' },
  { id: 'close', key: 'x', does: 'close this symbol’s position' },
  { id: 'reverse', key: 'r', does: 'reverse it' },
  { id: 'close all', key: 'Shift X', does: 'close all positions' },
  { id: 'cancel', key: 'c', does: 'cancel this symbol’s orders' },
  { id: 'cancel all', key: 'Shift C', does: 'cancel all orders' },
  { id: 'next line', key: 'n', does: 'next line on the chart; ↑ ↓ move it, Enter sends, Del cancels' },
  { id: 'hold lines', key: 'h', does: 'hold all lines' },
  { id: 'undo', key: 'u', does: 'undo the last move or cancellation' },
  { id: 'earlier', key: 'ArrowLeft', does: 'pan back' },
  { id: 'later', key: 'ArrowRight', does: 'pan on; in a replay one bar on' },
  { id: 'zoom in', key: '+', does: 'zoom in' },
  { id: 'zoom out', key: '-', does: 'zoom out' },
  { id: 'newest', key: 'End', does: 'newest bar' },
  { id: 'symbol before', key: '[', does: 'symbol before' },
  { id: 'symbol after', key: ']', does: 'symbol after' },
  {
    id: 'go',
    key: 'g',
    does: 'then C T D W P O H E A L: go to chart, ticket, depth, watchlist, positions, orders, history, executions, account, log',
  },
  { id: 'play', key: ' ', does: 'in a replay: play, pause' },
  { id: 'slower', key: ',', does: 'in a replay: slower' },
  { id: 'faster', key: '.', does: 'in a replay: faster' },
] as const satisfies readonly KeyRow[]

export type KeyId = (typeof KEYS)[number]['id']

/** Which nobody can change: they are the browser's, or mean something only after another one. */
export const FIXED = [
  ['Ctrl K', 'search, also from a text field'],
  ['1 5  Enter', 'resolution: digits, then Enter'],
  ['Enter', 'in the ticket: send'],
  ['Esc', 'put back, close, disarm: one for each press; leaves the ticket’s field'],
] as const

/** Empty: none. */
export function keyOf(id: KeyId): string {
  return settings.keyOf[id] ?? KEYS.find((one) => one.id === id)?.key ?? ''
}

export function actOf(key: string): KeyId | undefined {
  return KEYS.find(({ id }) => keyOf(id) === key)?.id
}

const WORDS: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
}

/** As a key cap says it. */
export function keyWords(key: string): string {
  return WORDS[key] ?? (key.length === 1 ? key.toUpperCase() : key)
}

/** The key that does it now; empty where none does, or keys are off. */
export function wordsOf(id: KeyId): string {
  return settings.keys ? keyWords(keyOf(id)) : ''
}

/** What somebody with nothing open is told to do. */
export function buyingWords(name: string, byTouch: boolean): string {
  const key = byTouch ? '' : wordsOf('buy')
  return key === '' ? `The ticket buys ${name}.` : `Press ${key} to buy ${name}.`
}

type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** A letter is itself or with Shift; signs are what they are, however they are typed. */
export function nameOfKey({ key, shiftKey }: Pressed): string {
  if (/^[a-z]$/i.test(key)) return shiftKey ? `Shift ${key.toUpperCase()}` : key.toLowerCase()
  return key === '=' ? '+' : key
}

/** Why this key cannot be given; undefined when it can. */
export function unfit(pressed: Pressed): string | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return 'Keys with Ctrl, Alt or ⌘ belong to the browser.'
  if (/^\d$/.test(pressed.key)) return 'Digits choose the resolution.'
  if (/^(Enter|Tab|Escape|F\d+)$/.test(pressed.key)) return `${pressed.key} keeps its own meaning.`
  return undefined
}

/** Gives it the key; what had it before has none, and the answer says so. */
export function assign(id: KeyId, key: string): string {
  const had = key === '' ? undefined : actOf(key)
  const next = { ...settings.keyOf, [id]: key }
  if (had !== undefined && had !== id) next[had] = ''
  const kept = Object.entries(next).filter(([name, own]) => KEYS.some((one) => one.id === name && one.key !== own))
  settings.keyOf = Object.fromEntries(kept)
  return had === undefined || had === id ? '' : `${keyWords(key)} was “${had}”, which has no key now.`
}
