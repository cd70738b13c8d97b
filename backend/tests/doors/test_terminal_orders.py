"""Orders as a Trading Terminal sends them: every flag about orders that is announced, driven over REST and the socket."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from doors.terminal_house import (
    BUY,
    CANCELED,
    FILLED,
    INACTIVE,
    LIMIT,
    MARKET,
    PLACING,
    REJECTED,
    SELL,
    STOP,
    STOP_LIMIT,
    WORKING,
    House,
    Terminal,
    a_house,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
numbers = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def one(house: House) -> Terminal:
    await house.quote("1.10000", "1.10010")
    return await house.terminal(f"orders-{next(numbers)}")


def brackets_of(one: Terminal, parent: str) -> dict[int, str]:
    """Bracket ids by kind, as they were announced with their parent order."""
    return {each["bracket"]: each["id"] for each in one.frames["orders"] if each.get("origin") == parent}


async def test_a_market_order_works_fills_and_moves_position_and_equity(one: Terminal) -> None:
    order = await one.place(BUY, 1_000)
    await one.heard("equity", balance=10_000)
    assert one.told(order) == [PLACING, WORKING, FILLED]
    fill = await one.heard("executions", orderId=order)
    assert (fill["symbol"], fill["qty"], fill["price"]) == ("DEMO:EURUSD", 1_000, 1.1001)
    assert (await one.heard("positions", qty=1_000))["avgPrice"] == 1.1001
    assert (await one.get("/positions"))[0]["qty"] == 1_000


async def test_a_limit_order_waits_and_fills_at_its_price_or_better(one: Terminal, house: House) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990)
    await one.heard("orders", id=order, status=WORKING)
    await house.quote("1.09880", "1.09890")
    assert (await one.heard("orders", id=order, status=FILLED))["avgPrice"] == 1.0989


async def test_a_limit_the_market_has_passed_fills_at_once(one: Terminal) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.1050)
    assert (await one.heard("orders", id=order, status=FILLED))["avgPrice"] == 1.1001


async def test_a_stop_order_fires_on_the_ask_when_buying(one: Terminal, house: House) -> None:
    order = await one.place(BUY, 1_000, STOP, stopPrice=1.1020)
    await one.heard("orders", id=order, status=WORKING)
    await house.quote("1.10195", "1.10205")
    assert (await one.heard("orders", id=order, status=FILLED))["avgPrice"] == 1.10205


async def test_a_stop_on_the_wrong_side_is_refused_in_words(one: Terminal) -> None:
    refused = await one.refused("POST", "/orders", {"symbol": "EURUSD", "type": STOP, "side": BUY, "qty": 1, "stopPrice": 1.09})
    assert refused["field"] == "stopPrice"


async def test_a_stop_limit_order_becomes_a_limit_order_once_touched(one: Terminal, house: House) -> None:
    order = await one.place(BUY, 1_000, STOP_LIMIT, stopPrice=1.1020, limitPrice=1.1019)
    await house.quote("1.10200", "1.10210")
    assert (await one.heard("orders", id=order, triggered=True))["status"] == WORKING
    await house.quote("1.10170", "1.10180")
    assert (await one.heard("orders", id=order, status=FILLED))["avgPrice"] == 1.1018


async def test_order_brackets_wait_then_protect_the_position_and_one_cancels_the_other(one: Terminal, house: House) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990, takeProfit=1.1050, stopLoss=1.0950)
    await one.heard("orders", id=order, status=WORKING)
    brackets = brackets_of(one, order)
    for each in brackets.values():
        waiting = await one.heard("orders", id=each, status=INACTIVE)
        assert (waiting["parentId"], waiting["parentType"], waiting["side"]) == (order, 1, SELL)
    await house.quote("1.09890", "1.09900")
    position = await one.heard("positions", takeProfit=1.105, stopLoss=1.095)
    for each in brackets.values():
        working = await one.heard("orders", id=each, status=WORKING)
        assert (working["parentId"], working["parentType"]) == (position["id"], 2)
    await house.quote("1.10500", "1.10510")
    await one.heard("orders", id=brackets[1], status=FILLED)
    await one.heard("orders", id=brackets[2], status=CANCELED)
    assert (await one.heard("positions", qty=0))["id"] == position["id"]


async def test_market_brackets_come_with_a_market_order(one: Terminal) -> None:
    order = await one.place(BUY, 1_000, MARKET, takeProfit=1.1050, stopLoss=1.0950)
    position = await one.heard("positions", takeProfit=1.105, stopLoss=1.095)
    assert position["qty"] == 1_000 and len(brackets_of(one, order)) == 2


async def test_a_trailing_stop_follows_the_market_and_can_be_moved(one: Terminal, house: House) -> None:
    order = await one.place(BUY, 1_000, MARKET, stopType=1, trailingStopPips=20)
    bracket = brackets_of(one, order)[2] if await one.heard("positions", qty=1_000) else ""
    first = await one.heard("orders", id=bracket, status=WORKING)
    assert (first["stopType"], first["trailingStopPips"], first["stopPrice"]) == (1, 20, 1.098)
    await house.quote("1.10100", "1.10110")
    await one.heard("orders", id=bracket, stopPrice=1.099)
    await one.do("PATCH", f"/orders/{bracket}", {"trailingStopPips": 10})
    await one.heard("orders", id=bracket, trailingStopPips=10)
    await house.quote("1.10200", "1.10210")
    await one.heard("orders", id=bracket, stopPrice=1.101)
    await house.quote("1.10090", "1.10100")
    await one.heard("orders", id=bracket, status=FILLED)
    await one.heard("positions", qty=0)


async def test_brackets_are_added_to_moved_on_and_taken_from_a_working_order(one: Terminal) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990)
    await one.do("PATCH", f"/orders/{order}", {"takeProfit": 1.1050, "stopLoss": 1.0950})
    await one.heard("orders", id=order, takeProfit=1.105, stopLoss=1.095)
    brackets = brackets_of(one, order)
    await one.do("PATCH", f"/orders/{order}", {"takeProfit": 1.1060})
    await one.heard("orders", id=brackets[1], limitPrice=1.106)
    await one.do("PATCH", f"/orders/{order}", {"stopLoss": None})
    await one.heard("orders", id=brackets[2], status=CANCELED)
    told = await one.get(f"/orders/{order}")
    assert told["takeProfit"] == 1.106 and "stopLoss" not in told


async def test_one_bracket_cancelled_by_itself_leaves_the_other_and_the_parent(one: Terminal) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990, takeProfit=1.1050, stopLoss=1.0950)
    brackets = brackets_of(one, order) if await one.heard("orders", id=order, status=WORKING) else {}
    await one.do("DELETE", f"/orders/{brackets[1]}")
    await one.heard("orders", id=brackets[1], status=CANCELED)
    assert {each["id"] for each in await one.get("/orders")} == {order, brackets[2]}


async def test_price_quantity_and_duration_are_modified_under_the_same_id(one: Terminal, house: House) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990)
    await one.do("PATCH", f"/orders/{order}", {"limitPrice": 1.0980})
    await one.heard("orders", id=order, limitPrice=1.098)
    await one.do("PATCH", f"/orders/{order}", {"qty": 2_000})
    await one.heard("orders", id=order, qty=2_000)
    end = house.market.now() + 3_600_000
    await one.do("PATCH", f"/orders/{order}", {"duration": {"type": "GTD", "datetime": end}})
    await one.heard("orders", id=order, duration={"type": "GTD", "datetime": end})
    assert set(one.told(order)) == {PLACING, WORKING}


async def test_the_type_of_an_order_is_never_modified(one: Terminal) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990)
    assert (await one.ask("PATCH", f"/orders/{order}", {"type": STOP})).status_code == 422


async def test_every_duration_that_is_announced_is_kept(one: Terminal, house: House) -> None:
    config = await one.get("/config")
    end = house.market.now() + 60_000
    ends = {"GTC": WORKING, "DAY": WORKING, "GTD": WORKING, "IOC": CANCELED, "FOK": CANCELED}
    assert [each["value"] for each in config["durations"]] == list(ends)
    placed = {}
    for name, status in ends.items():
        duration = {"type": name, "datetime": end} if name == "GTD" else {"type": name}
        placed[name] = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990, duration=duration)
        await one.heard("orders", id=placed[name], status=status)
    house.market.set_now(end)
    await one.heard("orders", id=placed["GTD"], status=CANCELED)
    house.market.set_now(house.market.now() + 86_400_000)
    await one.heard("orders", id=placed["DAY"], status=CANCELED)
    assert [each["id"] for each in await one.get("/orders")] == [placed["GTC"]]


async def test_an_order_is_previewed_confirmed_and_placed(one: Terminal) -> None:
    order = {"symbol": "EURUSD", "type": LIMIT, "side": BUY, "qty": 1_000, "limitPrice": 1.099}
    told = await one.do("POST", "/orders/preview", order)
    assert told["errors"] == [] and [each["header"] for each in told["sections"]][0] == "Order"
    assert (await one.refused("POST", "/orders", {**order, "qty": 2_000, "confirmId": told["confirmId"]}))[
        "field"
    ] == "confirmId"
    placed = await one.do("POST", "/orders", {**order, "confirmId": told["confirmId"]})
    await one.heard("orders", id=placed["orderId"], status=WORKING)


async def test_a_modification_is_previewed_confirmed_and_made(one: Terminal) -> None:
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990)
    told = await one.do("POST", f"/orders/{order}/preview", {"limitPrice": 1.0970})
    await one.do("PATCH", f"/orders/{order}", {"limitPrice": 1.0970, "confirmId": told["confirmId"]})
    await one.heard("orders", id=order, limitPrice=1.097)


async def test_an_order_sent_to_close_is_previewed_too(one: Terminal) -> None:
    await one.place(BUY, 1_000)
    order = {"symbol": "EURUSD", "type": MARKET, "side": SELL, "qty": 1_000, "isClose": True}
    told = await one.do("POST", "/orders/preview", order)
    assert told["errors"] == []
    await one.do("POST", "/orders", {**order, "confirmId": told["confirmId"]})
    await one.heard("positions", qty=0)


async def test_cancel_all_ends_the_orders_of_a_symbol_and_side(one: Terminal) -> None:
    buy = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990)
    sell = await one.place(SELL, 1_000, LIMIT, limitPrice=1.1050)
    answer = await one.ask("DELETE", "/orders", symbol="EURUSD", side=BUY)
    assert answer.status_code == 200
    await one.heard("orders", id=buy, status=CANCELED)
    assert [each["id"] for each in await one.get("/orders")] == [sell]


async def test_custom_fields_are_kept_told_and_bounded(one: Terminal) -> None:
    fields = {"strategy": "breakout", "urgent": True, "note": {"text": "after lunch", "checked": False}}
    order = await one.place(BUY, 1_000, LIMIT, limitPrice=1.0990, customFields=fields)
    assert (await one.heard("orders", id=order, status=WORKING))["customFields"] == fields
    assert (await one.get(f"/orders/{order}"))["customFields"] == fields
    await one.do("DELETE", f"/orders/{order}")
    assert (await one.get("/orders/history"))[0]["customFields"] == fields
    bounds = (await one.get("/config"))["customFields"]
    many = {f"f{number}": "x" for number in range(bounds["fields"] + 1)}
    for wrong in (many, {"x" * (bounds["nameLength"] + 1): "x"}, {"x": "x" * (bounds["textLength"] + 1)}, {"x": 1}):
        body = {"symbol": "EURUSD", "type": LIMIT, "side": BUY, "qty": 1, "limitPrice": 1, "customFields": wrong}
        assert (await one.ask("POST", "/orders", body)).status_code == 422


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"qty": 0.5}, "qty"),
        ({"qty": 9_000_000}, "qty"),
        ({"limitPrice": 1.099001}, "limitPrice"),
        ({"takeProfit": 1.05}, "takeProfit"),
        ({"stopLoss": 1.2}, "stopLoss"),
        ({"type": STOP_LIMIT}, "stopPrice"),
        ({"duration": {"type": "GTD"}}, "duration"),
        ({"stopType": 1}, "trailingStopPips"),
    ],
)
async def test_every_refusal_names_its_field_in_words(one: Terminal, terms: dict[str, object], field: str) -> None:
    order = {"symbol": "EURUSD", "type": LIMIT, "side": BUY, "qty": 1_000, "limitPrice": 1.099, **terms}
    assert (await one.refused("POST", "/orders", order))["field"] == field


async def test_an_order_rejected_in_its_turn_says_why_and_leaves_a_notice(one: Terminal, house: House) -> None:
    await one.place(BUY, 100_000)
    order = await one.place(BUY, 130_000, LIMIT, limitPrice=1.0990)
    await house.quote("1.05900", "1.05910")
    rejected = await one.heard("orders", id=order, status=REJECTED)
    assert "margin" in rejected["message"]["text"].lower() and rejected["message"]["type"] == "error"
    notice = await one.heard("notices", notice="rejection", orderId=order)
    assert notice["type"] == "error" and rejected["message"]["text"] in notice["text"]
