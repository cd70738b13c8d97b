"""What TradingView's servers read: symbols in columns, bars in columns, groups, the stream's lines (contract 4.9 and 4.10)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.tradingview.words import WireKind

Flags = tuple[bool, ...]
Texts = tuple[str, ...]
Gaps = tuple[str | None, ...]
"""Texts, null where there is nothing to say."""


class SymbolInfo(Model):
    """One column for each property; every column has an entry for each symbol, in the same order."""

    s: Literal["ok"] = "ok"
    symbol: Texts
    ticker: Texts
    description: Texts
    currency: Texts
    base_currency: Gaps = Field(alias="base-currency")
    exchange_listed: Texts = Field(alias="exchange-listed")
    exchange_traded: Texts = Field(alias="exchange-traded")
    minimum_movement: tuple[int, ...] = Field(alias="minmovement")
    pip_ticks: tuple[int, ...] = Field(alias="minmovement2")
    fractional: Flags
    price_scale: tuple[int, ...] = Field(alias="pricescale")
    type: tuple[WireKind, ...]
    is_cfd: Flags = Field(alias="is-cfd")
    timezone: Texts
    session: Texts = Field(alias="session-regular")
    has_intraday: Flags = Field(alias="has-intraday")
    has_daily: Flags = Field(alias="has-daily")
    has_weekly_and_monthly: Flags = Field(alias="has-weekly-and-monthly")
    has_no_volume: Flags = Field(alias="has-no-volume")
    intraday_multipliers: tuple[Texts, ...] = Field(alias="intraday-multipliers")
    supported_resolutions: tuple[Texts, ...] = Field(alias="supported-resolutions")
    bar_source: tuple[Literal["bid", "trade"], ...] = Field(alias="bar-source")
    bar_transform: tuple[Literal["none"], ...] = Field(alias="bar-transform")
    bar_fill_gaps: Flags = Field(alias="bar-fillgaps")


class WireBars(Model):
    """Bars in columns, ascending; `t` in UTC seconds. Empty where there is nothing in the window but something before it."""

    s: Literal["ok"] = "ok"
    t: tuple[int, ...]
    o: tuple[Number, ...]
    h: tuple[Number, ...]
    l: tuple[Number, ...]  # noqa: E741 - the wire's letter for low
    c: tuple[Number, ...]
    v: tuple[Number, ...]


class NoBars(Model):
    """Nothing in the window and nothing before it."""

    s: Literal["no_data"] = "no_data"


class Group(Model):
    id: str


class Groups(Model):
    groups: tuple[Group, ...]


class Permissions(Model):
    groups: tuple[str, ...]


class MappedSymbol(Model):
    name: tuple[str] = Field(alias="f", description="Our name")
    symbol: str = Field(alias="s", description="TradingView's, with the broker's prefix")


class Mapping(Model):
    symbols: tuple[MappedSymbol, ...]
    fields: tuple[Literal["brokerSymbol"]] = ("brokerSymbol",)


class TradeLine(Model):
    """A trade. `s` is absent where no volume is known."""

    f: Literal["t"] = "t"
    id: str
    p: Number
    s: Number | None = None
    t: int


class QuoteLine(Model):
    """The best prices."""

    f: Literal["q"] = "q"
    id: str
    t: int
    ask: Number = Field(alias="ap")
    ask_size: Number = Field(alias="as")
    bid: Number = Field(alias="bp")
    bid_size: Number = Field(alias="bs")


class DayLine(Model):
    """The day's bar as far as it has been shown; `t` is 00:00 UTC of the trading day."""

    f: Literal["d"] = "d"
    id: str
    o: Number
    h: Number
    l: Number  # noqa: E741 - the wire's letter for low
    c: Number
    v: Number
    t: int
