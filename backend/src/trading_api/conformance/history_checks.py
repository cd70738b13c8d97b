"""The published expectations of bars (contract 5.2), with the edges of each protocol (section 0)."""

from trading_api.conformance.bars import (
    DAY,
    FIRST_YEAR,
    MINUTE,
    Bar,
    Bars,
    Subject,
    closed_days,
    date_of,
    history,
    is_open,
    sample,
    window,
)
from trading_api.conformance.catalogue import BROKER, UDF, check
from trading_api.conformance.shapes import (
    LIST,
    NUMBER,
    WHOLE,
    Broken,
    Json,
    NotApplicable,
    expect,
    fields,
    of_kind,
    shown,
)

COUNT = 50
"""Bars asked for with countback."""
ROUNDING = 1e-9


async def _raw(subject: Subject, first: Bar, last: Bar) -> Json:
    start, end = window(first.time, last.time, subject)
    query = {"symbol": (await subject.traded()).ticker, "resolution": "1", "from": start, "to": end}
    return (await subject.wire.get("/history", query)).json()


def _hold(found: Bars, expected: list[Bar], what: str) -> None:
    times = [bar.time for bar in expected]
    missing, more = sorted(set(times) - set(found.times)), sorted(set(found.times) - set(times))
    expect(not missing and not more, f"expected {what}: missing {shown(missing)}, too many {shown(more)}")


@check(
    UDF,
    BROKER,
    section="1.7",
    rule="s is ok; t is whole seconds; o, h, l, c, v are JSON numbers, as many as t",
)
async def history_columns(subject: Subject) -> None:
    """The others need minutes that can be read; this one says so where there are none."""
    try:
        bars = await sample(subject)
    except NotApplicable as none:
        expect(not (await subject.traded()).intraday, f"expected bars where a symbol has intraday ones, found none: it {none}")
        raise
    body = fields(await _raw(subject, bars[-20], bars[-1]), "/history", {"t": LIST, "c": LIST})
    expect(body.get("s") == "ok", f"expected 's' to be ok where there are bars, found {shown(body.get('s'))}")
    given = [name for name in "tohlcv" if body.get(name) is not None]
    missing = [name for name in "ohl" if name not in given]
    expect(len(missing) in (0, 3), f"expected all of o, h, l or none, found {', '.join(missing)} absent")
    for name in given:
        of_kind(body[name], LIST, f"'{name}'")
        expect(len(body[name]) == len(body["t"]), f"expected {len(body['t'])} values in '{name}', found {len(body[name])}")
        for value in body[name]:
            of_kind(value, WHOLE if name == "t" else NUMBER, f"a value of '{name}'")


@check(UDF, BROKER, section="1.7", rule="Low is the least and high the greatest price of a bar")
async def history_price_order(subject: Subject) -> None:
    for bar in await sample(subject):
        held = bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close)
        expect(held, f"expected low <= open, close <= high at {bar.time}, found {shown(bar)}")


@check(UDF, BROKER, section="5.2", rule="Times strictly increase")
async def history_time_correctness(subject: Subject) -> None:
    bars = await sample(subject)
    found = await history(subject, *window(bars[0].time, bars[-1].time, subject))
    expect(found.times == sorted(set(found.times)), f"expected strictly increasing times, found {shown(found.times[-12:])}")


@check(BROKER, section="5.2", rule="from = to = a bar's time answers exactly that bar")
async def history_from_eq_to(subject: Subject) -> None:
    bar = (await sample(subject))[-10]
    _hold(await history(subject, bar.time, bar.time), [bar], f"exactly the bar at {bar.time}")


@check(UDF, section="1.7", rule="from is included, to is not")
async def history_window(subject: Subject) -> None:
    bars = (await sample(subject))[-20:-5]
    _hold(await history(subject, bars[0].time, bars[-1].time), bars[:-1], "the bars in [from, to)")


@check(UDF, BROKER, section="5.2", rule="A window from before a bar to after another holds both and nothing else")
async def history_outside_bars_inclusion(subject: Subject) -> None:
    bars = (await sample(subject))[-20:-5]
    found = await history(subject, bars[0].time - MINUTE // 2, bars[-1].time + MINUTE // 2)
    _hold(found, bars, f"the bars from {bars[0].time} to {bars[-1].time}")


@check(UDF, BROKER, section="5.2", rule="Before the data begins: no_data, without a hint at a next bar")
async def history_beyond_left_boundary(subject: Subject) -> None:
    await sample(subject)
    found = await history(subject, FIRST_YEAR, FIRST_YEAR + DAY)
    expect(found.status == "no_data", f"expected no_data before the data begins, found ok with {len(found.rows)} bars")
    hints = [name for name in ("nextTime", "nb") if found.body.get(name) is not None]
    expect(not hints, f"expected no hint at a next bar, found {', '.join(hints)}")


@check(
    UDF,
    BROKER,
    section="5.2",
    rule="countback beats from: exactly so many bars, before from too, never more",
)
async def history_countback_minutes(subject: Subject) -> None:
    bars = await sample(subject)
    start, end = window(bars[-3].time, bars[-1].time, subject)
    narrow = await history(subject, start, end, countback=COUNT)
    _hold(narrow, bars[-COUNT:], f"the {COUNT} bars before to")
    start, _ = window(bars[-COUNT].time, bars[-1].time, subject)
    wide = await history(subject, start, end, countback=COUNT // 5)
    if subject.to_included or len(wide.rows) != COUNT:
        _hold(wide, bars[-COUNT // 5 :], f"the {COUNT // 5} bars before to")


@check(UDF, BROKER, section="5.2", rule="to may lie in the future; no bar lies after now, and the last one is open")
async def history_future_minutes(subject: Subject) -> None:
    await sample(subject)
    traded, now = await subject.traded(), int(await subject.now())
    found = await history(subject, now - 60 * MINUTE, now + DAY)
    later = [time for time in found.times if time > await subject.now() + MINUTE]
    expect(not later, f"expected no bar after now, {now}, found {shown(later)}")
    if is_open(traded, now) and is_open(traded, now - 3 * MINUTE):
        latest = max(found.times, default=0)
        expect(latest > now - 2 * MINUTE, f"expected the bar open at {now} as the last, found {latest}")


@check(UDF, BROKER, section="5.2", rule="The same for days: no bar is later than the trading day of now, and that day is there")
async def history_future_daily(subject: Subject) -> None:
    await closed_days(subject, 1)
    traded, now = await subject.traded(), int(await subject.now())
    found = await history(subject, now - 10 * DAY, now + 5 * DAY, resolution="1D")
    later = [time for time in found.times if time > now + 2 * DAY]
    expect(not later, f"expected no day after that of now, {now}, found {shown(later)}")
    current = traded.schedule.span_at(now, traded.zone)
    if current and now - current[1] > 3 * MINUTE:
        latest = date_of(max(found.times, default=0))
        expect(latest == current[0], f"expected the day {current[0]} as the last, found {latest}")


@check(
    UDF,
    BROKER,
    section="5.2",
    rule="Closed bars are the same when asked for again after --wait (two minutes in the text)",
)
async def history_no_data_changes(subject: Subject) -> None:
    bars = (await sample(subject))[-30:]
    edges = window(bars[0].time, bars[-1].time, subject)
    before = await history(subject, *edges)
    await subject.clock.sleep(subject.terms.wait)
    _hold_same(before, await history(subject, *edges), f"{subject.terms.wait:g} seconds later")


@check(UDF, BROKER, section="5.2", rule="The same request has the same answer")
async def history_repeatability(subject: Subject) -> None:
    bars = (await sample(subject))[-30:]
    edges = window(bars[0].time, bars[-1].time, subject)
    answers = [await history(subject, *edges) for _ in range(3)]
    for later in answers[1:]:
        _hold_same(answers[0], later, "at once")


def _hold_same(before: Bars, after: Bars, when: str) -> None:
    changed = [a for a, b in zip(before.rows, after.rows, strict=False) if a != b]
    expect(before.times == after.times and not changed, f"expected the same bars {when}, found others: {shown(changed[:3])}")


@check(UDF, BROKER, section="5.2", rule="A range of 200 minutes is the union of ten ranges of 20")
async def history_several_short_queries_equals_large_query(subject: Subject) -> None:
    last = (await sample(subject))[-1].time
    start = last - 199 * MINUTE
    large = await history(subject, *window(start, last, subject))
    union: list[Bar] = []
    for number in range(10):
        first = start + number * 20 * MINUTE
        union += (await history(subject, *window(first, first + 19 * MINUTE, subject))).rows
    expect(large.rows == union, f"expected {len(large.rows)} bars from ten requests as from one, found {len(union)} or others")


@check(UDF, BROKER, section="5.2", rule="A day's open and close are those of the first and the last minute of its session")
async def history_price_match(subject: Subject) -> None:
    await sample(subject)
    traded, day = await subject.traded(), (await closed_days(subject, 1))[-1]
    spans = traded.schedule.spans(date_of(day.time), traded.zone)
    if not spans:
        raise NotApplicable(f"the session has no hours on {date_of(day.time)}")
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    minutes = (await history(subject, *window(first, last - MINUTE, subject))).rows
    expect(bool(minutes), f"expected minutes of {date_of(day.time)}, found none")
    for name, found, expected in (("open", day.open, minutes[0].open), ("close", day.close, minutes[-1].close)):
        close_enough = abs(found - expected) <= ROUNDING * max(abs(found), 1)
        expect(close_enough, f"expected the {name} of {date_of(day.time)} to be {expected} as its minutes say, found {found}")


@check(UDF, BROKER, section="5.2", rule="Days exist, each stamped 00:00 UTC of its trading day, on days of the session")
async def history_daily_history_availability(subject: Subject) -> None:
    traded, now = await subject.traded(), int(await subject.now())
    if not traded.daily:
        raise NotApplicable(f"{traded.ticker} has no daily bars")
    found = await history(subject, now - 14 * DAY, now, resolution="1D")
    expect(bool(found.rows), "expected daily bars of the last two weeks, found none")
    uneven = [time for time in found.times if time % DAY]
    expect(not uneven, f"expected days at 00:00 UTC, found {shown(uneven)}")
    # A correction may open a day on which there is no session otherwise.
    dates = {time: date_of(time) for time in found.times}
    closed = [time for time, day in dates.items() if not traded.schedule.spans(day, traded.zone)]
    closed = [time for time in closed if f"{dates[time]:%Y%m%d}" not in traded.corrections]
    expect(not closed, f"expected days of '{traded.session}', found {shown(closed)}")
    twice = found.times != sorted(set(found.times))
    expect(not twice, f"expected each day once, ascending, found {shown(found.times)}")


@check(UDF, BROKER, section="5.2", rule="A day of 24 hours has 1440 bars of one minute")
async def history_check_1440(subject: Subject) -> None:
    await sample(subject)
    traded = await subject.traded()
    for day in reversed(await closed_days(subject, 5)):
        spans = traded.schedule.spans(date_of(day.time), traded.zone)
        if len(spans) == 1 and spans[0][1] - spans[0][0] == DAY:
            found = await history(subject, *window(spans[0][0], spans[0][1] - MINUTE, subject))
            expect(len(found.rows) == 1440, f"expected 1440 bars on {date_of(day.time)}, found {len(found.rows)}")
            return
    raise NotApplicable(f"{traded.ticker} has no day of 24 hours among its last")


@check(UDF, BROKER, section="1.7", rule="Bars within the day begin inside the session, on its grid")
async def history_session_alignment(subject: Subject) -> None:
    bars, traded = await sample(subject), await subject.traded()
    for step, times in ((1, [bar.time for bar in bars]), (5, await _times(subject, "5")), (60, await _times(subject, "60"))):
        for time in times[-100:]:
            span = traded.schedule.span_at(time, traded.zone)
            if span is None:
                raise Broken(f"expected bars within '{traded.session}' {traded.timezone}, found one at {time}")
            expect(
                (time - span[1]) % (step * MINUTE) == 0,
                f"expected bars of {step} minutes on the grid from {span[1]}, found {time}",
            )


async def _times(subject: Subject, resolution: str) -> list[int]:
    """Bars of another resolution, where it is served."""
    if subject.to_included:
        return []
    bars = await sample(subject)
    start, end = window(bars[0].time, bars[-1].time, subject)
    body = (
        await subject.wire.get(
            "/history", {"symbol": (await subject.traded()).ticker, "resolution": resolution, "from": start, "to": end}
        )
    ).json()
    times = body.get("t") if isinstance(body, dict) and body.get("s") == "ok" else None
    return [time for time in times if isinstance(time, int)] if isinstance(times, list) else []
