// What the Trading Terminal offers a broker, as far as this project uses it.
import type {
  ActionMetaInfo,
  Delegate,
  DurationMetaInfo,
  Execution,
  IndividualPosition,
  Order,
  Position,
  TradeContext,
  WatchedValue,
} from './broker.js'
import type { ConnectionStatus, NotificationType } from './numbers.js'

export interface BrokerHost {
  readonly factory: {
    createDelegate<A extends unknown[]>(): Delegate<A>
    createWatchedValue<T>(value?: T): WatchedValue<T>
  }
  connectionStatusUpdate(status: ConnectionStatus, more?: { message?: string; disconnectType?: number }): void
  currentAccountUpdate(): void
  orderUpdate(order: Order): void
  orderPartialUpdate(id: string, changes: Partial<Order>): void
  ordersFullUpdate?(): void
  positionUpdate(position: Position, isHistoryUpdate?: boolean): void
  positionPartialUpdate(id: string, changes: Partial<Position>): void
  positionsFullUpdate?(): void
  individualPositionUpdate(position: IndividualPosition, isHistoryUpdate?: boolean): void
  individualPositionsFullUpdate?(): void
  plUpdate(positionId: string, pl: number): void
  individualPositionPLUpdate(positionId: string, pl: number): void
  executionUpdate(execution: Execution): void
  equityUpdate(equity: number): void
  marginAvailableUpdate(margin: number): void
  pipValueUpdate(symbol: string, values: { buyPipValue: number; sellPipValue: number }): void
  patchConfig(flags: Record<string, boolean>): void
  setDurations(durations: DurationMetaInfo[]): void
  defaultContextMenuActions(context: TradeContext, options?: object): Promise<ActionMetaInfo[]>
  showNotification(title: string, text: string, type?: NotificationType): void
}
