"""What TradingView's broker REST API takes for a form, and what it never takes for an empty one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rest_house import RestHouse, ok, refused, rest_house

from fakes_market import an_instrument

ACCOUNT = "/accounts/alice"
FORM = "application/x-www-form-urlencoded"
ORDER = {"instrument": "EURUSD", "side": "buy", "type": "market", "qty": "1000", "currentAsk": "1.1002", "currentBid": "1.1000"}
TWICE = "Expected locale once, found it 2 times"
NO_FORMS: list[dict[str, Any]] = [
    {"json": {"amount": "400", "qty": "1000"}},
    {"json": {}},
    {"content": b"amount=400", "headers": {"Content-Type": "text/plain"}},
    {"content": b"amount=400"},
    {"content": b'{"amount": 400}', "headers": {"Content-Type": FORM}},
    {"content": b'[{"amount": 400}]', "headers": {"Content-Type": f"{FORM}; charset=utf-8"}},
    {"files": {"amount": (None, "400")}},
]


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[RestHouse]:
    async with rest_house(tmp_path / "state", instruments=(an_instrument("EURUSD"),)) as house:
        await house.stage.quote("EURUSD", "1.1000", "1.1002")
        yield house


async def books(house: RestHouse) -> tuple[Any, Any]:
    return ok(await house.client.get(f"{ACCOUNT}/orders")), ok(await house.client.get(f"{ACCOUNT}/positions"))


async def paths_of(house: RestHouse) -> list[tuple[str, str]]:
    """Every command about an order with brackets and a position with brackets, and those about nothing that is there."""
    placed = {"type": "limit", "limitPrice": "1.0900", "stopLoss": "1.0800", "takeProfit": "1.1100"}
    order = ok(await house.client.post(f"{ACCOUNT}/orders", data={**ORDER, **placed}))["orderId"]
    ok(await house.client.post(f"{ACCOUNT}/orders", data={**ORDER, "stopLoss": "1.0800", "takeProfit": "1.1100"}))
    (position,) = ok(await house.client.get(f"{ACCOUNT}/positions"))
    return [
        ("PUT", f"{ACCOUNT}/orders/{order}"),
        ("DELETE", f"{ACCOUNT}/orders/{order}"),
        ("PUT", f"{ACCOUNT}/positions/{position['id']}"),
        ("DELETE", f"{ACCOUNT}/positions/{position['id']}"),
        *[
            ("POST", f"{ACCOUNT}/{name}")
            for name in ("orders", "previewOrder", "getLeverage", "setLeverage", "previewLeverage")
        ],
        ("POST", "/authorize"),
        ("POST", "/logout"),
    ]


async def test_a_body_that_is_no_form_is_never_taken_for_an_empty_one(house: RestHouse) -> None:
    paths = await paths_of(house)
    before = await books(house)
    assert len(before[0]) == 6 and before[1][0]["qty"] == 1000
    for method, path in paths:
        for given in NO_FORMS:
            answer = await house.client.request(method, path, **given)
            assert refused(answer) == f"Expected the body to be a form ({FORM}), found another", (method, path, given)
    assert await books(house) == before


async def test_who_has_no_token_is_told_so_whatever_the_body_is(house: RestHouse) -> None:
    for given in NO_FORMS:
        headers = {"Authorization": "Bearer false", **given.get("headers", {})}
        answer = await house.client.put(f"{ACCOUNT}/orders/o1", **{**given, "headers": headers})
        assert answer.status_code == 401


async def test_nothing_is_a_form_without_fields(house: RestHouse) -> None:
    paths = {path.split("/")[-2]: path for method, path in await paths_of(house) if method == "PUT"}
    assert "qty" in refused(await house.client.put(paths["orders"]))
    ok(await house.client.put(paths["positions"]))
    assert {one["status"] for one in (await books(house))[0] if one.get("parentType") == "position"} == {"cancelled"}
    ok(await house.client.delete(paths["positions"]))
    assert (await books(house))[1][0]["qty"] == 0
    ok(await house.client.post("/logout"))


async def test_a_change_names_the_quantity(house: RestHouse) -> None:
    (_, path), *_ = await paths_of(house)
    before = await books(house)
    for form in ({"limitPrice": "1.0910"}, {"qty": "", "limitPrice": "1.0910"}, {"stopLoss": "1.08", "takeProfit": "1.11"}):
        assert refused(await house.client.put(path, data=form)) == "Expected the field qty, found none"
    assert await books(house) == before


async def test_a_token_endpoint_says_what_its_body_should_be(house: RestHouse) -> None:
    answer = await house.client.post("/oauth2/token", json={"grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert FORM in answer.json()["error_description"]


async def test_a_refusal_speaks_of_the_fields_of_the_form(house: RestHouse) -> None:
    until = {**ORDER, "type": "limit", "limitPrice": "1.09", "durationType": "GTD"}
    assert refused(await house.client.post(f"{ACCOUNT}/orders", data=until)) == "Expected durationDateTime with GTD, found none"
    (_, path), *_ = await paths_of(house)
    changed = {"qty": "1000", "limitPrice": "1.09", "durationType": "GTD"}
    assert refused(await house.client.put(path, data=changed)) == "Expected durationDateTime with GTD, found none"
    ok(await house.client.post(f"{ACCOUNT}/orders?requestId=r1", data=ORDER))
    again = await house.client.post(f"{ACCOUNT}/orders?requestId=r1", data={**ORDER, "qty": "2000"})
    assert refused(again) == "Expected the same command under requestId 'r1', found another body"


@pytest.mark.parametrize(
    "path",
    [
        "/symbol_info?group=",
        f"{ACCOUNT}/executions?instrument=&maxCount=",
        f"{ACCOUNT}/ordersHistory?maxCount=",
        "/history?symbol=EURUSD&resolution=1&from=0&to=1700000000&countback=",
        "/history?symbol=EURUSD&resolution=1&from=&to=1700000000&countback=1",
    ],
)
async def test_an_empty_parameter_that_need_not_be_there_counts_as_absent(house: RestHouse, path: str) -> None:
    answer: httpx.Response = await house.client.get(path)
    assert answer.json()["s"] in ("ok", "no_data"), answer.text


async def test_what_is_given_twice_is_refused_and_named(house: RestHouse) -> None:
    paths = await paths_of(house)
    before = await books(house)
    twice = {"content": b"qty=1000&amount=400&qty=2000", "headers": {"Content-Type": FORM}}
    for method, path in paths:
        assert refused(await house.client.request(method, path, **twice)) == "Expected qty once, found it 2 times", path
        assert refused(await house.client.request(method, f"{path}?locale=en&locale=de")) == TWICE
    asked = await house.client.get("/history?symbol=EURUSD&resolution=1&to=1700000000&to=1700000001&to=1700000002")
    assert refused(asked) == "Expected to once, found it 3 times"
    assert await books(house) == before


async def test_an_oauth_parameter_given_twice_is_refused(house: RestHouse) -> None:
    page = await house.client.get("/oauth2/authorize?client_id=a&client_id=b")
    tokens = await house.client.post("/oauth2/token", content=b"code=a&code=b", headers={"Content-Type": FORM})
    for answer, name in ((page, "client_id"), (tokens, "code")):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert answer.json()["error_description"] == f"Expected {name} once, found it 2 times"


async def test_a_field_of_the_form_that_stands_in_the_query_is_not_passed_over(house: RestHouse) -> None:
    paths = {path.split("/")[-2]: path for method, path in await paths_of(house) if method == "PUT"}
    before = await books(house)
    for method, name, field in (
        ("DELETE", "positions", "amount"),
        ("PUT", "positions", "stopLoss"),
        ("PUT", "orders", "takeProfit"),
    ):
        answer = await house.client.request(method, f"{paths[name]}?locale=en&{field}=1", data={"qty": "1000"})
        assert refused(answer) == f"Expected {field} in the form, found it in the query"
    for field in ("requestId", "confirmId"):
        answer = await house.client.post(f"{ACCOUNT}/orders", data={**ORDER, field: "a1"})
        assert refused(answer) == f"Expected {field} in the query, found it in the form"
    answer = await house.client.post("/authorize?password=other", data={"login": "demo", "password": "demo"})
    assert refused(answer) == "Expected password in the form, found it in the query"
    assert await books(house) == before


async def test_an_empty_field_in_the_query_counts_as_absent(house: RestHouse) -> None:
    position = next(path for method, path in await paths_of(house) if method == "DELETE" and "/positions/" in path)
    assert (await house.client.delete(f"{position}?amount=")).json() == {"s": "ok"}
