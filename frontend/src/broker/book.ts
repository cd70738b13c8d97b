import type { Execution, IndividualPosition, PlacedOrder, Position } from '../generated/topics.js'
import { FINAL } from '../tradingview/numbers.js'
import type { AccountState } from '../wire/account-stream.js'
import { ENDED_KEPT_MAX, EXECUTIONS_KEPT_MAX } from './limits.js'

/** One thing the terminal is told. */
export type Call =
  | { kind: 'execution'; value: Execution }
  | { kind: 'order'; value: PlacedOrder }
  | { kind: 'position'; value: Position }
  | { kind: 'individual'; value: IndividualPosition }

/** What the terminal has been told about one account: it changes only with what is told next. */
export class Book {
  readonly orders = new Map<string, PlacedOrder>()
  readonly positions = new Map<string, Position>()
  readonly individual = new Map<string, IndividualPosition>()
  private readonly ended = new Set<string>()
  private readonly executions = new Map<string, Execution>()

  /** Takes a state as known, without telling anything. */
  begin(state: AccountState): void {
    for (const order of state.orders) this.orders.set(order.id, order)
    for (const position of state.positions) this.positions.set(position.id, position)
    for (const position of state['individual-positions']) this.individual.set(position.id, position)
    for (const execution of state.executions) this.keepExecution(execution)
  }

  told(call: Call): void {
    switch (call.kind) {
      case 'execution':
        this.keepExecution(call.value)
        return
      case 'order':
        if (FINAL.has(call.value.status)) this.end(call.value.id)
        else this.orders.set(call.value.id, call.value)
        return
      case 'position':
        keepOpen(this.positions, call.value)
        return
      case 'individual':
        keepOpen(this.individual, call.value)
        return
    }
  }

  /** Whether telling it would repeat what was said, or take back an end. */
  knows(call: Call): boolean {
    if (call.kind === 'execution') return this.executions.has(call.value.id)
    return call.kind === 'order' && this.ended.has(call.value.id)
  }

  /** Whether this order was ever told, alive or ended. */
  hasOrder(id: string): boolean {
    return this.orders.has(id) || this.ended.has(id)
  }

  hasExecution(id: string): boolean {
    return this.executions.has(id)
  }

  private end(id: string): void {
    this.orders.delete(id)
    keepBounded(this.ended, id, ENDED_KEPT_MAX)
  }

  private keepExecution(execution: Execution): void {
    this.executions.set(execution.id, execution)
    if (this.executions.size > EXECUTIONS_KEPT_MAX) this.executions.delete(this.executions.keys().next().value as string)
  }
}

function keepOpen<P extends { id: string; qty: number }>(positions: Map<string, P>, position: P): void {
  if (position.qty === 0) positions.delete(position.id)
  else positions.set(position.id, position)
}

function keepBounded(kept: Set<string>, id: string, most: number): void {
  kept.add(id)
  if (kept.size > most) kept.delete(kept.values().next().value as string)
}
