"""Instruments: what can be charted, and how it trades."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.orders import Price, Quantity


class InstrumentKind(StrEnum):
    """TradingView's symbol types (contract 1.9)."""

    STOCK = "stock"
    INDEX = "index"
    FOREX = "forex"
    CRYPTO = "crypto"
    COMMODITY = "commodity"


class Commission(Model):
    """Per fill, on each side, in the quote currency: rate × value + per_unit × quantity, at least `minimum`."""

    rate: Number = Field(default=Decimal(0), ge=0)
    per_unit: Number = Field(default=Decimal(0), ge=0, alias="perUnit")
    minimum: Number = Field(default=Decimal(0), ge=0)


class Instrument(Model):
    """One symbol of one market. Its id is `MARKET:NAME`."""

    market: str
    name: str
    description: str
    kind: InstrumentKind
    exchange: str
    timezone: str = Field(description="IANA zone of the session")
    session: str = Field(description="TradingView session grammar (contract 1.10)")
    holidays: tuple[str, ...] = Field(default=(), description="YYYYMMDD in the session's zone")
    currency: str = Field(description="The currency prices are in")
    base_currency: str | None = Field(default=None, alias="baseCurrency")
    tick_size: Price = Field(alias="tickSize")
    pip_size: Price = Field(alias="pipSize")
    quantity_min: Quantity = Field(alias="quantityMin")
    quantity_max: Quantity = Field(alias="quantityMax")
    quantity_step: Quantity = Field(alias="quantityStep")
    lot_size: Quantity = Field(alias="lotSize")
    margin_rate: Price = Field(alias="marginRate", description="0.0333 means 3.33 % of the value")
    commission: Commission = Commission()
    bar_source: Literal["bid", "trade"] = Field(alias="barSource", description="Which price bars are made of")
    has_volume: bool = Field(default=True, alias="hasVolume")
    tradable: bool = True

    @property
    def id(self) -> str:
        return f"{self.market}:{self.name}"
