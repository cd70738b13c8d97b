"""Executions (contract 3.6)."""

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import Side


class Execution(Model):
    """One fill. Money is in the account's currency, rounded to its digits when it was booked."""

    id: str
    order_id: str = Field(alias="orderId")
    position_id: str = Field(alias="positionId")
    symbol: str
    side: Side
    quantity: Number = Field(alias="qty")
    price: Number
    time: int = Field(description="UTC milliseconds of market time")
    commission: Number
    profit: Number = Field(description="Profit booked by the part that closed a position, before commission")
