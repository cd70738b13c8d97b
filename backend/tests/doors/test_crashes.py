"""Kill the real server under load, start it again, and compare with what its traders wrote down.

CRASH_KILLS says how often (default 3, in the long test 20), CRASH_SEED which commands are sent.
"""

import asyncio
import os
from pathlib import Path

import httpx
import pytest
from crash_traders import BROKER, SYMBOLS, TIMEOUT_S, exact, prices
from crashes import SEED, Crashes, copied_journal
from server_process import REAL, ServerProcess

from trading_api.models.facts import Executed

KILLS = int(os.environ.get("CRASH_KILLS", "3"))
KILLS_LONG = int(os.environ.get("CRASH_KILLS", "20"))
HASTY = (str(Path(__file__).with_name("mutant_server.py")),)
SMALL_DISK = (str(Path(__file__).with_name("small_disk_server.py")),)
SNAPSHOTS = (str(Path(__file__).with_name("odd_server.py")), "snapshots")
POLL_S = 0.05
FIRES_S_MAX = 60
"""Bitcoin moves several dollars a second."""


async def test_what_was_acknowledged_survives_kills_under_load(tmp_path: Path) -> None:
    await survive(tmp_path, KILLS)


@pytest.mark.long
async def test_what_was_acknowledged_survives_many_kills_under_load(tmp_path: Path) -> None:
    await survive(tmp_path, KILLS_LONG)


async def survive(folder: Path, kills: int) -> None:
    async with Crashes(folder, REAL) as crashes:
        for number in range(kills):
            assert await crashes.trade_and_kill(number) == [], f"repeat with CRASH_SEED={SEED} CRASH_KILLS={number + 1}"
            assert await crashes.repeat() == [], f"repeat with CRASH_SEED={SEED} CRASH_KILLS={number + 1}"


async def test_snapshots_taken_under_load_and_kills_change_nothing(tmp_path: Path) -> None:
    async with Crashes(tmp_path, SNAPSHOTS) as crashes:
        for number in range(2):
            assert await crashes.trade_and_kill(number) == [], f"CRASH_SEED={SEED}"
        assert len(list((tmp_path / "var" / "snapshots").glob("*.snapshot"))) >= 3
        assert await crashes.repeat() == []


async def test_the_same_comparison_finds_out_a_server_that_acknowledges_before_the_commit(tmp_path: Path) -> None:
    async with Crashes(tmp_path, HASTY) as crashes:
        found = await crashes.trade_and_kill(0)
    assert any("was acknowledged as" in difference for difference in found), found
    assert any("the journal ends at" in difference for difference in found), found


async def test_a_disk_that_is_full_stops_the_server_in_one_sentence_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    async with Crashes(tmp_path, SMALL_DISK) as crashes:
        code, last_words = await crashes.trade_until_it_stops()
        assert (code, last_words[:50]) == (2, "trading-api: expected to write the journal " + str(tmp_path)[:7])
        assert await crashes.restart(REAL) == []
        assert await crashes.repeat() == []


async def test_stops_that_waited_through_a_kill_fire_when_the_market_gets_there(tmp_path: Path) -> None:
    data = tmp_path / "var"
    server = await ServerProcess.start(data)
    try:
        async with httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT_S) as client:
            placed = [await place_stop(client, side, away) for away in (3, 6, 12) for side in (1, -1)]
        server.kill()
        await server.gone()
        waiting = {one for one in placed if one} - await executed_in_a_copy_of(data)
        assert waiting
        server = await ServerProcess.start(data)
        async with asyncio.timeout(FIRES_S_MAX), httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT_S) as client:
            while not waiting & {one["orderId"] for one in exact(await client.get(f"{BROKER}/DEMO-ACCOUNT/executions"))}:
                await asyncio.sleep(POLL_S)
    finally:
        server.kill()
        await server.gone()


async def place_stop(client: httpx.AsyncClient, side: int, away: int) -> str | None:
    """The id of a stop so many dollars from the market; None when the market was quicker."""
    price = (await prices(client))[SYMBOLS[0]] + side * away
    order = {"symbol": SYMBOLS[0], "type": 3, "side": side, "qty": 0.01, "stopPrice": float(price)}
    answer = exact(await client.post(f"{BROKER}/DEMO-ACCOUNT/orders", json=order))
    return answer.get("orderId")


async def executed_in_a_copy_of(data: Path) -> set[str]:
    """The orders that a dead server's journal says were filled."""
    async with copied_journal(data) as journal:
        facts = [recorded.fact async for recorded in journal.read("DEMO-ACCOUNT")]
    return {fact.order_id for fact in facts if isinstance(fact, Executed)}
