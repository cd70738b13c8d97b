"""Bars and their resolutions."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.common import SymbolName

SECOND_MS = 1_000


class Resolution(StrEnum):
    """TradingView's resolution strings (contract 1.3): seconds, minutes without a letter, day, week, month."""

    S1 = "1S"
    S5 = "5S"
    S15 = "15S"
    S30 = "30S"
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
    def width_ms(self) -> int | None:
        """Milliseconds of an intraday bar, None for day, week and month."""
        return _WIDTHS_MS[self]


def _width_ms(resolution: Resolution) -> int | None:
    if resolution.value.isdigit():
        return int(resolution.value) * 60 * SECOND_MS
    return int(resolution.value[:-1]) * SECOND_MS if resolution.value.endswith("S") else None


_WIDTHS_MS = {each: _width_ms(each) for each in Resolution}


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
