"""An account that fails stops alone: seen from outside, over REST and the socket, while another one trades on."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from whole_house import whole_house

from trading_api.core.engine import Engine
from trading_api.models.facts import Command, Fact, Requested

BROKEN, SOUND = "DEMO-EUR", "DEMO-ACCOUNT"
FATAL = 0.66
WHY = "an order filled beyond its quantity"


@asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    async with whole_house(folder) as place, httpx.AsyncClient(base_url=f"http://{place}/api/v1", timeout=20) as client:
        yield client, f"ws://{place}/api/v1/ws"


async def place(client: httpx.AsyncClient, account: str, quantity: float = 0.5) -> httpx.Response:
    order = {"symbol": "DEMO:BTCUSD", "type": 2, "side": 1, "qty": quantity}
    return await client.post(f"/broker/accounts/{account}/orders", json=order)


async def health(client: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    """The status, and the trouble of each account in trouble."""
    body = (await client.get("/health")).json()
    return body["status"], {one["accountId"]: one["trouble"] for one in body["checks"] if "accountId" in one}


async def subscribe(ws: websockets.ClientConnection, topic: str, **request: object) -> Any:
    await ws.send(json.dumps({"type": f"{topic}.subscribe", "payload": request}))
    return json.loads(await ws.recv())["payload"]


async def others_go_on(client: httpx.AsyncClient, url: str) -> None:
    before = (await client.get(f"/broker/accounts/{SOUND}/executions")).json()
    placed = await place(client, SOUND)
    assert placed.status_code == 200, placed.text
    after = (await client.get(f"/broker/accounts/{SOUND}/executions")).json()
    assert len(after) == len(before) + 1
    async with websockets.connect(url) as ws:
        assert (await subscribe(ws, "quotes", symbol="DEMO:BTCUSD"))["status"] == "ok"
        assert json.loads(await ws.recv())["type"] == "quotes.update"


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders of one quantity break a rule of the engine."""
    submit = Engine.submit

    def breaking(engine: Engine, command: Command, at: int) -> tuple[Fact, ...]:
        asked = command.order.quantity if isinstance(command, Requested) and command.order else 0
        assert float(asked) != FATAL, WHY
        return submit(engine, command, at)

    monkeypatch.setattr(Engine, "submit", breaking)


@pytest.mark.usefixtures("fragile")
async def test_an_account_whose_rules_break_stops_alone_and_says_why_everywhere(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (client, url):
        assert await health(client) == ("ok", {})
        assert (await place(client, BROKEN)).status_code == 200
        async with websockets.connect(url) as ws:
            told = await subscribe(ws, "broker-connection", accountId=BROKEN)
            assert (told["state"]["status"], told["state"]["message"]) == (1, "Connected")
            fatal = await place(client, BROKEN, FATAL)
            assert (fatal.status_code, fatal.json()["code"]) == (503, "account_stopped")
            update = json.loads(await ws.recv())
            assert (update["type"], update["payload"]["payload"]["status"]) == ("broker-connection.update", 4)
            assert update["payload"]["payload"]["message"] == WHY
        assert await health(client) == ("degraded", {BROKEN: WHY})
        for command in (
            client.post(f"/broker/accounts/{BROKEN}/fund", json={"amount": 5}),
            client.delete(f"/broker/accounts/{BROKEN}/orders/o99"),
            client.post(f"/broker/accounts/{BROKEN}/positions/nope/close"),
        ):
            refused = await command
            assert (refused.status_code, refused.json()["code"]) == (503, "account_stopped")
            assert WHY in refused.json()["message"] and BROKEN in refused.json()["message"]
        # What was flushed before can still be read.
        assert len((await client.get(f"/broker/accounts/{BROKEN}/executions")).json()) == 1
        await others_go_on(client, url)
    async with a_house(tmp_path) as (client, url):
        assert await health(client) == ("ok", {})
        assert (await place(client, BROKEN)).status_code == 200


async def test_an_account_whose_journal_cannot_be_folded_does_not_keep_the_house_from_starting(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (client, _):
        assert (await place(client, BROKEN)).status_code == 200
        assert (await place(client, SOUND)).status_code == 200
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection, connection:
        connection.execute("UPDATE facts SET recorded_at = recorded_at + 1 WHERE account = ? AND sequence = 2", (BROKEN,))
    async with a_house(tmp_path) as (client, url):
        status, troubles = await health(client)
        assert (status, list(troubles)) == ("degraded", [BROKEN])
        assert f"cannot be read at fact 2 of account {BROKEN}" in troubles[BROKEN]
        refused = await place(client, BROKEN)
        assert (refused.status_code, refused.json()["code"]) == (503, "account_stopped")
        assert "fact 2" in refused.json()["message"]
        # Its books are not known, so nothing of them is told; that it is there is.
        for read in ("orders", "positions", "executions", "state"):
            assert (await client.get(f"/broker/accounts/{BROKEN}/{read}")).json()["code"] == "account_stopped"
        assert {one["id"] for one in (await client.get("/broker/accounts")).json()} >= {BROKEN, SOUND}
        async with websockets.connect(url) as ws:
            told = await subscribe(ws, "broker-connection", accountId=BROKEN)
            assert told["state"]["status"] == 4 and "fact 2" in told["state"]["message"]
            assert (await subscribe(ws, "orders", accountId=BROKEN))["code"] == "account_stopped"
        await others_go_on(client, url)
