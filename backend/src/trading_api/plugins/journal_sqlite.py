"""The journal in one SQLite file.

Kept: one row per fact. A row's checksum covers everything else in the row and the checksum of the account's row before it,
so a changed, missing or moved row is found by whoever reads on from there. What cannot be found that way is a missing end:
for that the last row is written down a second time (journal_head.py), and compared when the journal is opened.

Guaranteed: `append` returns after its facts are committed and flushed. One thread writes; whatever was queued while it
flushed goes into its next transaction together, so many accounts share one flush. Facts of one account are committed in the
order asked.

Not done: a failed write, flush or checkpoint is never tried again. What a disk holds after a failed flush is unknown, so every
append fails from then on, the process stops, and the next start reads what is really there.

An append whose waiter is cancelled may still be written.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, Error
from typing import NamedTuple

from trading_api.core.journal_row import START, Row, seal
from trading_api.core.ports import Clock, Recorded
from trading_api.models.errors import Stopped
from trading_api.models.facts import Fact
from trading_api.plugins.journal_file import (
    ACCOUNTS,
    APPLICATION,
    COLUMNS,
    HEADS,
    LAST,
    LAYOUT,
    SCHEMA,
    end_of,
    new_id,
    page_of,
    place_after,
)
from trading_api.plugins.journal_head import FLUSH_S, Head, HeadFile, head_path
from trading_api.plugins.sqlite_file import open_for_reading, open_for_writing

QUEUED_FACTS_MAX = 20_000
"""Facts waiting for the disk, about a second of it at full rate; whoever brings more waits as well."""
CHECKPOINT_PAGES = 1_000
"""Pages of the log, as estimated, after which they are carried over into the file; SQLite's own measure."""

_COMMIT_PAGES, _PAGE_FACTS = 4, 8
_INSERT = f"INSERT INTO facts (position, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class _Head(NamedTuple):
    """Where an account's next fact goes, counting what is queued."""

    sequence: int
    checksum: bytes


class _Append(NamedTuple):
    rows: Sequence[Row]
    done: "asyncio.Future[None]"


class SqliteJournal:
    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        end = end_of(path)
        self._connection = open_for_writing(path, application=APPLICATION, schema_version=LAYOUT, schema=SCHEMA)
        try:
            self._id = _identify(self._connection, clock.now())
            self._heads = {account: _Head(*head) for account, *head in self._connection.execute(HEADS)}
            self._head_file = HeadFile(head_path(path), end)
            # Last: from this layout on, a journal without its head is one that has lost it.
            self._connection.execute(f"PRAGMA user_version = {LAYOUT}")
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        except (Error, OSError) as error:
            self._connection.close()
            raise Stopped(f"expected to open the journal {path}, found: {error}") from error
        self._row = end.row
        self._log_pages = 0
        self._queue: deque[_Append] = deque()
        self._queued = 0
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: Stopped | None = None
        self._closing = False
        self._wake = threading.Condition()
        self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
        self._writer.start()

    @property
    def id(self) -> str:
        return self._id

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        self._loop = asyncio.get_running_loop()
        done = self._loop.create_future()
        async with self._turn:  # so that those who wait for room are served in the order they came
            await self._wait_for_room(len(facts))
            with self._wake:
                self._admit(account_id, after)
                rows = self._seal(account_id, facts)
                self._heads[account_id] = _Head(rows[-1].sequence, rows[-1].checksum)
                self._queue.append(_Append(rows, done))
                self._queued += len(rows)
                self._wake.notify()
        await done

    async def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        with closing(await asyncio.to_thread(open_for_reading, self._path)) as connection:
            place = await asyncio.to_thread(place_after, connection, self._path, account_id, after)
            while True:
                first = place.sequence + 1
                facts, place = await asyncio.to_thread(page_of, connection, self._path, account_id, place)
                if not facts:
                    return
                for sequence, fact in enumerate(facts, first):
                    yield Recorded(sequence, fact)

    async def last(self, account_id: str) -> Recorded | None:
        return await asyncio.to_thread(self._last, account_id)

    async def mark(self, account_id: str, sequence: int) -> str | None:
        return await asyncio.to_thread(self._mark, account_id, sequence)

    async def accounts(self) -> Sequence[str]:
        return await asyncio.to_thread(self._accounts)

    async def close(self) -> None:
        """Write what is queued, then let go of the file."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._room.set()
        await asyncio.to_thread(self._writer.join)

    async def _wait_for_room(self, count: int) -> None:
        while self._queued and self._queued + count > QUEUED_FACTS_MAX and not self._stopped and not self._closing:
            self._room.clear()
            await self._room.wait()

    def _admit(self, account_id: str, after: int) -> None:
        if self._closing:
            raise Stopped(f"the journal {self._path} has been closed")
        if self._stopped:
            raise Stopped(str(self._stopped))
        found = self._head(account_id).sequence
        if found != after:
            self._stopped = Stopped(
                f"expected the last fact of account {account_id} in {self._path} to be {after}, found {found}: "
                "somebody else writes it"
            )
            raise self._stopped

    def _head(self, account_id: str) -> _Head:
        return self._heads.get(account_id, _Head(0, START))

    def _seal(self, account_id: str, facts: Sequence[Fact]) -> list[Row]:
        head, recorded_at, rows = self._head(account_id), self._clock.now(), list[Row]()
        for fact in facts:
            row = seal(fact, account=account_id, sequence=head.sequence + 1, recorded_at=recorded_at, previous=head.checksum)
            head = _Head(row.sequence, row.checksum)
            rows.append(row)
        return rows

    def _write(self) -> None:
        """The writer thread: everything queued, one transaction, one flush, the answers, and then what can wait."""
        batch: list[_Append] = []
        try:
            while batch := self._take():
                self._commit(batch)
                self._head_file.write(self._last_row(batch))
                self._answer(batch, None)
                batch = []
                self._head_file.flush_when_due()
                self._carry_over_when_due()
            self._head_file.close()
            self._connection.close()
        except Exception as error:
            # Whatever it was: the facts may be lost, and those who wait for them must hear it.
            self._fail(batch, error)  # without closing: that would write to the same disk

    def _take(self) -> list[_Append]:
        """What is queued, waited for; nothing once the journal is to be closed."""
        while True:
            with self._wake:
                if self._wake.wait_for(lambda: self._queue or self._closing, FLUSH_S if self._head_file.dirty else None):
                    batch = list(self._queue)
                    self._queue.clear()
                    self._queued = 0
                    return batch
            self._head_file.flush()

    def _commit(self, batch: Sequence[_Append]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for append in batch:
            self._connection.executemany(_INSERT, ((self._row + place, *row) for place, row in enumerate(append.rows, 1)))
            self._row += len(append.rows)
            self._log_pages += len(append.rows) // _PAGE_FACTS
        self._connection.execute("COMMIT")
        self._log_pages += _COMMIT_PAGES

    def _last_row(self, batch: Sequence[_Append]) -> Head:
        row = batch[-1].rows[-1]
        return Head(self._row, row.account, row.sequence, row.checksum)

    def _carry_over_when_due(self) -> None:
        """The log into the file, after the answers. SQLite would do it by itself, and keep quiet when the disk refuses."""
        if self._log_pages >= CHECKPOINT_PAGES:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._log_pages = 0

    def _fail(self, batch: list[_Append], error: Exception) -> None:
        with self._wake:
            self._stopped = Stopped(
                f"expected to write the journal {self._path}, found: {error}; start again once that is repaired"
            )
            batch = batch + list(self._queue)
            self._queue.clear()
        self._answer(batch, self._stopped)

    def _answer(self, batch: Sequence[_Append], failure: Stopped | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all, batch, failure)

    def _wake_all(self, batch: Sequence[_Append], failure: Stopped | None) -> None:
        self._room.set()
        for append in batch:
            if append.done.done():  # its waiter was cancelled
                continue
            if failure:
                append.done.set_exception(Stopped(str(failure)))
            else:
                append.done.set_result(None)

    def _last(self, account_id: str) -> Recorded | None:
        with closing(open_for_reading(self._path)) as connection:
            (sequence,) = connection.execute(LAST, (account_id,)).fetchone()
            if sequence is None:
                return None
            before = place_after(connection, self._path, account_id, sequence - 1)
            facts, _ = page_of(connection, self._path, account_id, before, rows=1)
            return Recorded(sequence, facts[0])

    def _mark(self, account_id: str, sequence: int) -> str | None:
        with closing(open_for_reading(self._path)) as connection:
            place = place_after(connection, self._path, account_id, sequence)
            return place.checksum.hex() if place.checksum is not None else None

    def _accounts(self) -> list[str]:
        with closing(open_for_reading(self._path)) as connection:
            return [account for (account,) in connection.execute(ACCOUNTS)]


def _identify(connection: Connection, now: int) -> str:
    found = connection.execute("SELECT id FROM journal").fetchone()
    if found is None:
        found = (new_id(),)
        connection.execute("INSERT INTO journal VALUES (?, ?)", (*found, now))
    return str(found[0])
