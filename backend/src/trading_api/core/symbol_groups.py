"""Groups of symbols, for charts that read whole groups and search in them (contract 1.5).

A group is an exchange. TradingView's own adapter asks for three groups and no others, whatever an exchange is called, so these
three hold every symbol between them: NYSE is the exchange, FOREX every currency pair, AMEX everything else.
"""

from collections.abc import Callable, Iterable
from typing import Final

from trading_api.core.symbol_information import symbol_information
from trading_api.models.errors import NotFound
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.models.udf import SymbolInformation
from trading_api.models.udf_groups import SymbolTable

NYSE: Final = "NYSE"
FOREX: Final = "FOREX"
AMEX: Final = "AMEX"

# What a column is called elsewhere; the others have the symbol's own name for it.
_SOURCES: Final = {
    "symbol": "name",
    "exchange_traded": "exchange",
    "exchange_listed": "listed_exchange",
    "minmov": "minimum_movement",
    "minmovement": "minimum_movement",
    "minmov2": "pip_ticks",
    "minmove2": "pip_ticks",
    "minmovement2": "pip_ticks",
}


def symbol_table(instruments: Iterable[Instrument], group: str) -> SymbolTable:
    listed = tuple(instruments)
    return _table([symbol_information(one) for one in in_group(listed, group)])


def in_group(instruments: Iterable[Instrument], group: str) -> list[Instrument]:
    listed = tuple(instruments)
    exchanges = {one.exchange for one in listed}
    belongs: Callable[[Instrument], bool]
    if group == FOREX:
        belongs = _is_forex
    elif group == AMEX:
        belongs = _is_neither
    elif group == NYSE or group in exchanges:
        return [one for one in listed if one.exchange == group]
    else:
        known = ", ".join(sorted({*exchanges, NYSE, FOREX, AMEX}))
        raise NotFound("unknown_group", f"Expected one of the groups {known}, found '{group}'", field="group")
    return [one for one in listed if belongs(one) or one.exchange == group]


def _is_forex(one: Instrument) -> bool:
    return one.kind is InstrumentKind.FOREX


def _is_neither(one: Instrument) -> bool:
    return one.exchange != NYSE and not _is_forex(one)


def _table(rows: list[SymbolInformation]) -> SymbolTable:
    columns = {name: tuple(getattr(row, _SOURCES.get(name, name)) for row in rows) for name in SymbolTable.model_fields}
    return SymbolTable.model_validate(columns)
