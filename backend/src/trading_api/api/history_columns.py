"""History in columns, written straight to bytes: models and encoders would cost more than the bars.

What is over does not change, so its text is kept: a chart that is opened again, or by somebody else, costs little more than
joining. What may still change, or is not known yet, is asked of the market each time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from trading_api.api.kept_columns import KeptColumns, Texts, texts_of
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import History, Window
from trading_api.core.sessions import DAY_MS
from trading_api.core.symbols import Listing
from trading_api.models.market.bars import Bar, Resolution

BARS_KEPT_MAX = 100_000
"""Bars kept as text, of all symbols together: about 45 MB. Beyond it the series not asked for longest goes."""
CAUGHT_UP_MAX = 1_000
"""Kept bars that lie further back than so many are begun again."""
BARS_AT_ONCE = 1_000
"""Written between two turns of the loop, about 1 ms."""
NO_DATA = b'{"s":"no_data"}'
NAMES = ("t", "o", "h", "l", "c", "v")

Key = tuple[str, Resolution]


class HistoryColumns:
    """UDF's answers. An empty window inside the data is an empty `ok`; only left of all data it is `no_data`."""

    def __init__(self, service: DatafeedService) -> None:
        self._service = service
        self._kept: OrderedDict[Key, KeptColumns] = OrderedDict()

    async def body(self, symbol: str, resolution: Resolution, window: Window, currency: str | None = None) -> bytes:
        listing = self._service.resolve(symbol)
        if currency is not None and currency != listing.instrument.currency:
            return await self._converted(listing, resolution, window, currency)
        key = (listing.instrument.id, resolution)
        texts = await self._from_kept(key, listing, window)
        if texts is None:
            now = listing.market.now()
            history = await self._service.history(symbol, resolution, window)
            if not history.bars and not history.older:
                return NO_DATA
            texts = await _texts(history.bars)
            self._keep(key, listing, history, texts, window, now)
        self._forget()
        return _written(texts if listing.instrument.has_volume else texts[:-1])

    async def _converted(self, listing: Listing, resolution: Resolution, window: Window, currency: str) -> bytes:
        """Seldom asked for, so nothing of it is kept."""
        history = await self._service.history(listing.instrument.id, resolution, window, currency)
        if not history.bars and not history.older:
            return NO_DATA
        return _written((await _texts(history.bars))[: None if listing.instrument.has_volume else -1])

    async def _from_kept(self, key: Key, listing: Listing, window: Window) -> Texts | None:
        kept = self._current(key, listing)
        if kept is None:
            return None
        newest, now = kept.times[-1], listing.market.now()
        if window.before <= newest + 1:
            return kept.cut(window, ())
        if now - newest > CAUGHT_UP_MAX * (key[1].width_ms or DAY_MS):
            return None
        following = (await self._service.history(key[0], key[1], Window(window.before, since=newest))).bars
        # Others may have asked in the meantime, or the market begun anew.
        if self._current(key, listing) is not kept or kept.times[-1] != newest or not following or following[0].time != newest:
            return None
        over = kept.over(following, now)
        kept.append([bar.time for bar in following[1:over]], texts_of(following[1:over]), now)
        return kept.cut(window, following[max(1, over) :])

    def _current(self, key: Key, listing: Listing) -> KeptColumns | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept.is_current(listing):
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept

    def _keep(self, key: Key, listing: Listing, history: History, texts: Texts, window: Window, now: int) -> None:
        kept, complete = self._current(key, listing), len(history.bars) < (window.countback or 0)
        begun = KeptColumns(listing, key[1])
        times = [bar.time for bar in history.bars[: begun.over(history.bars, now)]]
        if not times or listing.market.now() < now:
            return
        if kept is not None and times[0] < kept.times[0] <= window.before:
            kept.prepend(times, texts, complete=complete)
        elif kept is None or times[0] > kept.times[-1]:
            begun.complete = complete
            begun.append(times, texts, now)
            self._kept[key] = begun

    def _forget(self) -> None:
        while sum(len(kept.times) for kept in self._kept.values()) > BARS_KEPT_MAX:
            self._kept.popitem(last=False)


async def _texts(bars: Sequence[Bar]) -> Texts:
    """A few at a time: others get their turn on the loop."""
    texts = texts_of(bars[:BARS_AT_ONCE])
    for first in range(BARS_AT_ONCE, len(bars), BARS_AT_ONCE):
        await asyncio.sleep(0)
        for column, more in zip(texts, texts_of(bars[first : first + BARS_AT_ONCE]), strict=True):
            column += more
    return texts


def _written(texts: Texts) -> bytes:
    columns = (f'"{name}":[{",".join(column)}]' for name, column in zip(NAMES, texts, strict=False))
    return f'{{"s":"ok",{",".join(columns)}}}'.encode("ascii")
