"""The datafeed's configuration: its search filters are whatever its instruments have."""

from collections.abc import Iterable

from trading_api.core.conversion import currencies_of
from trading_api.models.market.configuration import DatafeedConfiguration, Exchange, SymbolType
from trading_api.models.market.instruments import Instrument, InstrumentKind

ALL_EXCHANGES = Exchange(value="", name="All exchanges", description="")
ALL_TYPES = SymbolType(name="All types", value="")


def configuration(instruments: Iterable[Instrument]) -> DatafeedConfiguration:
    listed = list(instruments)
    exchanges = sorted({instrument.exchange for instrument in listed})
    kinds = {instrument.kind for instrument in listed}
    return DatafeedConfiguration(
        currency_codes=currencies_of(listed) or None,
        exchanges=(ALL_EXCHANGES, *(Exchange(value=each, name=each, description=each) for each in exchanges)),
        symbols_types=(ALL_TYPES, *(_symbol_type(kind) for kind in InstrumentKind if kind in kinds)),
    )


def _symbol_type(kind: InstrumentKind) -> SymbolType:
    return SymbolType(name=kind.value.capitalize(), value=kind.value)
