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
  sound: boolean
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
  sound: false,
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
    const found = JSON.parse(text) as Partial<Settings>
    if (found.version !== 1) throw new Error(`version ${found.version}`)
    return { ...structuredClone(DEFAULTS), ...found }
  } catch (reason) {
    unreadable = `The settings kept in this browser could not be read (${String(reason)}), so the defaults are shown.`
    return structuredClone(DEFAULTS)
  }
}
