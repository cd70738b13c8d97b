"""Positions (contract 3.6)."""

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import AskedQuantity, Side
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
    update_time: int = Field(alias="updateTime", description="UTC milliseconds of market time")


class CloseRequest(Model):
    """Close a position, or part of it when `amount` is given."""

    amount: AskedQuantity | None = Field(default=None, description="Quantity to close; absent closes all")
    client_order_id: ClientId | None = Field(default=None, alias="clientOrderId")
