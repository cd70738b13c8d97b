"""Days, weeks and months of a series that was imported as day bars, as they stood at a moment.

A day is kept by its date, whatever the session says: the session decides when within the day its prices came, and so how much
of it a replay has shown.
"""

import asyncio
from typing import NamedTuple

from trading_api.core.bars import fold_days, joined
from trading_api.core.ports import ArchivedBar
from trading_api.core.sessions import DAY_MS, Sessions, day_of, stamp_of
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.plugins.imported.library import DAYS_AROUND, Holding, Library, point, walk

DAYS_PER = {Resolution.D1: 1, Resolution.W1: 7, Resolution.MN1: 31}
PERIODS_BESIDE = 3
"""Weeks or months read beside those asked for: the first may lack its beginning, and the last may lie too late."""


class _Shown(NamedTuple):
    """What had been shown of a day, and the moment of its last price."""

    bar: Bar
    through: int


async def days_of(
    library: Library, holding: Holding, sessions: Sessions, resolution: Resolution, *, before: int, count: int, now: int
) -> Bars:
    """The last `count` bars stamped below `before`, of prices up to and at `now`."""
    longest = DAYS_PER[resolution]
    rows = await library.archive.bars(
        holding.series.name,
        since=0,
        before=min(before + (longest - 1) * DAY_MS, holding.before(now + 1)),
        last=(count + PERIODS_BESIDE) * longest + DAYS_AROUND,
    )
    near = [shown for row in rows[-DAYS_AROUND:] if (shown := _shown(holding, row, now)) is not None]
    days = [*(row.bid for row in rows[:-DAYS_AROUND]), *(shown.bar for shown in near)]
    folded = await asyncio.to_thread(_folded, days, resolution, sessions)
    chosen = tuple(bar for bar in folded if bar.time < before)[-count:]
    if not chosen:
        return Bars((), 0)
    reached = {shown.bar.time: shown.through for shown in near}
    last = (bar.time for bar in days[-longest - DAYS_AROUND :] if _stamp(sessions, bar, resolution) == chosen[-1].time)
    return Bars(chosen, max(reached.get(stamp) or holding.open_in(stamp)[-1][1] - 1 for stamp in last))


def _folded(days: list[Bar], resolution: Resolution, sessions: Sessions) -> list[Bar]:
    return days if resolution is Resolution.D1 else list(fold_days(days, resolution, sessions))


def _stamp(sessions: Sessions, bar: Bar, resolution: Resolution) -> int:
    return stamp_of(sessions.first_day(day_of(bar.time), resolution))


def _shown(holding: Holding, row: ArchivedBar, now: int) -> _Shown | None:
    """None before its first price."""
    end = holding.open_in(row.bid.time)[-1][1]
    if end <= now + 1:
        return _Shown(row.bid, end - 1)
    ticks = [tick for tick in walk(holding, row, "") if tick.time <= now]
    if not ticks:
        return None
    return _Shown(joined(row.bid.time, [point(tick, holding.instrument) for tick in ticks]), ticks[-1].time)
