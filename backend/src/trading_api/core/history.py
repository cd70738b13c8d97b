"""Which bars an answer of history holds.

With `countback` it is exactly that many bars before `before`, or all there are, wherever the window begins; without it
the bars in [since, before). `older` tells an empty window inside the data from one to the left of all data, where a chart
stops asking.
"""

from typing import NamedTuple

from trading_api.core.bars import check_resolution
from trading_api.core.ports import Market
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.instruments import Instrument

HISTORY_BARS_MAX = 20_000
"""Most bars in one answer: two weeks of minutes, about 1.3 MB of JSON."""

HISTORY_SECONDS = 10.0
"""How long history may take: a chart that is not answered stops asking for all its symbols."""

AHEAD_MS = 8 * 86_400_000
"""No bar is stamped later than this after now: an evening session's day bar carries the next trading day's date."""

EARLIEST_MS = -11_676_096_000_000
"""1600-01-01: nothing is older, and calendars end somewhere."""

NEWEST = 253_402_300_800_000
"""A right edge beyond every bar: the year 10000."""


class Window(NamedTuple):
    """What is asked for, in milliseconds."""

    before: int
    since: int | None = None
    countback: int | None = None


class History(NamedTuple):
    instrument: Instrument
    bars: tuple[Bar, ...]
    older: bool
    """Whether there are bars before the window; looked up only when the window is empty."""


async def read_history(market: Market, instrument: Instrument, resolution: Resolution, window: Window) -> History:
    check_resolution(instrument, resolution)
    before = max(EARLIEST_MS, min(window.before, market.now() + AHEAD_MS))
    if window.countback is not None:
        count = _checked_count(window.countback)
        bars = (await market.bars(instrument.name, resolution, before=before, count=count)).bars
        return History(instrument, bars, older=False)
    since = _checked_since(window)
    return await _between(market, instrument, resolution, max(EARLIEST_MS, since), before)


async def _between(market: Market, instrument: Instrument, resolution: Resolution, since: int, before: int) -> History:
    name = instrument.name
    bars: tuple[Bar, ...] = ()
    if since < before:
        bars = (await market.bars(name, resolution, before=before, count=HISTORY_BARS_MAX + 1, since=since)).bars
    if len(bars) > HISTORY_BARS_MAX:
        raise FixRequest(
            "too_many_bars",
            f"Expected a window of at most {HISTORY_BARS_MAX} bars, found more; ask for less at a time or send countback",
            field="from",
        )
    older = not bars and bool((await market.bars(name, resolution, before=min(since, before), count=1)).bars)
    return History(instrument, bars, older)


def _checked_count(count: int) -> int:
    if not 1 <= count <= HISTORY_BARS_MAX:
        raise FixRequest("bad_countback", f"Expected countback from 1 to {HISTORY_BARS_MAX}, found {count}", field="countback")
    return count


def _checked_since(window: Window) -> int:
    if window.since is None:
        raise FixRequest("no_window", "Expected from or countback, found neither", field="from")
    if window.since > window.before:
        raise FixRequest(
            "reversed_range",
            f"Expected from at or before to, found from {window.since // 1000} after to {window.before // 1000}",
            field="from",
        )
    return window.since
