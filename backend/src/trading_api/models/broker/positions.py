"""Positions (contract 3.6)."""

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import AskedQuantity, ConfirmId, OrderMessage, Pips, Price, Side
from trading_api.models.common import ClientId


class Position(Model):
    """A net position. `qty` 0 is the last word about it: it has been closed."""

    id: str
    symbol: str
    side: Side
    quantity: Number = Field(alias="qty", description="Never negative; 0 when closed")
    average_price: Number = Field(alias="avgPrice")
    take_profit: Number | None = Field(default=None, alias="takeProfit")
    stop_loss: Number | None = Field(default=None, alias="stopLoss")
    trailing_stop_pips: Number | None = Field(default=None, alias="trailingStopPips")
    long_quantity: Number | None = Field(default=None, alias="longQty", description="On a hedging account: held long")
    short_quantity: Number | None = Field(default=None, alias="shortQty", description="On a hedging account: held short")
    update_time: int = Field(alias="updateTime", description="UTC milliseconds of market time")
    message: OrderMessage | None = Field(default=None, description="With this update alone: why nothing has changed yet")


class IndividualPosition(Model):
    """One entry of a hedging account. `qty` 0 is the last word about it: it has been closed."""

    id: str
    date: int = Field(description="When it was opened, UTC milliseconds of market time")
    symbol: str
    side: Side
    quantity: Number = Field(alias="qty", description="Never negative; 0 when closed")
    price: Number = Field(description="Average entry price")
    take_profit: Number | None = Field(default=None, alias="takeProfit")
    stop_loss: Number | None = Field(default=None, alias="stopLoss")
    trailing_stop_pips: Number | None = Field(default=None, alias="trailingStopPips")
    update_time: int = Field(alias="updateTime", description="UTC milliseconds of market time")
    message: OrderMessage | None = Field(default=None, description="With this update alone: why nothing has changed yet")


class ProtectRequest(Model):
    """The whole protection of a position: what is absent is removed."""

    take_profit: Price | None = Field(default=None, alias="takeProfit")
    stop_loss: Price | None = Field(default=None, alias="stopLoss")
    trailing_stop_pips: Pips | None = Field(default=None, alias="trailingStopPips")
    client_order_id: ClientId | None = Field(default=None, alias="clientOrderId")


class ReverseRequest(Model):
    """Turn a position round: close it and open as much on the other side, in one step."""

    client_order_id: ClientId | None = Field(default=None, alias="clientOrderId")


class CloseRequest(Model):
    """Close a position, or part of it when `amount` is given."""

    amount: AskedQuantity | None = Field(default=None, description="Quantity to close; absent closes all")
    side: Side | None = Field(
        default=None, description="Where a hedging account holds both: the side to close, first in first out"
    )
    client_order_id: ClientId | None = Field(default=None, alias="clientOrderId")
    confirm_id: ConfirmId | None = Field(default=None, alias="confirmId", description="Only if it is still what was previewed")
