"""History over a socket: trades, explanations, statements and the curve of equity. Bitcoin trades around the clock."""

import csv
import io
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio
from broker_house import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

BTC = "DEMO:BTCUSD"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path_factory.mktemp("house")) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def account(broker: httpx.AsyncClient) -> str:
    """The path of an account that bought, was paid in, and sold in two parts."""
    assert (await broker.post("/accounts", json={"id": "ann", "balance": 100_000})).status_code == 201
    path = "/accounts/ann"
    await told(broker, "POST", f"{path}/orders", json={"symbol": "BTCUSD", "type": 2, "side": 1, "qty": 0.02})
    await told(broker, "POST", f"{path}/fund", json={"amount": 250})
    await told(broker, "POST", f"{path}/positions/{BTC}/close", json={"amount": 0.005})
    await told(broker, "POST", f"{path}/positions/{BTC}/close")
    return path


async def told(broker: httpx.AsyncClient, method: str, path: str, **request: Any) -> Any:
    answer = await broker.request(method, path, **request)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def get(broker: httpx.AsyncClient, path: str, **query: object) -> Any:
    return await told(broker, "GET", path, params=query)


async def refused(broker: httpx.AsyncClient, path: str, **query: object) -> tuple[int, str]:
    answer = await broker.get(path, params=query)  # type: ignore[arg-type]
    body = answer.json()
    assert body.keys() <= {"code", "field", "message", "nearest"}
    return answer.status_code, body["field"]


def money(value: object) -> Decimal:
    return Decimal(str(value))


async def test_closed_trades_are_listed_the_latest_first(broker: httpx.AsyncClient, account: str) -> None:
    trades = await get(broker, f"{account}/trades")
    assert [one["qty"] for one in trades] == [0.015, 0.005]
    fills = {one["id"]: one for one in await get(broker, f"{account}/executions")}
    for trade in trades:
        fill = fills[trade["id"]]
        assert (trade["symbol"], trade["side"], trade["exitPrice"]) == (BTC, 1, fill["price"])
        assert money(trade["netProfit"]) == money(trade["grossProfit"]) - money(trade["fees"]) + money(trade["swap"])
        assert trade["holdingTime"] == trade["exitTime"] - trade["entryTime"] >= 0
        assert {"maePrice", "mfePrice", "mae", "mfe"} <= trade.keys()
    assert await get(broker, f"{account}/trades", before=trades[0]["id"]) == trades[1:]
    assert await get(broker, f"{account}/trades", limit=1) == trades[:1]
    assert await get(broker, f"{account}/trades", side=-1) == []
    assert await get(broker, f"{account}/trades", symbol="BTCUSD", side=1, **{"from": trades[0]["exitTime"] + 1}) == []


async def test_a_fill_is_explained_in_a_sentence(broker: httpx.AsyncClient, account: str) -> None:
    why = await get(broker, f"{account}/executions/x1/explain")
    price = why["explanation"]["ask"]
    assert re.fullmatch(
        rf"Bought 0\.02 BTCUSD at {price:.2f}: the ask was {price:.2f} \(bid [\d.]+\) at [\d: .-]+ UTC\.", why["text"]
    )
    assert why["execution"]["price"] == price and why["explanation"]["rule"] == "market"
    assert await refused(broker, f"{account}/executions/x99/explain") == (404, "executionId")


async def test_a_statement_adds_up_as_json_and_as_csv(broker: httpx.AsyncClient, account: str) -> None:
    statement = await get(broker, f"{account}/statement")
    state = await get(broker, f"{account}/state")
    parts = ("deposits", "withdrawals", "profit", "commission", "swap", "dividends", "corrections")
    total = sum((money(statement[one]) for one in parts), money(statement["openingBalance"]))
    assert total == money(statement["closingBalance"]) == money(state["balance"])
    assert statement["closingEquity"] == state["equity"] and statement["deposits"] == 250
    for answer in (
        await broker.get(f"{account}/statement", params={"format": "csv"}),
        await broker.get(f"{account}/statement", headers={"Accept": "text/csv"}),
    ):
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="statement-ann.csv"'
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert Decimal(rows[0]["balance"]) + sum(Decimal(one["amount"] or 0) for one in rows) == total
        assert [one["kind"] for one in rows[1:-2]] == [one["kind"] for one in statement["lines"]]
    for accept in ("*/*", "application/json, text/csv"):
        assert (await broker.get(f"{account}/statement", headers={"Accept": accept})).json()["accountId"] == "ann"
    now = state["time"]
    assert await refused(broker, f"{account}/statement", **{"from": now, "to": now - 1}) == (422, "to")
    assert await refused(broker, f"{account}/statement", **{"from": [now, now - 1]}) == (422, "from")


async def test_a_curve_ends_with_what_the_account_is_worth(broker: httpx.AsyncClient, account: str) -> None:
    found = await get(broker, f"{account}/equity-curve", points=10)
    state = await get(broker, f"{account}/state")
    assert 2 <= len(found["points"]) <= 10 and found["currency"] == "USD"
    assert (found["points"][-1]["balance"], found["points"][-1]["equity"]) == (state["balance"], state["equity"])
    times = [one["time"] for one in found["points"]]
    assert times == sorted(set(times))
    assert await refused(broker, f"{account}/equity-curve", points=1) == (422, "points")


async def test_ended_orders_and_fills_are_filtered(broker: httpx.AsyncClient, account: str) -> None:
    history = f"{account}/orders/history"
    assert [one["id"] for one in await get(broker, history, side=1)] == ["o1"]
    assert [one["id"] for one in await get(broker, history, symbol="BTCUSD", status=2, type=2)] == ["o3", "o2", "o1"]
    assert await get(broker, history, status=1) == await get(broker, history, symbol="ETHUSD") == []
    assert [one["id"] for one in await get(broker, f"{account}/executions", side=-1)] == ["x2", "x3"]
    for name, value in {"status": "9", "side": "2", "type": "0", "from": "-1", "to": "soon", "symbol": "NOPE"}.items():
        code, field = await refused(broker, history, **{name: value})
        assert (code, field) == (404 if name == "symbol" else 422, name)


async def test_a_stranger_s_history_looks_as_if_there_were_none(broker: httpx.AsyncClient) -> None:
    for path in ("trades", "statement", "equity-curve", "executions/x1/explain"):
        assert await refused(broker, f"/accounts/nobody/{path}") == (404, "accountId")
