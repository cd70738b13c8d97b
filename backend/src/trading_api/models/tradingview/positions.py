"""Positions and executions (contract 4.6)."""

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import AskedQuantity, Pips, Price
from trading_api.models.tradingview.orders import Form
from trading_api.models.tradingview.words import WireSide


class WirePosition(Model):
    """`qty` 0: it was closed in this session."""

    id: str
    instrument: str
    quantity: Number = Field(alias="qty")
    side: WireSide
    average_price: Number = Field(alias="avgPrice")
    unrealized_profit: Number = Field(alias="unrealizedPl")


class WireExecution(Model):
    id: str
    instrument: str
    price: Number
    time: int = Field(description="UTC seconds of market time")
    quantity: Number = Field(alias="qty")
    side: WireSide
    order_id: str = Field(alias="orderId")
    is_close: bool = Field(alias="isClose", description="It made a position smaller")
    position_id: str = Field(alias="positionId")
    commission: Number


class PositionForm(Form):
    """All of a position's brackets: what is absent is removed. The other `side` turns the position round."""

    side: WireSide | None = None
    stop_loss: Price | None = Field(default=None, alias="stopLoss")
    take_profit: Price | None = Field(default=None, alias="takeProfit")
    trailing_stop_pips: Pips | None = Field(default=None, alias="trailingStopPips")


class CloseForm(Form):
    amount: AskedQuantity | None = Field(default=None, description="Absent: all of it")
