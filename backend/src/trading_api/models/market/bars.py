"""Bars and their resolutions."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.common import SymbolName


class Resolution(StrEnum):
    """TradingView's resolution strings (contract 1.3): minutes without a letter, then day, week, month."""

    M1 = "1"
    M3 = "3"
    M5 = "5"
    M15 = "15"
    M30 = "30"
    H1 = "60"
    H2 = "120"
    H4 = "240"
    D1 = "1D"
    W1 = "1W"
    MN1 = "1M"

    @property
    def minutes(self) -> int | None:
        """Minutes of an intraday bar, None for day, week and month."""
        return int(self.value) if self.value.isdigit() else None


class Bar(Model):
    """`time` is the bar's start in UTC milliseconds; for day, week and month 00:00 UTC of the (first) trading day."""

    time: int
    open: Number
    high: Number
    low: Number
    close: Number
    volume: Number = Field(default=Decimal(0))


class Bars(NamedTuple):
    """An answer of history: ascending bars, and the time of the last price folded into the last one (0 when empty)."""

    bars: tuple[Bar, ...]
    through: int


class BarsSubscriptionRequest(Model):
    symbol: SymbolName
    resolution: Resolution
