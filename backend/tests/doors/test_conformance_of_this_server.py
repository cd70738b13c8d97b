"""Our own server, as it is served, keeps every rule that `trading-api conformance` knows."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from server_process import ServerProcess

RUN_S_MAX = 240
ALWAYS_OPEN = "DEMO:BTCUSD"
CLIENT = "conformance"
BACK = "http://127.0.0.1:8910/back"
OAUTH = ("--oauth-client", CLIENT, "--oauth-redirect", BACK)
OF_GROUPS = {"groupColumns", "groupRows", "groupUnknown", "groupEqualsSymbols"}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("house") / "var"
    process = await ServerProcess.start(folder)
    await command("clients", "add", CLIENT, "--redirect", BACK, "--public", "--data-dir", str(folder))
    yield process.url
    process.kill()
    await process.gone()


async def command(*words: str, **environment: str) -> None:
    """`trading-api` with these words, which must succeed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "trading_api.cli", *words, env={**os.environ, **environment}, stdout=PIPE, stderr=STDOUT
    )
    async with asyncio.timeout(RUN_S_MAX):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def conformance(folder: Path, url: str, *options: str, password: str = "demo") -> dict[str, Any]:
    """The findings, of a run that must succeed; names to what came of them."""
    told, junit = folder / "found.json", folder / "found.xml"
    reports = ("--json", str(told), "--junit", str(junit))
    await command("conformance", url, *reports, *options, "--wait", "1", CONFORMANCE_PASSWORD=password)
    assert junit.read_text().startswith("<?xml")
    return {one["name"]: one["outcome"] for one in json.loads(told.read_text())["checks"]}


def named(found: dict[str, Any], outcome: str) -> set[str]:
    return {name for name, came in found.items() if came == outcome}


async def test_the_datafeed(server: str, tmp_path: Path) -> None:
    found = await conformance(tmp_path, f"{server}/api/v1/datafeed", "--symbol", ALWAYS_OPEN)
    assert named(found, "skipped") == OF_GROUPS
    assert not named(found, "warned")


async def test_the_datafeed_of_groups(server: str, tmp_path: Path) -> None:
    beside = ("--beside", f"{server}/api/v1/datafeed")
    found = await conformance(tmp_path, f"{server}/api/v1/datafeed/grouped", *beside, "--symbol", ALWAYS_OPEN)
    one_by_one = {"symbolWithoutStatus", "symbolLookups", "symbolUnknown"}
    assert named(found, "skipped") == one_by_one | {name for name in found if name.startswith("search")}
    assert not named(found, "warned")


async def test_the_broker(server: str, tmp_path: Path) -> None:
    options = ("--login", "demo", *OAUTH, "--allow-orders", "--symbol", "BTCUSD", "--streaming-seconds", "5")
    found = await conformance(tmp_path, f"{server}/api/v1/tradingview", *options)
    assert named(found, "skipped") == {"balancesFields"}
    # Only because the stream is read for less than half a minute.
    assert named(found, "warned") == {"streamingPermanentConnection"}


@pytest.mark.long
async def test_the_broker_over_whole_minutes_of_its_stream(server: str, tmp_path: Path) -> None:
    options = ("--login", "demo", "--symbol", "BTCUSD", "--streaming-seconds", "125", "--skip", "historyNoDataChanges")
    found = await conformance(tmp_path, f"{server}/api/v1/tradingview", *options)
    assert not named(found, "warned")
    assert found["streamingHistoryEquality"] == "passed"
