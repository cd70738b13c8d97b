"""Symbol search: the exact name first, then names that begin with the text, names that hold it, descriptions that hold it."""

from collections.abc import Iterable

from trading_api.models.market.instruments import Instrument
from trading_api.models.market.search import SymbolMatch

SEARCH_ROWS_MAX = 500
SEARCH_ROWS = 30

Rank = tuple[int, int]


def search(instruments: Iterable[Instrument], query: str, *, kind: str, exchange: str, limit: int) -> list[SymbolMatch]:
    """An empty query, kind or exchange means all."""
    text = query.strip().casefold()
    wanted = (each for each in instruments if kind in ("", each.kind.value) and exchange in ("", each.exchange))
    ranked = [(rank, each) for each in wanted if (rank := _rank(each, text)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    return [_match(instrument) for _, instrument in ranked[:limit]]


def _rank(instrument: Instrument, text: str) -> Rank | None:
    name = instrument.name.casefold()
    if text in ("", name, instrument.id.casefold()):
        return (0, 0)
    if (place := name.find(text)) >= 0:
        return (1, place) if place == 0 else (2, place)
    if instrument.id.casefold().startswith(text):
        return (3, 0)
    place = instrument.description.casefold().find(text)
    return (4, place) if place >= 0 else None


def _match(instrument: Instrument) -> SymbolMatch:
    return SymbolMatch(
        symbol=instrument.name,
        full_name=f"{instrument.exchange}:{instrument.name}",
        ticker=instrument.id,
        description=instrument.description,
        exchange=instrument.exchange,
        type=instrument.kind,
    )
