import type { Drawing } from '../../src/chart/drawings.js'
import type { OrderRequest } from '../../src/generated/rest.js'
import type { Stage } from './stage.js'

export const SYMBOL = 'DEMO:BTCUSD'
/** So much of the scale is a day's bar that a tick does not move a line under the hand. */
export const CALM = { symbol: SYMBOL, resolution: '1D' }

type Order = Pick<OrderRequest, 'type' | 'side'> & Partial<OrderRequest>

/** The first account and the kept drawings, asked and told beside the page. */
export class Desk {
  private readonly params = { path: { accountId: 'DEMO-ACCOUNT' } }

  constructor(private readonly stage: Stage) {}

  reset(): Promise<unknown> {
    const { rest } = this.stage
    const { params } = this
    return rest.ask((signal) => rest.calls.POST('/api/v1/broker/accounts/{accountId}/reset', { params, body: {}, signal }))
  }

  place(order: Order): Promise<unknown> {
    const { rest } = this.stage
    const { params } = this
    const body = { symbol: SYMBOL, qty: 0.01, ...order }
    return rest.ask((signal) => rest.calls.POST('/api/v1/broker/accounts/{accountId}/orders', { params, body, signal }))
  }

  orders() {
    const { rest } = this.stage
    const { params } = this
    return rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders', { params, signal }))
  }

  positions() {
    const { rest } = this.stage
    const { params } = this
    return rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/positions', { params, signal }))
  }

  async bid(): Promise<number> {
    const { rest } = this.stage
    const body = { symbols: [SYMBOL] }
    const quotes = await rest.ask((signal) => rest.calls.POST('/api/v1/datafeed/quotes', { body, signal }))
    return (quotes as unknown as { v: { bid: number } }[])[0]?.v.bid ?? 0
  }

  /** What the server keeps of a symbol's drawings. */
  async drawings(symbol = SYMBOL): Promise<Drawing[]> {
    const query = new URLSearchParams({ client: 'terminal', user: 'terminal', tool: 'chart', name: symbol })
    const answer = await fetch(`${this.stage.server.url}/api/v1/chart-storage/1.1/drawing_templates?${query}`)
    const { data } = (await answer.json()) as { data?: { content?: string } }
    return data?.content === undefined ? [] : (JSON.parse(data.content) as { drawings: Drawing[] }).drawings
  }
}
