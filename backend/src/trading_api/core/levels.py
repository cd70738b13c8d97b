"""Levels: the prices at which the orders of a symbol wait. A price between them reaches nothing."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.ledger import Ledger
from trading_api.models.broker.orders import OrderStatus, PlacedOrder
from trading_api.models.market.quotes import Quote

AT_ONCE = ("IOC", "FOK")
LOWEST, HIGHEST = Decimal("-Infinity"), Decimal("Infinity")

WORKING = OrderStatus.WORKING
"""Looking a member up in its enum costs more than what is done with it."""


class Levels(NamedTuple):
    """As of fact `changed`. Where nothing waits, the level lies beyond all prices."""

    changed: int
    busy: bool
    """Something fills at any price."""
    trails: bool
    buy_limit: Decimal
    buy_stop: Decimal
    sell_limit: Decimal
    sell_stop: Decimal
    ends: int | None
    """When the first of the orders ends by itself."""

    def quiet(self, quote: Quote) -> bool:
        return (
            not self.busy
            and self.buy_limit < quote.ask < self.buy_stop
            and self.sell_stop < quote.bid < self.sell_limit
        )  # fmt: skip


class LevelsOf:
    """The levels of one account's symbols, each reckoned anew when its orders have changed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, Levels] = {}
        self._next_end: tuple[int, int | None] = -1, None

    def __call__(self, symbol: str) -> Levels:
        changed = self._ledger.changed.get(symbol, 0)
        known = self._known.get(symbol)
        if known is None or known.changed != changed:
            known = self._known[symbol] = _levels(self._ledger.orders_in(symbol), changed)
        return known

    def begin_anew(self) -> None:
        self._known.clear()
        self._next_end = -1, None

    def next_end(self) -> int | None:
        """When the next of all working orders ends."""
        sequence, next_end = self._next_end
        if sequence != self._ledger.sequence:
            ends = [end for symbol in self._ledger.ordered() if (end := self(symbol).ends) is not None]
            next_end = min(ends, default=None)
            self._next_end = self._ledger.sequence, next_end
        return next_end


def _levels(orders: Iterable[PlacedOrder], changed: int) -> Levels:
    busy = trails = False
    buy_limit = sell_stop = LOWEST
    buy_stop = sell_limit = HIGHEST
    ends: int | None = None
    for one in orders:
        if one.status is not WORKING:
            continue
        duration, limit, stop = one.duration, one.limit_price, one.stop_price
        if duration.datetime is not None and (ends is None or duration.datetime < ends):
            ends = duration.datetime
        if one.trailing_stop_pips is not None and one.bracket is not None:
            trails = True
        if stop is not None and not one.triggered:
            if one.side > 0:
                buy_stop = min(buy_stop, stop)
            else:
                sell_stop = max(sell_stop, stop)
        elif limit is None or duration.type in AT_ONCE:
            busy = True
        elif one.side > 0:
            buy_limit = max(buy_limit, limit)
        else:
            sell_limit = min(sell_limit, limit)
    return Levels(changed, busy, trails, buy_limit, buy_stop, sell_limit, sell_stop, ends)
