"""The UDF endpoints as a chart sees them, over a real socket (contract 1)."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio
from udf_house import MINUTE, NOW, UdfHouse, serving

from fakes_market import MONDAY
from trading_api.models.market.quotes import QUOTES_MAX

DAY = 86_400
TODAY = MONDAY // 1000 + 3 * DAY
MINUTES_TODAY = (NOW // 1000 - TODAY) // 60
SECONDS = ["1S", "5S", "15S", "30S"]
MINUTES = ["1", "3", "5", "15", "30", "60", "120", "240"]
LONG = ["1D", "1W", "1M"]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet_house() -> AsyncIterator[UdfHouse]:
    """Shared by the questions that change nothing."""
    async with serving() as house:
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def house() -> AsyncIterator[UdfHouse]:
    """For tests that tell prices."""
    async with serving() as house:
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def chart(quiet_house: UdfHouse) -> AsyncIterator[httpx.AsyncClient]:
    async with a_chart(quiet_house) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def own_chart(house: UdfHouse) -> AsyncIterator[httpx.AsyncClient]:
    async with a_chart(house) as client:
        yield client


def a_chart(house: UdfHouse) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=house.url, headers={"Origin": "https://charts.example"})


async def get(chart: httpx.AsyncClient, path: str, **query: object) -> dict[str, Any]:
    answer = await chart.get(path, params={name.rstrip("_"): str(value) for name, value in query.items()})
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
    body: dict[str, Any] = answer.json()
    return body


async def error(chart: httpx.AsyncClient, path: str, **query: object) -> str:
    body = await get(chart, path, **query)
    assert body.keys() == {"s", "errmsg"} and body["s"] == "error"
    return str(body["errmsg"])


async def test_config_offers_search_and_not_groups(chart: httpx.AsyncClient) -> None:
    config = await get(chart, "/config")
    switches = {name: value for name, value in config.items() if name.startswith("supports")}
    assert switches == {
        "supports_search": True,
        "supports_group_request": False,
        "supports_marks": False,
        "supports_timescale_marks": False,
        "supports_time": True,
    }
    assert config["supported_resolutions"] == SECONDS + MINUTES + LONG
    assert config["exchanges"] == [
        {"value": "", "name": "All exchanges", "desc": ""},
        {"value": "FX", "name": "FX", "desc": "FX"},
        {"value": "NASDAQ", "name": "NASDAQ", "desc": "NASDAQ"},
    ]
    assert [kind["value"] for kind in config["symbols_types"]] == ["", "stock", "forex"]


async def test_time_is_a_bare_number_of_seconds(chart: httpx.AsyncClient) -> None:
    assert (await chart.get("/time")).text == str(NOW // 1000)


async def test_a_symbol_is_the_same_by_name_ticker_and_exchange(chart: httpx.AsyncClient) -> None:
    by_name = await get(chart, "/symbols", symbol="AAPL")
    assert by_name == await get(chart, "/symbols", symbol="DEMO:AAPL") == await get(chart, "/symbols", symbol="NASDAQ:AAPL")
    assert by_name == await get(chart, "/resolve/AAPL") == await get(chart, "/resolve/DEMO:AAPL")
    assert by_name == {
        "name": "AAPL",
        "ticker": "DEMO:AAPL",
        "full_name": "NASDAQ:AAPL",
        "description": "Apple Inc.",
        "type": "stock",
        "exchange": "NASDAQ",
        "listed_exchange": "NASDAQ",
        "session": "0930-1600",
        "session_holidays": "20240101",
        "timezone": "America/New_York",
        "currency_code": "USD",
        "original_currency_code": "USD",
        "format": "price",
        "pricescale": 100,
        "minmov": 1,
        "minmove2": 0,
        "fractional": False,
        "has_intraday": True,
        "intraday_multipliers": MINUTES,
        "has_seconds": False,
        "seconds_multipliers": [],
        "has_ticks": False,
        "has_daily": True,
        "daily_multipliers": ["1"],
        "has_weekly_and_monthly": True,
        "weekly_multipliers": ["1"],
        "monthly_multipliers": ["1"],
        "has_empty_bars": False,
        "supported_resolutions": MINUTES + LONG,
        "visible_plots_set": "ohlc",
        "volume_precision": 0,
        "data_status": "streaming",
    }


async def test_a_symbol_with_ticks_has_seconds(chart: httpx.AsyncClient) -> None:
    pair = await get(chart, "/symbols", symbol="EURUSD")
    assert (pair["has_seconds"], pair["seconds_multipliers"]) == (True, ["1", "5", "15", "30"])
    assert pair["intraday_multipliers"] == MINUTES and pair["supported_resolutions"] == SECONDS + MINUTES + LONG


async def test_search_ignores_case_and_empty_filters(chart: httpx.AsyncClient) -> None:
    answer = await chart.get("/search", params={"query": "aap", "type": "", "exchange": "", "limit": "30"})
    assert [row["ticker"] for row in answer.json()] == ["DEMO:AAPL"]
    everything = await chart.get("/search")
    assert [row["symbol"] for row in everything.json()] == ["EURUSD", "AAPL"]
    assert (await chart.get("/search", params={"query": "zzz"})).json() == []


@pytest.mark.parametrize("resolution", [*SECONDS, *MINUTES, *LONG, "D", "W", "M"])
async def test_countback_answers_exactly_that_many_bars_with_the_open_one(chart: httpx.AsyncClient, resolution: str) -> None:
    answer = await get(chart, "/history", symbol="EURUSD", resolution=resolution, from_=0, to=NOW // 1000, countback=1)
    assert list(answer) == ["s", "t", "o", "h", "l", "c", "v"]
    last_minute = 10_000 + (NOW - MONDAY) // MINUTE - 1
    assert (answer["s"], answer["c"]) == ("ok", [last_minute + 1])
    start = answer["t"][0]
    if resolution in SECONDS + MINUTES:
        width = int(resolution[:-1]) if resolution in SECONDS else int(resolution) * 60
        assert start % width == 0 and start > NOW // 1000 - width - 91
    else:
        first_day = {"D": TODAY, "W": MONDAY // 1000, "M": MONDAY // 1000}
        assert start == first_day[resolution[-1]]


async def test_the_tick_that_was_just_told_is_in_the_open_bar(own_chart: httpx.AsyncClient, house: UdfHouse) -> None:
    await house.market.tell("EURUSD", "9.5", volume=3)
    query = {"symbol": "EURUSD", "to": NOW // 1000, "countback": 1}
    minute = await get(own_chart, "/history", resolution="1", **query)
    day = await get(own_chart, "/history", resolution="1D", **query)
    assert (minute["o"], minute["v"]) == ([9.5], [3])
    assert (day["l"], day["c"]) == ([9.5], [9.5])


async def test_a_window_holds_from_and_not_to(chart: httpx.AsyncClient) -> None:
    start = MONDAY // 1000
    answer = await get(chart, "/history", symbol="EURUSD", resolution="1", from_=start, to=start + 600)
    assert answer["t"] == [start + 60 * n for n in (0, 1, 2, 3, 4, 5, 6, 8, 9)]


async def test_days_are_stamped_midnight_utc_and_intraday_bars_count_from_the_open(chart: httpx.AsyncClient) -> None:
    days = await get(chart, "/history", symbol="AAPL", resolution="D", from_=0, to=NOW)
    half_hours = await get(chart, "/history", symbol="AAPL", resolution="30", from_=TODAY - DAY, to=TODAY)
    assert days["t"] == [TODAY - 2 * DAY, TODAY - DAY]  # Monday is a holiday, and New York has not opened yet today
    assert half_hours["t"] == [TODAY - DAY + 14 * 3600 + 1800 * n for n in range(1, 14)]
    assert "v" not in days


async def test_no_data_only_to_the_left_of_all_data(chart: httpx.AsyncClient) -> None:
    start = MONDAY // 1000
    empty = {"s": "ok", "t": [], "o": [], "h": [], "l": [], "c": []}
    ask = {"symbol": "AAPL", "resolution": "1"}
    assert await get(chart, "/history", **ask, from_=TODAY, to=TODAY + 60) == empty
    assert await get(chart, "/history", **ask, from_=TODAY, to=TODAY) == empty
    assert await get(chart, "/history", **ask, from_=0, to=start) == {"s": "no_data"}
    assert await get(chart, "/history", **ask, from_=0, to=start, countback=10) == {"s": "no_data"}
    assert len((await get(chart, "/history", **ask, to=TODAY, countback=2))["t"]) == 2


@pytest.mark.parametrize("to", [NOW // 1000 + DAY, 9_999_999_999, 10**15, 10**30])
async def test_the_right_edge_may_lie_in_the_future(chart: httpx.AsyncClient, to: int) -> None:
    answer = await get(chart, "/history", symbol="EURUSD", resolution="1D", from_=0, to=to)
    assert answer["t"] == [MONDAY // 1000 + n * DAY for n in range(4)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"symbol": "NOPE", "resolution": "1", "from": 0, "to": 1}, "symbol"),
        ({"symbol": "EURUSD", "resolution": "7", "from": 0, "to": 1}, "resolution"),
        ({"symbol": "AAPL", "resolution": "5S", "from": 0, "to": 1}, "for DEMO:AAPL, found '5S'"),
        ({"symbol": "EURUSD", "resolution": "", "from": 0, "to": 1}, "resolution"),
        ({"symbol": "EURUSD", "resolution": "1", "from": 2, "to": 1}, "from at or before to"),
        ({"symbol": "EURUSD", "resolution": "1", "from": "abc", "to": 1}, "found 'abc'"),
        ({"symbol": "EURUSD", "resolution": "1", "from": 0, "to": "1e999"}, "Expected to: a whole number, found '1e999'"),
        ({"symbol": "EURUSD", "resolution": "1", "to": 1}, "from or countback"),
        ({"symbol": "EURUSD", "resolution": "1", "to": 1, "countback": 0}, "countback from 1 to 20000"),
        ({"symbol": "EURUSD", "resolution": "1", "to": 1, "countback": 20_001}, "countback from 1 to 20000"),
        ({"resolution": "1", "from": 0, "to": 1}, "Expected the field symbol, found none"),
    ],
)
async def test_a_wrong_question_is_answered_with_what_was_expected(
    chart: httpx.AsyncClient, query: dict[str, object], words: str
) -> None:
    assert words in await error(chart, "/history", **query)
    assert words in await error(chart, "/bars", **query)


async def test_every_endpoint_explains_errors_in_the_same_shape(chart: httpx.AsyncClient) -> None:
    assert "found 'NOPE'" in await error(chart, "/symbols", symbol="NOPE")
    assert "found 'NOPE'" in await error(chart, "/resolve/NOPE")
    assert "Expected the field symbol" in await error(chart, "/symbols")
    assert "found 'many'" in await error(chart, "/search", limit="many")
    assert "100" in await error(chart, "/quotes", symbols=",".join(["EURUSD"] * (QUOTES_MAX + 1)))
    assert "found 0" in await error(chart, "/quotes", symbols="")
    for body, words in (
        ("{", "Expected JSON, found text that is none"),
        ("[]", "Expected the body to be an object, found a list"),
        ('{"symbols": []}', "Expected symbols: it should have at least 1 item"),
        ('{"symbols": 1}', "Expected symbols: "),
    ):
        answer = await chart.post("/quotes", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["s"]) == (200, "error")
        assert words in answer.json()["errmsg"]


@pytest.mark.parametrize("path", ["symbols", "history", "grouped/history", "search"])
async def test_a_parameter_given_twice_is_named_and_neither_counts(chart: httpx.AsyncClient, path: str) -> None:
    answer = await chart.get(f"/{path}?symbol=EURUSD&symbol=USDJPY&resolution=1&from=0&to=1")
    assert answer.status_code == 200 and answer.json() == {"s": "error", "errmsg": "Expected symbol once, found it 2 times"}


async def test_a_broken_market_is_answered_in_json_with_the_cors_header(own_chart: httpx.AsyncClient, house: UdfHouse) -> None:
    house.market._pieces.clear()
    answer = await own_chart.get("/history", params={"symbol": "EURUSD", "resolution": "1", "to": 1, "countback": 1})
    assert (answer.status_code, answer.json()["s"]) == (500, "error")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "KeyError" not in answer.text


async def test_quotes_keep_the_spelling_of_each_symbol(own_chart: httpx.AsyncClient, house: UdfHouse) -> None:
    await house.market.tell("EURUSD", "10001.5", "10001.75")
    answer = await get(own_chart, "/quotes", symbols="EURUSD,NOPE,DEMO:EURUSD")
    quotes = answer["d"]
    assert isinstance(quotes, list)
    assert [(quote["n"], quote["s"]) for quote in quotes] == [("EURUSD", "ok"), ("NOPE", "error"), ("DEMO:EURUSD", "ok")]
    assert "'NOPE'" in quotes[1]["errmsg"]
    yesterday = 10_000 + 3 * 1440
    assert quotes[0]["v"] == {
        "lp": 10001.5,
        "ch": 10001.5 - yesterday,
        "chp": round((10001.5 - yesterday) / yesterday * 100, 4),
        "bid": 10001.5,
        "ask": 10001.75,
        "spread": 0.25,
        "open_price": yesterday,
        "high_price": yesterday + MINUTES_TODAY - 1 + 2,
        "low_price": 10001.5,
        "prev_close_price": yesterday,
        "volume": (MINUTES_TODAY - 15) * 10,
        "short_name": "EURUSD",
        "exchange": "FX",
        "description": "EUR / USD",
        "original_name": "DEMO:EURUSD",
    }


async def test_a_symbol_without_a_price_has_no_bid_and_no_ask(chart: httpx.AsyncClient) -> None:
    answer = await chart.post("/quotes", json={"symbols": ["AAPL"]})
    (quote,) = answer.json()
    assert quote["v"].keys().isdisjoint({"bid", "ask", "spread", "volume", "time"})
    assert quote["v"]["lp"] > 0


async def test_bars_in_rows_are_history_in_milliseconds(chart: httpx.AsyncClient) -> None:
    query = {"symbol": "EURUSD", "resolution": "60", "to": str(NOW // 1000), "countback": "3"}
    rows = (await chart.get("/bars", params=query)).json()
    columns = await get(chart, "/history", **query)
    assert [row["time"] for row in rows] == [time * 1000 for time in columns["t"]]
    assert [row["close"] for row in rows] == columns["c"]


async def test_prices_are_json_numbers_that_read_back_exactly(own_chart: httpx.AsyncClient, house: UdfHouse) -> None:
    await house.market.tell("EURUSD", "1.10001", volume="0.1")
    answer = await own_chart.get("/history", params={"symbol": "EURUSD", "resolution": "1", "to": NOW // 1000, "countback": 1})
    columns = json.loads(answer.text, parse_float=Decimal)
    assert (columns["c"], columns["v"]) == ([Decimal("1.10001")], [Decimal("0.1")])


async def test_any_page_may_ask_first(chart: httpx.AsyncClient) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,x-chart"}
    answer = await chart.options("/history", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "authorization,x-chart"
    assert "POST" in answer.headers["access-control-allow-methods"]


async def test_paths_outside_the_datafeed_stay_closed(quiet_house: UdfHouse) -> None:
    async with httpx.AsyncClient() as client:
        for path in ("/api/v1/datafeeder", "/api/v1/broker/accounts", "/"):
            answer = await client.get(quiet_house.url.removesuffix("/api/v1/datafeed") + path)
            assert "access-control-allow-origin" not in answer.headers
        missing = await client.get(quiet_house.url + "/nothing")
        assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, "*")


async def test_health_names_what_is_watched(own_chart: httpx.AsyncClient, house: UdfHouse) -> None:
    async def ignore(quote: object) -> None:
        """This desk only listens."""

    await house.market.tell("EURUSD", "1.1")
    await house.service.listen("DEMO:EURUSD", ignore)
    house.market.set_now(NOW + 250)
    health = await get(own_chart, "/health")
    assert health == {
        "status": "ok",
        "epoch": "epoch",
        "markets": [{"name": "DEMO", "streaming": True, "instruments": 2, "now": NOW + 250}],
        "watched": [{"symbol": "DEMO:EURUSD", "listeners": 1, "topics": 0, "tickAgeMs": 250}],
    }
