"""A backup taken while traders load a real server holds what was acknowledged before it, and another server goes on from it."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from crash_record import Record
from crash_traders import BROKER, TIMEOUT_S, load
from crashes import facts_in_a_copy_of
from server_process import REAL, ServerProcess

ANSWERS = 60
OPENING = 1_000_000


async def trading_api(*arguments: str | Path) -> tuple[int, str]:
    """The command line's exit code and all it said."""
    process = await asyncio.create_subprocess_exec(sys.executable, *REAL, *map(str, arguments), stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (out + err).decode()


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """What is made without a thought may be read by everyone."""
    before = os.umask(0)
    yield
    os.umask(before)


async def test_a_backup_beside_a_trading_server_can_be_traded_on(tmp_path: Path, open_to_all: None) -> None:
    (tmp_path / "one").mkdir(mode=0o777)
    server = await ServerProcess.start(tmp_path / "one")
    record, busy = Record("A0", Decimal(OPENING)), asyncio.Event()
    async with httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT_S) as client:
        await client.post(BROKER, json={"id": "A0", "currency": "USD", "balance": OPENING})
    trading = asyncio.create_task(
        load(server.url, [record], traders=3, until=ANSWERS, name="b", chance=random.Random(1), enough=busy.set)
    )
    try:
        await busy.wait()
        before = record.last_fact
        code, said = await trading_api("backup", tmp_path / "b.backup", "--data-dir", tmp_path / "one")
        after = record.last_fact
        assert (code, after > before) == (0, True), said
        assert (await trading_api("verify", "--data-dir", tmp_path / "one"))[0] == 0
        code, said = await trading_api("restore", tmp_path / "b.backup", "--data-dir", tmp_path / "one", "--yes")
        assert (code, "another server" in said) == (2, True)
    finally:
        server.kill()
        await server.gone()
        await trading
    code, said = await trading_api("restore", tmp_path / "b.backup", "--data-dir", tmp_path / "two")
    assert code == 0, said
    assert (await facts_in_a_copy_of(tmp_path / "two"))["A0"] >= before
    second = await ServerProcess.start(tmp_path / "two")
    try:
        async with httpx.AsyncClient(base_url=second.url, timeout=TIMEOUT_S) as client:
            history = (await client.get(f"{BROKER}/A0/orders/history")).json()
            known = {order["id"] for order in [*(await client.get(f"{BROKER}/A0/orders")).json(), *history]}
            answered = [one.heard.body for one in record.sent if one.heard and one.done]
            assert {one["orderId"] for one in answered if "orderId" in one and one["fact"] <= before} <= known
            answer = await client.post(f"{BROKER}/A0/orders", json={"symbol": "DEMO:BTCUSD", "type": 2, "side": 1, "qty": 0.1})
            assert answer.status_code == 200, answer.text
    finally:
        second.kill()
        await second.gone()
    made = [path for name in ("one", "two") for path in (tmp_path / name).iterdir()]
    names = {"journal.sqlite", "journal.sqlite-wal", "journal.head", "store.sqlite", "archive.sqlite", "archive.sqlite-shm"}
    assert {path.name for path in made} >= names
    assert [path for path in (tmp_path / "b.backup", *made) if path.stat().st_mode & 0o077] == []
