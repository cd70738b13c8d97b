"""Whose pages may call TradingView's broker REST API, what their browsers hear, and how other doors' refusals leave."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from rest_house import ok, refused, rest_of_whole_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN = "http://pages.example:5173"
THEIRS = (
    "https://www.tradingview.com",
    "https://de.tradingview.com",
    "https://a.b.tradingview.com",
    "https://tradingview.com",
    "https://x1.xstaging.tv",
)
STRANGERS = (
    "null",
    "http://www.tradingview.com",
    "https://eviltradingview.com",
    "https://www.tradingview.com.evil.example",
    "https://www.tradingview.com:8443",
    "https://xstaging.tv",
    "https://evil.example",
    "http://localhost:6285",
)
EVERYWHERE = (
    ("GET", "/accounts", 200),
    ("GET", "/nowhere", 200),
    ("PATCH", "/accounts", 200),
    ("POST", "/authorize", 200),
    ("GET", "/mapping", 200),
    ("DELETE", "/accounts/DEMO-ACCOUNT/orders/o999", 200),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rest(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with rest_of_whole_house(tmp_path_factory.mktemp("house"), allowed_origins=OWN) as client:
        yield client


@pytest.mark.parametrize("origin", [*THEIRS, OWN])
async def test_pages_of_tradingview_are_let_in_with_every_answer(rest: httpx.AsyncClient, origin: str) -> None:
    for method, path, status in EVERYWHERE:
        answer = await rest.request(method, path, headers={"Origin": origin})
        assert (answer.status_code, answer.headers.get_list("access-control-allow-origin")) == (status, [origin]), path
        assert "origin" in answer.headers["vary"].lower()
    answer = await rest.get("/accounts", headers={"Origin": origin, "Authorization": "Bearer false"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, origin)


@pytest.mark.parametrize("origin", STRANGERS)
async def test_foreign_pages_are_refused_whatever_they_ask(rest: httpx.AsyncClient, origin: str) -> None:
    for method, path, _ in EVERYWHERE:
        answer = await rest.request(method, path, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
        assert answer.json().keys() == {"s", "errmsg"} and answer.json()["s"] == "error"
        assert "TRADING_ALLOWED_ORIGINS" in answer.json()["errmsg"]


async def test_a_page_of_tradingview_may_not_call_anything_else(rest: httpx.AsyncClient) -> None:
    place = str(rest.base_url).split("/api/")[0]
    for path in ("/api/v1/broker/accounts", "/api/v1/tradingviewer"):
        answer = await rest.get(place + path, headers={"Origin": THEIRS[0]})
        assert "access-control-allow-origin" not in answer.headers
    assert (await rest.get(place + "/api/v1/broker/accounts", headers={"Origin": THEIRS[0]})).status_code == 403


async def test_our_own_page_and_programs_are_let_in(rest: httpx.AsyncClient) -> None:
    place = str(rest.base_url).split("/api/")[0]
    ok(await rest.get("/accounts", headers={"Origin": place}))
    ok(await rest.get("/accounts"))


async def test_a_browser_hears_beforehand_what_it_may_send(rest: httpx.AsyncClient) -> None:
    asked = {
        "Origin": THEIRS[0],
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
        "Authorization": "",
    }
    answer = await rest.options("/accounts/DEMO-ACCOUNT/orders/o1", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == THEIRS[0]
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert set(answer.headers["access-control-allow-methods"].split(", ")) >= {"GET", "POST", "PUT", "DELETE"}
    assert answer.headers["access-control-allow-private-network"] == "true"
    asked["Origin"] = "https://evil.example"
    assert (await rest.options("/accounts", headers=asked)).status_code == 403


async def test_refusals_of_the_doors_behind_are_told_in_the_same_form(rest: httpx.AsyncClient) -> None:
    large = await rest.post("/authorize", content=b"x" * 300_000, headers={"Origin": THEIRS[0]})
    assert "bytes" in refused(large)
    assert large.headers["access-control-allow-origin"] == THEIRS[0]
    assert "path" in refused(await rest.get("/" + "x" * 20_000))


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "GET"])
async def test_a_method_there_is_none_of_needs_a_token_as_well(rest: httpx.AsyncClient, method: str) -> None:
    path = "/accounts" if method != "GET" else "/nowhere"
    answer = await rest.request(method, path, headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    if method != "HEAD":
        assert answer.json()["s"] == "error"
        assert "with its method" in refused(await rest.request(method, path))


async def test_a_host_nobody_knows_is_refused_in_the_same_form(rest: httpx.AsyncClient) -> None:
    answer = await rest.get("/accounts", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "TRADING_ALLOWED_HOSTS" in answer.json()["errmsg"]


async def test_too_many_commands_are_refused_in_the_same_form(tmp_path: Path) -> None:
    async with rest_of_whole_house(tmp_path / "state", address_commands=1) as client:
        answers = [await client.post("/nowhere", headers={"Origin": THEIRS[0]}) for _ in range(4)]
        assert "Expected at most 1 commands a second" in refused(answers[-1])
        assert answers[-1].headers["access-control-allow-origin"] == THEIRS[0]
        assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/" + "x" * 100 + "/orders",
        "/accounts/%00/orders",
        "/accounts/..%2f..%2f/state",
        "/quotes",
        "/depth?accountId=DEMO-ACCOUNT",
    ],
)
async def test_odd_paths_are_refused_and_never_fail(rest: httpx.AsyncClient, path: str) -> None:
    refused(await rest.get(path))
