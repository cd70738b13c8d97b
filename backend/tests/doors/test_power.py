"""A power cut loses nothing that was acknowledged: from a recorded trace of a real server's writes, flushes and answers."""

import asyncio
import json
import os
import random
import shutil
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from crash_record import Record
from crash_traders import BROKER, TIMEOUT_S, load
from power_cut import disk_after_a_cut, told_by, told_too_early
from server_process import ServerProcess
from system_calls import Call, recorded, recording, sent
from websockets.asyncio.client import connect

from fakes import FakeClock
from trading_api.core.journal_row import seal
from trading_api.models.errors import Stopped
from trading_api.plugins.journal_sqlite import SqliteJournal

pytestmark = pytest.mark.strace

ODD = str(Path(__file__).with_name("odd_server.py"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
ACCOUNT = "A0"
ANSWERS = 150
CUTS = 40
LOAD_S_MAX = 240
TOPICS = ("orders", "executions", "positions", "equity")


class Traded(NamedTuple):
    """A server that traded under the recorder and was killed: what it asked of the kernel, and the text of each fact's row."""

    calls: list[Call]
    bodies: dict[int, bytes]
    record: Record


async def trade_recorded(folder: Path, how: str) -> Traded:
    data, trace = folder / "var", folder / "trace"
    server = await ServerProcess.start(data, (ODD, how), under=recording(trace))
    record = Record(ACCOUNT, Decimal(1_000_000))
    async with httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT_S) as client:
        answer = await client.post(BROKER, json={"id": ACCOUNT, "currency": "USD", "balance": 1_000_000})
        assert answer.status_code == 201, answer.text
    async with asyncio.timeout(LOAD_S_MAX):
        listener = asyncio.create_task(listen(server.url))
        await load(server.url, [record], traders=4, until=ANSWERS, name="power", chance=random.Random(SEED), enough=server.kill)
        await server.gone()
        await asyncio.gather(listener, return_exceptions=True)
    return Traded(recorded(trace), await bodies_of(data), record)


async def listen(url: str) -> None:
    """A reader of the account's topics: what it is told counts as well."""
    async with connect(f"{url.replace('http', 'ws', 1)}/api/v1/ws") as socket:
        for topic in TOPICS:
            await socket.send(json.dumps({"type": f"{topic}.subscribe", "payload": {"accountId": ACCOUNT}}))
        async for _ in socket:
            pass


async def bodies_of(data: Path) -> dict[int, bytes]:
    copy = data.with_name("copy")
    shutil.copytree(data, copy)
    journal = SqliteJournal(copy / "journal.sqlite", FakeClock())
    facts = [recorded async for recorded in journal.read(ACCOUNT)]
    await journal.close()
    return {
        one.sequence: seal(one.fact, account=ACCOUNT, sequence=one.sequence, recorded_at=0, previous=bytes(16)).body.encode()
        for one in facts
    }


async def facts_left(folder: Path) -> int | str:
    """How many facts of the account a server started on this folder would find, or why it would refuse."""
    try:
        journal = SqliteJournal(folder / "journal.sqlite", FakeClock())
    except Stopped as stopped:
        return str(stopped)
    try:
        return len([one async for one in journal.read(ACCOUNT)])
    except Stopped as stopped:
        return str(stopped)
    finally:
        await journal.close()


async def lost_in_cuts(traded: Traded, folder: Path) -> list[str]:
    """What cuts at random moments, most of them just after an answer went out, would have lost."""
    chance = random.Random(SEED)
    answers = [call.began + 1 for call in sent(traded.calls)]
    places = sorted({*chance.sample(answers, CUTS * 3 // 4), *chance.sample(range(answers[0], answers[-1]), CUTS // 4)})
    lost = []
    for place in places:
        disk = folder / f"cut{place}"
        disk.mkdir()
        disk_after_a_cut(traded.calls, place, disk, chance)
        told, left = told_by(traded.calls, place), await facts_left(disk)
        if isinstance(left, str) or left < told:
            lost.append(f"a cut at call {place}: fact {told} was told, left: {left} (CRASH_SEED={SEED})")
    return lost


async def test_every_answer_and_frame_leaves_after_the_flush_of_what_it_tells(tmp_path: Path) -> None:
    traded = await trade_recorded(tmp_path, "small-log")
    assert traded.record.last_fact > ANSWERS
    told = told_by(traded.calls, len(traded.calls) * 100)
    assert told >= traded.record.last_fact
    assert any(call.file.endswith("journal.sqlite") and call.name == "fdatasync" for call in traded.calls), (
        "no log carried over"
    )
    assert told_too_early(traded.calls, traded.bodies) == []
    assert await lost_in_cuts(traded, tmp_path) == []


@pytest.mark.parametrize("how", ["synchronous=OFF", "synchronous=NORMAL", "hasty"])
async def test_the_same_judges_find_out_a_server_that_does_not_flush_first(tmp_path: Path, how: str) -> None:
    traded = await trade_recorded(tmp_path, how)
    assert told_too_early(traded.calls, traded.bodies)
    assert await lost_in_cuts(traded, tmp_path)
