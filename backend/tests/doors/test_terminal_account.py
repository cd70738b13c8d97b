"""An account as a Trading Terminal shows it: flags, account manager, notices, margin, leverage, pip values, the book."""

import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, get_args

import pytest
import pytest_asyncio

from doors.terminal_house import BUY, LIMIT, MARKET, SELL, House, Terminal, a_house
from trading_api.models.broker.manager import FormatterName

pytestmark = pytest.mark.asyncio(loop_scope="module")
numbers = count(1)
EURUSD = "DEMO:EURUSD"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def one(house: House) -> Terminal:
    await house.quote("1.10000", "1.10010", sizes=(2_000_000, 1_000_000))
    return await house.terminal(f"account-{next(numbers)}")


async def test_flags_differ_between_netting_and_hedging(one: Terminal, house: House) -> None:
    hedger = await house.terminal(f"account-{next(numbers)}", positionMode="hedging")
    netted, hedged = [(await each.get("/config"))["configFlags"] for each in (one, hedger)]
    differ = {name for name in netted if netted[name] != hedged[name]}
    assert differ == {
        "supportCloseIndividualPosition",
        "supportIndividualPositionBrackets",
        "supportNativeReversePosition",
        "supportPartialCloseIndividualPosition",
        "supportPositionBrackets",
        "supportPositionNetting",
        "supportReversePosition",
    }


async def test_durations_and_order_types_are_announced(one: Terminal) -> None:
    config = await one.get("/config")
    assert config["orderTypes"] == [1, 2, 3, 4]
    assert [each["value"] for each in config["durations"] if each["default"]] == ["GTC"]
    dated = [each["value"] for each in config["durations"] if each["hasDatePicker"]]
    assert dated == ["GTD"]


# Account manager


def columns_of(manager: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    tables = [(table["id"], each) for page in manager["pages"] for table in page["tables"] for each in table["columns"]]
    named = ("orderColumns", "historyColumns", "positionColumns", "individualPositionColumns")
    return [*tables, *((name, each) for name in named for each in manager.get(name, ()))]


ARITY = {"symbol": (2, 3), "type": (3,), "fixedInCurrency": (2,), "default": (1, 2, 3), "text": (1, 2, 3)}
"""How many fields a formatter takes; all others take one."""


async def test_the_account_manager_has_columns_as_the_library_reads_them(one: Terminal, house: House) -> None:
    hedger = await house.terminal(f"account-{next(numbers)}", positionMode="hedging")
    for manager in (await one.get("/account-manager"), await hedger.get("/account-manager")):
        for _, column in columns_of(manager):
            assert column["formatter"] in get_args(FormatterName)
            assert len(column["dataFields"]) in ARITY.get(column["formatter"], (1,)), column
        assert "Balance" in [each["text"] for each in manager["summary"]]
    assert "individualPositionColumns" not in await one.get("/account-manager")


async def test_every_column_and_summary_value_is_a_field_of_its_rows(one: Terminal, house: House) -> None:
    hedger = await house.terminal(f"account-{next(numbers)}", positionMode="hedging")
    known = await fields_of_rows(house)
    manager = await hedger.get("/account-manager")
    for name, column in columns_of(manager):
        assert set(column["dataFields"]) <= known[name] | {"pl"}, (name, column)
    assert {each["field"] for each in manager["summary"]} <= known["state"]
    assert manager["marginUsed"] in known["state"]
    for name in ("orderColumnsSorting", "historyColumnsSorting"):
        assert manager[name]["property"] in known["orderColumns"]


async def fields_of_rows(house: House) -> dict[str, set[str]]:
    """What rows may carry, by the document of the API."""
    schemas = (await house.client.get("/api/v1/openapi.json")).json()["components"]["schemas"]
    rows = {
        "orderColumns": "PlacedOrder",
        "historyColumns": "PlacedOrder",
        "positionColumns": "Position",
        "individualPositionColumns": "IndividualPosition",
        "trades": "ClosedTrade",
        "state": "EquityData",
        "notices": "Notice",
    }
    return {name: set(schemas[schema]["properties"]) for name, schema in rows.items()}


async def test_every_source_of_the_account_manager_answers_and_every_topic_speaks(one: Terminal, house: House) -> None:
    await one.place(BUY, 1_000)
    manager = await one.get("/account-manager")
    sources = [*manager["sources"].values(), *(each["source"] for page in manager["pages"] for each in page["tables"])]
    for source in sources:
        answer = await house.client.get(source["path"])
        assert answer.status_code == 200
        rows = answer.json() if isinstance(answer.json(), list) else [answer.json()]
        assert all(row[source["rowId"]] for row in rows)
        assert source["topic"] in one.states


# Notifications


async def test_the_notifications_log_is_a_page_with_columns_whose_rows_are_the_log(one: Terminal, house: House) -> None:
    await one.do("POST", "/fund", {"amount": 500})
    await one.heard("notices", notice="deposit")
    manager = await one.get("/account-manager")
    ((table,),) = [page["tables"] for page in manager["pages"] if page["id"] == "notices"]
    assert {"time", "type", "symbol", "text"} <= {column["id"] for column in table["columns"]}
    assert (table["source"], table["flags"]["supportPagination"]) == (manager["sources"]["notices"], True)
    (row,) = (await house.client.get(table["source"]["path"])).json()
    assert row["text"] == "Deposited: 500 USD" and row[table["source"]["rowId"]] == "n2"


async def test_the_notifications_log_tells_fills_limits_lock_and_money_and_is_paged(one: Terminal) -> None:
    order = await one.place(BUY, 1_000)
    await one.do("PUT", "/limits", {"openPositions": 1})
    await one.do("POST", "/fund", {"amount": 500})
    await one.do("POST", "/lock", {"text": "lunch"})
    told = [await one.heard("notices", notice=kind) for kind in ("fill", "limits", "deposit", "lock")]
    assert told[0]["orderId"] == order and told[0]["text"] == "Bought 1000 DEMO:EURUSD at 1.10010"
    assert "lunch" in told[3]["text"] and told[3]["type"] == "warning"
    listed = await one.get("/notices")
    assert listed == one.frames["notices"][::-1]
    paged = await one.get("/notices", limit=2, before=listed[0]["id"])
    assert paged == listed[1:3]
    assert {each["symbol"] for each in await one.get("/notices", symbol="EURUSD")} == {EURUSD}


async def test_notices_resume_where_a_client_left_off(one: Terminal, house: House) -> None:
    state = one.states["notices"]
    await one.do("POST", "/fund", {"amount": 500})
    await one.heard("notices", notice="deposit")
    resumed = await one.subscribe("notices", accountId=one.account, epoch=state["epoch"], seq=state["seq"])
    assert resumed["recovered"] is True and resumed["seq"] == state["seq"]
    await one.until(lambda: [each["notice"] for each in one.frames["notices"]].count("deposit") == 2)
    fresh = await one.subscribe("notices", accountId=one.account)
    assert [each["notice"] for each in fresh["state"]] == ["deposit"]


async def test_lock_and_limits_are_told_live(one: Terminal) -> None:
    state = one.states["risk"]["state"]
    assert state["lock"] == {"locked": False, "text": ""} and state["marginCalled"] is False
    await one.do("PUT", "/limits", {"dailyLoss": 500})
    await one.until(lambda: any(each["risk"]["limits"].get("dailyLoss") == 500 for each in one.frames["risk"]))
    await one.do("POST", "/lock", {"text": "lunch"})
    await one.until(lambda: one.frames["risk"][-1]["lock"]["locked"])
    assert await one.get("/risk") == one.frames["risk"][-1]


async def test_a_margin_call_is_told(one: Terminal, house: House) -> None:
    await one.place(BUY, 250_000)
    await house.quote("1.09600", "1.09610")
    await one.heard("notices", notice="margin_call", type="warning")
    await one.until(lambda: bool(one.frames["risk"]) and one.frames["risk"][-1]["marginCalled"])
    await house.quote("1.10500", "1.10510")
    await one.heard("notices", notice="margin_restored")


# Leverage, pip values, the book, what is tradable


async def test_leverage_is_told_previewed_and_set_to_what_is_possible(one: Terminal) -> None:
    info = await one.get("/leverage")
    assert {name: info[name] for name in ("leverage", "min", "max", "step")} == {
        "leverage": 30,
        "min": 1,
        "max": 1000,
        "step": 1,
    }
    ticket = {"symbol": "EURUSD", "orderType": MARKET, "side": BUY, "leverage": 20.4}
    assert (await one.do("POST", "/leverage/preview", ticket))["leverage"] == 20
    assert (await one.do("PUT", "/leverage", ticket))["leverage"] == 20
    assert (await one.get("/leverage"))["leverage"] == 20
    assert (await one.heard("notices", notice="leverage"))["text"] == "The leverage is 20:1 now"
    await one.place(BUY, 10_000)
    await one.heard("equity", marginUsed=550.05)


async def test_a_pip_is_worth_what_conversion_makes_it_live(one: Terminal, house: House) -> None:
    await house.quote("150.000", "150.010", "USDJPY")
    state = (await one.subscribe("pip-values", accountId=one.account, symbol="USDJPY"))["state"]
    assert state["buyPipValue"] == state["sellPipValue"] == pytest.approx(0.01 / 150.005)
    await house.quote("160.000", "160.010", "USDJPY")
    await one.until(lambda: bool(one.frames["pip-values"]))
    told = one.frames["pip-values"][-1]
    assert told["sellPipValue"] == pytest.approx(0.01 / 160.005)
    assert await one.get("/instruments/USDJPY/pip-values") == {**told, "symbol": "USDJPY"}
    assert (await one.get("/instruments/EURUSD"))["pipValue"] == 0.0001


async def test_the_book_is_ascending_and_begins_with_the_best_prices(one: Terminal, house: House) -> None:
    assert (await one.get("/config"))["configFlags"]["supportLevel2Data"]
    state = (await one.subscribe("depth", symbol="EURUSD"))["state"]
    assert state["bids"][-1] == {"price": 1.1, "volume": 2_000_000} and state["asks"][0] == {
        "price": 1.1001,
        "volume": 1_000_000,
    }
    await house.quote("1.10020", "1.10030", sizes=(5, 6))
    await one.until(lambda: bool(one.frames["depth"]))
    told = one.frames["depth"][-1]
    assert (told["symbol"], told["snapshot"], told["bids"][-1]["volume"]) == ("EURUSD", True, 5)
    assert (await house.client.get("/api/v1/datafeed/depth?symbol=EURUSD")).json() == told
    none = (await house.client.get("/api/v1/datafeed/depth?symbol=USDJPY")).json()
    assert none["s"] == "error" and "sizes" in none["errmsg"]
    refused = await one.subscribe("depth", symbol="USDJPY")
    assert (refused["status"], refused["code"]) == ("error", "no_depth")


async def test_what_cannot_be_traded_says_why_and_what_helps(one: Terminal, house: House) -> None:
    fine = await one.get("/instruments/EURUSD/trading")
    assert fine["tradable"] == {"tradable": True} and fine["options"]["allowedOrderTypes"] == [1, 2, 3, 4]
    dusty = (await one.get("/instruments/DUSTY/trading"))["tradable"]
    assert dusty["tradable"] is False and "XAU" in dusty["reason"] and dusty["shortReason"] == "No conversion rate"
    await house.client.post("/api/v1/broker/accounts", json={"id": "elsewhere", "markets": ["IMPORT"]})
    other = (await house.client.get("/api/v1/broker/accounts/elsewhere/instruments/DEMO:EURUSD/trading")).json()["tradable"]
    assert other["reason"] == "This account trades IMPORT" and other["solutions"]["changeAccount"] == "DEMO-ACCOUNT"
    await one.do("POST", "/lock")
    assert "unlocked" in (await one.get("/instruments/EURUSD/trading"))["options"]["warningMessage"]


async def test_an_order_that_needs_more_margin_than_there_is_names_the_quantity_that_fits(one: Terminal) -> None:
    refused = await one.refused(
        "POST", "/orders", {"symbol": "EURUSD", "type": LIMIT, "side": SELL, "qty": 400_000, "limitPrice": 1.2}
    )
    assert (refused["field"], refused["code"]) == ("qty", "no_margin") and 0 < refused["nearest"] < 400_000
    assert json.dumps(refused["message"]).count("USD") == 1
