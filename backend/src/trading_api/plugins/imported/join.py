"""From staged lines to a series: repeats left out, two sides joined, the ask never below the bid."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Literal

from trading_api.core.ports import ArchivedBar
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.stage import ASK, BID, Line

DAY_MS = 86_400_000

Sides = Literal["bid", "ask", "both", "price"]
"""What a series is made of; `price` has no side."""


@dataclass
class Counts:
    """What joining found."""

    duplicates: int = 0
    conflicts: int = 0
    lifted: int = 0
    one_sided: int = 0


def unique(lines: Iterable[Line], counts: Counts) -> Iterator[Line]:
    """One line per time and side: the last to arrive."""
    for _, group in groupby(lines, lambda line: (line.time, line.side)):
        first, *others = group
        kept = first
        for other in others:
            if _values(other) == _values(kept):
                counts.duplicates += 1
            else:
                counts.conflicts += 1
            kept = other
        yield kept


def bars_of(lines: Iterable[Line], step_ms: int, sides: Sides, spread: Decimal, counts: Counts) -> Iterator[ArchivedBar]:
    """Bars of both sides; a minute with one of them takes the last known spread, `spread` before there is one.

    A series of the bid alone, or of a price without a side, has no ask; of the ask alone, a bid `spread` below.
    """
    last_spread = spread
    for _, group in groupby(unique(_stamped(lines, step_ms), counts), lambda line: line.time):
        found = {line.side: _bar(line) for line in group}
        if sides in ("bid", "price"):
            (price,) = found.values()
            yield ArchivedBar(price, None)
            continue
        bid, ask = found.get(BID), found.get(ASK)
        if bid is not None and ask is not None:
            lifted = lift(bid, ask)
            counts.lifted += lifted is not ask
            last_spread = lifted.close - bid.close
            yield ArchivedBar(bid, lifted)
        else:
            counts.one_sided += sides == "both"
            yield _completed(bid, ask, last_spread)


def _completed(bid: Bar | None, ask: Bar | None, spread: Decimal) -> ArchivedBar:
    if bid is not None:
        return ArchivedBar(bid, shifted(bid, spread))
    assert ask is not None, "a group has a line"
    lower = shifted(ask, -spread)
    if lower.low <= 0:
        raise FixRequest(
            "bad_spread", f"Expected a spread below every ask, found {spread} at an ask of {ask.low}.", field="spread"
        )
    return ArchivedBar(lower, ask)


def ticks_of(lines: Iterable[Line], symbol: str, spread: Decimal, counts: Counts, size_unit: Decimal) -> Iterator[Quote]:
    """Quotes in order of time and arrival. Several at one moment are all kept, unless one repeats the one before it."""
    previous: tuple[object, ...] | None = None
    for line in lines:
        values = (line.time, *_values(line))
        if values == previous:
            counts.duplicates += 1
            continue
        previous = values
        bid = Decimal(line.a)
        yield Quote.model_construct(
            symbol=symbol,
            time=line.time,
            bid=bid,
            ask=Decimal(line.b) if line.b else bid + spread,
            bid_size=Decimal(line.d) * size_unit if line.d else None,
            ask_size=Decimal(line.e) * size_unit if line.e else None,
            last=Decimal(line.c) if line.c else None,
            volume=Decimal(line.volume),
        )


def lift(bid: Bar, ask: Bar) -> Bar:
    """The ask, nowhere below the bid; the same object when there was nothing to lift."""
    if ask.open >= bid.open and ask.high >= bid.high and ask.low >= bid.low and ask.close >= bid.close:
        return ask
    return Bar.model_construct(
        time=ask.time,
        open=max(ask.open, bid.open),
        high=max(ask.high, bid.high),
        low=max(ask.low, bid.low),
        close=max(ask.close, bid.close),
        volume=ask.volume,
    )


def shifted(bar: Bar, distance: Decimal) -> Bar:
    return Bar.model_construct(
        time=bar.time,
        open=bar.open + distance,
        high=bar.high + distance,
        low=bar.low + distance,
        close=bar.close + distance,
        volume=bar.volume,
    )


def _stamped(lines: Iterable[Line], step_ms: int) -> Iterable[Line]:
    """Day bars carry the date of their day: 00:00 of it in New York or Tokyo lies less than twelve hours from that of UTC."""
    if step_ms < DAY_MS:
        return lines
    half = DAY_MS // 2
    return (line._replace(time=(line.time + half) // DAY_MS * DAY_MS) for line in lines)


def _bar(line: Line) -> Bar:
    return Bar.model_construct(
        time=line.time,
        open=Decimal(line.a),
        high=Decimal(line.b),
        low=Decimal(line.c),
        close=Decimal(line.d),
        volume=Decimal(line.volume),
    )


def _values(line: Line) -> tuple[Decimal | None, ...]:
    return tuple(Decimal(text) if text else None for text in (line.a, line.b, line.c, line.d, line.e, line.volume))
