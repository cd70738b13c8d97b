"""What has been imported: each symbol's series with its instrument, and the ticks it stands for.

The archive holds the prices, the store what is known about them. A series whose document was lost in a crash between the two
writes is given a guessed one again.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from trading_api.core.bars import price_of
from trading_api.core.ports import Archive, ArchivedBar, Series, Store
from trading_api.core.sessions import DAY_MS, Windows, day_of, sessions_of
from trading_api.models.errors import Conflict, NotFound
from trading_api.models.market.bars import SECOND_MS, Bar
from trading_api.models.market.imports import SeriesReport
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.guess import MARKET, instrument_for
from trading_api.plugins.imported.importer import Known
from trading_api.plugins.imported.parse import Traits
from trading_api.plugins.imported.stage import HALF_HOUR_MS
from trading_api.plugins.imported.walk import ticks_in

COLLECTION = "imported"
MINUTE_MS = 60_000
GUESS_BARS = 20_000
"""Bars looked at to guess an instrument again: two weeks of minutes."""
SESSION_AHEAD_MS = 8 * DAY_MS
"""How long before its date a trading day may begin, with a day to spare."""
SESSION_AFTER_MS = 4 * DAY_MS
"""How long after the beginning of its date a trading day may end, with a day to spare."""
DAYS_AROUND = (SESSION_AHEAD_MS + SESSION_AFTER_MS) // DAY_MS
"""Day bars of which a moment can lie in any."""


class Holding(NamedTuple):
    """One imported symbol. `common` divides all its prices, in units of 10^-12; 0 when unknown."""

    series: Series
    report: SeriesReport
    import_id: str
    common: int

    @property
    def instrument(self) -> Instrument:
        return self.report.instrument

    @property
    def step_ms(self) -> int:
        """Width of a base bar; a tick series has minutes."""
        return self.series.step_ms or MINUTE_MS

    @property
    def daily(self) -> bool:
        """Its bars carry the date of their trading day, not a moment."""
        return self.series.step_ms == DAY_MS

    @property
    def first(self) -> int:
        """The moment of its first price."""
        return self.open_in(self.series.first)[0][0]

    @property
    def end(self) -> int:
        """The moment of its last price."""
        return self.open_in(self.series.last)[-1][1] - 1

    def open_in(self, stamp: int) -> Windows:
        """When the prices of a base bar came: a day's in its session, or all day where the calendar has that day closed."""
        found = sessions_of(self.instrument).windows(day_of(stamp)) if self.daily else ()
        return found or ((stamp, stamp + (self.series.step_ms or 1)),)

    def before(self, time: int) -> int:
        """Above every stamp of a base bar that has prices before this moment."""
        return time + SESSION_AHEAD_MS if self.daily else time

    def since(self, time: int) -> int:
        """The lowest stamp of a base bar that may have prices at this moment or later."""
        return time - (SESSION_AFTER_MS if self.daily else self.step_ms - 1)


class Library:
    """Loaded once, then changed only through its methods."""

    def __init__(self, archive: Archive, store: Store) -> None:
        self.archive = archive
        self._store = store
        self._holdings: dict[str, Holding] = {}
        self._users = defaultdict[str, set[str]](set)
        """The replays of each series."""

    async def load(self) -> None:
        documents = await self._store.all(COLLECTION)
        for series in await self.archive.series():
            document = documents.get(series.name)
            self._holdings[series.name] = _read(series, document) if document else await self._guessed(series)

    def find(self, name: str) -> Holding | None:
        return self._holdings.get(name)

    def get(self, name: str) -> Holding:
        holding = self._holdings.get(name)
        if holding is None:
            raise NotFound("unknown_symbol", f"Expected an imported symbol, found '{name}'", field="symbol")
        return holding

    def all(self) -> Sequence[Holding]:
        return tuple(self._holdings[name] for name in sorted(self._holdings))

    def known(self) -> dict[str, Known]:
        return {name: Known(one.report.kind, one.report.sides, one.series.step_ms) for name, one in self._holdings.items()}

    async def put(self, report: SeriesReport, import_id: str, common: int) -> None:
        """Remember what a series is; its prices are in the archive already."""
        document: dict[str, object] = {
            "report": report.model_dump(mode="json"),
            "import": import_id,
            "common": str(common),
        }
        await self._store.put(COLLECTION, report.symbol, document)
        series = next(one for one in await self.archive.series() if one.name == report.symbol)
        self._holdings[report.symbol] = Holding(series, report, import_id, common)

    async def remove(self, name: str) -> None:
        self.expect_unused(name)
        self._holdings.pop(name, None)
        await self.archive.delete(name)
        await self._store.delete(COLLECTION, name)

    def use(self, name: str, replay: str) -> None:
        self._users[name].add(replay)

    def release(self, name: str, replay: str) -> None:
        self._users[name].discard(replay)

    def expect_unused(self, name: str) -> None:
        if users := self._users.get(name):
            shown = ", ".join(sorted(users))
            raise Conflict("in_use", f"Expected {name} to be in no replay, found it in {shown}: delete those first")

    async def ticks(self, holding: Holding, market: str, *, since: int, before: int) -> list[Quote]:
        """The ticks with since <= time < before, told as `market`'s."""
        symbol = f"{market}:{holding.series.name}"
        if holding.series.kind == "ticks":
            found = await self.archive.ticks(holding.series.name, since=since, before=before)
            return [_told(tick, symbol, holding.instrument) for tick in found]
        bars = await self.archive.bars(holding.series.name, since=holding.since(since), before=holding.before(before))
        walked = [tick for bar in bars for tick in walk(holding, bar, symbol) if since <= tick.time < before]
        return sorted(walked, key=lambda tick: tick.time) if holding.daily else walked

    async def last_tick(self, holding: Holding, market: str, at: int) -> Quote | None:
        """The last tick at or before a moment."""
        name = holding.series.name
        if holding.series.kind == "ticks":
            found = await self.archive.ticks(name, since=0, before=at + 1, last=1)
            return _told(found[0], f"{market}:{name}", holding.instrument) if found else None
        last = DAYS_AROUND if holding.daily else 1
        bars = await self.archive.bars(name, since=0, before=holding.before(at + 1), last=last)
        told = [tick for bar in bars for tick in walk(holding, bar, f"{market}:{name}") if tick.time <= at]
        return max(told, key=lambda tick: tick.time, default=None)

    async def _guessed(self, series: Series) -> Holding:
        bars = await self.archive.bars(series.name, since=0, before=series.last + 1, last=GUESS_BARS)
        traits = Traits()
        for archived in bars:
            for price in (archived.bid.open, archived.bid.high, archived.bid.low, archived.bid.close):
                traits.see(price, str(price))
        instrument = instrument_for(
            series.name,
            half_hours=sorted({archived.bid.time // HALF_HOUR_MS * HALF_HOUR_MS for archived in bars}),
            step_ms=series.step_ms,
            traits=traits,
            traded=any(archived.ask is None for archived in bars),
            has_volume=any(archived.bid.volume for archived in bars),
        )
        report = SeriesReport(
            symbol=series.name,
            kind="ticks" if series.kind == "ticks" else "bars",
            files=(),
            sides="both" if all(archived.ask is not None for archived in bars) else "price",
            step_ms=series.step_ms,
            first=series.first,
            last=series.last,
            rows=series.rows,
            lines_read=0,
            duplicates=0,
            conflicts=0,
            disordered=0,
            lifted=0,
            one_sided=0,
            spread=instrument.tick_size,
            instrument=instrument,
            notes=(f"What was known about {MARKET}:{series.name} was lost in a crash and has been guessed again.",),
        )
        return Holding(series, report, "", 0)


def walk(holding: Holding, bar: ArchivedBar, symbol: str) -> list[Quote]:
    """The ticks one of its bars stands for."""
    return ticks_in(
        bar,
        symbol=symbol,
        open_in=holding.open_in(bar.bid.time),
        spread=holding.report.spread,
        traded=holding.instrument.bar_source == "trade",
        size=holding.instrument.book_size,
    )


def point(tick: Quote, instrument: Instrument) -> Bar:
    """A tick as a bar of its own."""
    price = price_of(tick, instrument)
    assert price is not None, "an imported tick has the price its bars are made of"
    return Bar.model_construct(time=tick.time, open=price, high=price, low=price, close=price, volume=tick.volume)


def _told(tick: Quote, symbol: str, instrument: Instrument) -> Quote:
    """Under a market's name, with the usual size where the file has none."""
    usual = instrument.book_size
    sizes = {"bid_size": tick.bid_size or usual, "ask_size": tick.ask_size or usual}
    return tick.model_copy(update={"symbol": symbol, **sizes})


def _read(series: Series, document: dict[str, object]) -> Holding:
    report = SeriesReport.model_validate(document["report"])
    # What was imported before bars of seconds were offered says nothing about them.
    instrument = report.instrument.model_copy(update={"bar_step_ms": series.step_ms or SECOND_MS})
    report = report.model_copy(update={"instrument": instrument})
    return Holding(series, report, str(document["import"]), int(str(document["common"])))
