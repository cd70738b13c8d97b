"""An archive and a store in memory, and imported series made up on the spot."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from trading_api.core.ports import ArchivedBar, Series
from trading_api.models.market.bars import Bar
from trading_api.models.market.imports import SeriesReport
from trading_api.models.market.quotes import Quote
from trading_api.plugins.archive import coarse_bars, minute_bars
from trading_api.plugins.imported.guess import instrument_for
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.parse import Traits

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 1_359_936_000_000
"""2013-02-04 00:00 UTC, in the middle of New York's Sunday evening."""


class MemoryArchive:
    """The port `Archive`; it answers without a thread, so a fake clock can drive what reads it."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._bars: dict[str, tuple[ArchivedBar, ...]] = {}
        self._coarse: dict[str, tuple[ArchivedBar, ...]] = {}
        self._ticks: dict[str, tuple[Quote, ...]] = {}
        self.asked = 0
        """How many bars have been read."""

    async def write_bars(self, name: str, step_ms: int, bars: Iterable[ArchivedBar]) -> Series:
        kept = tuple(bars)
        assert all(early.bid.time < late.bid.time for early, late in zip(kept, kept[1:], strict=False))
        return self._keep(Series(name, "bars", step_ms, kept[0].bid.time, kept[-1].bid.time, len(kept)), kept, ())

    async def write_ticks(self, name: str, ticks: Iterable[Quote]) -> Series:
        kept = tuple(ticks)
        return self._keep(Series(name, "ticks", 0, kept[0].time, kept[-1].time, len(kept)), tuple(minute_bars(kept)), kept)

    def _keep(self, series: Series, bars: tuple[ArchivedBar, ...], ticks: tuple[Quote, ...]) -> Series:
        self._series[series.name], self._bars[series.name], self._ticks[series.name] = series, bars, ticks
        self._coarse[series.name] = tuple(coarse_bars(bars)) if series.step_ms < 15 * MINUTE else ()
        return series

    async def series(self) -> Sequence[Series]:
        return [self._series[name] for name in sorted(self._series)]

    async def bars(
        self, name: str, *, since: int, before: int, last: int | None = None, coarse: bool = False
    ) -> Sequence[ArchivedBar]:
        kept = (self._coarse if coarse else self._bars).get(name, ())
        found = [bar for bar in kept if since <= bar.bid.time < before]
        found = found if last is None else found[max(0, len(found) - last) :]
        self.asked += len(found)
        return found

    async def ticks(self, name: str, *, since: int, before: int, last: int | None = None) -> Sequence[Quote]:
        found = [tick for tick in self._ticks.get(name, ()) if since <= tick.time < before]
        return found if last is None else found[max(0, len(found) - last) :]

    async def delete(self, name: str) -> None:
        for kept in (self._series, self._bars, self._coarse, self._ticks):
            kept.pop(name, None)

    async def close(self) -> None: ...


class MemoryStore:
    """The port `Store`."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], dict[str, object]] = {}

    async def put(self, collection: str, key: str, document: dict[str, object]) -> None:
        self.documents[collection, key] = document

    async def get(self, collection: str, key: str) -> dict[str, object] | None:
        return self.documents.get((collection, key))

    async def all(self, collection: str) -> dict[str, dict[str, object]]:
        return {key: one for (kept, key), one in sorted(self.documents.items()) if kept == collection}

    async def delete(self, collection: str, key: str) -> None:
        self.documents.pop((collection, key), None)

    async def close(self) -> None: ...


@lru_cache
def wavy_bars(since: int = MONDAY, minutes: int = 2 * 1440, spread: str = "0.003") -> tuple[ArchivedBar, ...]:
    """Minutes whose price goes up and down, bid and ask."""
    bars = []
    close = Decimal("92.000")
    for place in range(minutes):
        opening, close = close, close + Decimal((place * 37) % 23 - 11) / 1000
        high, low = max(opening, close) + Decimal(place % 5) / 1000, min(opening, close) - Decimal(place % 7) / 1000
        bid = Bar(time=since + place * MINUTE, open=opening, high=high, low=low, close=close, volume=Decimal(place % 4 + 4))
        bars.append(ArchivedBar(bid, above(bid, Decimal(spread))))
    return tuple(bars)


def above(bar: Bar, distance: Decimal) -> Bar:
    return Bar(
        time=bar.time,
        open=bar.open + distance,
        high=bar.high + distance,
        low=bar.low + distance,
        close=bar.close + distance,
        volume=bar.volume,
    )


async def a_library(**series: Sequence[ArchivedBar]) -> Library:
    """A library of minute bars, by symbol."""
    library = Library(MemoryArchive(), MemoryStore())
    for symbol, bars in series.items():
        await add_bars(library, symbol, bars)
    return library


async def add_bars(library: Library, symbol: str, bars: Sequence[ArchivedBar], *, step_ms: int = MINUTE) -> None:
    written = await library.archive.write_bars(symbol, step_ms, bars)
    await library.put(a_report(written, traded=bars[0].ask is None), "I1", 0)


async def add_ticks(library: Library, symbol: str, ticks: Sequence[Quote]) -> None:
    written = await library.archive.write_ticks(symbol, ticks)
    await library.put(a_report(written, traded=ticks[0].last is not None), "I1", 0)


def a_report(series: Series, *, traded: bool) -> SeriesReport:
    traits = Traits(common=10**9, decimals=3, prices=10)
    instrument = instrument_for(
        series.name, half_hours=[MONDAY], step_ms=series.step_ms, traits=traits, traded=traded, has_volume=True
    )
    return SeriesReport.model_validate(
        {
            "symbol": series.name,
            "kind": series.kind,
            "files": [f"{series.name}.csv"],
            "sides": "price" if traded else "both",
            "stepMs": series.step_ms,
            "first": series.first,
            "last": series.last,
            "rows": series.rows,
            "spread": "0.002",
            "instrument": instrument,
        }
        | dict.fromkeys(("linesRead", "duplicates", "conflicts", "disordered", "lifted", "oneSided"), 0)
    )
