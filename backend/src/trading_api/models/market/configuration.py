"""What the datafeed offers, as a chart reads it first (contract 1.2)."""

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.market.bars import Resolution


class Exchange(Model):
    """A filter of the symbol search; an empty value means all."""

    value: str
    name: str
    description: str = Field(alias="desc")


class SymbolType(Model):
    """A filter of the symbol search; an empty value means all."""

    name: str
    value: str


class DatafeedConfiguration(Model):
    supported_resolutions: tuple[Resolution, ...] = tuple(Resolution)
    supports_search: bool = True
    supports_group_request: bool = False
    supports_marks: bool = False
    supports_timescale_marks: bool = False
    supports_time: bool = True
    exchanges: tuple[Exchange, ...]
    symbols_types: tuple[SymbolType, ...]
    currency_codes: tuple[str, ...] | None = Field(
        default=None, description="Currencies that symbols and history can be asked for in; units are not converted"
    )
