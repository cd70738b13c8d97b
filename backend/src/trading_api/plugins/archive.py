"""The archive in one SQLite file: imported bars and ticks, written whole or not at all, read by window.

A series is written in one transaction, so a reader sees the old one until the new one is complete. Prices are kept as text,
exactly as they were written. Beside its base bars a series keeps quarter hours made of them, so that a day's bar of ten years
ago costs 96 rows and not 1,440. Reading and writing have one thread each: a long import never delays a chart.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

from trading_api.core.bars import joined
from trading_api.core.ports import ArchivedBar, EquitySample, Series
from trading_api.models.errors import TryLater
from trading_api.models.market.bars import Bar
from trading_api.models.market.quotes import Quote
from trading_api.plugins.sqlite_file import open_for_reading, open_for_writing

COARSE_MS = 900_000
"""Quarter hours: every trading session begins and ends on one."""
MINUTE_MS = 60_000
BATCH_ROWS = 5_000
"""Rows handed to SQLite at once: what an import holds in memory."""
SAMPLES_MAX = 20_000
"""Samples of equity of one account between two resets: a fortnight of minutes; the older, the sparser."""

_APPLICATION = 0x54414152
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, step INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL);
CREATE TABLE bars (
    series INTEGER NOT NULL, step INTEGER NOT NULL, time INTEGER NOT NULL,
    open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL, close TEXT NOT NULL, volume TEXT NOT NULL,
    ask_open TEXT, ask_high TEXT, ask_low TEXT, ask_close TEXT, ask_volume TEXT,
    PRIMARY KEY (series, step, time)) WITHOUT ROWID;
CREATE TABLE ticks (
    series INTEGER NOT NULL, time INTEGER NOT NULL, place INTEGER NOT NULL, symbol TEXT NOT NULL,
    bid TEXT NOT NULL, ask TEXT NOT NULL, last TEXT, volume TEXT NOT NULL,
    PRIMARY KEY (series, time, place)) WITHOUT ROWID
"""
_EQUITY = """
CREATE TABLE IF NOT EXISTS equity (
    account TEXT NOT NULL, generation INTEGER NOT NULL, time INTEGER NOT NULL, balance TEXT NOT NULL, equity TEXT NOT NULL,
    PRIMARY KEY (account, generation, time)) WITHOUT ROWID
"""
_THIN = """
DELETE FROM equity WHERE account = ?1 AND generation = ?2 AND time IN (
    SELECT time FROM (
        SELECT time, row_number() OVER (ORDER BY time) AS place FROM equity WHERE account = ?1 AND generation = ?2)
    WHERE place % 2 = 0 AND place <= ?3)
"""
_BAR = "time, open, high, low, close, volume, ask_open, ask_high, ask_low, ask_close, ask_volume"
_TICK = "time, place, symbol, bid, ask, last, volume, bid_size, ask_size"
_SIZES = ("bid_size", "ask_size")

Answer = TypeVar("Answer")
Row = tuple[str | int | None, ...]


class SqliteArchive:
    """The port `Archive`."""

    def __init__(self, path: Path) -> None:
        self._write = open_for_writing(path, application=_APPLICATION, schema_version=_SCHEMA_VERSION, schema=_SCHEMA)
        _add_sizes(self._write)
        self._write.execute(_EQUITY)
        self._read = open_for_reading(path)
        self._writer = ThreadPoolExecutor(1, "archive-writer")
        self._reader = ThreadPoolExecutor(1, "archive-reader")

    async def write_bars(self, name: str, step_ms: int, bars: Iterable[ArchivedBar]) -> Series:
        return await self._on(
            self._writer, lambda: self._replace(name, "bars", step_ms, lambda key: self._add_bars(key, step_ms, bars))
        )

    async def write_ticks(self, name: str, ticks: Iterable[Quote]) -> Series:
        return await self._on(self._writer, lambda: self._replace(name, "ticks", 0, lambda key: self._add_ticks(key, ticks)))

    async def series(self) -> Sequence[Series]:
        return await self._on(self._reader, self._all_series)

    async def bars(
        self, name: str, *, since: int, before: int, last: int | None = None, coarse: bool = False
    ) -> Sequence[ArchivedBar]:
        return await self._on(self._reader, lambda: self._window_of_bars(name, since, before, last, coarse))

    async def ticks(self, name: str, *, since: int, before: int, last: int | None = None) -> Sequence[Quote]:
        return await self._on(self._reader, lambda: self._window_of_ticks(name, since, before, last))

    async def write_samples(self, samples: Sequence[EquitySample]) -> None:
        await self._on(self._writer, lambda: self._add_samples(samples))

    async def samples(self, account: str, generation: int, *, since: int, before: int) -> Sequence[EquitySample]:
        return await self._on(self._reader, lambda: self._window_of_samples(account, generation, since, before))

    async def delete(self, name: str) -> None:
        await self._on(self._writer, lambda: self._delete(name))

    async def close(self) -> None:
        """Let what is under way finish, then close."""
        for executor, connection in ((self._writer, self._write), (self._reader, self._read)):
            await self._on(executor, connection.close)
            executor.shutdown()

    async def _on(self, executor: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    def _replace(self, name: str, kind: str, step_ms: int, add: Callable[[int], tuple[int, int, int]]) -> Series:
        with _Transaction(self._write):
            self._drop_rows(name)
            key = self._write.execute(
                "INSERT INTO series (name, kind, step, first, last, count) VALUES (?, ?, ?, 0, 0, 0)", (name, kind, step_ms)
            ).lastrowid
            assert key is not None
            first, last, count = add(key)
            self._write.execute("UPDATE series SET first = ?, last = ?, count = ? WHERE id = ?", (first, last, count, key))
        return Series(name, kind, step_ms, first, last, count)

    def _delete(self, name: str) -> None:
        with _Transaction(self._write):
            self._drop_rows(name)

    def _drop_rows(self, name: str) -> None:
        for (key,) in self._write.execute("SELECT id FROM series WHERE name = ?", (name,)).fetchall():
            self._write.execute("DELETE FROM bars WHERE series = ?", (key,))
            self._write.execute("DELETE FROM ticks WHERE series = ?", (key,))
            self._write.execute("DELETE FROM series WHERE id = ?", (key,))

    def _add_bars(self, key: int, step_ms: int, bars: Iterable[ArchivedBar]) -> tuple[int, int, int]:
        first, last, count = 0, -1, 0
        rest: list[ArchivedBar] = []
        for batch in _batches(bars):
            for bar in batch:
                _expect_after(bar.bid.time, last + 1)
                last = bar.bid.time
            first = first if count else batch[0].bid.time
            count += len(batch)
            self._insert_bars(key, step_ms, batch)
            if step_ms < COARSE_MS:
                rest = self._insert_coarse(key, rest + batch)
        self._insert_bars(key, COARSE_MS, coarse_bars(rest))
        return first, last, count

    def _insert_coarse(self, key: int, bars: list[ArchivedBar]) -> list[ArchivedBar]:
        """Write the quarter hours that are complete; returns the bars of the last one, which may not be."""
        open_from = bars[-1].bid.time // COARSE_MS * COARSE_MS
        self._insert_bars(key, COARSE_MS, coarse_bars([bar for bar in bars if bar.bid.time < open_from]))
        return [bar for bar in bars if bar.bid.time >= open_from]

    def _add_ticks(self, key: int, ticks: Iterable[Quote]) -> tuple[int, int, int]:
        first, last, count, place = 0, -1, 0, 0
        minutes: list[ArchivedBar] = []
        rest: list[Quote] = []
        for batch in _batches(ticks):
            rows: list[Row] = []
            for tick in batch:
                _expect_after(tick.time, last)
                place = place + 1 if tick.time == last else 0
                last = tick.time
                rows.append((key, *_tick_row(tick, place)))
            first = first if count else batch[0].time
            count += len(batch)
            self._write.executemany(f"INSERT INTO ticks (series, {_TICK}) VALUES ({_marks(10)})", rows)
            open_from = last // MINUTE_MS * MINUTE_MS
            rest += batch
            minutes = self._insert_minutes(key, minutes, minute_bars(tick for tick in rest if tick.time < open_from))
            rest = [tick for tick in rest if tick.time >= open_from]
        minutes = self._insert_minutes(key, minutes, minute_bars(rest))
        self._insert_bars(key, COARSE_MS, coarse_bars(minutes))
        return first, last, count

    def _insert_minutes(self, key: int, pending: list[ArchivedBar], minutes: list[ArchivedBar]) -> list[ArchivedBar]:
        self._insert_bars(key, MINUTE_MS, minutes)
        both = pending + minutes
        return self._insert_coarse(key, both) if both else []

    def _insert_bars(self, key: int, step_ms: int, bars: Iterable[ArchivedBar]) -> None:
        rows = ((key, step_ms, *_bar_row(bar)) for bar in bars)
        self._write.executemany(f"INSERT INTO bars (series, step, {_BAR}) VALUES ({_marks(13)})", rows)

    def _all_series(self) -> Sequence[Series]:
        rows = self._read.execute("SELECT name, kind, step, first, last, count FROM series ORDER BY name")
        return tuple(Series(*row) for row in rows)

    def _window_of_bars(self, name: str, since: int, before: int, last: int | None, coarse: bool) -> Sequence[ArchivedBar]:
        rows = self._read.execute(
            f"SELECT {_BAR} FROM bars"
            " WHERE series = (SELECT id FROM series WHERE name = ?1)"
            " AND step = CASE WHEN ?2 THEN ?3 ELSE (SELECT iif(kind = 'ticks', ?4, step) FROM series WHERE name = ?1) END"
            " AND time >= ?5 AND time < ?6 ORDER BY time DESC LIMIT ?7",
            (name, coarse, COARSE_MS, MINUTE_MS, since, before, -1 if last is None else last),
        )
        return tuple(_archived(row) for row in reversed(rows.fetchall()))

    def _window_of_ticks(self, name: str, since: int, before: int, last: int | None) -> Sequence[Quote]:
        rows = self._read.execute(
            f"SELECT {_TICK} FROM ticks WHERE series = (SELECT id FROM series WHERE name = ?)"
            " AND time >= ? AND time < ? ORDER BY time DESC, place DESC LIMIT ?",
            (name, since, before, -1 if last is None else last),
        )
        return tuple(_quote(row) for row in reversed(rows.fetchall()))

    def _add_samples(self, samples: Sequence[EquitySample]) -> None:
        rows = ((*sample[:3], str(sample.balance), str(sample.equity)) for sample in samples)
        try:
            with _Transaction(self._write):
                self._write.executemany("INSERT OR REPLACE INTO equity VALUES (?, ?, ?, ?, ?)", rows)
                for account, generation in dict.fromkeys(sample[:2] for sample in samples):
                    self._thin_out(account, generation)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise TryLater("archive_busy", "Expected the archive to be free, found an import being written") from None
            raise TryLater("archive_refused", f"Expected the archive to take samples of equity, found: {error}") from None

    def _thin_out(self, account: str, generation: int) -> None:
        counted = "SELECT count(*) FROM equity WHERE account = ? AND generation = ?"
        if self._write.execute(counted, (account, generation)).fetchone()[0] > SAMPLES_MAX:
            self._write.execute(_THIN, (account, generation, SAMPLES_MAX // 2))

    def _window_of_samples(self, account: str, generation: int, since: int, before: int) -> Sequence[EquitySample]:
        rows = self._read.execute(
            "SELECT account, generation, time, balance, equity FROM equity"
            " WHERE account = ? AND generation = ? AND time >= ? AND time < ? ORDER BY time",
            (account, generation, since, before),
        )
        return tuple(EquitySample(name, begun, time, Decimal(cash), Decimal(worth)) for name, begun, time, cash, worth in rows)


def _add_sizes(connection: sqlite3.Connection) -> None:
    """To an archive made before quotes had sizes. A program of that time still reads it, so the layout keeps its number."""
    known = {name for _, name, *_ in connection.execute("PRAGMA table_info(ticks)")}
    for name in _SIZES:
        if name not in known:
            connection.execute(f"ALTER TABLE ticks ADD COLUMN {name} TEXT")


def _marks(count: int) -> str:
    return ", ".join("?" * count)


class _Transaction:
    """All or nothing, whatever ends the block."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:  # SQLite may have undone it itself, when the disk was full
                self._connection.execute("ROLLBACK")


Item = TypeVar("Item")


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH_ROWS)):
        yield batch


def _expect_after(time: int, earliest: int) -> None:
    if time < earliest:
        raise ValueError(f"expected ascending times, found {time} where {earliest} is the earliest")


def coarse_bars(bars: Sequence[ArchivedBar], step_ms: int = COARSE_MS) -> list[ArchivedBar]:
    """Ascending bars folded into wider ones."""
    return [_joined(start, list(parts)) for start, parts in groupby(bars, lambda bar: bar.bid.time // step_ms * step_ms)]


def _joined(start: int, parts: list[ArchivedBar]) -> ArchivedBar:
    asks = [part.ask for part in parts if part.ask is not None]
    ask = joined(start, asks) if len(asks) == len(parts) else None
    return ArchivedBar(joined(start, [part.bid for part in parts]), ask)


def minute_bars(ticks: Iterable[Quote]) -> list[ArchivedBar]:
    """Ascending ticks folded into minutes, out of trades where they are known."""
    return coarse_bars([_point(tick) for tick in ticks], MINUTE_MS)


def _point(tick: Quote) -> ArchivedBar:
    price = tick.bid if tick.last is None else tick.last
    return ArchivedBar(_flat(tick.time, price, tick.volume), _flat(tick.time, tick.ask, tick.volume))


def _flat(time: int, price: Decimal, volume: Decimal) -> Bar:
    return Bar.model_construct(time=time, open=price, high=price, low=price, close=price, volume=volume)


def _bar_row(bar: ArchivedBar) -> Row:
    return (bar.bid.time, *_prices(bar.bid), *(_prices(bar.ask) if bar.ask else (None,) * 5))


def _prices(bar: Bar) -> tuple[str, ...]:
    return str(bar.open), str(bar.high), str(bar.low), str(bar.close), str(bar.volume)


def _tick_row(tick: Quote, place: int) -> Row:
    last, *sizes = (None if one is None else str(one) for one in (tick.last, tick.bid_size, tick.ask_size))
    return tick.time, place, tick.symbol, str(tick.bid), str(tick.ask), last, str(tick.volume), *sizes


def _archived(row: tuple[int, *tuple[str, ...]]) -> ArchivedBar:
    time, *texts = row
    return ArchivedBar(_bar(time, texts[:5]), None if texts[5] is None else _bar(time, texts[5:]))


# Rows were checked when they were written; checking them again would cost more than reading them.
def _bar(time: int, texts: Sequence[str]) -> Bar:
    opening, high, low, close, volume = map(Decimal, texts)
    return Bar.model_construct(time=time, open=opening, high=high, low=low, close=close, volume=volume)


def _quote(row: tuple[int, int, str, str, str, str | None, str, str | None, str | None]) -> Quote:
    time, _, symbol, bid, ask, last, volume, bid_size, ask_size = row
    return Quote.model_construct(
        symbol=symbol,
        time=time,
        bid=Decimal(bid),
        ask=Decimal(ask),
        bid_size=None if bid_size is None else Decimal(bid_size),
        ask_size=None if ask_size is None else Decimal(ask_size),
        last=None if last is None else Decimal(last),
        volume=Decimal(volume),
    )
