import type { OrderPreview, OrderRequest, PlacedOrder } from '../generated/rest.js'
import { clientId, type Rest } from '../rest/client.js'
import type { Brackets, Order, OrderPreviewResult, PreOrder } from '../tradingview/broker.js'
import { changeOf } from './changes.js'

const ACCOUNT = '/api/v1/broker/accounts/{accountId}'

/** An order as the terminal asks for it, and what only this house's own can say. */
export type Asked = PreOrder & Pick<OrderRequest, 'ocoGroup'>

/** What a trader can do to one account. Each resolves when the server has kept it; what came of it is told on the wire. */
export class Commands {
  constructor(
    private readonly rest: Rest,
    private readonly accountId: string,
  ) {}

  async place(order: Asked, clientOrderId = clientId(), confirmId?: string): Promise<string> {
    const body = { ...requestOf(order), clientOrderId, ...(confirmId === undefined ? {} : { confirmId }) }
    const { path } = this
    const answer = await this.rest.command((header, signal) =>
      this.rest.calls.POST(`${ACCOUNT}/orders`, {
        params: { path, header: { 'Idempotency-Key': clientOrderId ?? header['Idempotency-Key'] } },
        body,
        signal,
      }),
    )
    return answer.orderId as string
  }

  async preview(order: PreOrder): Promise<OrderPreviewResult> {
    const params = { path: this.path }
    return shown(
      await this.rest.ask((signal) =>
        this.rest.calls.POST(`${ACCOUNT}/orders/preview`, { params, body: requestOf(order), signal }),
      ),
    )
  }

  async previewChange(order: Order, known: PlacedOrder): Promise<OrderPreviewResult> {
    const params = { path: { ...this.path, orderId: order.id } }
    const body = changeOf(order, known)
    return shown(
      await this.rest.ask((signal) => this.rest.calls.POST(`${ACCOUNT}/orders/{orderId}/preview`, { params, body, signal })),
    )
  }

  /** False when nothing would change. */
  async modify(order: Order, known: PlacedOrder, confirmId?: string): Promise<boolean> {
    const body = changeOf(order, known, confirmId)
    if (Object.keys(body).every((field) => field === 'confirmId')) return false
    const path = { ...this.path, orderId: order.id }
    await this.rest.command((header, signal) =>
      this.rest.calls.PATCH(`${ACCOUNT}/orders/{orderId}`, { params: { path, header }, body, signal }),
    )
    return true
  }

  async cancel(orderId: string): Promise<void> {
    const path = { ...this.path, orderId }
    await this.rest.command((header, signal) =>
      this.rest.calls.DELETE(`${ACCOUNT}/orders/{orderId}`, { params: { path, header }, signal }),
    )
  }

  async close(positionId: string, amount?: number): Promise<void> {
    const path = { ...this.path, positionId }
    const body = amount === undefined ? {} : { amount }
    await this.rest.command((header, signal) =>
      this.rest.calls.POST(`${ACCOUNT}/positions/{positionId}/close`, { params: { path, header }, body, signal }),
    )
  }

  async reverse(positionId: string): Promise<void> {
    const path = { ...this.path, positionId }
    await this.rest.command((header, signal) =>
      this.rest.calls.POST(`${ACCOUNT}/positions/{positionId}/reverse`, { params: { path, header }, body: {}, signal }),
    )
  }

  /** The whole protection: what is absent is removed. */
  async protect(positionId: string, { takeProfit, stopLoss, trailingStopPips }: Brackets): Promise<void> {
    const path = { ...this.path, positionId }
    const body = {
      ...(takeProfit === undefined ? {} : { takeProfit }),
      ...(stopLoss === undefined ? {} : { stopLoss }),
      ...(trailingStopPips === undefined ? {} : { trailingStopPips }),
    }
    await this.rest.command((header, signal) =>
      this.rest.calls.PUT(`${ACCOUNT}/positions/{positionId}/protection`, { params: { path, header }, body, signal }),
    )
  }

  private get path(): { accountId: string } {
    return { accountId: this.accountId }
  }
}

const ASKED = [
  'symbol',
  'type',
  'side',
  'qty',
  'limitPrice',
  'stopPrice',
  'takeProfit',
  'stopLoss',
  'stopType',
  'trailingStopPips',
  'duration',
  'currentQuotes',
  'seenPrice',
  'isClose',
  'ocoGroup',
  'customFields',
] as const satisfies (keyof Asked)[]

/** The terminal's order without what it adds for itself. */
export function requestOf(order: Asked): OrderRequest {
  const given = ASKED.filter((field) => order[field] !== undefined && order[field] !== null)
  return Object.fromEntries(given.map((field) => [field, order[field]])) as unknown as OrderRequest
}

function shown({ sections, warnings, errors, confirmId }: OrderPreview): OrderPreviewResult {
  return {
    sections: sections.map(({ header, rows }) => ({ ...(header === undefined ? {} : { header }), rows: [...rows] })),
    ...(confirmId === undefined ? {} : { confirmId }),
    ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
    ...(errors.length > 0 ? { errors: [...errors] } : {}),
  }
}
