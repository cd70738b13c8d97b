"""Quotes: as ticks inside the house, and as TradingView reads them (contract 1.8)."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import Price, Quantity, Side
from trading_api.models.common import SymbolName


class Quote(Model):
    """One tick: the market's best prices at a moment and, where trades are known, the last trade.

    `volume` is what traded since the tick before; it belongs to the bar this tick falls into.
    """

    symbol: str
    time: int = Field(description="UTC milliseconds of market time")
    bid: Price
    ask: Price
    bid_size: Quantity | None = Field(
        default=None, alias="bidSize", description="What can be sold at the bid; absent: any size"
    )
    ask_size: Quantity | None = Field(
        default=None, alias="askSize", description="What can be bought at the ask; absent: any size"
    )
    last: Price | None = None
    volume: Number = Field(default=Decimal(0))

    def price_for(self, side: Side) -> Decimal:
        """A buy lifts the ask, a sell hits the bid."""
        return self.ask if side > 0 else self.bid

    def size_for(self, side: Side) -> Decimal | None:
        """How much of it can be had at that price; None: any amount."""
        return self.ask_size if side > 0 else self.bid_size

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2


class QuotesSubscriptionRequest(Model):
    symbol: SymbolName


QUOTES_MAX = 100
"""Symbols in one request."""


class QuotesRequest(Model):
    symbols: tuple[SymbolName, ...] = Field(min_length=1, max_length=QUOTES_MAX)


class QuoteValues(Model):
    """Contract 1.8. An unknown value is left out, never sent as 0."""

    last_price: Number | None = Field(default=None, alias="lp")
    change: Number | None = Field(default=None, alias="ch")
    change_percent: Number | None = Field(default=None, alias="chp")
    bid: Number | None = None
    ask: Number | None = None
    spread: Number | None = None
    open_price: Number | None = None
    high_price: Number | None = None
    low_price: Number | None = None
    previous_close: Number | None = Field(default=None, alias="prev_close_price")
    volume: Number | None = None
    short_name: str | None = None
    exchange: str | None = None
    description: str | None = None
    original_name: str | None = None
    bid_size: Number | None = Field(default=None, description="What can be sold at the bid, our addition")
    ask_size: Number | None = Field(default=None, description="What can be bought at the ask, our addition")
    time: int | None = Field(default=None, description="UTC milliseconds of the quote, our addition")


class QuoteData(Model):
    """One symbol's quote. `n` is byte for byte the symbol that was asked for."""

    s: Literal["ok", "error"]
    n: str
    v: QuoteValues = QuoteValues()
    error_message: str | None = Field(default=None, alias="errmsg")
