"""A market whose bars are ready, so that what is measured is what comes after them."""

from bisect import bisect_left
from decimal import Decimal

from trading_api.core.ports import Clock
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.plugins.synthetic.market import SyntheticMarket

BARS = 5_000
SYMBOL = "DEMO:BTCUSD"
MINUTE_MS = 60_000


class Shelf(SyntheticMarket):
    """The synthetic market's instruments, and always the same bars."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, 1)
        last = clock.now() // MINUTE_MS - 1
        self._shelf = tuple(self._bar((last - BARS + number) * MINUTE_MS, number) for number in range(BARS))

    @staticmethod
    def _bar(time: int, number: int) -> Bar:
        price = Decimal(4_000_000 + 7919 * number % 100_000) / 100
        return Bar(time=time, open=price, high=price + 12, low=price - 9, close=price + 3, volume=Decimal(number % 997) / 1000)

    async def bars(self, name: str, resolution: Resolution, *, before: int, count: int, since: int | None = None) -> Bars:
        last = bisect_left(self._shelf, before, key=_time)
        first = bisect_left(self._shelf, since or 0, key=_time)
        chosen = self._shelf[max(first, last - count) : last]
        return Bars(chosen, chosen[-1].time if chosen else 0)


def _time(bar: Bar) -> int:
    return bar.time
