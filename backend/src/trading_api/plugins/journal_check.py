"""Reads a journal through and says everything that is wrong with it, beside a running server or without one."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from trading_api.models.errors import Stopped
from trading_api.plugins.journal_file import Place, counts, end_of, last_committed, page_of, place_after, rename
from trading_api.plugins.journal_head import HeadFile, head_path
from trading_api.plugins.sqlite_file import open_at_rest

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class Walk(NamedTuple):
    """What was found."""

    facts: dict[str, int]
    """How many are whole, by account."""
    times: dict[str, int]
    """Market time of the last of them."""
    damages: list[str]


def read_through(path: Path, progress: Progress) -> Walk:
    """Every fact of every account, each compared with its checksum and the one before it; and the end."""
    walk = Walk({}, {}, [])
    try:
        end_of(path)
    except Stopped as stopped:
        walk.damages.append(str(stopped))
    try:
        with closing(open_at_rest(path)) as connection:
            _read_accounts(connection, path, walk, progress)
    except sqlite3.Error as error:
        walk.damages.append(f"the journal {path} cannot be read: {error}")
    return walk


def write_end(path: Path) -> None:
    """Write down the last row that is there as the journal's end."""
    with closing(open_at_rest(path)) as connection:
        end = last_committed(connection)
    HeadFile(head_path(path), end).close()


def accept_end(path: Path) -> None:
    """Take the rows that are there for all there ever were. Under another id, since clients may have seen more."""
    try:
        rename(path)
        write_end(path)
    except (sqlite3.Error, OSError) as error:
        raise Stopped(f"expected to write where the journal {path} ends, found: {error}") from error


def _read_accounts(connection: sqlite3.Connection, path: Path, walk: Walk, progress: Progress) -> None:
    expected = counts(connection)
    total, done = sum(expected.values()), 0
    for account_id in expected:
        place: Place | None = place_after(connection, path, account_id, 0)
        while place is not None:
            before = place.sequence
            place = _read_page(connection, path, account_id, place, walk)
            done += walk.facts.get(account_id, 0) - before
            progress(done, total)


def _read_page(connection: sqlite3.Connection, path: Path, account_id: str, place: Place, walk: Walk) -> Place | None:
    """The place after the account's next page; None behind the last one, or where it is damaged."""
    try:
        facts, after = page_of(connection, path, account_id, place)
    except Stopped as stopped:
        if str(stopped) not in walk.damages:
            walk.damages.append(str(stopped))
        return None
    walk.facts[account_id] = after.sequence
    if not facts:
        return None
    walk.times[account_id] = facts[-1].time
    return after
