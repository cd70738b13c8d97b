"""What the UDF endpoints answer (contract 1): a symbol's description, history in columns, errors in one shape."""

from typing import Annotated, Literal

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import InstrumentKind
from trading_api.models.market.quotes import QuoteData


class UdfError(Model):
    """Every failure. Sent with status 200, because UDF clients read the body and not the status."""

    s: Literal["error"] = "error"
    message: str = Field(alias="errmsg")


class SymbolInformation(Model):
    """A symbol as the chart needs it (contract 1.9). It never has a field `s`: clients take that for an error."""

    name: str
    ticker: str
    full_name: str
    description: str
    type: InstrumentKind
    exchange: str
    listed_exchange: str
    session: str
    session_holidays: str | None = None
    corrections: str | None = Field(default=None, description="Days with hours of their own; they beat holidays")
    timezone: str = Field(description="One of contract 1.11's zones")
    currency_code: str = Field(description="What prices are told in: the currency asked for, else the instrument's own")
    original_currency_code: str
    format: Literal["price"] = "price"
    price_scale: int = Field(alias="pricescale", gt=0)
    minimum_movement: int = Field(alias="minmov", gt=0, description="The tick is minmov / pricescale")
    pip_ticks: int = Field(alias="minmove2", description="Ticks in a pip where the two differ, else 0")
    fractional: Literal[False] = False
    has_intraday: bool
    intraday_multipliers: tuple[str, ...]
    has_seconds: bool
    seconds_multipliers: tuple[str, ...] = Field(description="Without the letter")
    has_ticks: Literal[False] = False
    has_daily: Literal[True] = True
    daily_multipliers: tuple[str, ...] = ("1",)
    has_weekly_and_monthly: Literal[True] = True
    weekly_multipliers: tuple[str, ...] = ("1",)
    monthly_multipliers: tuple[str, ...] = ("1",)
    has_empty_bars: Literal[False] = Field(default=False, description="A minute or second without a price has no bar")
    supported_resolutions: tuple[Resolution, ...]
    visible_plots_set: Literal["ohlcv", "ohlc"]
    volume_precision: int
    data_status: Literal["streaming"] = "streaming"


class HistoryColumns(Model):
    """Bars in columns, oldest first. `t` is in UTC seconds; `v` is absent where the instrument has no volume."""

    s: Literal["ok"] = "ok"
    t: tuple[int, ...]
    o: tuple[Number, ...]
    h: tuple[Number, ...]
    l: tuple[Number, ...]  # noqa: E741 - the wire's letter for low
    c: tuple[Number, ...]
    v: tuple[Number, ...] | None = None


class NoHistory(Model):
    """There is no bar in the window and none before it: the chart stops asking."""

    s: Literal["no_data"] = "no_data"


HistoryAnswer = Annotated[HistoryColumns | NoHistory | UdfError, Field(discriminator="s")]


class Quotes(Model):
    """One entry for each symbol that was asked for, in that order."""

    s: Literal["ok"] = "ok"
    quotes: tuple[QuoteData, ...] = Field(alias="d")


class MarketHealth(Model):
    """One market's stream."""

    name: str
    streaming: bool
    instruments: int
    now: int = Field(description="Market time, UTC milliseconds")


class WatchedSymbol(Model):
    """A symbol whose ticks somebody uses."""

    symbol: str
    listeners: int
    topics: int
    tick_age_ms: int | None = Field(default=None, alias="tickAgeMs", description="Market time since the last tick")


class DatafeedHealth(Model):
    status: Literal["ok", "degraded"]
    epoch: str
    markets: tuple[MarketHealth, ...]
    watched: tuple[WatchedSymbol, ...]
