"""The journal's SQLite file: its table, how rows are read from it, and whether its end is there. Not a plug: what reads or
writes the file stands on it."""

import secrets
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, DatabaseError, Error, connect
from typing import NamedTuple

from trading_api.core.journal_row import START, Damaged, Row, unseal
from trading_api.models.errors import Stopped
from trading_api.models.facts import Fact
from trading_api.plugins.journal_head import NONE, Head, head_path, read_head
from trading_api.plugins.sqlite_file import open_at_rest

PAGE_ROWS = 500
"""Rows decoded per step when reading, a few milliseconds of a worker thread."""
ID_BYTES = 6

APPLICATION = 0x7452_4A4C
LAYOUT = 2
"""Since 2 the last row is written down beside the file as well."""
SCHEMA = """
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
COLUMNS = "account, sequence, format, time, recorded_at, body, checksum"
HEADS = "SELECT account, sequence, checksum FROM facts WHERE position IN (SELECT max(position) FROM facts GROUP BY account)"
ACCOUNTS = "SELECT DISTINCT account FROM facts ORDER BY account"
LAST = "SELECT max(sequence) FROM facts WHERE account = ?"
_PAGE = f"SELECT {COLUMNS} FROM facts WHERE account = ? AND sequence > ? ORDER BY sequence LIMIT ?"
_CHECKSUM = "SELECT checksum FROM facts WHERE account = ? AND sequence = ?"
_END = "SELECT position, account, sequence, checksum FROM facts ORDER BY position DESC LIMIT 1"
_ROW = "SELECT position, account, sequence, checksum FROM facts WHERE position = ?"
_BODY = "SELECT body FROM facts WHERE position = ?"
_COUNTS = "SELECT account, count(*), max(sequence) FROM facts GROUP BY account ORDER BY account"
_SEQUENCES = "SELECT sequence FROM facts WHERE account = ? ORDER BY sequence"


class Place(NamedTuple):
    """Where a reader stands in an account: the last fact read, and its checksum (None when that row is not there)."""

    sequence: int
    checksum: bytes | None


def place_after(connection: Connection, path: Path, account_id: str, sequence: int) -> Place:
    if sequence == 0:
        return Place(0, START)
    try:
        found = connection.execute(_CHECKSUM, (account_id, sequence)).fetchone()
    except Error as error:
        raise _unreadable(path, sequence, account_id, error) from error
    return Place(sequence, found[0] if found else None)


def page_of(
    connection: Connection, path: Path, account_id: str, place: Place, rows: int = PAGE_ROWS
) -> tuple[list[Fact], Place]:
    """The account's next facts, each found whole and in its place, and where they end."""
    facts = list[Fact]()
    sequence, checksum = place
    try:
        for columns in connection.execute(_PAGE, (account_id, sequence, rows)).fetchall():
            if checksum is None:
                raise Damaged(f"expected fact {sequence} before it, found none")
            row = Row(*columns)
            facts.append(unseal(row, sequence=sequence + 1, previous=checksum))
            sequence, checksum = row.sequence, row.checksum
    except (Damaged, Error) as error:
        raise _unreadable(path, sequence + 1, account_id, error) from error
    return facts, Place(sequence, checksum)


def counts(connection: Connection) -> dict[str, int]:
    """How many facts each account has, sorted by account."""
    return {account: count for account, count, _ in connection.execute(_COUNTS)}


def end_of(path: Path) -> Head:
    """The last row, once everything that was committed has been found. Reads only: what is refused stays as it was found."""
    known = read_head(head_path(path))
    if not path.exists() or path.stat().st_size == 0:
        if known and known.row:
            raise _cut(path, known, 0)
        return NONE
    try:
        with closing(open_at_rest(path)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if application != APPLICATION:
                return _strange(path, known)
            connection.execute("BEGIN")  # all of it as of one moment: a server may be writing
            end = last_committed(connection)
            _check_head(connection, path, known, end)
            _check_counts(connection, path, end)
            return end
    except Error as error:
        if known and known.row:
            raise Stopped(f"the journal {path} cannot be read at row {_first_unreadable(path)}: {error}") from error
        raise Stopped(f"expected to open the database {path}, found: {error}") from error


def rename(path: Path) -> None:
    """Give the journal another id, so that no client takes what follows for the rest of what it has been told."""
    with closing(connect(path)) as connection, connection:
        connection.execute("UPDATE journal SET id = ?", (new_id(),))


def new_id() -> str:
    return secrets.token_hex(ID_BYTES)


def last_committed(connection: Connection) -> Head:
    """The last row as it is there, checked against nothing."""
    found = connection.execute(_END).fetchone()
    if found is None:
        return NONE
    end = Head(*found)
    if not (isinstance(end.account, str) and isinstance(end.sequence, int) and isinstance(end.checksum, bytes)):
        raise DatabaseError(f"row {end.row} has other columns than it was written with")
    return end


def _strange(path: Path, known: Head | None) -> Head:
    """Not a journal, or one whose first start was cut off; opening it for writing tells which."""
    if known and known.row:
        raise _cut(path, known, 0)
    return NONE


def _check_head(connection: Connection, path: Path, known: Head | None, end: Head) -> None:
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if known is None:
        if layout >= LAYOUT and end.row:
            raise Stopped(
                f"expected {head_path(path)} to say where the journal {path} ends, found it missing or damaged: "
                "restore a backup, or take the journal as it is with: trading-api verify --accept-end"
            )
        return
    if known.row and connection.execute(_ROW, (known.row,)).fetchone() != known:
        raise _cut(path, known, end.row)


def _cut(path: Path, known: Head, row: int) -> Stopped:
    return Stopped(
        f"the journal {path} cannot be read at fact {known.sequence} of account {known.account}: row {known.row} was "
        f"committed, found the journal to end at row {row} or another fact in that place; "
        "restore a backup, or take what is left with: trading-api verify --accept-end"
    )


def _check_counts(connection: Connection, path: Path, end: Head) -> None:
    """Every row from the first to the last is there: the table's own numbers and the accounts' have no gap."""
    rows = 0
    for account, count, sequence in connection.execute(_COUNTS).fetchall():
        rows += count
        if count != sequence:
            missing = _first_missing(connection, account)
            raise Stopped(
                f"the journal {path} cannot be read at fact {missing} of account {account}: expected fact {missing}, found none"
            )
    if rows != end.row:
        raise Stopped(f"the journal {path} cannot be read at row {end.row}: expected as many facts, found {rows}")


def _first_missing(connection: Connection, account: str) -> int:
    expected = 1
    for (sequence,) in connection.execute(_SEQUENCES, (account,)):
        if sequence != expected:
            break
        expected += 1
    return expected


def _first_unreadable(path: Path) -> int:
    """The first row that is damaged or not there, one after the other: nothing but the table itself is trusted."""
    row = 0
    try:
        with closing(open_at_rest(path)) as connection:
            while connection.execute(_BODY, (row + 1,)).fetchone():
                row += 1
    except Error:
        pass  # which says it as well
    return row + 1


def _unreadable(path: Path, sequence: int, account_id: str, error: Exception) -> Stopped:
    return Stopped(f"the journal {path} cannot be read at fact {sequence} of account {account_id}: {error}")
