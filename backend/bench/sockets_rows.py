"""Rows about frames: how fast they reach many readers, joined frames, and one reader that does not read."""

from bench import client, processes
from bench.shelf import SYMBOL
from bench.table import Figure, Say, median
from trading_api.ws.endpoint import PATH

SUBSCRIBE = f'{{"type":"quotes.subscribe","payload":{{"symbol":"{SYMBOL}"}}}}'
SECONDS = 2.0
WARM = 1.0
BURST = 10
MINUTE = 60.0
OTHERS = 20
PER_SECOND = 2_000
"""Updates a second for those others: a busy market, and half of what a core can write."""


def _rate(server: processes.Running, readers: int) -> client.Counted:
    return client.readers(server.port, PATH, (SUBSCRIBE,), count=readers, seconds=SECONDS, warm=WARM)


def fan_out(readers: int, rounds: int, say: Say) -> Figure:
    with processes.small_server("ours") as ours, processes.small_server("released") as released:
        pairs = list[tuple[client.Counted, client.Counted]]()
        for number in range(rounds):
            pairs.append((_rate(ours, readers), _rate(released, readers)))
            say(f"round {number + 1}: {pairs[-1][0].rate:,.0f} against {pairs[-1][1].rate:,.0f} frames/s")
    return _figure(pairs, "frames/s against FastWS's")


def joined(rounds: int, say: Say) -> Figure:
    with processes.small_server("ours", "--burst", str(BURST)) as many, processes.small_server("ours") as one:
        pairs = list[tuple[client.Counted, client.Counted]]()
        for number in range(rounds):
            pairs.append((_rate(many, 1_000), _rate(one, 1_000)))
            say(f"round {number + 1}: {pairs[-1][0].rate:,.0f} against {pairs[-1][1].rate:,.0f} frames/s")
    return _figure(pairs, "frames/s against one per turn's")


def _figure(pairs: list[tuple[client.Counted, client.Counted]], what: str) -> Figure:
    ours, theirs = (median([pair[side].rate for pair in pairs]) for side in (0, 1))
    ratio = median([pair[0].rate / pair[1].rate for pair in pairs])
    share = max(one.share for pair in pairs for one in pair)
    return Figure(ratio, f"{ours:,.0f} {what} {theirs:,.0f}", share)


def one_that_does_not_read(rounds: int, say: Say) -> Figure:
    """The slowest of the others, for a minute, against all of them reading."""
    with processes.small_server("ours", "--per-second", str(PER_SECOND)) as server:

        def read(readers: int, seconds: float, stalled: int = 0) -> client.Counted:
            return client.readers(server.port, PATH, (SUBSCRIBE,), count=readers, seconds=seconds, warm=WARM, stalled=stalled)

        before = read(OTHERS, MINUTE / 4)
        say(f"all read: {before.least_rate:,.0f} frames/s each; now one of {OTHERS + 1} stops for a minute")
        during = read(OTHERS + 1, MINUTE, stalled=1)
    note = f"slowest of {OTHERS} others {during.least_rate:,.0f} frames/s, {before.least_rate:,.0f} when all read"
    return Figure(during.least_rate / before.least_rate, note, max(before.share, during.share))
