"""A group of symbols in columns (contract 1.5), under the names UDF has for them there.

Each column has one value per row. Adapters read the columns of tick and pip by several names, so all of them are sent.
"""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import InstrumentKind

Texts = tuple[str, ...]
Flags = tuple[bool, ...]
Wholes = tuple[int, ...]


class SymbolTable(Model):
    symbol: Texts = Field(description="Its length is the number of rows")
    ticker: Texts
    full_name: Texts = Field(alias="full-name")
    description: Texts
    type: tuple[InstrumentKind, ...]
    exchange_traded: Texts = Field(alias="exchange-traded")
    exchange_listed: Texts = Field(alias="exchange-listed")
    session: Texts = Field(alias="session-regular")
    session_holidays: tuple[str | None, ...] = Field(alias="session-holidays")
    corrections: tuple[str | None, ...]
    timezone: Texts
    currency_code: Texts = Field(alias="currency-code")
    original_currency_code: Texts = Field(alias="original-currency-code")
    format: tuple[Literal["price"], ...]
    price_scale: Wholes = Field(alias="pricescale")
    minmov: Wholes
    minmovement: Wholes
    minmov2: Wholes
    minmove2: Wholes
    minmovement2: Wholes
    fractional: Flags
    has_intraday: Flags = Field(alias="has-intraday")
    intraday_multipliers: tuple[Texts, ...] = Field(alias="intraday-multipliers")
    has_seconds: Flags = Field(alias="has-seconds")
    seconds_multipliers: tuple[Texts, ...] = Field(alias="seconds-multipliers")
    has_ticks: Flags = Field(alias="has-ticks")
    has_daily: Flags = Field(alias="has-daily")
    daily_multipliers: tuple[Texts, ...] = Field(alias="daily-multipliers")
    has_weekly_and_monthly: Flags = Field(alias="has-weekly-and-monthly")
    weekly_multipliers: tuple[Texts, ...] = Field(alias="weekly-multipliers")
    monthly_multipliers: tuple[Texts, ...] = Field(alias="monthly-multipliers")
    has_empty_bars: Flags = Field(alias="has-empty-bars")
    supported_resolutions: tuple[tuple[Resolution, ...], ...] = Field(alias="supported-resolutions")
    visible_plots_set: Texts = Field(alias="visible-plots-set")
    volume_precision: Wholes = Field(alias="volume-precision")
    data_status: Texts = Field(alias="data-status")
