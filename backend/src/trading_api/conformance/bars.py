"""Bars as `/history` answers them, over either protocol, and the sample that its checks lean on."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from trading_api.conformance.clock import Clock
from trading_api.conformance.sessions import Schedule, schedule
from trading_api.conformance.shapes import NUMBER, WHOLE, Json, NotApplicable, expect, needed, of_kind, one_of
from trading_api.conformance.terms import Terms
from trading_api.conformance.wire import Wire

MINUTE, DAY = 60, 86_400
DAYS_BACK_MAX = 10
"""How far back a day with bars is looked for."""
SAMPLE_MAX = 600
"""Bars of the sample; the latest count."""
SAMPLE_LEAST = 60
"""Fewer bars than this are no sample."""
FIRST_YEAR = -5_364_662_400
"""The first of January 1800, the oldest time anybody asks for."""


class Bar(NamedTuple):
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None


class Bars(NamedTuple):
    status: str
    rows: list[Bar]
    body: Json

    @property
    def times(self) -> list[int]:
        return [bar.time for bar in self.rows]


class Traded(NamedTuple):
    """What the checks of bars need to know of a symbol."""

    ticker: str
    session: str
    timezone: str
    intraday: bool
    daily: bool
    corrections: str = ""

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone)
        except (ValueError, OSError, KeyError):
            raise NotApplicable(f"needs a time zone, found {self.timezone!r}") from None

    @property
    def schedule(self) -> Schedule:
        with needed("a session"):
            return schedule(self.session)


class Subject(Protocol):
    """A server as the checks of bars see it."""

    wire: Wire
    terms: Terms
    clock: Clock
    to_included: bool
    """Whether a bar at `to` belongs to the answer."""

    sampled: list[Bar] | None
    """The sample, once it is found; it stays the same, since its bars are closed."""

    async def traded(self) -> Traded: ...

    async def now(self) -> float: ...


def window(first: int, last: int, subject: Subject) -> tuple[int, int]:
    """`from` and `to` that hold the bars from first to last and no others."""
    return first, last if subject.to_included else last + 1


async def history(
    subject: Subject, start: int, end: int, *, resolution: str = "1", countback: int | None = None, symbol: str | None = None
) -> Bars:
    """Raises Broken where the answer is no bars at all; looser on what other checks look at."""
    name = symbol or (await subject.traded()).ticker
    query = {"symbol": name, "resolution": resolution, "from": start, "to": end}
    if countback is not None:
        query["countback"] = countback
    return read((await subject.wire.get("/history", query)).json())


def read(body: Json) -> Bars:
    expect(isinstance(body, dict), "expected an object of columns from /history")
    status = of_kind(body.get("s"), one_of(("ok", "no_data")), "'s' of /history")
    if status == "no_data":
        return Bars(status, [], body)
    times = body.get("t")
    expect(isinstance(times, list), "expected 't' of /history to be an array")
    columns = {name: body.get(name, body.get("c")) for name in "ohlc"}
    for name, column in columns.items():
        expect(isinstance(column, list) and len(column) == len(times), f"expected '{name}' of /history to be as long as 't'")
    for number, time in enumerate(times):
        of_kind(time, WHOLE, f"t[{number}] of /history")
        for name in "ohlc":
            of_kind(columns[name][number], NUMBER, f"{name}[{number}] of /history")
    volumes = body.get("v") or [None] * len(times)
    expect(len(volumes) == len(times), "expected 'v' of /history to be as long as 't'")
    rows = [Bar(*row) for row in zip(times, *(columns[name] for name in "ohlc"), volumes, strict=True)]
    return Bars(status, rows, body)


async def sample(subject: Subject) -> list[Bar]:
    """Closed minutes of the latest day that has enough of them, ascending and each once."""
    if subject.sampled is not None:
        return subject.sampled
    traded = await subject.traded()
    if not traded.intraday:
        raise NotApplicable(f"{traded.ticker} has no bars within the day")
    now = int(await subject.now())
    for days in range(DAYS_BACK_MAX):
        end = now - days * DAY
        with needed("bars of one minute"):
            found = await history(subject, end - DAY, end)
        closed = sorted({bar.time: bar for bar in found.rows if bar.time + 2 * MINUTE <= now}.values())
        if len(closed) >= SAMPLE_LEAST:
            subject.sampled = closed[-SAMPLE_MAX:]
            return subject.sampled
    raise NotApplicable(f"{traded.ticker} has no day of {SAMPLE_LEAST} minutes in the last {DAYS_BACK_MAX} days")


async def closed_days(subject: Subject, count: int) -> list[Bar]:
    """Daily bars of trading days that are over."""
    traded = await subject.traded()
    if not traded.daily:
        raise NotApplicable(f"{traded.ticker} has no daily bars")
    now = int(await subject.now())
    with needed("daily bars"):
        found = await history(subject, now - (count + DAYS_BACK_MAX) * DAY, now, resolution="1D")
    closed = [bar for bar in found.rows if bar.time + 2 * DAY <= now]
    if not closed:
        raise NotApplicable(f"{traded.ticker} has no day that is over in the last {count + DAYS_BACK_MAX}")
    return closed[-count:]


def is_open(traded: Traded, moment: float) -> bool:
    return traded.schedule.span_at(int(moment), traded.zone) is not None


def date_of(time: int) -> date:
    return datetime(1970, 1, 1, tzinfo=UTC).date() + timedelta(seconds=time)
