"""Where an import's lines wait, sorted, on the disk: so a file may be larger than memory and in any order.

Memory held: SQLite's page cache and one batch. A stage belongs to one import and is thrown away with its folder, so it is
not durable.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

CACHE_KIB = 32_768
BATCH_LINES = 5_000

BID, ASK, PRICE, TICK = 0, 1, 2, 3
"""What a staged line holds: a bar of one side, a bar of a price that has no side, or a tick."""

HALF_HOUR_MS = 1_800_000

_SCHEMA = """
CREATE TABLE lines (
    time INTEGER NOT NULL, side INTEGER NOT NULL, place INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
    a TEXT NOT NULL, b TEXT NOT NULL, c TEXT NOT NULL, d TEXT NOT NULL, volume TEXT NOT NULL, e TEXT NOT NULL,
    PRIMARY KEY (time, side, place)) WITHOUT ROWID
"""


class Line(NamedTuple):
    """One staged line. Of a bar, a to d are open, high, low, close; of a tick, a to e are bid, ask, last trade and two sizes,
    empty where unknown."""

    time: int
    side: int
    place: int
    file: int
    line: int
    a: str
    b: str
    c: str
    d: str
    volume: str
    e: str = ""


class Stage:
    """Lines by time, side and order of arrival."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KIB}", "locking_mode = EXCLUSIVE"):
            self._connection.execute(f"PRAGMA {pragma}")
        if not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._connection.execute(_SCHEMA)

    def add(self, lines: Iterable[Line]) -> int:
        """How many were added."""
        count = 0
        iterator = iter(lines)
        while batch := list(islice(iterator, BATCH_LINES)):
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batch)
            self._connection.execute("COMMIT")
            count += len(batch)
        return count

    def __iter__(self) -> Iterator[Line]:
        cursor = self._connection.execute("SELECT * FROM lines ORDER BY time, side, place")
        while rows := cursor.fetchmany(BATCH_LINES):
            yield from map(Line._make, rows)

    def sides(self) -> set[int]:
        return {int(row[0]) for row in self._connection.execute("SELECT DISTINCT side FROM lines")}

    def usual_gap(self) -> int | None:
        """The commonest distance between neighbouring times, the smaller of two equally common."""
        row = self._connection.execute(
            "SELECT gap FROM (SELECT time - lag(time) OVER (ORDER BY time) AS gap FROM (SELECT DISTINCT time FROM lines))"
            " WHERE gap IS NOT NULL GROUP BY gap ORDER BY count(*) DESC, gap LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    def off_grid(self, step_ms: int) -> Line | None:
        """The first line whose time is not a multiple of the step."""
        row = self._connection.execute(
            "SELECT * FROM lines WHERE time % ? != 0 ORDER BY file, line LIMIT 1", (step_ms,)
        ).fetchone()
        return None if row is None else Line._make(row)

    def too_close(self, step_ms: int) -> Line | None:
        """The first line that begins before the bar in front of it has ended."""
        row = self._connection.execute(
            "SELECT * FROM lines WHERE time = (SELECT min(time) FROM ("
            "  SELECT time, time - lag(time) OVER (ORDER BY time) AS gap FROM (SELECT DISTINCT time FROM lines))"
            "  WHERE gap < ?) LIMIT 1",
            (step_ms,),
        ).fetchone()
        return None if row is None else Line._make(row)

    def half_hours(self) -> list[int]:
        """Every half hour that has a line, as its start."""
        rows = self._connection.execute(f"SELECT DISTINCT time / {HALF_HOUR_MS} FROM lines ORDER BY 1")
        return [int(row[0]) * HALF_HOUR_MS for row in rows]

    def turn(self, side: int, into: int) -> None:
        """Call one side's lines another side's."""
        self._connection.execute("UPDATE lines SET side = ?, place = place + 1000000000000 WHERE side = ?", (into, side))

    def close(self) -> None:
        self._connection.close()
