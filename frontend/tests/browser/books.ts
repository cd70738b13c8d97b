import type { OrderRequest } from '../../src/generated/rest.js'
import type { Stage } from './stage.js'

const ACCOUNT = '/api/v1/broker/accounts/{accountId}'
export const BTC = 'DEMO:BTCUSD'

/** One account as REST tells it: what a test sets up, and what the page must agree with. */
export class Books {
  constructor(
    private readonly stage: Stage,
    readonly id: string,
  ) {}

  /** A new account of its own for a test. */
  static async open(stage: Stage, id: string, positionMode: 'netting' | 'hedging' = 'netting'): Promise<Books> {
    const body = { id, name: `Test ${id}`, currency: 'USD', balance: 100_000, leverage: 30, positionMode }
    await stage.rest.ask((signal) => stage.rest.calls.POST('/api/v1/broker/accounts', { body, signal }))
    return new Books(stage, id)
  }

  /** Settings with which a page opens on it. */
  get settings(): { account: string } {
    return { account: this.id }
  }

  async place(order: Partial<OrderRequest>): Promise<string> {
    const body = { symbol: BTC, type: 2, side: 1, qty: 0.01, ...order } as OrderRequest
    const placed = await this.rest.command((header, signal) =>
      this.rest.calls.POST(`${ACCOUNT}/orders`, { params: { ...this.params, header }, body, signal }),
    )
    return placed.orderId as string
  }

  cancel(orderId: string): Promise<unknown> {
    const path = { accountId: this.id, orderId }
    return this.rest.command((header, signal) =>
      this.rest.calls.DELETE(`${ACCOUNT}/orders/{orderId}`, { params: { path, header }, signal }),
    )
  }

  orders() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/orders`, { params: this.params, signal }))
  }
  positions() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/positions`, { params: this.params, signal }))
  }
  individual() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/individual-positions`, { params: this.params, signal }))
  }
  executions() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/executions`, { params: this.params, signal }))
  }
  trades() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/trades`, { params: this.params, signal }))
  }
  state() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/state`, { params: this.params, signal }))
  }
  limits() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/limits`, { params: this.params, signal }))
  }
  leverage() {
    return this.rest.ask((signal) => this.rest.calls.GET(`${ACCOUNT}/leverage`, { params: this.params, signal }))
  }

  private get params() {
    return { path: { accountId: this.id } }
  }
  private get rest() {
    return this.stage.rest
  }
}
