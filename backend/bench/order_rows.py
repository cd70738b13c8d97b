"""Rows about orders: how many a second are placed durably, and how soon a fill is on the socket."""

import http.client
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import client, processes
from bench.table import Figure, Say, median
from trading_api.core.versioning import API_PREFIX
from trading_api.ws.endpoint import PATH

ACCOUNT = "BENCH"
SYMBOL = "DEMO:BENCHUSD"
INSTRUMENTS = Path(__file__).with_name("instruments.toml")
ACCOUNTS = f"{API_PREFIX}/broker/accounts"
TOPICS = ("executions", "orders", "equity", "positions")
LISTEN = tuple(f'{{"type":"{topic}.subscribe","payload":{{"accountId":"{ACCOUNT}"}}}}' for topic in TOPICS)
CONNECTIONS = 32
SECONDS = 3.0
WARM = 1.0
FILLS = 500
BALANCE = 1_000_000_000
"""So much that no order of the bench is refused for margin."""


def request(path: str, body: object | None = None, method: str | None = None) -> str:
    """An HTTP request as it crosses the wire."""
    text = json.dumps(body, separators=(",", ":")) if body is not None else ""
    head = f"{method or ('POST' if body is not None else 'GET')} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    content = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n" if body is not None else ""
    return f"{head}{content}\r\n{text}"


def order(side: int) -> str:
    """A market order; buying and selling alternate, so that the position stays small."""
    return request(f"{ACCOUNTS}/{ACCOUNT}/orders", {"symbol": SYMBOL, "type": 2, "side": side, "qty": 0.01})


ORDERS = (order(1), order(-1))


def send(port: int, path: str, body: object) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status >= 300:
        raise client.ClientFailed(f"{path} was answered {answer.status}: {answer.read().decode()}")


@contextmanager
def trading_house(folder: Path) -> Iterator[processes.Running]:
    with processes.house(folder / "state", settings={"TRADING_INSTRUMENTS": str(INSTRUMENTS)}) as server:
        send(server.port, ACCOUNTS, {"id": ACCOUNT, "currency": "USD", "balance": BALANCE})
        # A position that stays, as a trader has one: a flat account would let go of the symbol after every other order.
        send(server.port, f"{ACCOUNTS}/{ACCOUNT}/orders", {"symbol": SYMBOL, "type": 2, "side": 1, "qty": 1})
        yield server


def placing(rounds: int, say: Say) -> Figure:
    pairs = list[tuple[client.Counted, client.Counted]]()
    with TemporaryDirectory() as folder, trading_house(Path(folder)) as server, processes.small_server("empty-post") as empty:
        for number in range(rounds):
            ours = client.post(
                server.port, ORDERS, connections=CONNECTIONS, seconds=SECONDS, warm=WARM, path=PATH, messages=LISTEN
            )
            theirs = client.post(empty.port, ORDERS, connections=CONNECTIONS, seconds=SECONDS, warm=WARM)
            pairs.append((ours, theirs))
            say(f"round {number + 1}: {ours.rate:,.0f} orders/s against {theirs.rate:,.0f} empty answers/s")
    ratio = median([ours.rate / theirs.rate for ours, theirs in pairs])
    rates = [median([pair[side].rate for pair in pairs]) for side in (0, 1)]
    share = max(one.share for pair in pairs for one in pair)
    return Figure(ratio, f"{rates[0]:,.0f} filled market orders/s against {rates[1]:,.0f} empty answers/s", share)


def fill(rounds: int, say: Say) -> Figure:
    pairs = list[tuple[float, float]]()
    with TemporaryDirectory() as folder, trading_house(Path(folder)) as server:
        for number in range(rounds):
            filled = client.fill(
                server.port, ORDERS, rounds=FILLS, path=PATH, messages=LISTEN, needle='"executions.update"'
            ).p50_ms
            committed = _commit_p50_ms(Path(folder), number)
            pairs.append((filled, committed))
            say(f"round {number + 1}: fill p50 {filled:.2f} ms, commit p50 {committed:.2f} ms")
    ratio = median([filled / committed for filled, committed in pairs])
    p50s = [median([pair[side] for pair in pairs]) for side in (0, 1)]
    return Figure(ratio, f"fill frame p50 {p50s[0]:.2f} ms against a commit's {p50s[1]:.2f} ms")


def _commit_p50_ms(folder: Path, number: int) -> float:
    """The journal's last fill, again and again into a table made like the journal's: a transaction and a flush each."""
    with closing(sqlite3.connect(folder / "state/journal.sqlite")) as journal:
        row = journal.execute("SELECT * FROM facts WHERE body LIKE '%executed%' ORDER BY position DESC LIMIT 1").fetchone()
        (table,) = journal.execute("SELECT sql FROM sqlite_master WHERE name = 'facts'").fetchone()
    target = folder / f"commits-{number}.sqlite"
    places = ", ".join("?" for _ in row)
    waits = list[float]()
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(table)
        for sequence in range(1, FILLS + 1):
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"INSERT INTO facts VALUES ({places})", (sequence, row[1], sequence, *row[3:]))
            connection.execute("COMMIT")
            waits.append((time.perf_counter() - begun) * 1000)
    return median(waits)
