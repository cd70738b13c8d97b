"""Instruments, quotes and depth for the order ticket (contract 4.6 and 4.8)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.tradingview.words import WireKind


class WireInstrument(Model):
    """Quantities are in units: there is no `lotSize`."""

    name: str
    description: str
    pip_size: Number = Field(alias="pipSize")
    pip_value: Number = Field(alias="pipValue", description="Of one unit, in the account's currency")
    min_tick: Number = Field(alias="minTick")
    type: WireKind
    quantity_min: Number = Field(alias="minQty")
    quantity_max: Number = Field(alias="maxQty")
    quantity_step: Number = Field(alias="qtyStep")
    base_currency: str | None = Field(default=None, alias="baseCurrency", description="Of crypto currencies")
    quote_currency: str | None = Field(default=None, alias="quoteCurrency", description="Of crypto currencies")
    margin_rate: Number = Field(alias="marginRate")
    has_quotes: bool = Field(default=True, alias="hasQuotes")
    units: str | None = None


class QuoteValues(Model):
    ask: Number
    bid: Number
    buy_pip_value: Number | None = Field(default=None, alias="buyPipValue")
    sell_pip_value: Number | None = Field(default=None, alias="sellPipValue")


class WireQuote(Model):
    """`n` is the symbol as it was asked for; without a price `s` is "error" and there are no values."""

    s: Literal["ok", "error"]
    n: str
    v: QuoteValues | None = None


class WireDepth(Model):
    """Levels of price and volume, both sides ascending by price."""

    asks: tuple[tuple[Number, Number], ...]
    bids: tuple[tuple[Number, Number], ...]
