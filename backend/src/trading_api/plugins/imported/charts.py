"""Bars of imported prices at any resolution, as they stood at a moment: nothing later is in them.

Base bars that were complete then, or quarter hours made of them, and the ticks of the one that was open are folded; bars of
seconds out of ticks alone, where a series has them. Day bars of a series are folded once and kept, and weeks and months are
made of days. A series that came as days is told in days.py.
"""

import asyncio
import re
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from trading_api.core.bars import fold, fold_days, joined
from trading_api.core.sessions import Sessions, Span, sessions_of
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.days import DAYS_PER, days_of
from trading_api.plugins.imported.library import Holding, Library, point

COARSE_MS = 900_000
DAY_MS = 86_400_000
AHEAD_MS = 8 * DAY_MS
"""No bar is stamped later than this after its prices."""
SERIES_OF_DAYS_MAX = 64
"""Series whose days are kept: ten years are 2,600 bars, about 3 MB."""
ROWS_AT_ONCE = 10_000
"""Rows read and folded together: about 10 MB."""
TICK_MS = 250
"""How far apart ticks are taken to be when guessing how many a bar of seconds needs."""
EMPTY = Bars((), 0)

_EDGE = re.compile(r"\d\d(\d\d)(?=F?\d?-)|(?<=-)\d\d(\d\d)")


class _Rows(NamedTuple):
    """Pieces to fold, the last price in them, and whether older ones were left out."""

    bars: list[Bar]
    through: int
    cut: bool


class Charts:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._days: OrderedDict[str, tuple[Holding, tuple[Bar, ...]]] = OrderedDict()

    async def bars(
        self, holding: Holding, resolution: Resolution, *, before: int, count: int, since: int | None, now: int
    ) -> Bars:
        """The port `Market`'s bars, with prices up to and at `now`."""
        before = min(before, holding.end + AHEAD_MS)
        if count < 1 or before <= 0 or (resolution.width_ms or DAY_MS) % holding.instrument.bar_step_ms:
            return EMPTY
        sessions = sessions_of(holding.instrument)
        if holding.daily:
            found = await days_of(self._library, holding, sessions, resolution, before=before, count=count, now=now)
        elif resolution.width_ms is None:
            found = await self._long(holding, sessions, resolution, before, count, now)
        else:
            found = await self._intraday(holding, sessions, resolution, before, count, since, now)
        chosen = tuple(bar for bar in found.bars if since is None or bar.time >= since)[-count:]
        return Bars(chosen, found.through if chosen else 0)

    async def _intraday(
        self, holding: Holding, sessions: Sessions, resolution: Resolution, before: int, count: int, since: int | None, now: int
    ) -> Bars:
        end = min(next(sessions.spans_back(before, resolution)).end, now + 1)
        width = resolution.width_ms
        assert width is not None, "an intraday bar has a width"
        ticks = width < holding.step_ms
        coarse = width % COARSE_MS == 0 and _has_quarters(holding)
        per_bar = max(1, width // (TICK_MS if ticks else COARSE_MS if coarse else holding.step_ms))
        found: list[Bar] = []
        through, wider = 0, 1
        while True:
            limit = min(ROWS_AT_ONCE, (count - len(found) + 1) * per_bar) * wider
            if ticks:
                rows = await self._ticks(holding, max(0, since or 0), end, limit)
            else:
                rows = await self._rows(holding, max(0, since or 0), end, now, limit=limit, coarse=coarse)
            folded = await asyncio.to_thread(_folded, rows.bars, resolution, sessions)
            through = through or rows.through
            if not rows.cut:
                return Bars(tuple(_below(folded + found, before)[-count:]), through)
            # The first bar may lack its beginning: it is read again, whole, with the next rows back.
            if len(folded) > 1:
                end, found, wider = folded[1].time, folded[1:] + found, 1
            else:
                wider *= 4
            if len(_below(found, before)) >= count:
                return Bars(tuple(_below(found, before)[-count:]), through)

    async def _long(
        self, holding: Holding, sessions: Sessions, resolution: Resolution, before: int, count: int, now: int
    ) -> Bars:
        before = min(before, now + AHEAD_MS)
        end = next(sessions.spans_back(before, resolution)).end
        closed = await self._closed_days(holding, sessions)
        last = bisect_left(closed, end, key=lambda bar: sessions.bar_span(bar.time, Resolution.D1)[0])
        while last and sessions.bar_span(closed[last - 1].time, Resolution.D1)[1] > now + 1:
            last -= 1
        days = list(closed[max(0, last - (count + 1) * DAYS_PER[resolution]) : last])
        through = min(now, holding.end, sessions.bar_span(days[-1].time, Resolution.D1)[1] - 1) if days else 0
        span = _open_span(sessions, end, now)
        if span is not None:
            rows = await self._rows(holding, span.start, min(span.end, now + 1), now, coarse=_has_quarters(holding))
            today = await asyncio.to_thread(_folded, rows.bars, Resolution.D1, sessions)
            days += today
            through = rows.through if today else through
        folded = days if resolution is Resolution.D1 else list(fold_days(days, resolution, sessions))
        return Bars(tuple(bar for bar in folded if bar.time < before)[-count:], through)

    async def _closed_days(self, holding: Holding, sessions: Sessions) -> Sequence[Bar]:
        """Every day of the series, also those a replay has yet to reach."""
        name = holding.series.name
        kept = self._days.get(name)
        if kept is None or kept[0] is not holding:
            kept = self._days[name] = (holding, await self._fold_days(holding, sessions))
            while len(self._days) > SERIES_OF_DAYS_MAX:
                self._days.popitem(last=False)
        self._days.move_to_end(name)
        return kept[1]

    async def _fold_days(self, holding: Holding, sessions: Sessions) -> tuple[Bar, ...]:
        days: list[Bar] = []
        since, coarse = holding.series.first // COARSE_MS * COARSE_MS, _has_quarters(holding)
        days_at_once = max(1, ROWS_AT_ONCE * (COARSE_MS if coarse else holding.step_ms) // DAY_MS)
        while since <= holding.series.last:
            before = sessions.day_end(since + days_at_once * DAY_MS)
            rows = await self._library.archive.bars(holding.series.name, since=since, before=before, coarse=coarse)
            days += await asyncio.to_thread(_folded, [row.bid for row in rows], Resolution.D1, sessions)
            since = before
        return tuple(days)

    async def _ticks(self, holding: Holding, since: int, before: int, limit: int) -> _Rows:
        """The last ticks with since <= time < before."""
        ticks = await self._library.archive.ticks(holding.series.name, since=since, before=before, last=limit)
        points = await asyncio.to_thread(_points, ticks, holding)
        return _Rows(points, ticks[-1].time if ticks else 0, len(ticks) == limit)

    async def _rows(
        self, holding: Holding, since: int, before: int, now: int, *, limit: int | None = None, coarse: bool = False
    ) -> _Rows:
        """Pieces with since <= time < before of which prices had been shown at `now`, at most about `limit` from the end."""
        shown, step, name = now + 1, holding.step_ms, holding.series.name
        read = self._library.archive.bars
        bars: list[Bar] = []
        cut = False
        if coarse:
            quarter = min(before, shown) // COARSE_MS * COARSE_MS
            rows = await read(name, since=since, before=quarter, last=limit, coarse=True)
            bars += [row.bid for row in rows]
            cut, since, limit = len(rows) == limit, max(since, quarter), None
        rows = await read(name, since=since, before=min(before, shown - step + 1), last=limit)
        cut = cut or len(rows) == limit
        width = step if rows else COARSE_MS
        bars += [row.bid for row in rows]
        through = min(now, holding.end, bars[-1].time + width - 1) if bars else 0
        partial = await self._partial(holding, max(since, shown - step + 1), min(before, shown), shown)
        if partial:
            bars.append(_piece(partial, holding))
            through = partial[-1].time
        return _Rows(bars, through, cut)

    async def _partial(self, holding: Holding, since: int, before: int, shown: int) -> list[Quote]:
        """The ticks shown of the base bar that begins in [since, before) and was not complete."""
        if since >= before or since > holding.series.last:
            return []
        rows = await self._library.archive.bars(holding.series.name, since=since, before=before)
        if not rows:
            return []
        return await self._library.ticks(holding, "", since=rows[-1].bid.time, before=shown)


def _piece(ticks: Sequence[Quote], holding: Holding) -> Bar:
    return joined(ticks[0].time // holding.step_ms * holding.step_ms, _points(ticks, holding))


def _points(ticks: Sequence[Quote], holding: Holding) -> list[Bar]:
    return [point(tick, holding.instrument) for tick in ticks]


def _folded(bars: list[Bar], resolution: Resolution, sessions: Sessions) -> list[Bar]:
    return list(fold(bars, resolution, sessions))


def _below(bars: list[Bar], before: int) -> list[Bar]:
    return [bar for bar in bars if bar.time < before]


def _open_span(sessions: Sessions, end: int, now: int) -> Span | None:
    """The trading day that had begun and not ended at `now`, if it lies before `end`."""
    for span in sessions.spans_back(now + AHEAD_MS, Resolution.D1):
        if span.end <= now + 1:
            return None
        if span.start <= now and span.start < end:
            return span
    return None


def _has_quarters(holding: Holding) -> bool:
    """Whether quarter hours exist, and no session begins or ends inside one."""
    hours = holding.instrument
    minutes = (int(first or second) for first, second in _EDGE.findall(f"{hours.session},{hours.corrections}"))
    return holding.step_ms < COARSE_MS and all(minute % 15 == 0 for minute in minutes)
