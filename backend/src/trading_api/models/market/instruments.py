"""Instruments: what can be charted, and how it trades."""

from decimal import Decimal
from enum import IntEnum, StrEnum
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


class Weekday(IntEnum):
    """As TradingView's session grammar counts them."""

    SUNDAY = 1
    MONDAY = 2
    TUESDAY = 3
    WEDNESDAY = 4
    THURSDAY = 5
    FRIDAY = 6
    SATURDAY = 7


class Swap(Model):
    """What a position held over the rollover earns (positive) or pays, per night, in the quote currency.

    `price`: that much per unit, as brokers quote swap points; `rate`: that fraction of the position's value.
    """

    long: Number = Decimal(0)
    short: Number = Decimal(0)
    unit: Literal["price", "rate"] = "price"
    time: str = Field(default="17:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Of the rollover, in `timezone`")
    timezone: str = "America/New_York"
    triple: Weekday | None = Field(default=None, description="The weekday whose rollover counts three nights, for the weekend")


class Dividend(Model):
    """Paid to longs, by shorts, at the first session open on or after `day` of each of `months`, in the quote currency."""

    amount: Price = Field(description="Per unit")
    months: tuple[int, ...] = Field(min_length=1, max_length=12)
    day: int = Field(default=15, ge=1, le=28)


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
    corrections: str = Field(
        default="", description="Days with hours of their own, in TradingView's grammar: 0930-1300:20241224,20241129"
    )
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
    swap: Swap | None = None
    dividend: Dividend | None = None
    book_size: Quantity | None = Field(
        default=None, alias="bookSize", description="Usual size at the best price; absent: quotes carry no sizes"
    )
    bar_source: Literal["bid", "trade"] = Field(alias="barSource", description="Which price bars are made of")
    bar_step_ms: int = Field(
        default=1000, ge=1000, alias="barStepMs", description="Width of its finest bars; wider ones are multiples of it"
    )
    has_volume: bool = Field(default=True, alias="hasVolume")
    tradable: bool = True

    @property
    def id(self) -> str:
        return f"{self.market}:{self.name}"
