"""Trading through TradingView's broker REST API, on a market moved by hand: orders, brackets, positions."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rest_house import RestHouse, ok, refused, rest_house

from fakes_market import MONDAY, an_instrument
from trading_api.models.broker.account import AccountRequest

ACCOUNT = "/accounts/alice"
EUR = {"instrument": "EURUSD"}
DAY_MS = 86_400_000
SHARE = an_instrument(
    "ACME",
    kind="stock",
    exchange="nyse",
    timezone="America/New_York",
    session="0930-1600",
    currency="USD",
    base_currency=None,
    tick_size="0.01",
    pip_size="0.1",
    quantity_step="1",
    margin_rate="0.2",
    bar_source="trade",
)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[RestHouse]:
    async with rest_house(tmp_path / "state", instruments=(an_instrument("EURUSD"), SHARE)) as house:
        await house.stage.quote("EURUSD", "1.1000", "1.1002")
        yield house


def a_form(**terms: object) -> dict[str, Any]:
    return {**EUR, "side": "buy", "type": "market", "qty": "1000", "currentAsk": "1.1002", "currentBid": "1.1000"} | terms


async def place(house: RestHouse, **terms: object) -> str:
    return str(ok(await house.client.post(f"{ACCOUNT}/orders?locale=en", data=a_form(**terms)))["orderId"])


async def rows(house: RestHouse, name: str, account: str = ACCOUNT) -> dict[str, dict[str, Any]]:
    told = ok(await house.client.get(f"{account}/{name}"))
    by_id = {one["id"]: one for one in told}
    assert len(by_id) == len(told), "each once"
    return by_id


async def put(house: RestHouse, path: str, **form: object) -> httpx.Response:
    return await house.client.put(f"{ACCOUNT}/{path}", data=form)


async def delete(house: RestHouse, path: str, **form: object) -> httpx.Response:
    return await house.client.request("DELETE", f"{ACCOUNT}/{path}", data=form)


# The life of an order with brackets (contract 3.10, 4.6)


async def test_a_bracket_order_lives_from_placing_to_its_take_profit(house: RestHouse) -> None:
    parent = await place(house, type="limit", limitPrice="1.0950", takeProfit="1.1050", stopLoss="1.0900", qty="2000")
    orders = await rows(house, "orders")
    assert orders.pop(parent) == {
        "id": parent,
        "instrument": "EURUSD",
        "qty": 2000,
        "side": "buy",
        "type": "limit",
        "status": "working",
        "filledQty": 0,
        "limitPrice": 1.095,
        "duration": {"type": "GTC"},
        "lastModified": house.stage.market.now() // 1000,
    }
    brackets = {one["type"]: one for one in orders.values()}
    assert {(one["side"], one["qty"], one["status"], one["parentId"], one["parentType"]) for one in brackets.values()} == {
        ("sell", 2000, "inactive", parent, "order")
    }
    assert (brackets["limit"]["limitPrice"], brackets["stop"]["stopPrice"]) == (1.105, 1.09)

    await house.stage.quote("EURUSD", "1.0946", "1.0948")
    orders = await rows(house, "orders")
    (position,) = (await rows(house, "positions")).values()
    assert (orders[parent]["status"], orders[parent]["filledQty"], orders[parent]["avgPrice"]) == ("filled", 2000, 1.0948)
    assert (position["instrument"], position["qty"], position["side"], position["avgPrice"]) == ("EURUSD", 2000, "buy", 1.0948)
    assert position["unrealizedPl"] == pytest.approx(-0.4)
    for one in brackets.values():
        told = orders[one["id"]]
        assert (told["status"], told["parentId"], told["parentType"]) == ("working", position["id"], "position")

    await house.stage.quote("EURUSD", "1.1051", "1.1053")
    orders = await rows(house, "orders")
    assert orders[brackets["limit"]["id"]]["status"] == "filled"
    assert orders[brackets["stop"]["id"]]["status"] == "cancelled"
    assert {one["qty"] for one in (await rows(house, "positions")).values()} == {0}, "closed in this session"
    fills = list((await rows(house, "executions?instrument=EURUSD")).values())
    assert [(one["side"], one["qty"], one["orderId"], one["isClose"], one["positionId"]) for one in fills] == [
        ("buy", 2000, parent, False, position["id"]),
        ("sell", 2000, brackets["limit"]["id"], True, position["id"]),
    ]
    assert all(isinstance(one["time"], int) and one["price"] > 0 and one["commission"] == 0 for one in fills)
    history = await rows(house, "ordersHistory")
    assert {one["status"] for one in history.values()} == {"filled", "cancelled"}
    assert list(await rows(house, "ordersHistory?maxCount=1"))[0] in {one["id"] for one in brackets.values()}
    state = ok(await house.client.get(f"{ACCOUNT}/state"))
    assert state["balance"] == 10_020.6
    assert state["equity"] == state["balance"] + state["unrealizedPl"]


async def test_a_change_states_all_terms_again_and_absent_brackets_go(house: RestHouse) -> None:
    parent = await place(house, type="limit", limitPrice="1.0950", takeProfit="1.1050", stopLoss="1.0900")
    same = {"qty": "1000", "limitPrice": "1.0950", "takeProfit": "1.1050", "stopLoss": "1.0900", "durationType": "GTC"}
    assert ok(await put(house, f"orders/{parent}", **same)) is None
    changed = {"qty": "3000", "limitPrice": "1.0960", "takeProfit": "1.1060", "durationType": "DAY"}
    assert ok(await put(house, f"orders/{parent}?confirmId=&locale=de_DE", **changed)) is None
    orders = await rows(house, "orders")
    assert (orders[parent]["qty"], orders[parent]["limitPrice"], orders[parent]["duration"]) == (3000, 1.096, {"type": "DAY"})
    brackets = {one["type"]: one for one in orders.values() if one.get("parentId") == parent}
    assert (brackets["limit"]["limitPrice"], brackets["limit"]["qty"]) == (1.106, 3000)
    assert brackets["stop"]["status"] == "cancelled"


async def test_a_bracket_is_moved_and_cancelled_by_itself(house: RestHouse) -> None:
    await place(house, takeProfit="1.1050", stopLoss="1.0900")
    orders = await rows(house, "orders")
    take, stop = (
        next(one for one in orders.values() if one.get("parentId") and one["type"] == kind) for kind in ("limit", "stop")
    )
    assert ok(await put(house, f"orders/{take['id']}", qty="1000", limitPrice="1.1060")) is None
    assert ok(await delete(house, f"orders/{stop['id']}")) is None
    orders = await rows(house, "orders")
    assert (orders[take["id"]]["limitPrice"], orders[take["id"]]["status"]) == (1.106, "working")
    assert orders[stop["id"]]["status"] == "cancelled"


async def test_a_trailing_stop_is_told_with_its_distance_and_nothing_else_is(house: RestHouse) -> None:
    await place(house, trailingStopPips="50", takeProfit="1.1200")
    orders = await rows(house, "orders")
    (trail,) = (one for one in orders.values() if "isTrailingStop" in one)
    assert (trail["type"], trail["trailingStopPips"], trail["stopPrice"]) == ("stop", 50, 1.095)
    assert [one for one in orders.values() if "trailingStopPips" in one and one["id"] != trail["id"]] == []
    await house.stage.quote("EURUSD", "1.1040", "1.1042")
    assert (await rows(house, "orders"))[trail["id"]]["stopPrice"] == 1.099
    assert ok(await put(house, f"orders/{trail['id']}", qty="1000", stopPrice="1.0950", trailingStopPips="50")) is None
    assert (await rows(house, "orders"))[trail["id"]]["stopPrice"] == 1.099, "what the form saw is old by now"


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"type": "stop", "stopPrice": "1.1100"}, {"type": "stop", "stopPrice": 1.11}),
        ({"type": "stoplimit", "stopPrice": "1.1100", "limitPrice": "1.1110"}, {"type": "stoplimit", "limitPrice": 1.111}),
        ({"type": "limit", "limitPrice": "1.0900", "side": "buy"}, {"side": "buy", "limitPrice": 1.09}),
        (
            {"type": "limit", "limitPrice": "1.2", "side": "sell", "durationType": "GTD", "durationDateTime": "1704200000"},
            {"duration": {"type": "GTD", "datetime": 1_704_200_000}},
        ),
        ({"type": "limit", "limitPrice": "1.09", "durationType": "IOC"}, {"status": "cancelled"}),
        ({"type": "market", "limitPrice": "", "stopLoss": "", "durationType": ""}, {"status": "filled"}),
        ({"type": "market", "somethingNew": "1"}, {"status": "filled", "avgPrice": 1.1002}),
    ],
)
async def test_every_type_and_duration_is_placed(house: RestHouse, terms: dict[str, str], told: dict[str, object]) -> None:
    order = await place(house, **terms)
    assert told.items() <= (await rows(house, "orders"))[order].items()


PRICES = {
    "market": {},
    "limit": {"limitPrice": "1.0900"},
    "stop": {"stopPrice": "1.1100"},
    "stoplimit": {"stopPrice": "1.1100", "limitPrice": "1.1110"},
}


async def test_every_duration_is_accepted_with_the_types_it_is_announced_for(house: RestHouse) -> None:
    durations = ok(await house.client.get("/config"))["durations"]
    ends = str(house.stage.market.now() // 1000 + 3600)
    for one in durations:
        for kind in PRICES:
            terms = {"type": kind, "durationType": one["id"], **PRICES[kind]} | (
                {"durationDateTime": ends} if one["hasDatePicker"] else {}
            )
            answer = await house.client.post(f"{ACCOUNT}/orders", data=a_form(**terms, qty="1"))
            assert (answer.json()["s"] == "ok") == (kind in one["supportedOrderTypes"]), (one["id"], kind, answer.text)


# Positions


async def test_a_position_is_turned_round_protected_and_closed_in_parts(house: RestHouse) -> None:
    await place(house, stopLoss="1.0900")
    (name,) = await rows(house, "positions")
    assert ok(await put(house, f"positions/{name}", side="sell")) is None
    position = (await rows(house, "positions"))[name]
    assert (position["side"], position["qty"]) == ("sell", 1000)
    assert {one["status"] for one in (await rows(house, "orders")).values() if "parentId" in one} == {"cancelled"}

    assert ok(await put(house, f"positions/{name}", stopLoss="1.1200", takeProfit="1.0800")) is None
    assert ok(await put(house, f"positions/{name}", side="sell", stopLoss="1.1300")) is None
    working = [one for one in (await rows(house, "orders")).values() if one["status"] == "working"]
    assert [(one["stopPrice"], one["side"], one["qty"], one["parentId"]) for one in working] == [(1.13, "buy", 1000, name)]

    assert ok(await delete(house, f"positions/{name}", amount="400")) is None
    assert (await rows(house, "positions"))[name]["qty"] == 600
    assert ok(await delete(house, f"positions/{name}")) is None
    assert (await rows(house, "positions"))[name]["qty"] == 0
    assert [one for one in (await rows(house, "orders")).values() if one["status"] == "working"] == []
    assert "open position" in refused(await delete(house, f"positions/{name}"))
    assert "open position" in refused(await put(house, f"positions/{name}", stopLoss="1.1300"))


async def test_an_order_of_twice_the_size_turns_a_position_round_as_well(house: RestHouse) -> None:
    await place(house)
    await place(house, side="sell", qty="2000")
    (position,) = (await rows(house, "positions")).values()
    assert (position["side"], position["qty"]) == ("sell", 1000)


async def test_a_hedging_account_announces_and_lists_its_positions_one_by_one(tmp_path: Path) -> None:
    account = AccountRequest(id="alice", balance=Decimal(10_000), position_mode="hedging")
    async with rest_house(tmp_path / "state", account=account) as house:
        await house.stage.quote("EURUSD", "1.1000", "1.1002")
        (listed,) = ok(await house.client.get("/accounts"))
        assert listed["config"]["supportMultiposition"] is True
        await place(house)
        await place(house, qty="500", side="sell")
        positions = await rows(house, "positions")
        assert sorted((one["side"], one["qty"]) for one in positions.values()) == [("buy", 1000), ("sell", 500)]
        long = next(name for name, one in positions.items() if one["side"] == "buy")
        assert ok(await put(house, f"positions/{long}", stopLoss="1.0900")) is None
        (stop,) = (one for one in (await rows(house, "orders")).values() if "parentId" in one)
        assert (stop["parentId"], stop["parentType"]) == (long, "position")
        assert ok(await delete(house, f"positions/{long}")) is None
        assert sorted(one["qty"] for one in (await rows(house, "positions")).values()) == [0, 500]


# Requests sent again, previews


async def test_a_request_id_makes_placing_repeatable(house: RestHouse) -> None:
    path = f"{ACCOUNT}/orders?requestId=7f3&locale=en"
    first = await house.client.post(path, data=a_form())
    again = await house.client.post(path, data=a_form(qty="1000.0"))
    assert ok(first) == ok(again)
    assert "requestId" in refused(await house.client.post(path, data=a_form(qty="2000")))
    assert len(await rows(house, "orders")) == 1


async def test_a_preview_holds_the_order_and_the_change_that_follow_it(house: RestHouse) -> None:
    form = a_form(type="limit", limitPrice="1.0950", stopLoss="1.0900")
    preview = ok(await house.client.post(f"{ACCOUNT}/previewOrder?locale=en", data=form))
    assert preview.keys() <= {"confirmId", "sections", "warnings", "errors"}
    assert all(row.keys() == {"title", "value"} for section in preview["sections"] for row in section["rows"])
    other = await house.client.post(f"{ACCOUNT}/orders?confirmId={preview['confirmId']}", data={**form, "qty": "2000"})
    assert "preview" in refused(other)
    placed = ok(await house.client.post(f"{ACCOUNT}/orders?confirmId={preview['confirmId']}", data=form))["orderId"]

    change = {**form, "limitPrice": "1.0960"}
    preview = ok(await house.client.post(f"{ACCOUNT}/previewOrder", data={**change, "id": placed}))
    assert ok(await put(house, f"orders/{placed}?confirmId={preview['confirmId']}", **change)) is None
    assert (await rows(house, "orders"))[placed]["limitPrice"] == 1.096
    told = ok(await house.client.post(f"{ACCOUNT}/previewOrder", data={**form, "qty": "90000000"}))
    assert told["errors"] and "confirmId" not in told


# Leverage, money, quotes


async def test_leverage_is_asked_for_previewed_and_set(house: RestHouse) -> None:
    form = {**EUR, "side": "buy", "orderType": "limit"}
    info = ok(await house.client.post(f"{ACCOUNT}/getLeverage", data=form))
    assert (info["leverage"], info["min"], info["max"], info["step"]) == (30, 1, 1000, 1)
    assert info["title"]
    preview = ok(await house.client.post(f"{ACCOUNT}/previewLeverage", data={**form, "leverage": "20"}))
    assert preview.keys() <= {"infos", "warnings", "errors"} and preview["infos"]
    assert ok(await house.client.post(f"{ACCOUNT}/setLeverage", data={**form, "leverage": "19.6"})) == {"leverage": 20}
    assert ok(await house.client.post(f"{ACCOUNT}/getLeverage", data=form))["leverage"] == 20
    assert "leverage" in refused(await house.client.post(f"{ACCOUNT}/setLeverage", data=form))


async def test_state_and_balances_fit_what_the_configuration_names(house: RestHouse) -> None:
    await place(house)
    config, state = ok(await house.client.get("/config")), ok(await house.client.get(f"{ACCOUNT}/state"))
    assert len(state["accountSummaryRowData"]) == len(config["accountSummaryRow"])
    assert len(state["amData"]) == len(config["accountManager"])
    for table, described in zip(state["amData"], config["accountManager"], strict=True):
        assert all(len(row) == len(described["columns"]) and all(isinstance(cell, str) for cell in row) for row in table)
    (balance,) = ok(await house.client.get(f"{ACCOUNT}/balances"))
    assert (balance["symbol"], balance["total"]) == ("USD", state["balance"])
    assert [one["id"] for one in config["durations"] if one["default"]] == ["GTC"]
    assert all(config["pullingInterval"][one] <= 1000 for one in ("quotes", "orders"))


async def test_a_pip_is_the_tick_except_in_foreign_exchange(house: RestHouse) -> None:
    instruments = {one["name"]: one for one in ok(await house.client.get(f"{ACCOUNT}/instruments"))}
    euro, share = instruments["EURUSD"], instruments["ACME"]
    assert (euro["pipSize"], euro["pipValue"], euro["minTick"], euro["type"]) == (0.0001, 0.0001, 0.00001, "forex")
    assert (share["pipSize"], share["pipValue"], share["minTick"], share["type"]) == (0.01, 0.01, 0.01, "stock")
    quotes = ok(await house.client.get("/quotes?accountId=alice&symbols=EURUSD,DEMO:EURUSD,NONE&locale=en"))
    assert [one["n"] for one in quotes] == ["EURUSD", "DEMO:EURUSD", "NONE"], "as asked for"
    assert quotes[0]["v"] == {"ask": 1.1002, "bid": 1.1, "buyPipValue": 0.0001, "sellPipValue": 0.0001}
    assert quotes[2] == {"s": "error", "n": "NONE"}


# Which orders are listed


async def test_ended_orders_of_currencies_stay_listed_for_a_day(house: RestHouse) -> None:
    ended, waits = await place(house), await place(house, type="limit", limitPrice="1.0900")
    await house.stage.quote("EURUSD", "1.1000", "1.1002", after=DAY_MS - 60_000)
    assert {ended, waits} <= (await rows(house, "orders")).keys()
    await house.stage.quote("EURUSD", "1.1000", "1.1002", after=120_000)
    assert ended not in await rows(house, "orders")
    assert waits in await rows(house, "orders"), "what is not over stays"
    assert ended in await rows(house, "ordersHistory")


async def test_ended_orders_of_shares_stay_listed_for_the_session(house: RestHouse) -> None:
    house.stage.market.set_now(MONDAY + DAY_MS + 15 * 3_600_000)  # Tuesday 10:00 in New York
    await house.stage.quote("ACME", "100.00", "100.02")
    ended = ok(
        await house.client.post(f"{ACCOUNT}/orders", data={"instrument": "ACME", "side": "buy", "type": "market", "qty": "1"})
    )
    ended = ended["orderId"]
    await house.stage.pass_time(8 * 3_600_000)
    assert ended in await rows(house, "orders"), "the next session has not begun"
    await house.stage.pass_time(16 * 3_600_000)
    assert ended not in await rows(house, "orders")


# Refusals


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"qty": "0"}, "qty"),
        ({"qty": "ten"}, "qty"),
        ({"qty": ""}, "qty"),
        ({"qty": "0.5"}, "qty"),
        ({"side": "up"}, "side"),
        ({"type": "iceberg"}, "type"),
        ({"instrument": "NONE"}, "instrument"),
        ({"type": "limit"}, "limitPrice"),
        ({"type": "stop"}, "stopPrice"),
        ({"stopLoss": "1.2"}, "stopLoss"),
        ({"takeProfit": "-1"}, "takeProfit"),
        ({"type": "limit", "limitPrice": "1.000001"}, "limitPrice"),
        ({"trailingStopPips": "0"}, "trailingStopPips"),
        ({"durationType": "FOREVER"}, "durationType"),
        ({"type": "limit", "limitPrice": "1.09", "durationType": "GTD"}, "duration"),
        ({"type": "limit", "limitPrice": "1.09", "durationType": "GTD", "durationDateTime": "x"}, "durationDateTime"),
        ({"qty": "9000000"}, "margin"),
    ],
)
async def test_a_wrong_field_is_named(house: RestHouse, terms: dict[str, str], named: str) -> None:
    assert named in refused(await house.client.post(f"{ACCOUNT}/orders", data=a_form(**terms)))
    assert await rows(house, "orders") == {} or named == "margin"


@pytest.mark.parametrize("body", [b"", b"{}", b"qty=1&qty=2&%%%", b"\xff\xfe", b"instrument=EURUSD"])
async def test_a_body_that_is_no_form_is_refused(house: RestHouse, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(await house.client.post(f"{ACCOUNT}/orders", content=body, headers=headers))
    refused(
        await house.client.post(
            f"{ACCOUNT}/orders", content=b'{"instrument":"EURUSD"}', headers={"Content-Type": "application/json"}
        )
    )


@pytest.mark.parametrize("request_id", ["with space", "x" * 65, "é"])
async def test_a_request_id_that_cannot_be_one_is_refused(house: RestHouse, request_id: str) -> None:
    assert "requestId" in refused(await house.client.post(f"{ACCOUNT}/orders", params={"requestId": request_id}, data=a_form()))


async def test_an_absent_account_is_refused_everywhere_in_one_sentence(house: RestHouse) -> None:
    get, form = house.client.get, a_form()
    leverage = {**EUR, "side": "buy", "orderType": "limit", "leverage": "2"}
    for name in ("state", "orders", "ordersHistory", "positions", "balances", "executions", "instruments"):
        assert refused(await get(f"/accounts/bob/{name}")) == "Expected one of your accounts, found 'bob'"
    for answer in (
        await get("/quotes?accountId=bob&symbols=EURUSD"),
        await get("/depth?accountId=bob&symbol=EURUSD"),
        await house.client.post("/accounts/bob/orders", data=form),
        await house.client.post("/accounts/bob/previewOrder", data=form),
        await house.client.put("/accounts/bob/orders/o1", data=form),
        await house.client.request("DELETE", "/accounts/bob/orders/o1"),
        await house.client.put("/accounts/bob/positions/p", data={"side": "buy"}),
        await house.client.request("DELETE", "/accounts/bob/positions/p"),
        *[await house.client.post(f"/accounts/bob/{one}Leverage", data=leverage) for one in ("get", "set", "preview")],
    ):
        assert refused(answer) == "Expected one of your accounts, found 'bob'"


async def test_unknown_orders_and_positions_are_refused(house: RestHouse) -> None:
    assert "orders" in refused(await put(house, "orders/o99", qty="1"))
    assert "orders" in refused(await delete(house, "orders/o99"))
    assert "position" in refused(await delete(house, "positions/p99"))
    ended = await place(house)
    refused(await delete(house, f"orders/{ended}"))
    refused(await put(house, f"orders/{ended}", qty="2000"))
    name = next(iter(await rows(house, "positions")))
    assert "side" in refused(await put(house, f"positions/{name}", side="sell", stopLoss="1.2"))


@pytest.mark.parametrize("locale", ["en", "zh_TW", "xx", "", "klingon"])
async def test_every_locale_is_answered_in_english(house: RestHouse, locale: str) -> None:
    assert ok(await house.client.get("/config", params={"locale": locale}))["durations"][0]["title"] == "Good till cancelled"
