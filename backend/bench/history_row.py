"""The row about history: our columns against the default encoding of the same bars, on one server."""

from bench import client, processes
from bench.order_rows import request
from bench.shelf import BARS, SYMBOL
from bench.table import Figure, Say, median
from trading_api.api.cors import DATAFEED_PREFIX

OURS = request(f"{DATAFEED_PREFIX}/history?symbol={SYMBOL}&resolution=1&countback={BARS}")
DEFAULT = request("/default")
CONNECTIONS = 4
"""So many that the server always has the next to do: asked one after another, an answer of a millisecond waits for both
processes to be woken, and on a busy machine that is most of what would be measured."""
SECONDS = 2.0
WARM = 0.5


def history(rounds: int, say: Say) -> Figure:
    pairs = list[tuple[client.Counted, client.Counted]]()
    with processes.small_server("history") as server:
        for number in range(rounds):
            ours, theirs = (
                client.post(server.port, (asked,), connections=CONNECTIONS, seconds=SECONDS, warm=WARM)
                for asked in (OURS, DEFAULT)
            )
            pairs.append((ours, theirs))
            say(f"round {number + 1}: {1000 / ours.rate:.2f} ms against {1000 / theirs.rate:.2f} ms")
    ratio = median([ours.rate / theirs.rate for ours, theirs in pairs])
    waits = [1000 / median([pair[side].rate for pair in pairs]) for side in (0, 1)]
    share = max(one.share for pair in pairs for one in pair)
    return Figure(ratio, f"{waits[0]:.2f} ms an answer against {waits[1]:.2f} ms", share)
