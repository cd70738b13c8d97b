"""Marks: what the caller's accounts have done in a symbol, on the bars of a chart. Pure: rows in, marks out.

A bar has at most MARKS_OF_BAR_MAX marks, as charts allow; of more executions in one bar the latest have a mark each, and
one mark says how many were before them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trading_api.core.rollover import dividends
from trading_api.core.sessions import Sessions, sessions_of
from trading_api.core.times import clock_text
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.history import StatementLine
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import Instrument
from trading_api.models.udf_marks import Colour, Marks, TimescaleMark

MARKS_OF_BAR_MAX = 10
MARK_SIZE = 14


class Asked(NamedTuple):
    """Bars from `since` to `until`, both included, in milliseconds."""

    instrument: Instrument
    resolution: Resolution
    since: int
    until: int

    def bar_of(self, time: int) -> int:
        """The stamp of the bar a moment belongs to; while closed, of the last one."""
        return _bar_of(sessions_of(self.instrument), self.resolution, time)

    def holds(self, stamp: int) -> bool:
        return self.since <= stamp <= self.until


class Done(NamedTuple):
    """A fill, and whose."""

    account: str
    fill: Execution


class Moved(NamedTuple):
    """Money that moved without a trade, whose, and in which currency."""

    account: str
    currency: str
    line: StatementLine


class _Mark(NamedTuple):
    id: str
    time: int
    colour: Colour
    text: str
    label: str


def marks_of(asked: Asked, done: Iterable[Done]) -> Marks:
    bars: dict[int, list[Done]] = {}
    for one in sorted(done, key=lambda each: each.fill.time):
        stamp = asked.bar_of(one.fill.time)
        if asked.holds(stamp):
            bars.setdefault(stamp, []).append(one)
    marks = [mark for stamp, fills in sorted(bars.items()) for mark in _of_bar(stamp, fills)]
    return Marks(
        id=tuple(mark.id for mark in marks),
        time=tuple(mark.time // 1000 for mark in marks),
        color=tuple(mark.colour for mark in marks),
        text=tuple(mark.text for mark in marks),
        label=tuple(mark.label for mark in marks),
        label_font_colour=("white",) * len(marks),
        size=(MARK_SIZE,) * len(marks),
    )


def _of_bar(stamp: int, fills: Sequence[Done]) -> Iterator[_Mark]:
    if len(fills) > MARKS_OF_BAR_MAX:
        older = fills[: 1 - MARKS_OF_BAR_MAX]
        fills = fills[1 - MARKS_OF_BAR_MAX :]
        yield _Mark(f"{_id(older[-1])}+", stamp, "yellow", f"{len(older)} executions before those shown", str(len(older)))
    for one in fills:
        yield _mark(stamp, one)


def _mark(stamp: int, one: Done) -> _Mark:
    fill, bought = one.fill, one.fill.side > 0
    text = f"{'Bought' if bought else 'Sold'} {fill.quantity:f} at {fill.price:f}, {clock_text(fill.time)}, {one.account}"
    return _Mark(_id(one), stamp, "green" if bought else "red", text, "B" if bought else "S")


def _id(one: Done) -> str:
    return f"{one.account}/{one.fill.id}"


def timescale_marks_of(asked: Asked, now: int, moved: Iterable[Moved]) -> list[TimescaleMark]:
    """Dividends that have been paid are known to everyone; what accounts have paid and earned is told beside them."""
    told: dict[tuple[int, str], list[str]] = {}
    for time in _dividends(asked, now):
        stamp = asked.bar_of(time)
        if asked.holds(stamp):
            told.setdefault((stamp, "dividend"), []).append(_paid(asked.instrument))
    for one in moved:
        stamp = asked.bar_of(one.line.time)
        if one.line.kind in _LABELS and asked.holds(stamp):
            told.setdefault((stamp, one.line.kind), []).append(_booked(one))
    return [
        TimescaleMark(
            id=f"{kind}/{stamp // 1000}", time=stamp // 1000, color=_COLOURS[kind], label=_LABELS[kind], tooltip=tuple(lines)
        )
        for (stamp, kind), lines in sorted(told.items())
    ]


_LABELS = {"dividend": "D", "swap": "S", "correction": "C"}
_COLOURS: dict[str, Colour] = {"dividend": "blue", "swap": "yellow", "correction": "red"}


def _dividends(asked: Asked, now: int) -> Iterator[int]:
    dividend = asked.instrument.dividend
    if dividend is None:
        return
    last = min(now, _end_of(asked))
    for one in dividends(dividend, sessions_of(asked.instrument), asked.instrument.timezone, asked.since - 1):
        if one.time > last:
            return
        yield one.time


def _end_of(asked: Asked) -> int:
    """Of the bar that `until` falls into: its stamp may lie before what happens in it."""
    sessions = sessions_of(asked.instrument)
    return sessions.bar_span(asked.bar_of(asked.until), asked.resolution)[1]


def _paid(instrument: Instrument) -> str:
    assert instrument.dividend is not None
    return f"Dividend of {instrument.dividend.amount:f} {instrument.currency} a share"


def _booked(one: Moved) -> str:
    names: dict[str, Callable[[StatementLine], str]] = {
        "dividend": lambda _: "Dividend",
        "swap": lambda line: f"Swap for {line.nights or 1} night{'s' if (line.nights or 1) > 1 else ''}",
        "correction": lambda _: "Correction",
    }
    return f"{names[one.line.kind](one.line)}: {one.line.amount:+f} {one.currency}, {one.account}"


def _bar_of(sessions: Sessions, resolution: Resolution, time: int) -> int:
    found = sessions.bar_start(time, resolution)
    return next(sessions.spans_back(time + 1, resolution)).stamp if found is None else found
