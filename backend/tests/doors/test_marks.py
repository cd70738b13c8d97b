"""Own executions and movements of money on a chart, and who may see them (contract 1.8)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from broker_house import BROKER, serving

from fakes_people import guarded_house

DATAFEED = "/api/v1/datafeed"
pytestmark = pytest.mark.asyncio(loop_scope="module")
SOON_S = 10.0
EVERYTHING = {"symbol": "BTCUSD", "from": 0, "to": 9_999_999_999, "resolution": "60"}
FOREIGN = ("https://charts.example", "null", "http://127.0.0.1.example")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """Twelve fills of a minute or two in bitcoin, which is always open."""
    async with serving(tmp_path_factory.mktemp("marks")) as broker:
        opened = await broker.post("/accounts", json={"id": "SECOND", "name": "Second", "currency": "EUR", "balance": 50_000})
        assert opened.status_code == 201, opened.text
        for account, count in (("DEMO-ACCOUNT", 11), ("SECOND", 1)):
            for number in range(count):
                order = {"symbol": "DEMO:BTCUSD", "side": 1 if number % 2 == 0 else -1, "qty": 0.01, "type": 2}
                answer = await broker.post(f"/accounts/{account}/orders", json=order)
                assert answer.status_code == 200, answer.text
        yield broker


async def ask(broker: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None, **query: object) -> httpx.Response:
    given = {"symbol": "BTCUSD", "from_": 0, "to": 9_999_999_999, "resolution": "60"} | query
    params = {name.rstrip("_"): str(value) for name, value in given.items()}
    return await broker.get(str(broker.base_url).replace(BROKER, DATAFEED).rstrip("/") + path, params=params, headers=headers)


async def rows(broker: httpx.AsyncClient, **query: object) -> list[dict[str, Any]]:
    columns = (await ask(broker, "/marks", **query)).json()
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


async def test_an_execution_is_a_mark_on_its_bar(broker: httpx.AsyncClient) -> None:
    (mark,) = await rows(broker, account="SECOND")
    (fill,) = (await broker.get("/accounts/SECOND/executions")).json()
    opened = fill["time"] // 1000
    assert mark == {
        "id": f"SECOND/{fill['id']}",
        "time": opened - opened % 3600,
        "color": "green",
        "text": mark["text"],
        "label": "B",
        "labelFontColor": "white",
        "minSize": 14,
    }
    assert mark["text"].startswith(f"Bought 0.01 at {fill['price']:.2f}".rstrip("0").rstrip(".")) and "SECOND" in mark["text"]
    (day,) = await rows(broker, account="SECOND", resolution="1D")
    assert day["time"] == opened - opened % 86_400
    for width in ("1S", "1", "30", "240", "1W", "M"):
        (one,) = await rows(broker, account="SECOND", resolution=width)
        # A bar begins with its first tick, which may come a moment after the fill.
        async with asyncio.timeout(SOON_S):
            while (await ask(broker, "/history", resolution=width, to=opened + 1, countback=1)).json()["t"] != [one["time"]]:
                await asyncio.sleep(0.1)


async def test_a_bar_has_ten_marks_at_most_and_says_what_it_leaves_out(broker: httpx.AsyncClient) -> None:
    marks = await rows(broker, resolution="1W", account="DEMO-ACCOUNT")
    assert len(marks) == 10
    assert (marks[0]["text"], marks[0]["label"]) == ("2 executions before those shown", "2")
    assert {mark["color"] for mark in marks[1:]} == {"red", "green"}
    assert len({mark["id"] for mark in marks}) == 10


async def test_all_accounts_are_shown_unless_one_is_named_and_a_foreign_one_is_absent(broker: httpx.AsyncClient) -> None:
    whose = {mark["id"].partition("/")[0] for mark in await rows(broker, resolution="1S")}
    assert whose == {"DEMO-ACCOUNT", "SECOND"}
    absent = (await ask(broker, "/marks", account="NOBODY")).json()
    assert absent["s"] == "error" and "'NOBODY'" in absent["errmsg"]


async def test_only_bars_of_the_window_and_marks_of_the_symbol_count(broker: httpx.AsyncClient) -> None:
    (mark,) = await rows(broker, account="SECOND")
    assert await rows(broker, account="SECOND", from_=mark["time"], to=mark["time"]) == [mark]
    assert await rows(broker, account="SECOND", from_=mark["time"] + 1) == []
    assert await rows(broker, account="SECOND", to=mark["time"] - 1) == []
    assert await rows(broker, symbol="ETHUSD") == []
    assert await rows(broker, symbol="BTCUSD", from_=-(10**12), to=10**14, account="SECOND") == [mark]
    for wrong, word in ({"resolution": "7"}, "resolution"), ({"from_": 2, "to": 1}, "from"), ({"symbol": "NOPE"}, "NOPE"):
        assert word in (await ask(broker, "/marks", **wrong)).json()["errmsg"]


@pytest.mark.parametrize("path", ["/marks", "/timescale_marks", "/grouped/marks"])
async def test_a_foreign_page_gets_none_and_can_read_nobody_else_s_answer(broker: httpx.AsyncClient, path: str) -> None:
    own = f"http://127.0.0.1:{broker.base_url.port}"
    for origin in FOREIGN:
        answer = await ask(broker, path, {"Origin": origin})
        assert answer.json() in ([], dict.fromkeys(answer.json(), []))
        assert answer.headers["access-control-allow-origin"] == origin
    for asked in ({"Origin": own}, {"Sec-Fetch-Site": "same-origin"}, {}):
        answer = await ask(broker, path, asked)
        assert (answer.json() != dict.fromkeys(answer.json(), [])) == (path != "/timescale_marks") or answer.json() == []
        # What was answered to no page in particular must be of no use to a page that finds it in a cache.
        assert answer.headers.get("access-control-allow-origin") == asked.get("Origin")
        assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Origin", "no-store")
    for site in ("cross-site", "same-site"):
        assert (await ask(broker, path, {"Sec-Fetch-Site": site})).json() in ([], dict.fromkeys(answer.json(), []))


async def test_an_allowed_page_sees_marks(tmp_path: Path) -> None:
    async with serving(tmp_path, allowed_origins=("https://desk.example",)) as broker:
        await broker.post("/accounts/DEMO-ACCOUNT/orders", json={"symbol": "BTCUSD", "side": 1, "qty": 0.01, "type": 2})
        for origin, count in (("https://desk.example", 1), ("https://charts.example", 0)):
            answer = await ask(broker, "/marks", {"Origin": origin})
            assert len(answer.json()["id"]) == count
            assert answer.headers["access-control-allow-origin"] == origin


async def test_with_authentication_only_who_may_read_an_account_sees_what_it_did(tmp_path: Path) -> None:
    async with guarded_house(tmp_path) as house:
        for login in ("alice", "bob"):
            await house.add(login)
        opened = await house.ask("alice", "POST", "/broker/accounts", json={"id": "alice-1"})
        assert opened.status_code == 201, opened.text
        order = {"symbol": "BTCUSD", "side": 1, "qty": 0.01, "type": 2}
        placed = await house.ask("alice", "POST", "/broker/accounts/alice-1/orders", json=order)
        assert placed.status_code == 200, placed.text
        _, reading = await house.key("alice", {"alice-1": "read"})
        for who, count in (("alice", 1), (reading, 1), ("root", 1), ("bob", 0), (None, 0), ("an invented token", 0)):
            answer = await house.ask(who, "GET", "/datafeed/marks", params=EVERYTHING)
            assert (answer.status_code, len(answer.json()["id"])) == (200, count), who
            named = await house.ask(who, "GET", "/datafeed/marks", params=EVERYTHING | {"account": "alice-1"})
            assert (named.json().get("id") or []) == answer.json()["id"], who
            absent = await house.ask(who, "GET", "/datafeed/marks", params=EVERYTHING | {"account": "nobody-1"})
            assert count or named.text == absent.text.replace("nobody-1", "alice-1"), who
            foreign = {"Origin": "https://charts.example", "Authorization": f"Bearer {house.bearers.get(who or '', '')}"}
            seen = await house.http.get("/datafeed/marks", params=EVERYTHING, headers=foreign)
            assert seen.json()["id"] == []


async def test_dividends_are_told_to_everyone_and_only_when_they_have_been_paid(broker: httpx.AsyncClient) -> None:
    answer = await ask(broker, "/timescale_marks", {"Origin": FOREIGN[0]}, symbol="ACME", resolution="1D")
    marks = answer.json()
    now = int((await ask(broker, "/time")).text)
    assert marks and all(mark["time"] <= now for mark in marks)
    assert {(mark["label"], mark["shape"], tuple(mark["tooltip"])) for mark in marks} == {
        ("D", "circle", ("Dividend of 0.55 USD a share",))
    }
    days = (await ask(broker, "/history", symbol="ACME", resolution="1D", to=now, countback=20_000)).json()["t"]
    assert {mark["time"] for mark in marks if mark["time"] >= days[0]} <= set(days)
