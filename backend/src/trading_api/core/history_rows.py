"""Rows of one kind in one account's history, oldest first: short columns to search by, and the rows packed away by pages.

A row costs about a hundred bytes. The newest ones are held; of older ones only their number.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from pydantic_core import to_json

from trading_api.models.base import Model
from trading_api.models.broker.orders import OrderStatus, OrderType, Side

PAGE_ROWS = 128
"""Rows packed together: reading one of them unpacks them all, a fraction of a millisecond."""

Row = TypeVar("Row", bound=Model)


class Tag(NamedTuple):
    """What rows are told apart by."""

    symbol: str | None = None
    side: Side | None = None
    status: OrderStatus | None = None
    type: OrderType | None = None


class Wanted(NamedTuple):
    """Which rows are asked for. What is None does not matter; `since` is included, `until` is not."""

    tag: Tag = Tag()
    since: int | None = None
    until: int | None = None
    id: str | None = None

    def allows(self, tag: Tag) -> bool:
        return all(mine is None or mine == other for mine, other in zip(self.tag, tag, strict=True))

    def includes(self, id: str, time: int, tag: Tag) -> bool:
        in_time = (self.since is None or time >= self.since) and (self.until is None or time < self.until)
        return in_time and self.id in (None, id) and self.allows(tag)


ANY = Wanted()


class Keep(NamedTuple):
    """Which rows are held at all: the newest `rows` of those wanted, and none from the one named on."""

    rows: int
    only: Wanted = Wanted()
    until_id: str | None = None
    ends: Sequence[int] = ()
    """Ascending moments: of the payments between two of them only the sum is held."""


class Rows(Generic[Row]):
    """`add` in the order of time. Positions count from the first row ever added, so they stay when old rows are let go."""

    def __init__(self, model: type[Row], keep: Keep) -> None:
        self._model = model
        self._keep = keep
        self.stopped = False
        """Whether the row that ends them has come by."""
        self.first = 0
        """How many rows have been let go."""
        self._ids: array[int] = array("q")
        self._times: array[int] = array("q")
        self._facts: array[int] = array("q")
        self._tags: array[int] = array("L")
        self._known: dict[Tag, int] = {}
        self._pages: list[bytes] = []
        self._open: list[Row] = []

    def __len__(self) -> int:
        """How many are held."""
        return len(self._ids)

    @property
    def end(self) -> int:
        """The position after the last row."""
        return self.first + len(self._ids)

    def add(self, row: Row, *, id: str, time: int, fact: int, tag: Tag) -> None:
        self.stopped = self.stopped or id == self._keep.until_id
        if self.stopped or not self._keep.only.includes(id, time, tag):
            return
        self._ids.append(hash(id))
        self._times.append(time)
        self._facts.append(fact)
        self._tags.append(self._known.setdefault(tag, len(self._known)))
        self._open.append(row)
        if len(self._open) == PAGE_ROWS:
            self._pages.append(_packed(self._open))
            self._open = []
            if len(self) - PAGE_ROWS >= self._keep.rows:
                self._let_go()

    def _let_go(self) -> None:
        del self._pages[0]
        for column in (self._ids, self._times, self._facts, self._tags):
            del column[:PAGE_ROWS]
        self.first += PAGE_ROWS

    def position(self, id: str) -> int | None:
        """Of the latest row with this id."""
        try:
            return self.end - 1 - self._ids[::-1].index(hash(id))
        except ValueError:
            return None

    def before(self, time: int) -> int:
        """The position of the first held row at `time` or later."""
        return self.first + bisect_left(self._times, time)

    def find(self, wanted: Wanted, *, end: int, limit: int) -> list[int]:
        """Positions of the last `limit` matching rows before `end`, ascending."""
        if wanted.id is not None:
            position = self.position(wanted.id)
            return [] if position is None else [position]
        start = self.first if wanted.since is None else self.before(wanted.since)
        end = end if wanted.until is None else min(end, self.before(wanted.until))
        tags = {number for tag, number in self._known.items() if wanted.allows(tag)}
        if len(tags) == len(self._known):
            return list(range(max(start, end - limit), end))
        found: list[int] = []
        for position in range(end - 1, start - 1, -1):
            if self._tags[position - self.first] in tags:
                found.append(position)
                if len(found) == limit:
                    break
        return found[::-1]

    def fact(self, position: int) -> int:
        """The fact that made the row."""
        return self._facts[position - self.first]

    def at(self, positions: Iterable[int]) -> list[Row]:
        """The rows at ascending positions."""
        rows: list[Row] = []
        page, lines = -1, list[bytes]()
        packed = len(self._pages) * PAGE_ROWS
        for position in positions:
            place = position - self.first
            if place >= packed:
                rows.append(self._open[place - packed])
                continue
            if place // PAGE_ROWS != page:
                page = place // PAGE_ROWS
                lines = zlib.decompress(self._pages[page]).split(b"\n")
            rows.append(self._model.model_validate_json(lines[place % PAGE_ROWS]))
        return rows


def _packed(rows: Sequence[Model]) -> bytes:
    """Field by field, without the models' own form for the wire: amounts as strings, so that they come back digit for digit."""
    return zlib.compress(b"\n".join(to_json(vars(row), exclude_none=True) for row in rows), 1)
