// The numbers the Trading Terminal and this server share.

export const OrderStatus = { Canceled: 1, Filled: 2, Inactive: 3, Placing: 4, Rejected: 5, Working: 6 } as const
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus]

export const OrderType = { Limit: 1, Market: 2, Stop: 3, StopLimit: 4 } as const
export type OrderType = (typeof OrderType)[keyof typeof OrderType]

export const Side = { Buy: 1, Sell: -1 } as const
export type Side = (typeof Side)[keyof typeof Side]

export const ParentType = { Order: 1, Position: 2, IndividualPosition: 3 } as const
export type ParentType = (typeof ParentType)[keyof typeof ParentType]

export const StopType = { StopLoss: 0, TrailingStop: 1, GuaranteedStop: 2 } as const
export type StopType = (typeof StopType)[keyof typeof StopType]

export const ConnectionStatus = { Connected: 1, Connecting: 2, Disconnected: 3, Error: 4 } as const
export type ConnectionStatus = (typeof ConnectionStatus)[keyof typeof ConnectionStatus]

export const NotificationType = { Error: 0, Success: 1 } as const
export type NotificationType = (typeof NotificationType)[keyof typeof NotificationType]

/** An order with one of these never changes again. */
export const FINAL: ReadonlySet<OrderStatus> = new Set([OrderStatus.Canceled, OrderStatus.Filled, OrderStatus.Rejected])
