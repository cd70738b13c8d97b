"""Positions as a Trading Terminal handles them: every flag about positions that is announced, over REST and the socket."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from doors.terminal_house import BUY, CANCELED, FILLED, LIMIT, MARKET, SELL, STOP, WORKING, House, Terminal, a_house

pytestmark = pytest.mark.asyncio(loop_scope="module")
numbers = count(1)
EURUSD = "DEMO:EURUSD"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def one(house: House) -> Terminal:
    await house.quote("1.10000", "1.10010")
    return await house.terminal(f"positions-{next(numbers)}")


@pytest_asyncio.fixture(loop_scope="module")
async def hedger(house: House) -> Terminal:
    await house.quote("1.10000", "1.10010")
    return await house.terminal(f"hedger-{next(numbers)}", positionMode="hedging")


async def test_a_position_is_closed_natively_under_its_id_and_its_brackets_fall(one: Terminal) -> None:
    await one.place(BUY, 1_000, MARKET, takeProfit=1.1050, stopLoss=1.0950)
    await one.heard("positions", takeProfit=1.105, stopLoss=1.095)
    brackets = [each["id"] for each in await one.get("/orders")]
    await one.do("POST", f"/positions/{EURUSD}/close")
    assert (await one.heard("positions", qty=0))["id"] == EURUSD
    for each in brackets:
        await one.heard("orders", id=each, status=CANCELED)
    assert await one.get("/positions") == [] and await one.get("/orders") == []


async def test_a_part_of_a_position_is_closed_natively(one: Terminal) -> None:
    await one.place(BUY, 1_000)
    await one.do("POST", f"/positions/{EURUSD}/close", {"amount": 400})
    assert (await one.heard("positions", qty=600))["id"] == EURUSD
    refused = await one.refused("POST", f"/positions/{EURUSD}/close", {"amount": 601})
    assert (refused["field"], refused["nearest"]) == ("qty", 600)


async def test_a_position_is_reversed_natively_without_passing_through_zero(one: Terminal) -> None:
    await one.place(BUY, 1_000, MARKET, stopLoss=1.0950)
    await one.do("POST", f"/positions/{EURUSD}/reverse")
    assert (await one.heard("positions", side=SELL))["qty"] == 1_000
    assert {each["id"] for each in one.frames["positions"]} == {EURUSD}
    assert 0 not in [each["qty"] for each in one.frames["positions"]]
    assert await one.get("/orders") == []


async def test_the_reverse_button_of_a_terminal_without_native_reversal_works_as_well(one: Terminal) -> None:
    await one.place(BUY, 1_000)
    await one.place(SELL, 2_000, MARKET, isClose=True)
    assert (await one.heard("positions", side=SELL))["qty"] == 1_000


async def test_position_brackets_are_stated_whole(one: Terminal, house: House) -> None:
    await one.place(BUY, 1_000)
    await one.do("PUT", f"/positions/{EURUSD}/protection", {"takeProfit": 1.1050, "stopLoss": 1.0950})
    await one.heard("positions", takeProfit=1.105, stopLoss=1.095)
    take, stop = await one.get("/orders")
    assert (take["type"], take["limitPrice"], take["parentType"]) == (LIMIT, 1.105, 2)
    assert (stop["type"], stop["stopPrice"], stop["parentId"]) == (STOP, 1.095, EURUSD)
    await one.do("PUT", f"/positions/{EURUSD}/protection", {"stopLoss": 1.0960})
    await one.heard("orders", id=take["id"], status=CANCELED)
    await one.heard("orders", id=stop["id"], stopPrice=1.096)
    await one.do("PUT", f"/positions/{EURUSD}/protection", {"trailingStopPips": 20})
    trail = await one.heard("orders", stopType=1, trailingStopPips=20)
    await house.quote("1.10100", "1.10110")
    await one.heard("orders", id=trail["id"], stopPrice=1.099)


async def test_closing_is_previewed_confirmed_and_done(one: Terminal) -> None:
    await one.place(BUY, 1_000)
    await one.heard("positions", qty=1_000)
    told = await one.do("POST", f"/positions/{EURUSD}/close/preview", {"amount": 400})
    assert told["errors"] == [] and told["figures"]["qty"] == 400 and told["figures"]["marginNeeded"] <= 0
    path = f"/positions/{EURUSD}/close"
    refused = await one.refused("POST", path, {"amount": 500, "confirmId": told["confirmId"]})
    assert refused["code"] == "confirmation_mismatch"
    await one.do("POST", path, {"amount": 400, "confirmId": told["confirmId"]})
    await one.heard("positions", qty=600)
    assert (await one.refused("POST", path, {"amount": 400, "confirmId": told["confirmId"]}))["code"] == "confirmation_stale"
    wrong = await one.do("POST", f"{path}/preview", {"amount": 601})
    assert "600" in wrong["errors"][0] and "confirmId" not in wrong


async def test_profit_and_margin_are_told_with_every_price(one: Terminal, house: House) -> None:
    await one.place(BUY, 1_000)
    await one.heard("positions", qty=1_000)
    await house.quote("1.10110", "1.10120")
    equity = await one.heard("equity", unrealizedPL=1)
    assert equity["positions"] == [{"id": EURUSD, "price": 1.1011, "pl": 1}]
    assert equity["marginAvailable"] == pytest.approx(equity["equity"] - equity["marginUsed"])
    assert (await one.get("/state"))["marginAvailable"] == equity["marginAvailable"]


async def test_executions_are_listed_by_symbol_and_each_is_told_once(one: Terminal) -> None:
    await one.place(BUY, 1_000)
    await one.place(BUY, 100, symbol="USDJPY")
    await one.place(SELL, 400)
    await one.heard("positions", qty=600)
    listed = await one.get("/executions", symbol="EURUSD")
    assert [(each["side"], each["qty"]) for each in listed] == [(BUY, 1_000), (SELL, 400)]
    assert listed == [each for each in one.frames["executions"] if each["symbol"] == EURUSD]
    assert len({each["id"] for each in one.frames["executions"]}) == 3


async def test_the_history_of_orders_is_paged_and_holds_only_what_has_ended(one: Terminal) -> None:
    ended = []
    for number in range(5):
        order = await one.place(BUY, 100 + number, LIMIT, limitPrice=1.0990)
        await one.do("DELETE", f"/orders/{order}")
        ended.append(order)
    await one.place(BUY, 1, LIMIT, limitPrice=1.0990)
    first = await one.get("/orders/history", limit=2)
    second = await one.get("/orders/history", limit=2, before=first[-1]["id"])
    assert [each["id"] for each in [*first, *second]] == ended[:0:-1]
    assert {each["status"] for each in [*first, *second]} == {CANCELED}
    await one.heard("orders", id=ended[0], status=CANCELED)


async def test_individual_positions_stand_beside_the_net_one(hedger: Terminal, house: House) -> None:
    await hedger.place(BUY, 1_000)
    await hedger.place(SELL, 400)
    net = await hedger.heard("positions", qty=600)
    assert (net["id"], net["longQty"], net["shortQty"]) == (EURUSD, 1_000, 400)
    listed = await hedger.get("/individual-positions")
    assert [(each["side"], each["qty"]) for each in listed] == [(BUY, 1_000), (SELL, 400)]
    await house.quote("1.10110", "1.10120")
    equity = await hedger.heard("equity", unrealizedPL=0.52)
    assert {each["id"]: each["pl"] for each in equity["positions"]} == {listed[0]["id"]: 1, listed[1]["id"]: -0.48}


async def test_an_individual_position_is_closed_whole_and_in_part(hedger: Terminal) -> None:
    await hedger.place(BUY, 1_000)
    await hedger.place(BUY, 500)
    first, second = [each["id"] for each in await hedger.get("/individual-positions")]
    await hedger.do("POST", f"/positions/{first}/close", {"amount": 300})
    await hedger.heard("individual-positions", id=first, qty=700)
    await hedger.do("POST", f"/positions/{second}/close")
    await hedger.heard("individual-positions", id=second, qty=0)
    await hedger.heard("positions", qty=700)


async def test_the_net_position_of_a_hedging_account_is_closed_whole_and_in_part(hedger: Terminal) -> None:
    await hedger.place(BUY, 1_000)
    await hedger.place(BUY, 500)
    await hedger.do("POST", f"/positions/{EURUSD}/close", {"amount": 1_100})
    await hedger.heard("positions", id=EURUSD, qty=400)
    await hedger.do("POST", f"/positions/{EURUSD}/close")
    await hedger.heard("positions", id=EURUSD, qty=0)
    assert await hedger.get("/individual-positions") == []


async def test_an_individual_position_has_brackets_of_its_own(hedger: Terminal, house: House) -> None:
    await hedger.place(BUY, 1_000)
    await hedger.place(BUY, 500)
    first, second = [each["id"] for each in await hedger.get("/individual-positions")]
    await hedger.do("PUT", f"/positions/{first}/protection", {"takeProfit": 1.1050, "stopLoss": 1.0950})
    told = await hedger.heard("individual-positions", id=first, takeProfit=1.105, stopLoss=1.095)
    assert told["qty"] == 1_000
    assert {(each["parentId"], each["parentType"], each["qty"]) for each in await hedger.get("/orders")} == {(first, 3, 1_000)}
    await house.quote("1.10500", "1.10510")
    await hedger.heard("individual-positions", id=first, qty=0)
    assert [each["id"] for each in await hedger.get("/individual-positions")] == [second]


async def test_an_account_that_asks_for_it_closes_the_oldest_first(house: House) -> None:
    await house.quote("1.10000", "1.10010")
    fifo = await house.terminal(f"fifo-{next(numbers)}", positionMode="hedging", fifo=True)
    assert (await fifo.get("/config"))["configFlags"]["requiresFIFOCloseIndividualPositions"]
    await fifo.place(BUY, 1_000)
    await fifo.place(BUY, 500)
    first, second = [each["id"] for each in await fifo.get("/individual-positions")]
    refused = await fifo.refused("POST", f"/positions/{second}/close")
    assert first in refused["message"]
    await fifo.do("POST", f"/positions/{first}/close")
    await fifo.heard("individual-positions", id=first, qty=0)


async def test_a_bracket_filled_in_part_shrinks_the_position_and_the_other_bracket(one: Terminal, house: House) -> None:
    await one.place(BUY, 1_000, MARKET, takeProfit=1.1050, stopLoss=1.0950)
    await one.heard("positions", takeProfit=1.105)
    take, stop = await one.get("/orders")
    await house.quote("1.10500", "1.10510", sizes=(300, 300))
    await one.heard("positions", qty=700)
    await one.heard("orders", id=stop["id"], qty=700, status=WORKING)
    await house.quote("1.10500", "1.10510", sizes=(5_000, 5_000))
    await one.heard("orders", id=take["id"], status=FILLED)
    await one.heard("positions", qty=0)
