"""Our own server, as it is served, keeps every rule that `trading-api conformance` knows."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from server_process import ServerProcess

RUN_S_MAX = 240
ALWAYS_OPEN = "DEMO:BTCUSD"
CLIENT = "conformance"
BACK = "http://127.0.0.1:8910/back"
LOGIN, PASSWORD = "trader", "a-password-of-a-trader"
QUICK = ("--streaming-seconds", "5", "--skip", "ordersEndedStay")
WARNED_WHEN_QUICK = {"streamingPermanentConnection"}
"""The stream is read for less than half a minute."""
OF_BALANCES = {"balancesFields", "balancesOfFill"}
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


async def command(*words: str, input: str = "", **environment: str) -> str:
    """What `trading-api` says with these words, which must succeed."""
    program, env = (sys.executable, "-m", "trading_api.cli"), {**os.environ, **environment}
    process = await asyncio.create_subprocess_exec(*program, *words, env=env, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    async with asyncio.timeout(RUN_S_MAX):
        output, _ = await process.communicate(f"{input}\n".encode())
    assert process.returncode == 0, output.decode()
    return output.decode()


async def conformance(folder: Path, url: str, *options: str, password: str = "demo", **environment: str) -> dict[str, Any]:
    """The findings, of a run that must succeed; names to what came of them."""
    told, junit = folder / "found.json", folder / "found.xml"
    reports = ("--json", str(told), "--junit", str(junit))
    await command("conformance", url, *reports, *options, "--wait", "1", CONFORMANCE_PASSWORD=password, **environment)
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
    options = ("--login", "demo", *OAUTH, "--allow-fills", "--symbol", "BTCUSD", *QUICK)
    found = await conformance(tmp_path, f"{server}/api/v1/tradingview", *options)
    assert named(found, "skipped") == OF_BALANCES
    assert named(found, "warned") == WARNED_WHEN_QUICK


@pytest.mark.long
async def test_the_broker_over_whole_minutes_of_its_stream(server: str, tmp_path: Path) -> None:
    options = ("--login", "demo", "--symbol", "BTCUSD", "--streaming-seconds", "125", "--skip", "historyNoDataChanges")
    found = await conformance(tmp_path, f"{server}/api/v1/tradingview", *options)
    assert not named(found, "warned")
    assert found["streamingHistoryEquality"] == "passed"


@pytest.mark.long
async def test_the_broker_with_authentication(tmp_path: Path) -> None:
    """Somebody who is no administrator, on accounts of their own; of the first nothing is left out."""
    folder = tmp_path / "var"
    await command("users", "add", LOGIN, "--password-stdin", "--data-dir", str(folder), input=PASSWORD)
    told = await command("clients", "add", CLIENT, "--redirect", BACK, "--data-dir", str(folder))
    process = await ServerProcess.start(folder, under=("env", "TRADING_AUTHENTICATION=true"))
    try:
        url = f"{process.url}/api/v1/tradingview"
        secret = {"CONFORMANCE_CLIENT_SECRET": told.split()[-1]}
        for mode, quick, warned in (("netting", (), set()), ("hedging", QUICK, WARNED_WHEN_QUICK)):
            account = await open_account(process.url, mode)
            options = ("--login", LOGIN, "--account", account, *OAUTH, "--allow-fills", "--symbol", "BTCUSD", *quick)
            found = await conformance(tmp_path, url, *options, password=PASSWORD, **secret)
            assert named(found, "skipped") == OF_BALANCES
            assert named(found, "warned") == warned
    finally:
        process.kill()
        await process.gone()


async def open_account(url: str, mode: str) -> str:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=60) as client:
        told = await client.post("/tradingview/authorize", data={"login": LOGIN, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {told.json()['d']['access_token']}"
        answer = await client.post("/broker/accounts", json={"id": f"{LOGIN}-{mode}", "positionMode": mode})
        assert answer.is_success, answer.text
        return f"{LOGIN}-{mode}"
