import { reactive, watch } from 'vue'

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
  confirm: boolean
  keys: boolean
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

const KEY = 'terminal.settings'
/** A browser gives a page about five megabytes. */
const BYTES_MAX = 1_000_000

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
  keys: true,
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
  Object.assign(settings, structuredClone(DEFAULTS))
}

function read(): Settings {
  const text = localStorage.getItem(KEY)
  if (text === null) return structuredClone(DEFAULTS)
  try {
    return readSettings(text)
  } catch (reason) {
    unreadable = `The settings kept in this browser could not be read (${reason instanceof Error ? reason.message : reason}), so the defaults are shown.`
    return structuredClone(DEFAULTS)
  }
}

/** What was kept, with the default where a setting is absent or of another kind than it was. */
export function readSettings(text: string): Settings {
  const found = JSON.parse(text) as Record<string, unknown>
  if (found['version'] !== 1) throw new Error(`expected version 1, found ${found['version']}`)
  const kept = structuredClone(DEFAULTS) as unknown as Record<string, unknown>
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    const value = found[name]
    if (name === 'layout' ? typeof value === 'object' && value !== null : sameKind(value, standard)) kept[name] = value
  }
  return kept as unknown as Settings
}

function sameKind(value: unknown, standard: unknown): boolean {
  if (Array.isArray(standard)) return Array.isArray(value) && value.every((one) => typeof one === 'string')
  return value !== null && typeof value === typeof standard && !Array.isArray(value)
}
