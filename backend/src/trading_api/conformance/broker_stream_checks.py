"""The published expectations of a broker's stream (contract 5.2, 4.9), over one recording of it."""

import re
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import pairwise

from trading_api.conformance.bars import DAY, MINUTE, history, is_open
from trading_api.conformance.broker import Broker
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.lines import LINE_BYTES_MAX
from trading_api.conformance.shapes import (
    NAME,
    NUMBER,
    OBJECT,
    POSITIVE,
    Doubtful,
    Json,
    Kind,
    NotApplicable,
    expect,
    fields,
    needed,
    of_kind,
    one_of,
    shown,
)

LATE_SECONDS = 5.0
"""Between a tick and its line."""
LEFT_OPEN_SECONDS = 30.0
"""How long the published text watches a stream."""
READERS = 4
UNEQUAL_SHARE = 0.05
"""Of minutes whose bars may differ from the stream."""

SIZE = Kind("a number of 0 or more", lambda value: NUMBER.holds(value) and value >= 0)
TRADE = {"id": NAME, "p": NUMBER, "t": NUMBER}
QUOTE = {"id": NAME, "t": NUMBER, "ap": POSITIVE, "bp": POSITIVE}
LINES = {
    "t": (TRADE, {"s": SIZE}),
    "q": (QUOTE, {"as": SIZE, "bs": SIZE}),
    "d": ({**dict.fromkeys("ohlct", NUMBER), "id": NAME}, {"v": NUMBER}),
    "a": (TRADE, {"s": SIZE}),
    "b": (TRADE, {"s": SIZE}),
}


TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')
"""Of JSON: blanks within them are their own."""


@check(BROKER, section="5.2", rule="Every line is one compact JSON object of the fields of its kind, t, q, d, a or b")
async def streaming_fields_format(broker: Broker) -> None:
    recording = await broker.recording()
    expect(recording.status == 200, f"expected status 200 from /streaming, found {recording.status}")
    for line in recording.lines:
        too_long = f"expected lines of at most {LINE_BYTES_MAX} bytes, found a longer one: {line.text[:80]!r}"
        expect(line.whole, too_long)
        message = line.message()
        of_kind(message, OBJECT, f"the line {line.text[:80]!r}")
        of_kind(message.get("f"), one_of(LINES), f"'f' of the line {line.text[:80]!r}")
        required, optional = LINES[message["f"]]
        fields(message, f"the line {line.text[:80]!r}", required, optional)
        loose = re.search(r"\s", TEXTS.sub("", line.text.strip()))
        expect(loose is None, f"expected compact JSON, without blanks, found the line {line.text[:80]!r}")


@check(BROKER, section="5.2", rule="Quotes and trades appear")
async def streaming_ask_bid_quote_trade_existence(broker: Broker) -> None:
    traded, recording = await broker.traded(), await broker.recording()
    if recording.status == 200 and not recording.lines:
        expect(not is_open(traded, broker.clock.now()), f"expected quotes of {traded.ticker}, which is open, found silence")
    kinds = {message.get("f") for message, _ in await broker.messages()}
    expect("q" in kinds or {"a", "b"} <= kinds, f"expected quotes (q) in the stream, found {shown(sorted(map(str, kinds)))}")
    expect("t" in kinds, f"expected trades (t) in the stream, found {shown(sorted(map(str, kinds)))}")


@check(BROKER, section="5.2", rule="Every id is a symbol or ticker of /symbol_info")
async def streaming_symbols_check(broker: Broker) -> None:
    known = {*await broker.cells("symbol"), *await broker.cells("ticker")}
    unknown = {str(message.get("id")) for message, _ in await broker.messages()} - known
    expect(not unknown, f"expected ids of /symbol_info, found {shown(sorted(unknown))}")


@check(BROKER, section="5.2", rule="Times never decrease within a symbol and kind")
async def streaming_time_grow(broker: Broker) -> None:
    times = defaultdict[tuple[str, str], list[float]](list)
    for message, _ in await broker.messages():
        if NUMBER.holds(message.get("t")):
            times[str(message.get("id")), str(message.get("f"))].append(message["t"])
    for (symbol, kind), heard in times.items():
        backwards = [(a, b) for a, b in pairwise(heard) if b < a]
        expect(not backwards, f"expected times of {kind} of {symbol} to grow, found {shown(backwards[:3])}")


@check(BROKER, section="5.2", rule="A line arrives at most 5 seconds after its tick")
async def streaming_no_delays(broker: Broker) -> None:
    ticks = [(m, heard - m["t"]) for m, heard in await broker.messages() if m.get("f") != "d" and NUMBER.holds(m.get("t"))]
    late = [(message, delay) for message, delay in ticks if delay > LATE_SECONDS + 1]
    expect(not late, f"expected lines within {LATE_SECONDS:g} s, found {late[0][1]:.1f} s: {shown(late[0][0])}" if late else "")


@check(BROKER, section="5.2", rule="The stream is still open after 30 seconds")
async def streaming_permanent_connection(broker: Broker) -> None:
    recording = await broker.recording()
    if recording.status != 200:
        raise NotApplicable(f"needs a stream: /streaming answers status {recording.status}")
    ended = f"expected the stream to stay open, found after {recording.seconds:.1f} s: {recording.ended}"
    expect(not recording.ended, ended)
    if recording.seconds < LEFT_OPEN_SECONDS:
        raise Doubtful(f"it stayed open for the {recording.seconds:.0f} s of --streaming-seconds; the text watches 30")


@check(BROKER, section="5.2", rule="Transfer-Encoding is chunked (not asked of HTTP/2)")
async def streaming_transfer_encoding_header(broker: Broker) -> None:
    recording = await broker.recording()
    if recording.status != 200:
        raise NotApplicable(f"needs a stream: /streaming answers status {recording.status}")
    if recording.http_version == "HTTP/2":
        raise NotApplicable("HTTP/2 has no such header")
    found = recording.headers.get("transfer-encoding")
    expect(found == "chunked", f"expected Transfer-Encoding: chunked, found {shown(found)}")


@check(BROKER, section="4.9", rule="Four connections at once are answered")
async def streaming_four_readers(broker: Broker) -> None:
    async with AsyncExitStack() as opened:
        for number in range(1, READERS + 1):
            response = await opened.enter_async_context(broker.wire.stream("/streaming"))
            found = response.status_code
            if found != 200 and number == 1:
                raise NotApplicable(f"needs a stream: /streaming answers status {found}")
            expect(found == 200, f"expected status 200 for connection {number} of {READERS}, found {found}")


@check(BROKER, section="5.2", rule="Minutes made of the stream's trades equal /history; 5 % may differ")
async def streaming_history_equality(broker: Broker) -> None:
    recording = await broker.recording()
    minutes = _minutes(await broker.messages())
    if not minutes:
        raise NotApplicable("the stream had no trades")
    since = next(iter(recording.lines)).heard
    symbol = max({symbol for symbol, _ in minutes}, key=lambda one: sum(one == symbol for symbol, _ in minutes))
    chosen = {minute: prices for (name, minute), prices in minutes.items() if name == symbol}
    with needed("bars of one minute"):
        found = await history(broker, min(chosen), max(chosen) + MINUTE - 1, symbol=symbol)
    bars = {bar.time: bar for bar in found.rows}
    unequal = []
    for minute, prices in chosen.items():
        bar = bars.get(minute)
        over = minute + MINUTE <= recording.lines[-1].heard
        whole = over and minute >= since
        held = bar is not None and bar.low <= min(prices) and max(prices) <= bar.high
        held = held and bar is not None and (not over or bar.close == prices[-1])
        if whole:
            held = held and bar is not None and (bar.open, bar.high, bar.low) == (prices[0], max(prices), min(prices))
        if not held:
            unequal.append((minute, bar, prices[:1] + prices[-1:]))
    few = len(unequal) <= UNEQUAL_SHARE * len(chosen)
    expect(few, f"expected minutes of {symbol} as in /history, found {shown(unequal[:2])}")


def _minutes(messages: list[tuple[Json, float]]) -> dict[tuple[str, int], list[float]]:
    minutes = defaultdict[tuple[str, int], list[float]](list)
    for message, _ in messages:
        if message.get("f") == "t" and NUMBER.holds(message.get("p")) and NUMBER.holds(message.get("t")):
            minutes[str(message.get("id")), int(message["t"]) // MINUTE * MINUTE].append(message["p"])
    return dict(minutes)


@check(BROKER, section="5.2", rule="Daily bars are told while the day goes on, stamped 00:00 (a warning only)")
async def streaming_daily_bars_update(broker: Broker) -> None:
    days = [message for message, _ in await broker.messages() if message.get("f") == "d"]
    if not days:
        raise Doubtful("expected daily bars (d) in the stream, found none")
    uneven = [message for message in days if not NUMBER.holds(message.get("t")) or message["t"] % DAY]
    if uneven:
        raise Doubtful(f"expected daily bars stamped 00:00, found {shown(uneven[0])}")
