"""The journal in one SQLite file.

Kept: one row per fact. A row's checksum covers everything else in the row and the checksum of the account's row before it,
so a changed, missing or moved row is found by whoever reads on from there. What cannot be found that way is a missing end.

Guaranteed: `append` returns after its facts are committed and flushed. One thread writes; whatever was queued while it
flushed goes into its next transaction together, so many accounts share one flush. Facts of one account are committed in the
order asked.

Not done: a failed write is never tried again. What a disk holds after a failed flush is unknown, so every append fails from
then on, the process stops, and the next start reads what is really there.

An append whose waiter is cancelled may still be written.
"""

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, Error
from typing import NamedTuple

from trading_api.core.journal_row import START, Damaged, Row, seal, unseal
from trading_api.core.ports import Clock, Recorded
from trading_api.models.errors import Stopped, TryLater
from trading_api.models.facts import Fact
from trading_api.plugins.sqlite_file import open_for_reading, open_for_writing

QUEUED_FACTS_MAX = 20_000
"""Facts waiting for the disk, about a second of it at full rate; a caller beyond that is asked to come back."""
PAGE_ROWS = 500
"""Rows decoded per step when reading, a few milliseconds of a worker thread."""
ID_BYTES = 6

_APPLICATION = 0x7452_4A4C
_LAYOUT = 1
_SCHEMA = """
    CREATE TABLE journal (id TEXT NOT NULL, created_at INTEGER NOT NULL);
    CREATE TABLE facts (
        position INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        format INTEGER NOT NULL,
        time INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        checksum BLOB NOT NULL,
        UNIQUE (account, sequence)
    )
"""
_COLUMNS = "account, sequence, format, time, recorded_at, body, checksum"
_INSERT = f"INSERT INTO facts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_PAGE = f"SELECT {_COLUMNS} FROM facts WHERE account = ? AND sequence > ? ORDER BY sequence LIMIT ?"
_CHECKSUM = "SELECT checksum FROM facts WHERE account = ? AND sequence = ?"
_HEADS = "SELECT account, sequence, checksum FROM facts WHERE position IN (SELECT max(position) FROM facts GROUP BY account)"
_ACCOUNTS = "SELECT DISTINCT account FROM facts ORDER BY account"


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
        self._connection = open_for_writing(path, application=_APPLICATION, schema_version=_LAYOUT, schema=_SCHEMA)
        self._id = _identify(self._connection, clock.now())
        self._heads = {account: _Head(sequence, checksum) for account, sequence, checksum in self._connection.execute(_HEADS)}
        self._queue: deque[_Append] = deque()
        self._queued = 0
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
        done = asyncio.get_running_loop().create_future()
        with self._wake:
            self._admit(account_id, after, len(facts))
            rows = self._seal(account_id, facts)
            self._heads[account_id] = _Head(rows[-1].sequence, rows[-1].checksum)
            self._queue.append(_Append(rows, done))
            self._queued += len(rows)
            self._wake.notify()
        await done

    async def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        with closing(await asyncio.to_thread(open_for_reading, self._path)) as connection:
            checksum = await asyncio.to_thread(self._checksum, connection, account_id, after)
            while page := await asyncio.to_thread(self._page, connection, account_id, after, checksum):
                for row, fact in page:
                    yield Recorded(row.sequence, fact)
                after, checksum = page[-1][0].sequence, page[-1][0].checksum

    async def accounts(self) -> Sequence[str]:
        return await asyncio.to_thread(self._accounts)

    async def close(self) -> None:
        """Write what is queued, then let go of the file."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        await asyncio.to_thread(self._writer.join)

    def _admit(self, account_id: str, after: int, count: int) -> None:
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
        if self._queued + count > QUEUED_FACTS_MAX:
            raise TryLater("busy", f"expected the disk to keep up, found {self._queued} facts waiting for it: try again")

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
        """The writer thread: everything queued, one transaction, one flush, and then the answers."""
        while batch := self._take():
            try:
                self._commit(batch)
            except Exception as error:
                # Whatever it was: the facts may be lost, and those who wait for them must hear it.
                self._fail(batch, error)
                return  # without closing: that would write to the same disk
            self._answer(batch, None)
        self._connection.close()

    def _take(self) -> list[_Append]:
        with self._wake:
            self._wake.wait_for(lambda: self._queue or self._closing)
            batch = list(self._queue)
            self._queue.clear()
            self._queued = 0
            return batch

    def _commit(self, batch: Sequence[_Append]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for append in batch:
            self._connection.executemany(_INSERT, append.rows)
        self._connection.execute("COMMIT")

    def _fail(self, batch: list[_Append], error: Exception) -> None:
        with self._wake:
            self._stopped = Stopped(
                f"expected to write the journal {self._path}, found: {error}; start again once that is repaired"
            )
            batch += self._queue
            self._queue.clear()
        self._answer(batch, self._stopped)

    def _answer(self, batch: Sequence[_Append], failure: Stopped | None) -> None:
        loop = batch[0].done.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake_all, batch, failure)

    def _checksum(self, connection: Connection, account_id: str, sequence: int) -> bytes | None:
        if sequence == 0:
            return START
        found = connection.execute(_CHECKSUM, (account_id, sequence)).fetchone()
        return found[0] if found else None

    def _page(self, connection: Connection, account_id: str, after: int, checksum: bytes | None) -> list[tuple[Row, Fact]]:
        page = list[tuple[Row, Fact]]()
        try:
            for columns in connection.execute(_PAGE, (account_id, after, PAGE_ROWS)):
                row = Row(*columns)
                if checksum is None:
                    raise Damaged(f"expected fact {after} before it, found none")
                page.append((row, unseal(row, sequence=after + 1, previous=checksum)))
                after, checksum = row.sequence, row.checksum
        except (Damaged, Error) as error:
            raise Stopped(
                f"the journal {self._path} cannot be read at fact {after + 1} of account {account_id}: {error}"
            ) from error
        return page

    def _accounts(self) -> list[str]:
        with closing(open_for_reading(self._path)) as connection:
            return [account for (account,) in connection.execute(_ACCOUNTS)]


def _identify(connection: Connection, now: int) -> str:
    found = connection.execute("SELECT id FROM journal").fetchone()
    if found is None:
        found = (secrets.token_hex(ID_BYTES),)
        connection.execute("INSERT INTO journal VALUES (?, ?)", (*found, now))
    return str(found[0])


def _wake_all(batch: Sequence[_Append], failure: Stopped | None) -> None:
    for append in batch:
        if append.done.done():  # its waiter was cancelled
            continue
        if failure:
            append.done.set_exception(Stopped(str(failure)))
        else:
            append.done.set_result(None)
