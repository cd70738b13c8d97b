"""Every endpoint of the broker as a client sees it, over a socket. Bitcoin trades around the clock, so fills never wait."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from broker_house import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEMO = "/accounts/DEMO-ACCOUNT"
BTC = "DEMO:BTCUSD"
ETH = "DEMO:ETHUSD"
DAY_MS = 86_400_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path_factory.mktemp("house")) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def account(broker: httpx.AsyncClient, request: pytest.FixtureRequest) -> str:
    """The path of an account of this test's own."""
    name = re.sub(r"\W+", "-", request.node.name)[-40:].strip("-_")
    answer = await broker.post("/accounts", json={"id": name, "balance": 1_000_000})
    assert answer.status_code == 201, answer.text
    return f"/accounts/{name}"


def an_order(**changes: object) -> dict[str, object]:
    return {"symbol": "BTCUSD", "type": 2, "side": 1, "qty": 0.5} | changes


async def ok(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


async def place(broker: httpx.AsyncClient, account: str, **changes: object) -> dict[str, Any]:
    return dict(await ok(await broker.post(f"{account}/orders", json=an_order(**changes))))


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The one body of every refusal."""
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert {"code", "message"} <= body.keys() <= {"code", "field", "message", "nearest"}, body
    assert re.fullmatch(r"[a-z_]+", body["code"])
    assert not re.search(r"[{\[]['\"]|Decimal\(|Error\b|None\b", body["message"]), body
    return body


# Accounts


async def test_the_first_start_offers_three_accounts(broker: httpx.AsyncClient) -> None:
    accounts = {one["id"]: one for one in await ok(await broker.get("/accounts"))}
    assert accounts["DEMO-ACCOUNT"] == {
        "id": "DEMO-ACCOUNT",
        "name": "Demo in dollars",
        "currency": "USD",
        "currencySign": "$",
        "leverage": 30,
        "markets": ["DEMO"],
        "positionMode": "netting",
        "fifo": False,
        "live": False,
    }
    assert {accounts[one]["currency"] for one in ("DEMO-EUR", "DEMO-JPY")} == {"EUR", "JPY"}
    assert await ok(await broker.get(DEMO)) == accounts["DEMO-ACCOUNT"]


async def test_an_account_is_created_funded_and_reset(broker: httpx.AsyncClient) -> None:
    created = await broker.post("/accounts", json={"id": "carol", "name": "Carol", "currency": "EUR", "balance": "500.25"})
    assert created.status_code == 201 and created.json()["currency"] == "EUR"
    assert error(await broker.post("/accounts", json={"id": "carol"}), 409)["code"] == "account_exists"
    answer = await ok(await broker.post("/accounts/carol/fund", json={"amount": 99.75, "clientId": "f1"}))
    assert answer["status"] == "ok" and isinstance(answer["fact"], int)
    assert (
        await ok(await broker.post("/accounts/carol/fund", json={"amount": 99.75}, headers={"Idempotency-Key": "f1"})) == answer
    )
    state = await ok(await broker.get("/accounts/carol/state"))
    assert state | {"time": 0} == {
        "accountId": "carol",
        "currency": "EUR",
        "balance": 600,
        "equity": 600,
        "unrealizedPL": 0,
        "realizedPL": 0,
        "marginUsed": 0,
        "marginAvailable": 600,
        "positions": [],
        "time": 0,
    }
    await ok(await broker.post("/accounts/carol/reset"))
    assert (await ok(await broker.get("/accounts/carol/state")))["balance"] == 500.25
    await ok(await broker.post("/accounts/carol/reset", json={"balance": 7}))
    assert (await ok(await broker.get("/accounts/carol/state")))["balance"] == 7


# Orders


async def test_a_market_order_fills_and_everything_is_told_in_numbers(broker: httpx.AsyncClient, account: str) -> None:
    answer = await place(broker, account, takeProfit=10_000_000, stopLoss=1)
    assert answer == {"status": "ok", "orderId": "o1", "fact": answer["fact"]}
    order = await ok(await broker.get(f"{account}/orders/o1"))
    assert order.items() >= {"id": "o1", "symbol": BTC, "type": 2, "side": 1, "qty": 0.5, "status": 2, "filledQty": 0.5}.items()
    assert isinstance(order["avgPrice"], int | float)
    brackets = await ok(await broker.get(f"{account}/orders"))
    assert [(one["type"], one["side"], one["status"], one["parentId"], one["parentType"]) for one in brackets] == [
        (1, -1, 6, BTC, 2),
        (3, -1, 6, BTC, 2),
    ]
    (position,) = await ok(await broker.get(f"{account}/positions"))
    assert (
        position.items() >= {"id": BTC, "symbol": BTC, "side": 1, "qty": 0.5, "takeProfit": 10_000_000, "stopLoss": 1}.items()
    )
    assert position["avgPrice"] == order["avgPrice"]
    (execution,) = await ok(await broker.get(f"{account}/executions"))
    assert execution.items() >= {"orderId": "o1", "positionId": BTC, "qty": 0.5, "price": order["avgPrice"], "side": 1}.items()
    state = await ok(await broker.get(f"{account}/state"))
    assert state["balance"] == pytest.approx(1_000_000 - execution["commission"], abs=1e-9)
    assert [one["id"] for one in state["positions"]] == [BTC]


async def test_a_pending_order_is_listed_changed_and_cancelled(broker: httpx.AsyncClient, account: str) -> None:
    placed = await place(broker, account, type=1, limitPrice=5000, duration={"type": "DAY"}, takeProfit=6000, stopLoss=4000)
    path = f"{account}/orders/{placed['orderId']}"
    order = await ok(await broker.get(path))
    assert (order["status"], order["limitPrice"], order["duration"]["type"]) == (6, 5000, "DAY")
    assert order["duration"]["datetime"] % 86_400_000 == 0
    await ok(await broker.patch(path, json={"limitPrice": "5000.50", "qty": 1, "takeProfit": None}))
    order = await ok(await broker.get(path))
    assert (order["limitPrice"], order["qty"], order.get("takeProfit"), order["stopLoss"]) == (5000.5, 1, None, 4000)
    await ok(await broker.delete(path))
    assert await ok(await broker.get(f"{account}/orders")) == []
    history = await ok(await broker.get(f"{account}/orders/history"))
    assert {one["id"]: one["status"] for one in history} == {"o1": 1, "o2": 1, "o3": 1}
    assert error(await broker.delete(path), 422)["code"] == "order_ended"


async def test_a_position_is_closed_in_part_and_then_whole(broker: httpx.AsyncClient, account: str) -> None:
    await place(broker, account, qty=0.09)
    for amount in (0.03, "0.0300", None):
        body = None if amount is None else {"amount": amount}
        answer = await ok(await broker.post(f"{account}/positions/{BTC}/close", json=body))
        assert answer["positionId"] == BTC and answer["orderId"]
    assert await ok(await broker.get(f"{account}/positions")) == []
    fills = await ok(await broker.get(f"{account}/executions"))
    assert [one["qty"] for one in fills] == [0.09, 0.03, 0.03, 0.03]
    state = await ok(await broker.get(f"{account}/state"))
    booked = sum(one["profit"] - one["commission"] for one in fills)
    assert state["balance"] == pytest.approx(1_000_000 + booked, abs=1e-6) and state["marginUsed"] == 0
    assert error(await broker.post(f"{account}/positions/{BTC}/close"), 404)["field"] == "positionId"


async def test_executions_can_be_asked_for_one_symbol(broker: httpx.AsyncClient, account: str) -> None:
    await place(broker, account)
    await place(broker, account, symbol="DEMO:ETHUSD")
    for symbol, expected in (("ETHUSD", {ETH}), (BTC, {BTC})):
        found = await ok(await broker.get(f"{account}/executions", params={"symbol": symbol}))
        assert {one["symbol"] for one in found} == expected
    assert error(await broker.get(f"{account}/executions", params={"symbol": "NOPE"}), 404)["field"] == "symbol"


async def test_several_accounts_trade_at_once(broker: httpx.AsyncClient) -> None:
    accounts = ("DEMO-ACCOUNT", "DEMO-EUR", "DEMO-JPY")
    await asyncio.gather(*(place(broker, f"/accounts/{one}", qty=0.002) for one in accounts for _ in range(5)))
    for one in accounts:
        (position,) = await ok(await broker.get(f"/accounts/{one}/positions"))
        assert position["qty"] == 0.01
        assert len(await ok(await broker.get(f"/accounts/{one}/executions"))) == 5
    yen = await ok(await broker.get("/accounts/DEMO-JPY/state"))
    dollars = await ok(await broker.get("/accounts/DEMO-ACCOUNT/state"))
    assert yen["balance"] == int(yen["balance"])
    assert 50 < yen["marginUsed"] / dollars["marginUsed"] < 300


# Instruments


async def test_instruments_say_what_a_ticket_needs(broker: httpx.AsyncClient) -> None:
    listed = {one["symbol"]: one for one in await ok(await broker.get(f"{DEMO}/instruments"))}
    assert len(listed) >= 8
    bitcoin = listed[BTC]
    assert bitcoin["qty"] == {"min": 0.001, "max": 100, "step": 0.001, "default": 1}
    assert (bitcoin["isOpen"], bitcoin["isTradable"], bitcoin["leverage"]) == (True, True, "10:1")
    assert "changesAt" not in bitcoin, "it never closes"
    assert 0 < listed["DEMO:EURUSD"]["changesAt"] - time.time() * 1000 < 8 * DAY_MS
    one = await ok(await broker.get(f"{DEMO}/instruments/BTCUSD"))
    assert one | {"pipValue": 0} == bitcoin | {"pipValue": 0} and one["pipValue"] == 0.01
    assert error(await broker.get(f"{DEMO}/instruments/NOPE"), 404)["field"] == "symbol"


# Repeats


async def test_the_client_id_goes_into_the_header_or_the_body(broker: httpx.AsyncClient, account: str) -> None:
    path, header = f"{account}/orders", {"Idempotency-Key": "one"}
    first = await ok(await broker.post(path, json=an_order(), headers=header))
    assert await ok(await broker.post(path, json=an_order(qty="0.50"), headers=header)) == first
    assert await ok(await broker.post(path, json=an_order(clientOrderId="one"))) == first
    assert await ok(await broker.post(path, json=an_order(clientOrderId="one"), headers=header)) == first
    assert len(await ok(await broker.get(f"{account}/executions"))) == 1
    assert (await ok(await broker.get(f"{path}/o1")))["clientOrderId"] == "one"
    conflict = error(await broker.post(path, json=an_order(qty=1), headers=header), 409)
    assert (conflict["code"], conflict["field"]) == ("client_id_reused", "clientOrderId")
    differs = error(await broker.post(path, json=an_order(clientOrderId="two"), headers=header), 422)
    assert differs["code"] == "client_id_differs"


async def test_many_repeats_at_once_are_one_order(broker: httpx.AsyncClient, account: str) -> None:
    sent = [broker.post(f"{account}/orders", json=an_order(clientOrderId="same")) for _ in range(8)]
    answers = [await ok(one) for one in await asyncio.gather(*sent)]
    assert answers == [answers[0]] * 8
    assert len(await ok(await broker.get(f"{account}/executions"))) == 1


async def test_modify_cancel_and_close_are_repeatable(broker: httpx.AsyncClient, account: str) -> None:
    await place(broker, account)
    order = (await place(broker, account, type=1, limitPrice=5000))["orderId"]
    path = f"{account}/orders/{order}"

    async def twice(key: str, method: str, url: str, body: object = None) -> None:
        headers = {"Idempotency-Key": key}
        answers = [await ok(await broker.request(method, url, json=body, headers=headers)) for _ in range(2)]
        assert answers[0] == answers[1]

    await twice("m", "PATCH", path, {"limitPrice": 5001})
    await twice("c", "DELETE", path)
    await twice("p", "POST", f"{account}/positions/{BTC}/close", {"amount": 0.2})
    (position,) = await ok(await broker.get(f"{account}/positions"))
    assert position["qty"] == pytest.approx(0.3)


# Refusals


@pytest.mark.parametrize(
    ("changes", "code", "field", "nearest"),
    [
        ({"symbol": "NOPE"}, None, "symbol", None),
        ({"qty": 0.0001}, "qty_below_min", "qty", 0.001),
        ({"qty": 0.0016}, "qty_off_step", "qty", 0.002),
        ({"qty": 1000}, "qty_above_max", "qty", 100),
        ({"qty": 0}, "qty_below_min", "qty", 0.001),
        ({"qty": -1}, "qty_below_min", "qty", 0.001),
        ({"qty": "much"}, "bad_request", "qty", None),
        ({"qty": True}, "bad_request", "qty", None),
        ({"qty": None}, "bad_request", "qty", None),
        ({"qty": []}, "bad_request", "qty", None),
        ({"qty": "1e99999"}, "bad_request", "qty", None),
        ({"qty": "1e-99999"}, "bad_request", "qty", None),
        ({"type": 1, "limitPrice": 1e30}, None, "limitPrice", None),
        ({"seenPrice": "1e99999"}, "bad_request", "seenPrice", None),
        ({"type": 9}, "bad_request", "type", None),
        ({"side": 0}, "bad_request", "side", None),
        ({"type": 1}, "price_missing", "limitPrice", None),
        ({"type": 1, "limitPrice": 5000.005}, "price_off_tick", "limitPrice", 5000),
        ({"type": 1, "limitPrice": 5000, "takeProfit": 1}, "bracket_wrong_side", "takeProfit", 5000.01),
        ({"duration": {"type": "FOREVER"}}, "bad_request", "duration.type", None),
        ({"colour": "red"}, "bad_request", "colour", None),
        ({"clientOrderId": "a b"}, "bad_request", "clientOrderId", None),
    ],
)
async def test_a_bad_order_has_a_code_a_field_and_a_sentence(
    broker: httpx.AsyncClient, changes: dict[str, object], code: str | None, field: str, nearest: float | None
) -> None:
    answer = await broker.post(f"{DEMO}/orders", json=an_order(**changes))
    body = error(answer, answer.status_code if answer.status_code in (404, 422) else 422)
    assert body["field"] == field and body.get("nearest") == nearest
    assert code is None or body["code"] == code
    assert body["message"].startswith(("Expected", "expected")), body


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'"order"', b"null", b"\xff\xfe", b'{"symbol": "BTCUSD"}'])
async def test_a_body_that_is_no_order_is_said_so(broker: httpx.AsyncClient, text: bytes) -> None:
    answer = await broker.post(f"{DEMO}/orders", content=text, headers={"Content-Type": "application/json"})
    error(answer, 400 if answer.status_code == 400 else 422)


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/accounts/nobody", "accountId"),
        ("GET", "/accounts/nobody/state", "accountId"),
        ("GET", "/accounts/nobody/orders", "accountId"),
        ("GET", "/accounts/nobody/positions", "accountId"),
        ("GET", "/accounts/nobody/executions", "accountId"),
        ("GET", "/accounts/nobody/instruments", "accountId"),
        ("POST", "/accounts/nobody/reset", "accountId"),
        ("GET", f"{DEMO}/orders/o999", "orderId"),
        ("DELETE", f"{DEMO}/orders/o999", "orderId"),
        ("POST", f"{DEMO}/positions/DEMO:NOPE/close", "positionId"),
    ],
)
async def test_what_is_not_there_is_a_404_that_names_it(broker: httpx.AsyncClient, method: str, path: str, field: str) -> None:
    assert error(await broker.request(method, path), 404)["field"] == field


async def test_ids_that_cannot_be_and_unknown_paths_have_the_same_body(broker: httpx.AsyncClient) -> None:
    assert error(await broker.get("/accounts/-x-/state"), 422)["field"] == "accountId"
    assert error(await broker.get(f"{DEMO}/orders/{'o' * 65}"), 422)["field"] == "orderId"
    error(await broker.get("/nothing"), 404)
    error(await broker.put(f"{DEMO}/orders", json={}), 405)
    assert error(await broker.post(f"{DEMO}/fund", json={"amount": 0.001}), 422)["nearest"] == 0.01
    assert error(await broker.post(f"{DEMO}/fund", json={"amount": "1e99999"}), 422)["field"] == "amount"
    assert error(await broker.post("/accounts", json={"id": "x y"}), 422)["field"] == "id"
    assert error(await broker.post("/accounts", json={"id": "dave", "markets": ["NOPE"]}), 404)["field"] == "markets"


# A restart


async def test_after_a_restart_everything_is_there(tmp_path: Path) -> None:
    paths = ("/accounts", f"{DEMO}/orders", f"{DEMO}/orders/history", f"{DEMO}/positions", f"{DEMO}/executions")
    async with serving(tmp_path) as broker:
        first = await place(broker, DEMO, clientOrderId="one", stopLoss=1)
        await place(broker, DEMO, type=1, limitPrice=5000)
        await ok(await broker.post(f"{DEMO}/fund", json={"amount": 1}))
        before = [await ok(await broker.get(path)) for path in paths]
        balance = (await ok(await broker.get(f"{DEMO}/state")))["balance"]
    async with serving(tmp_path) as broker:
        assert [await ok(await broker.get(path)) for path in paths] == before
        assert (await ok(await broker.get(f"{DEMO}/state")))["balance"] == balance
        assert await place(broker, DEMO, clientOrderId="one", stopLoss=1) == first


async def test_a_house_that_fills_only_when_told(tmp_path: Path) -> None:
    async with serving(tmp_path, execution_delay="manual") as client:
        placed = await place(client, DEMO)
        assert (await ok(await client.get(f"{DEMO}/orders/{placed['orderId']}")))["status"] == 6
        told = await ok(await client.post(f"{DEMO}/orders/{placed['orderId']}/execute"))
        assert told["orderId"] == placed["orderId"]
        assert (await ok(await client.get(f"{DEMO}/orders/{placed['orderId']}")))["status"] == 2
        error(await client.post(f"{DEMO}/orders/{placed['orderId']}/execute"), 404)
