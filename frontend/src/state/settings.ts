import { reactive, watch } from 'vue'

export const KINDS = ['forex', 'crypto', 'stock', 'index', 'commodity'] as const
export type Kind = (typeof KINDS)[number]
export const NOTICES = ['fills', 'orders', 'money'] as const

/** What a new ticket begins with, as it is typed; empty is left to the ticket. Distances are in pips or points. */
export interface NewOrder {
  sizeUnit: '' | 'lots' | 'units' | 'money' | 'equity' | 'risk'
  size: string
  takeProfit: string
  stopLoss: string
}

/** What a person has chosen; kept in the browser, never what could trade by itself: no token, nothing armed, no draft. */
export interface Settings {
  version: 1
  account: string
  symbol: string
  resolution: string
  theme: 'system' | 'dark' | 'light'
  watchlist: string[]
  zone: 'UTC' | 'local'
  textSize: 90 | 100 | 110 | 125
  /** Ask before each order. */
  confirm: boolean
  /** Ask before an order with more of the equity at risk, in percent; 0 never asks. */
  askAbove: 0 | 1 | 2 | 5 | 10
  newOrders: Record<Kind, NewOrder>
  /** Which news are shown as well as written to the Log. */
  notices: Record<(typeof NOTICES)[number], boolean>
  keys: boolean
  /** Keys that are not as they were at first, by what they do; empty: none. */
  keyOf: Record<string, string>
  palette: 'default' | 'blue-orange' | 'red-up'
  density: 'dense' | 'comfortable'
  engine: 'built-in' | 'tradingview'
  /** Hints that were put away. */
  hints: string[]
  /** The panels' places, as the dock writes them. */
  layout: object | undefined
  /** Whatever a panel keeps for itself, by its name. */
  panels: Record<string, unknown>
}

/** What may be chosen where not every text or number may. */
export const CHOICES = {
  theme: ['system', 'dark', 'light'],
  zone: ['local', 'UTC'],
  textSize: [90, 100, 110, 125],
  askAbove: [1, 2, 5, 10, 0],
  palette: ['default', 'blue-orange', 'red-up'],
  density: ['dense', 'comfortable'],
  engine: ['built-in', 'tradingview'],
  sizeUnit: ['', 'lots', 'units', 'money', 'equity', 'risk'],
} as const

const KEY = 'terminal.settings'
/** A browser gives a page about five megabytes. */
const BYTES_MAX = 1_000_000

const PLAIN: NewOrder = { sizeUnit: '', size: '', takeProfit: '', stopLoss: '' }

const DEFAULTS: Settings = {
  version: 1,
  account: '',
  symbol: 'DEMO:BTCUSD',
  resolution: '1',
  theme: 'system',
  watchlist: ['DEMO:BTCUSD', 'DEMO:EURUSD', 'DEMO:GBPUSD', 'DEMO:USDJPY', 'DEMO:XAUUSD', 'DEMO:ACME'],
  zone: 'local',
  textSize: 100,
  confirm: false,
  askAbove: 5,
  newOrders: { forex: PLAIN, crypto: PLAIN, stock: PLAIN, index: PLAIN, commodity: PLAIN },
  notices: { fills: true, orders: true, money: true },
  keys: true,
  keyOf: {},
  palette: 'default',
  density: 'dense',
  engine: 'built-in',
  hints: [],
  layout: undefined,
  panels: {},
}

/** Why the kept settings could not be read; empty when they could. */
export let unreadable = ''

export const settings = reactive<Settings>(read())

watch(settings, () => {
  const text = JSON.stringify(settings)
  if (text.length <= BYTES_MAX) localStorage.setItem(KEY, text)
})

export function forgetSettings(): void {
  Object.assign(settings, defaults())
}

/** Each its own copy, also of what several share. */
function defaults(): Settings {
  return JSON.parse(JSON.stringify({ ...DEFAULTS, layout: null }), (_, value) => value ?? undefined) as Settings
}

function read(): Settings {
  const text = localStorage.getItem(KEY)
  if (text === null) return defaults()
  try {
    return readSettings(text)
  } catch (reason) {
    unreadable = `The settings kept in this browser could not be read (${reason instanceof Error ? reason.message : reason}), so the defaults are shown.`
    return defaults()
  }
}

/** What was kept, with the default where a setting is absent or of another kind than it was. */
export function readSettings(text: string): Settings {
  const found: unknown = JSON.parse(text)
  if (!isRecord(found)) throw new Error('expected an object')
  if (found['version'] !== 1) throw new Error(`expected version 1, found ${found['version']}`)
  const { layout, panels } = found
  const kept = { ...(like(found, defaults()) as Settings), panels: isRecord(panels) ? panels : {} }
  return isRecord(layout) ? { ...kept, layout } : kept
}

/** The value where it is of the standard's kind and may be chosen, part by part. */
function like(value: unknown, standard: unknown, name = ''): unknown {
  if (Array.isArray(standard)) return isTexts(value) ? value : standard
  if (isRecord(standard)) {
    if (!isRecord(value)) return standard
    if (name === 'keyOf') return Object.fromEntries(Object.entries(value).filter(([, key]) => typeof key === 'string'))
    return Object.fromEntries(Object.entries(standard).map(([part, usual]) => [part, like(value[part], usual, part)]))
  }
  const choices = (CHOICES as Record<string, readonly unknown[]>)[name]
  return typeof value === typeof standard && (choices?.includes(value) ?? true) ? value : standard
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
