import { type Component, defineAsyncComponent } from 'vue'
import TicketPanel from './panels/TicketPanel.vue'
import ChartPlace from './tradingview/ChartPlace.vue'

/** Every panel, by the name a saved layout knows it under. Those that are not seen at once are loaded when they are. */
export interface PanelKind {
  id: string
  title: string
  component: Component
  /** Goes to it, after G. */
  key: string
}

const AGAIN_MS = 2_000
/** One that was opened while the server was away appears when it is back. */
const later = (loader: () => Promise<{ default: Component }>) =>
  defineAsyncComponent({ loader, onError: (_, again) => setTimeout(again, AGAIN_MS) })

export const PANELS: readonly PanelKind[] = [
  { id: 'chart', title: 'Chart', component: ChartPlace, key: 'c' },
  { id: 'ticket', title: 'Order', component: TicketPanel, key: 't' },
  { id: 'watchlist', title: 'Watchlist', component: later(() => import('./panels/WatchlistPanel.vue')), key: 'w' },
  { id: 'depth', title: 'Depth', component: later(() => import('./panels/DepthPanel.vue')), key: 'd' },
  { id: 'positions', title: 'Positions', component: later(() => import('./panels/PositionsPanel.vue')), key: 'p' },
  { id: 'orders', title: 'Orders', component: later(() => import('./panels/OrdersPanel.vue')), key: 'o' },
  { id: 'history', title: 'History', component: later(() => import('./panels/HistoryPanel.vue')), key: 'h' },
  { id: 'executions', title: 'Executions', component: later(() => import('./panels/ExecutionsPanel.vue')), key: 'e' },
  { id: 'account', title: 'Account', component: later(() => import('./panels/AccountPanel.vue')), key: 'a' },
  { id: 'log', title: 'Log', component: later(() => import('./panels/LogPanel.vue')), key: 'l' },
]
