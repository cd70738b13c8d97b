"""Executions (contract 3.6)."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import Side


class Explanation(Model):
    """Why a fill has its price: what was seen, which rule set the price, and what was added to it."""

    quote_time: int = Field(alias="quoteTime", description="UTC milliseconds of market time")
    bid: Number
    ask: Number
    bid_size: Number | None = Field(default=None, alias="bidSize")
    ask_size: Number | None = Field(default=None, alias="askSize")
    rule: Literal["market", "touch", "gap", "improvement"] = Field(
        description="market: the quote; touch: the order's own price; gap: a stop passed by; improvement: a limit passed by"
    )
    order_price: Number | None = Field(
        default=None, alias="orderPrice", description="The order's own price then: its limit, or its stop"
    )
    partial: bool = Field(default=False, description="The tick's size was not enough for all of it")
    delay: int = Field(default=0, description="Milliseconds between acceptance or trigger and the fill, as the model drew them")
    slippage: Number = Field(default=Decimal(0), description="Added to the quote's price to the trader's disadvantage")
    model: str | None = Field(default=None, description="The execution model that drew delay and slippage; absent: neither")


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
