"""Calm: the ticks that move nothing, recognised before anything is looked at.

Of each symbol it remembers a zone: the prices between which no order is reached and no limit of the account. Until the next
moment at which something happens by itself, a tick inside its zone is only a price to remember. What it says is never more than
what the parts themselves would find, so that leaving it out changes no fact.
"""

from decimal import Decimal
from typing import NamedTuple

from trading_api.core.gauge import Bands
from trading_api.core.ledger import Ledger
from trading_api.core.levels import HIGHEST, LOWEST, LevelsOf
from trading_api.core.matching import Matching
from trading_api.core.moments import Moments
from trading_api.core.oversight import Oversight
from trading_api.core.times import NEVER
from trading_api.models.market.quotes import Quote


class Zone(NamedTuple):
    """As of the symbol's fact `changed` and these bands. The bounds themselves are outside."""

    changed: int
    bands: Bands
    lowest_bid: Decimal
    highest_bid: Decimal
    lowest_ask: Decimal
    highest_ask: Decimal


class Calm:
    """Asks one account's parts how far prices and time may move; remembers the answers while they hold."""

    def __init__(self, ledger: Ledger, *, levels: LevelsOf, moments: Moments, matching: Matching, oversight: Oversight) -> None:
        self._ledger = ledger
        self._levels = levels
        self._moments = moments
        self._next_execution = matching.next_execution
        self._oversight = oversight
        self._gauge = oversight.gauge
        self.begin_anew()

    def begin_anew(self) -> None:
        self._zones: dict[str, Zone] = {}
        self._sequence = -1
        self._until = 0

    def covers(self, quote: Quote, at: int) -> bool:
        """Surely this tick of a symbol that has shown a price before moves nothing. False says nothing."""
        ledger = self._ledger
        if ledger.sequence != self._sequence or self._until <= self._moments.seen:
            self._look_ahead(at)
        if at >= self._until:
            return False
        symbol = quote.symbol
        zone = self._zones.get(symbol)
        if zone is None or zone.changed != ledger.changed.get(symbol, 0) or zone.bands is not self._gauge.bands:
            zone = self._zones[symbol] = self._zone(symbol)
        return zone.lowest_bid < quote.bid < zone.highest_bid and zone.lowest_ask < quote.ask < zone.highest_ask

    def _look_ahead(self, at: int) -> None:
        ends, executes = self._levels.next_end(), self._next_execution(self._moments.seen)
        self._until = min(
            NEVER if ends is None else ends, NEVER if executes is None else executes, self._oversight.idle_until(at)
        )
        self._sequence = self._ledger.sequence

    def _zone(self, symbol: str) -> Zone:
        levels, bands = self._levels(symbol), self._gauge.bands
        low, high = self._gauge.band(symbol)
        if levels.busy or levels.trails:
            low, high = HIGHEST, LOWEST
        return Zone(
            levels.changed,
            bands,
            max(low, levels.sell_stop),
            levels.sell_limit,
            levels.buy_limit,
            min(high, levels.buy_stop),
        )
