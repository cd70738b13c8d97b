import { prepareBroker } from '../../broker/setup.js'
import { createDatafeed } from '../../datafeed/datafeed.js'
import { accountId } from '../../state/account.js'
import { resolution, symbol } from '../../state/desk.js'
import { rest, wire } from '../../state/house.js'
import { settings } from '../../state/settings.js'
import { visit } from '../../state/visit.js'
import { ChartStorage } from '../../storage/chart-storage.js'

/** TradingView's own terminal, as far as this page uses it. */
export interface TradingViewWidget {
  remove(): void
  onChartReady(act: () => void): void
  changeTheme(theme: 'Dark' | 'Light'): Promise<void>
  activeChart(): {
    setSymbol(symbol: string, done: () => void): void
    setResolution(resolution: string, done: () => void): void
    resetData(): void
  }
}
type WidgetMaker = new (options: Record<string, unknown>) => TradingViewWidget

const LOADER = 'charting_library.standalone.js'
const CLIENT = 'terminal'
const STORAGE = {
  charts_storage_url: `${location.origin}/api/v1/chart-storage`,
  charts_storage_api_version: '1.1',
  client_id: CLIENT,
  user_id: 'local',
}
const LOAD_MS_MAX = 20_000

/** The library's script, loaded once; it leaves its maker on the window. */
let loading: Promise<WidgetMaker> | undefined

export function loadLibrary(path: string): Promise<WidgetMaker> {
  loading ??= new Promise<WidgetMaker>((resolve, reject) => {
    const script = document.createElement('script')
    const late = setTimeout(() => reject(new Error(`no answer within ${LOAD_MS_MAX / 1000} s`)), LOAD_MS_MAX)
    script.src = `${path}${LOADER}`
    script.onload = () => {
      clearTimeout(late)
      const found = (window as { TradingView?: { widget?: WidgetMaker } }).TradingView?.widget
      if (found === undefined) reject(new Error(`expected ${LOADER} to define TradingView.widget, found nothing`))
      else resolve(found)
    }
    script.onerror = () => reject(new Error(`${script.src} could not be loaded`))
    document.head.append(script)
  }).catch((reason) => {
    loading = undefined
    throw reason
  })
  return loading
}

export function theme(): 'Dark' | 'Light' {
  return document.documentElement.dataset['theme'] === 'dark' ? 'Dark' : 'Light'
}

/** The widget's options: our datafeed, our broker, and charts kept by our server. */
export async function optionsFor(container: HTMLElement, path: string, onReset: () => void): Promise<Record<string, unknown>> {
  const broker = await prepareBroker({ rest, wire, accountId: accountId.value })
  return {
    container,
    library_path: path,
    datafeed: createDatafeed({ rest, wire, onReset }),
    ...broker,
    symbol: symbol.value,
    interval: resolution.value,
    locale: 'en',
    autosize: true,
    theme: theme(),
    timezone: settings.zone === 'UTC' ? 'Etc/UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone,
    // The library's storage client can send no token, so for somebody who is signed in the page asks itself.
    ...(visit.value === undefined
      ? STORAGE
      : { save_load_adapter: new ChartStorage(rest, { client: CLIENT, user: visit.value.login }) }),
  }
}
