"""Query parameters of the datafeed."""

from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, StringConstraints

from trading_api.models.base import Whole

SYMBOL_TEXT_MAX = 64
QUERY_TEXT_MAX = 200

SymbolText = Annotated[str, Query(max_length=SYMBOL_TEXT_MAX, description="MARKET:NAME, EXCHANGE:NAME or a name")]
FilterText = Annotated[str, Query(max_length=QUERY_TEXT_MAX, description="Empty means all")]
ResolutionText = Annotated[
    str, Query(max_length=8, description="1S 5S 15S 30S 1 3 5 15 30 60 120 240 1D 1W 1M; D, W and M are understood")
]
From = Annotated[Whole | None, Query(alias="from", description="UTC seconds, inclusive; ignored with countback")]
To = Annotated[Whole | None, Query(description="UTC seconds, exclusive; may lie in the future")]
CountBack = Annotated[Whole | None, Query(description="Exactly this many bars before `to`, or all there are")]
_absent = BeforeValidator(lambda value: value or None)
CurrencyCode = Annotated[
    Annotated[str, StringConstraints(max_length=8)] | None,
    _absent,
    Query(alias="currencyCode", description="Tell prices in this currency; empty: in the symbol's own"),
]
UnitId = Annotated[
    Annotated[str, StringConstraints(max_length=32)] | None,
    _absent,
    Query(alias="unitId", description="No symbol has a unit: leave it empty"),
]
