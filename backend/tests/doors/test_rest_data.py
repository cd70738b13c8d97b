"""The published data-integration expectations (contract 5.2), each by its name, against the whole house."""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rest_house import DEMO, ok, refused, rest_of_whole_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINUTE, DAY = 60, 86_400
AROUND_THE_CLOCK = "BTCUSD"
SHARE = "ACME"
LISTENED_S = 8.0
TYPES = {"stock", "fund", "dr", "right", "bond", "warrant", "structured", "index", "forex", "futures", "crypto", "cfd"}
PRIVATE = ("/groups", "/symbol_info", "/history?symbol=BTCUSD&resolution=1&from=0&to=1", "/streaming", "/permissions")
EMPTY = {"s": "ok", "t": [], "o": [], "h": [], "l": [], "c": [], "v": []}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rest(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with rest_of_whole_house(tmp_path_factory.mktemp("house")) as client:
        yield client


async def plain(answer: httpx.Response) -> dict[str, Any]:
    """An answer without an envelope."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    return body


async def bars(rest: httpx.AsyncClient, symbol: str, resolution: str = "1", **asked: int) -> dict[str, Any]:
    params = {"symbol": symbol, "resolution": resolution, **{name.rstrip("_"): value for name, value in asked.items()}}
    return await plain(await rest.get("/history", params=params))


def a_full_hour() -> int:
    """Two hours ago or more, in a day that is over or not."""
    return (int(time.time()) - 2 * 3600) // 3600 * 3600


# authBasic…


async def test_auth_basic_fields_format_and_new_token_per_request(rest: httpx.AsyncClient) -> None:
    told = [ok(await rest.post("/authorize", data=DEMO)) for _ in range(10)]
    assert all(one.keys() == {"access_token", "expiration"} for one in told)
    assert all(isinstance(one["expiration"], int) and one["expiration"] > time.time() for one in told)
    assert len({one["access_token"] for one in told}) == 10
    for one in told:
        ok(await rest.get("/groups", headers={"Authorization": f"Bearer {one['access_token']}"}))


@pytest.mark.parametrize(
    "form", [{}, {"login": "demo"}, {"login": "demo", "password": "x"}, {"login": "x", "password": "demo"}]
)
async def test_whoever_does_not_fit_gets_no_token(rest: httpx.AsyncClient, form: dict[str, str]) -> None:
    refused(await rest.post("/authorize", data=form))


# groups / symbols / history / streaming UnauthorizedRequest


@pytest.mark.parametrize("path", [*PRIVATE, "/accounts", "/config", "/accounts/DEMO-ACCOUNT/orders", "/nowhere"])
@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer false"}, {"Authorization": "Basic ZGVtbzpkZW1v"}]
)
async def test_unauthorized_request(rest: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    answer = await rest.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.json().keys() == {"s", "errmsg"}
    assert answer.json()["s"] == "error"


async def test_signing_out_ends_this_token_alone(rest: httpx.AsyncClient) -> None:
    first, second = [
        {"Authorization": f"Bearer {ok(await rest.post('/authorize', data=DEMO))['access_token']}"} for _ in range(2)
    ]
    assert ok(await rest.post("/logout", headers=first)) is None
    assert (await rest.get("/accounts", headers=first)).status_code == 401
    assert (await rest.get("/accounts", headers=second)).status_code == 200


# groupsResponseFieldsCorrectness, symbolsResponseFieldsCorrectness, mapping


async def test_groups_response_fields_correctness(rest: httpx.AsyncClient) -> None:
    ids = [one["id"] for one in ok(await rest.get("/groups"))["groups"]]
    assert 0 < len(ids) <= 10 and all(re.fullmatch(r"[a-z_]+", one) for one in ids)
    assert len({one.partition("_")[0] for one in ids}) == 1
    assert ok(await rest.get("/permissions")) == {"groups": ids}
    grouped = [(await plain(await rest.get("/symbol_info", params={"group": one})))["symbol"] for one in ids]
    everything = (await plain(await rest.get("/symbol_info")))["symbol"]
    assert sorted(sum(grouped, [])) == sorted(everything), "each symbol in one group"
    assert "group" in refused(await rest.get("/symbol_info?group=other_forex"))


async def test_symbols_response_fields_correctness(rest: httpx.AsyncClient) -> None:
    info = await plain(await rest.get("/symbol_info"))
    assert info.pop("s") == "ok"
    symbols = info["symbol"]
    assert len(symbols) == len(set(symbols)) > 5
    assert {name: len(column) for name, column in info.items() if len(column) != len(symbols)} == {}
    assert all(re.fullmatch(r"[A-Z0-9._]+", one) for one in symbols)
    assert all(one == one.upper() for name in ("exchange-listed", "exchange-traded") for one in info[name])
    assert all(re.fullmatch(r"[A-Z]{3}", one) for one in info["currency"])
    assert set(info["type"]) <= TYPES
    assert all(re.fullmatch(r"10*", str(one)) for one in info["pricescale"])
    assert all(isinstance(one, int) and one > 0 for one in info["minmovement"])
    assert all(isinstance(one, bool) for name in ("has-intraday", "has-daily", "has-no-volume", "is-cfd") for one in info[name])
    assert all(re.fullmatch(r"24x7|\d{4}-\d{4}:[1-7]+(\|\d{4}-\d{4}:[1-7]+)*", one) for one in info["session-regular"])
    row = {name: column[symbols.index("EURUSD")] for name, column in info.items()}
    assert (row["currency"], row["base-currency"], row["type"], row["session-regular"]) == (
        "USD",
        "EUR",
        "forex",
        "1700-1700:23456",
    )
    assert (row["timezone"], row["bar-source"], row["pricescale"]) == ("America/New_York", "bid", 100_000)
    assert info["has-no-volume"][symbols.index("US500")] is True


async def test_mapping_is_open_and_names_every_symbol_once(rest: httpx.AsyncClient) -> None:
    told = await plain(await rest.get("/mapping", headers={"Authorization": ""}))
    assert told.keys() == {"symbols", "fields"} and told["fields"] == ["brokerSymbol"]
    symbols = (await plain(await rest.get("/symbol_info")))["symbol"]
    assert [one["f"] for one in told["symbols"]] == [[one] for one in symbols]
    assert [one["s"] for one in told["symbols"]] == [f"TRADINGAPI:{one}" for one in symbols]
    names = {one["name"] for one in ok(await rest.get("/accounts/DEMO-ACCOUNT/instruments"))}
    assert names <= set(symbols), "instruments that can be traded can be charted"


# history…


async def test_history_from_eq_to(rest: httpx.AsyncClient) -> None:
    start = a_full_hour()
    assert (await bars(rest, AROUND_THE_CLOCK, from_=start, to=start))["t"] == [start]
    assert await bars(rest, AROUND_THE_CLOCK, from_=start + 1, to=start + 1) == EMPTY


async def test_history_beyond_left_boundary(rest: httpx.AsyncClient) -> None:
    for since in (-5_000_000_000, 0, 900_000_000 - DAY):
        for resolution in ("1", "D"):
            assert await bars(rest, AROUND_THE_CLOCK, resolution, from_=since, to=since + DAY) == {"s": "no_data"}
    assert await bars(rest, AROUND_THE_CLOCK, to=0, countback=10) == {"s": "no_data"}


async def test_nothing_in_the_window_but_something_before_it(rest: httpx.AsyncClient) -> None:
    saturday = 1_700_308_800  # 2023-11-18 12:00 UTC
    assert await bars(rest, SHARE, from_=saturday, to=saturday + 3600) == EMPTY


async def test_history_countback_minutes(rest: httpx.AsyncClient) -> None:
    to = a_full_hour()
    for count in (1, 2, 300, 1441):
        for symbol in (AROUND_THE_CLOCK, SHARE, "EURUSD"):
            found = (await bars(rest, symbol, from_=to, to=to, countback=count))["t"]
            assert len(found) == count and found[-1] <= to
    first = (await bars(rest, AROUND_THE_CLOCK, "D", to=947_462_400, countback=5000))["t"]
    assert 0 < len(first) < 5000, "all there are"
    assert "countback" in refused(await rest.get(f"/history?symbol=BTCUSD&resolution=1&to={to}&countback=0"))


@pytest.mark.parametrize("resolution", ["1", "D"])
async def test_history_future(rest: httpx.AsyncClient, resolution: str) -> None:
    now = time.time()
    found = (
        await bars(
            rest,
            AROUND_THE_CLOCK,
            resolution,
            from_=int(now) - 3 * DAY // (60 if resolution == "1" else 1),
            to=int(now) + 30 * DAY,
        )
    )["t"]
    width = MINUTE if resolution == "1" else DAY
    assert now - width < found[-1] <= time.time(), "the last bar is the open one"


async def test_history_outside_bars_inclusion(rest: httpx.AsyncClient) -> None:
    start = a_full_hour()
    assert (await bars(rest, AROUND_THE_CLOCK, from_=start, to=start + 120))["t"] == [start, start + 60, start + 120]
    assert (await bars(rest, AROUND_THE_CLOCK, from_=start - 1, to=start + 119))["t"] == [start, start + 60]
    assert (await bars(rest, AROUND_THE_CLOCK, from_=start + 1, to=start + 121))["t"] == [start + 60, start + 120]


async def test_history_repeatability_and_no_data_changes(rest: httpx.AsyncClient) -> None:
    start = a_full_hour() - DAY
    first = await bars(rest, "EURUSD", from_=start - 7 * DAY, to=start)
    assert first == await bars(rest, "EURUSD", from_=start - 7 * DAY, to=start)


async def test_history_several_short_queries_equals_large_query(rest: httpx.AsyncClient) -> None:
    start = a_full_hour() - 12 * 3600
    large = await bars(rest, AROUND_THE_CLOCK, from_=start, to=start + 200 * MINUTE - 1)
    parts = [await bars(rest, AROUND_THE_CLOCK, from_=start + n * 1200, to=start + (n + 1) * 1200 - 1) for n in range(10)]
    assert {name: sum((one[name] for one in parts), []) for name in "tohlcv"} == {name: large[name] for name in "tohlcv"}
    assert len(large["t"]) == 200


@pytest.mark.parametrize("symbol", [AROUND_THE_CLOCK, SHARE, "EURUSD", "XAUUSD", "GER40"])
async def test_history_time_correctness_and_price_match(rest: httpx.AsyncClient, symbol: str) -> None:
    """A day's open and close are those of its first and last minute; all times grow."""
    now = int(time.time())
    days = await bars(rest, symbol, "D", from_=now - 14 * DAY, to=now)
    assert len(days["t"]) >= 9 and all(one % DAY == 0 for one in days["t"])
    assert days["t"] == sorted(set(days["t"]))
    day, following = days["t"][3], days["t"][4]
    minutes = await bars(rest, symbol, from_=day - DAY // 2, to=following)
    assert minutes["t"] == sorted(set(minutes["t"]))
    assert days["o"][3] in minutes["o"] and days["c"][3] in minutes["c"]
    if symbol == AROUND_THE_CLOCK:
        own = [n for n, one in enumerate(minutes["t"]) if day <= one < following]
        assert len(own) == 1440, "historyCheck1440"
        assert (days["o"][3], days["c"][3]) == (minutes["o"][own[0]], minutes["c"][own[-1]])
        assert (days["h"][3], days["l"][3]) == (max(minutes["h"][n] for n in own), min(minutes["l"][n] for n in own))


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("symbol=NONE&resolution=1&from=0&to=1", "NONE"),
        ("symbol=BTCUSD&resolution=7&from=0&to=1", "resolution"),
        ("symbol=BTCUSD&resolution=1&from=10&to=1", "from"),
        ("symbol=BTCUSD&resolution=1&to=1", "from"),
        ("symbol=BTCUSD&resolution=1&from=0", "to"),
        ("resolution=1&from=0&to=1", "symbol"),
        ("symbol=BTCUSD&resolution=1&from=x&to=1", "from"),
        ("symbol=BTCUSD&resolution=1&from=1700000000&to=1790000000", "bars"),
    ],
)
async def test_a_wrong_request_for_bars_is_refused(rest: httpx.AsyncClient, query: str, named: str) -> None:
    assert named in refused(await rest.get(f"/history?{query}"))


# streaming…


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def heard(rest: httpx.AsyncClient) -> list[tuple[float, dict[str, Any]]]:
    """Some seconds of the stream: when each line came, and what it said."""
    lines: list[tuple[float, dict[str, Any]]] = []
    async with asyncio.timeout(60), rest.stream("GET", "/streaming") as stream:
        assert stream.status_code == 200
        assert stream.headers["transfer-encoding"] == "chunked", "streamingTransferEncodingHeader"
        ends = time.monotonic() + LISTENED_S
        async for line in stream.aiter_lines():
            assert " " not in line, "compact"
            lines.append((time.time(), json.loads(line)))
            if time.monotonic() > ends and {one["f"] for _, one in lines} == {"t", "q", "d"}:
                break
    return lines


async def test_streaming_fields_format_and_symbols_check(
    rest: httpx.AsyncClient, heard: list[tuple[float, dict[str, Any]]]
) -> None:
    fields = {"t": {"f", "id", "p", "s", "t"}, "q": {"f", "id", "t", "ap", "as", "bp", "bs"}, "d": {"f", "id", *"ohlcvt"}}
    table = await plain(await rest.get("/symbol_info"))
    symbols = dict(zip(table["symbol"], table["type"], strict=True))
    for _, line in heard:
        unsized = {"s"} if line["f"] == "t" and symbols[line["id"]] == "index" else set()
        assert line.keys() == fields[line["f"]] - unsized, line
        assert line["id"] in symbols and isinstance(line["t"], int)
        assert all(value > 0 for name, value in line.items() if name not in ("f", "id", "v"))
        if line["f"] == "q":
            assert line["bp"] < line["ap"]
        if line["f"] == "d":
            assert line["t"] % DAY == 0 and line["l"] <= min(line["o"], line["c"]) <= max(line["o"], line["c"]) <= line["h"]
    assert {"t", "q", "d"} == {line["f"] for _, line in heard}, "streamingAskBidQuoteTradeExistence"


async def test_streaming_time_grow_and_no_delays(heard: list[tuple[float, dict[str, Any]]]) -> None:
    last: dict[tuple[str, str], int] = defaultdict(int)
    for came, line in heard:
        assert line["t"] >= last[line["f"], line["id"]]
        last[line["f"], line["id"]] = line["t"]
        if line["f"] != "d":
            assert -0.1 < came - line["t"] < 2 + 1, "within a second, told in whole seconds, on a busy machine"


async def test_streaming_daily_bars_update(rest: httpx.AsyncClient, heard: list[tuple[float, dict[str, Any]]]) -> None:
    days = [line for _, line in heard if line["f"] == "d" and line["id"] == AROUND_THE_CLOCK]
    assert [one["v"] for one in days] == sorted(one["v"] for one in days) and days[-1]["v"] > days[0]["v"]
    now = int(time.time())
    known = await bars(rest, AROUND_THE_CLOCK, "D", from_=now - DAY, to=now)
    assert days[-1]["t"] == known["t"][-1] and days[-1]["o"] == known["o"][-1]


async def test_streaming_symbols_get_their_trades_in_the_session(
    rest: httpx.AsyncClient, heard: list[tuple[float, dict[str, Any]]]
) -> None:
    assert {AROUND_THE_CLOCK, "ETHUSD"} <= {line["id"] for _, line in heard if line["f"] == "t"}
