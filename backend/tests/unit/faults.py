"""Faults for a server that keeps every rule, each with the checks that must find it and no others."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from reference_wire import DAY, NOW, Asked, Change, Reply

Body = Any
Edit = Callable[[Body], object]


class Fault(NamedTuple):
    check: str
    change: Change
    also: tuple[str, ...] = ()
    """Other checks that find it, because the fault breaks their rules too."""
    warns: bool = False
    """Nothing breaks by it."""


def always(asked: Asked) -> bool:
    return True


def body(path: str, edit: Edit, when: Callable[[Asked], bool] = always) -> Change:
    """`edit` changes the body in place; where it is None it stays whole."""

    def change(asked: Asked, reply: Reply) -> None:
        if asked.path == path and asked.method != "OPTIONS" and when(asked):
            edit(reply.body)

    return change


def payload(path: str, edit: Edit, when: Callable[[Asked], bool] = always) -> Change:
    """The same of `d` of a success."""
    return body(path, lambda told: edit(told["d"]) if "d" in told else None, when)


def answer(path: str, told: Body, when: Callable[[Asked], bool] = always, status: int | None = None) -> Change:
    """Answer this instead."""

    def change(asked: Asked, reply: Reply) -> None:
        if asked.path == path and when(asked):
            reply.body, reply.status = told, status or reply.status

    return change


def reply_of(edit: Callable[[Reply], object], when: Callable[[Asked, Reply], bool]) -> Change:
    def change(asked: Asked, reply: Reply) -> None:
        if when(asked, reply):
            edit(reply)

    return change


def setting(**values: Body) -> Edit:
    return lambda told: told.update(values)


def without(*names: str) -> Edit:
    return lambda told: [told.pop(name, None) for name in names]


def each(edit: Edit) -> Edit:
    return lambda told: [edit(one) for one in told]


def stream(edit: Callable[[dict[str, Body]], list[dict[str, Body]]], until: int | None = None) -> Change:
    """Change the lines; end after so many."""
    import json

    async def changed(lines: AsyncIterator[str]) -> AsyncIterator[str]:
        count = 0
        async for line in lines:
            kept = edit(json.loads(line))
            # A blank line lets the reader look at its clock.
            for text in [json.dumps(one, separators=(",", ":")) for one in kept] or [""]:
                yield text
            count += 1
            if count == until:
                return

    def change(asked: Asked, reply: Reply) -> None:
        if reply.lines is not None:
            reply.lines = changed(reply.lines)

    return change


def spaced(asked: Asked, reply: Reply) -> None:
    """Lines with blanks between their words."""

    async def changed(lines: AsyncIterator[str]) -> AsyncIterator[str]:
        async for line in lines:
            yield line.replace(",", ", ")

    if reply.lines is not None:
        reply.lines = changed(reply.lines)


def bars(edit: Callable[[dict[str, Body], Asked], object], when: Callable[[Asked], bool] = always) -> Change:
    """Change the columns of answers with bars."""

    def change(asked: Asked, reply: Reply) -> None:
        if asked.path == "/history" and isinstance(reply.body, dict) and reply.body.get("s") == "ok" and when(asked):
            edit(reply.body, asked)

    return change


def minutes(asked: Asked) -> bool:
    return asked.query.get("resolution") == "1"


def days(asked: Asked) -> bool:
    return asked.query.get("resolution") in ("D", "1D")


def span(asked: Asked) -> int:
    return int(asked.query["to"]) - int(asked.query["from"])


def drop(told: dict[str, Body], number: int) -> None:
    for name in "tohlcv":
        del told[name][number : number + 1 or None]


def append(told: dict[str, Body], time: int) -> None:
    told["t"].append(time)
    for name in "ohlcv":
        told[name].append(told[name][-1])


def at_times(
    column: str, change: Callable[[float], float], when: Callable[[int], bool]
) -> Callable[[dict[str, Body], Asked], object]:
    def edit(told: dict[str, Body], asked: Asked) -> None:
        told[column] = [change(value) if when(time) else value for time, value in zip(told["t"], told[column], strict=True)]

    return edit


def _late_change(told: dict[str, Body], asked: Asked) -> None:
    if asked.now >= NOW + 5:
        at_times("c", lambda price: price + 0.01, lambda time: time == (NOW - 900) // 60 * 60)(told, asked)


def _another_answer() -> Change:
    asked_for = Counter[str]()

    def edit(told: dict[str, Body], asked: Asked) -> None:
        asked_for[str(asked.query)] += 1
        if asked_for[str(asked.query)] > 3:
            told["c"] = [price + 0.01 for price in told["c"]]

    return bars(edit, minutes)


def _hole(told: dict[str, Body], asked: Asked) -> None:
    noon = [number for number, time in enumerate(told["t"]) if time % DAY == DAY // 2 and time < NOW - DAY]
    if len(told["t"]) >= 1400 and noon:
        drop(told, noon[0])


def _shifted(by: int) -> Callable[[dict[str, Body], Asked], object]:
    return lambda told, asked: told.update(t=[time + by for time in told["t"]])


def bar_faults() -> list[Fault]:
    """Of the checks of bars that both protocols have. Some faults count requests, so each run makes them anew."""
    old = lambda time: time % 5820 == 0 and time < NOW - 3600  # noqa: E731
    return [
        Fault("historyColumns", bars(lambda told, asked: told.update(v=[str(one) for one in told["v"]]))),
        Fault("historyPriceOrder", bars(at_times("h", lambda price: 0.01, old), minutes)),
        Fault(
            "historyTimeCorrectness",
            bars(lambda told, asked: append(told, told["t"][-1]), lambda a: minutes(a) and 500 < span(a) // 60 < 700),
        ),
        Fault(
            "historyOutsideBarsInclusion", bars(lambda told, asked: drop(told, 0), lambda a: int(a.query["from"]) % 60 == 30)
        ),
        Fault(
            "historyBeyondLeftBoundary",
            body("/history", setting(nextTime=NOW), lambda a: a.query.get("from", "").startswith("-")),
        ),
        Fault("historyCountbackMinutes", bars(lambda told, asked: drop(told, 0), lambda a: a.query.get("countback") == "50")),
        Fault(
            "historyFutureMinutes",
            bars(lambda told, asked: append(told, NOW + 600), lambda a: minutes(a) and int(a.query["to"]) > NOW + 3600),
        ),
        Fault(
            "historyFutureDaily",
            bars(
                lambda told, asked: append(told, NOW // DAY * DAY + 4 * DAY),
                lambda a: days(a) and int(a.query["to"]) > NOW + DAY,
            ),
        ),
        Fault("historyNoDataChanges", bars(_late_change, minutes)),
        Fault("historyRepeatability", _another_answer()),
        Fault(
            "historySeveralShortQueriesEqualsLargeQuery",
            bars(lambda told, asked: drop(told, -1), lambda a: minutes(a) and span(a) // 60 == 19),
        ),
        Fault("historyPriceMatch", bars(at_times("c", lambda price: price + 1, lambda time: time < NOW - DAY), days)),
        Fault("historyDailyHistoryAvailability", bars(_shifted(3600), days)),
        Fault("historyCheck1440", bars(_hole, minutes)),
    ]
