import type { PlacedOrder } from '../generated/topics.js'
import type { Clock } from '../wire/clock.js'
import { HELD_MAX, HOLD_MS_MAX } from './limits.js'

/** Something to be told, and the orders it is about. */
export interface Held {
  orders: readonly Pick<PlacedOrder, 'clientOrderId'>[]
  tell(): void
}

/** A terminal learns an order's id from the answer to its placement, so nothing is told of an order before that answer. */
export class Hold {
  private readonly placing = new Set<string>()
  private waiting: Held[] = []

  constructor(private readonly clock: Clock) {}

  pass(held: Held): void {
    this.waiting.push(held)
    this.drain()
  }

  /** The order with this client id is being placed; call the answer when the placement has been answered. */
  begin(clientOrderId: string): () => void {
    this.placing.add(clientOrderId)
    const end = () => {
      this.placing.delete(clientOrderId)
      this.drain()
    }
    const forget = this.clock.after(HOLD_MS_MAX, end)
    return () => {
      forget()
      // Whoever waits for the placement hears of its answer first.
      this.clock.after(0, end)
    }
  }

  clear(): void {
    this.placing.clear()
    this.waiting = []
  }

  private drain(): void {
    for (;;) {
      const next = this.waiting[0]
      const held = next?.orders.some(({ clientOrderId }) => clientOrderId !== undefined && this.placing.has(clientOrderId))
      if (next === undefined || (held && this.waiting.length <= HELD_MAX)) return
      this.waiting.shift()
      next.tell()
    }
  }
}
