"""Rows about what a server holds and how soon it is ready: memory per subscriber, start with a long journal."""

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from websockets.asyncio.client import ClientConnection, connect

from bench import processes
from bench.client import folder
from bench.facts import a_journal_of
from bench.machine import processor_seconds, resident_bytes
from bench.table import Figure, Pending, Say, median
from trading_api.ws.endpoint import PATH

SUBSCRIBERS = 1_000
BEFORE = 50
"""Connections that come and go first, so that what a first connection loads is not counted."""
FACTS = 100_000
KB = 1_000
SUBSCRIBE = '{"type":"orders.subscribe","payload":{"accountId":"DEMO-ACCOUNT"}}'
SETTLE_SECONDS = 1.0


def memory(rounds: int, say: Say) -> Figure:
    found = list[float]()
    for number in range(rounds):
        with TemporaryDirectory() as folder, processes.house(Path(folder)) as server:
            found.append(asyncio.run(_per_subscriber(server)) / KB)
        say(f"round {number + 1}: {found[-1]:.1f} KB each")
    return Figure(median(found), f"resident memory of {SUBSCRIBERS} idle subscribers of one topic, less before")


async def _per_subscriber(server: processes.Running) -> float:
    url = f"ws://127.0.0.1:{server.port}{PATH}"
    for one in [await _subscribed(url) for _ in range(BEFORE)]:
        await one.close()
    await asyncio.sleep(SETTLE_SECONDS)
    before = resident_bytes(server.process_id)
    connections = [await _subscribed(url) for _ in range(SUBSCRIBERS)]
    await asyncio.sleep(SETTLE_SECONDS)
    after = resident_bytes(server.process_id)
    await asyncio.gather(*(one.close() for one in connections))
    return (after - before) / SUBSCRIBERS


async def _subscribed(url: str) -> ClientConnection:
    connection = await connect(url, compression=None)
    await connection.send(SUBSCRIBE)
    await connection.recv()
    return connection


@cache
def _long_lived() -> tuple[Path, int]:
    """A data folder with a long history, made once, and its number of facts."""
    made = folder() / "long-lived"
    return made, asyncio.run(a_journal_of(FACTS, made))


def start(rounds: int, say: Say, *, snapshot: bool) -> Figure:
    say(f"makes a journal of {FACTS:,} facts")
    made, facts = _long_lived()
    if snapshot:
        _leave_a_snapshot(made)
    found = list[tuple[float, float]]()
    for number in range(rounds):
        if not snapshot:
            _remove_snapshots(made)
        with processes.house(made, pinned=False) as server:
            found.append((server.start_seconds, processor_seconds(server.process_id)))
        say(f"round {number + 1}: {found[-1][0]:.2f} s, processor {found[-1][1]:.2f} s")
    waited, worked = (median([one[place] for one in found]) for place in (0, 1))
    return Figure(waited, f"from launch until the address is printed, {facts:,} facts; {worked:.2f} s of processor time")


def _leave_a_snapshot(made: Path) -> None:
    with processes.house(made, pinned=False):
        pass
    if not _snapshots(made):
        raise Pending("a server that ends leaves no snapshot yet")


def _remove_snapshots(made: Path) -> None:
    for path in _snapshots(made):
        path.unlink()


def _snapshots(made: Path) -> list[Path]:
    return [path for path in made.rglob("*snapshot*") if path.is_file()]
