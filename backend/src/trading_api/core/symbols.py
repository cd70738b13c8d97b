"""Which instrument a symbol means: `MARKET:NAME` always, `EXCHANGE:NAME` and a bare name where they are unique."""

from collections.abc import Mapping
from typing import NamedTuple

from trading_api.core.ports import Market
from trading_api.models.errors import FixRequest, NotFound
from trading_api.models.market.instruments import Instrument

CANDIDATES_NAMED_MAX = 5


class Listing(NamedTuple):
    """An instrument and the market it is traded on."""

    market: Market
    instrument: Instrument


def resolve(symbol: str, markets: Mapping[str, Market]) -> Listing:
    prefix, colon, name = symbol.partition(":")
    if colon and prefix in markets and (own := markets[prefix].find(name)):
        return Listing(markets[prefix], own)
    found = _exchange_listings(prefix, name, markets) if colon else _listings(symbol, markets)
    if not found:
        raise NotFound("unknown_symbol", f"Expected a symbol such as {_example(markets)}, found '{symbol}'", field="symbol")
    if len(found) > 1:
        raise _ambiguous(symbol, found)
    return found[0]


def _listings(name: str, markets: Mapping[str, Market]) -> list[Listing]:
    found = ((market, market.find(name)) for market in markets.values())
    return [Listing(market, instrument) for market, instrument in found if instrument is not None]


def _exchange_listings(exchange: str, name: str, markets: Mapping[str, Market]) -> list[Listing]:
    return [listing for listing in _listings(name, markets) if listing.instrument.exchange == exchange]


def _ambiguous(symbol: str, found: list[Listing]) -> FixRequest:
    names = ", ".join(listing.instrument.id for listing in found[:CANDIDATES_NAMED_MAX])
    return FixRequest("ambiguous_symbol", f"Expected one of {names}, found '{symbol}', which fits them all", field="symbol")


def _example(markets: Mapping[str, Market]) -> str:
    return next((each.id for market in markets.values() for each in market.search()), "MARKET:NAME")
