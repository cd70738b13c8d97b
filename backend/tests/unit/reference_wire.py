"""Servers that keep every rule, in this process, and the ways to break one of them."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import httpx

MINUTE, DAY = 60, 86_400
NOW = 1_717_590_871
"""Wednesday, 5 June 2024, 12:34:31 UTC."""
START = NOW // DAY * DAY - 16 * DAY
"""20 May, a Monday; the second bar of a month begins on the first of June."""
STEPS = {
    "1": MINUTE,
    "5": 5 * MINUTE,
    "60": 60 * MINUTE,
    "D": DAY,
    "1D": DAY,
    "W": 7 * DAY,
    "1W": 7 * DAY,
    "M": 12 * DAY,
    "1M": 12 * DAY,
}
TICK = 10
"""Seconds between two prices."""


class FakeClock:
    """Sleeping is done at once."""

    def __init__(self) -> None:
        self.time = float(NOW)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class Asked(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: httpx.Headers
    now: float


@dataclass
class Reply:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    lines: AsyncIterator[str] | None = None


Change = Callable[[Asked, Reply], None]


class Server(httpx.AsyncBaseTransport):
    """`answer` keeps the rules; `changes` break them."""

    def __init__(self, answer: Callable[[Asked], Reply], clock: FakeClock, changes: Sequence[Change] = ()) -> None:
        self._answer, self._clock, self._changes = answer, clock, changes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        asked = Asked(request.method, request.url.path, dict(request.url.params), form, request.headers, self._clock.now())
        reply = self._answer(asked)
        for change in self._changes:
            change(asked, reply)
        if reply.lines is not None:
            return httpx.Response(reply.status, headers=reply.headers, stream=_Lines(reply.lines))
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        return httpx.Response(reply.status, headers=reply.headers, content=text)


class _Lines(httpx.AsyncByteStream):
    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for line in self._lines:
            yield line.encode() + b"\n"


def price_at(second: int) -> float:
    return (10_000 + second // TICK * 7919 % 211) / 100


@lru_cache(maxsize=50_000)
def bar(start: int, end: int) -> tuple[float, float, float, float, int]:
    """Open, high, low, close and volume of the prices in [start, end)."""
    if end - start > MINUTE:
        parts = [bar(each, min(each + MINUTE, end)) for each in range(start, end, MINUTE)]
        return parts[0][0], max(p[1] for p in parts), min(p[2] for p in parts), parts[-1][3], sum(p[4] for p in parts)
    prices = [price_at(second) for second in range(start, end, TICK)]
    return prices[0], max(prices), min(prices), prices[-1], len(prices)


def columns(clock: FakeClock, query: dict[str, str], end: int) -> dict[str, Any]:
    """The bars of `/history` before `end`."""
    step, now = STEPS[query["resolution"]], int(clock.now())
    all_starts = range(START, now + 1, step)
    last = min(len(all_starts), max(0, -(-(end - START) // step)))
    first = max(0, -(-(int(query["from"]) - START) // step))
    if "countback" in query:
        first = max(0, last - int(query["countback"]))
    if last == 0:
        return {"s": "no_data"}
    starts = list(all_starts[first:last])
    rows = [bar(start, min(start + step, now // TICK * TICK + TICK)) for start in starts]
    told = dict(zip("ohlcv", map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in "ohlcv"}
    return {"s": "ok", "t": starts, **told}
