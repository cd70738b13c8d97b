"""Contract 1 clause by clause, over every symbol of a whole house, as a chart would find out."""

import datetime
import itertools
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio
from chart_reader import GROUPS, group_of_symbols, one_symbol
from whole_house import whole_house

from trading_api.core.chart_zones import CHART_ZONES
from trading_api.plugins.synthetic.instruments import demo_listings

NAMES = [each.instrument.name for each in demo_listings("DEMO")]
CLOSED_ON_WEEKENDS = "ACME"
DAY = 86_400
TYPES = frozenset(
    (
        *("stock", "index", "forex", "futures", "bitcoin", "crypto", "undefined", "expression", "spread", "cfd", "economic"),
        *(
            "equity",
            "dr",
            "bond",
            "right",
            "warrant",
            "fund",
            "structured",
            "commodity",
            "fundamental",
            "spot",
            "swap",
            "option",
        ),
    )
)
FEW = ("BTCUSD", "EURUSD", "ACME", "GER40")
"""One that is always open, one of evenings, two of an exchange's hours."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Chart(NamedTuple):
    http: httpx.AsyncClient
    config: dict[str, Any]
    now: int

    async def get(self, path: str, **query: object) -> Any:
        answer = await self.http.get(path, params={name.rstrip("_"): str(value) for name, value in query.items()})
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json()

    async def symbol(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.get("/symbols", symbol=name)
        return found

    async def bars(self, name: str, resolution: str, **query: object) -> dict[str, Any]:
        found: dict[str, Any] = await self.get("/history", symbol=name, resolution=resolution, **query)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chart(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chart]:
    async with whole_house(tmp_path_factory.mktemp("udf")) as place:
        base = f"http://{place}/api/v1/datafeed"
        async with httpx.AsyncClient(base_url=base, timeout=20, headers={"Origin": "https://charts.example"}) as http:
            yield Chart(http, (await http.get("/config")).json(), int((await http.get("/time")).text))


# 1.1 General rules

FAILING = [
    ("/symbols", {}),
    ("/symbols", {"symbol": "NOPE"}),
    ("/symbols", {"symbol": "EURUSD", "currencyCode": "XXX"}),
    ("/symbols", {"symbol": "EURUSD", "unitId": "kg"}),
    ("/symbol_info", {}),
    ("/symbol_info", {"group": "NOPE"}),
    ("/search", {"limit": "many"}),
    ("/history", {}),
    ("/history", {"symbol": "NOPE", "resolution": "1D", "to": "1", "countback": "1"}),
    ("/history", {"symbol": "EURUSD", "resolution": "7", "to": "1", "countback": "1"}),
    ("/history", {"symbol": "EURUSD", "resolution": "1D", "to": "1", "countback": "1", "currencyCode": "XXX"}),
    ("/history", {"symbol": "EURUSD", "resolution": "1D", "to": "1", "countback": "1", "unitId": "kg"}),
    ("/quotes", {}),
]


@pytest.mark.parametrize(("path", "query"), FAILING)
@pytest.mark.parametrize("base", ["", "/grouped"])
async def test_1_1_every_failure_is_json_of_one_shape_with_cors(
    chart: Chart, base: str, path: str, query: dict[str, str]
) -> None:
    answer = await chart.http.get(base + path, params=query)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    body = answer.json()
    assert body.keys() == {"s", "errmsg"} and body["s"] == "error" and body["errmsg"].startswith("Expected")


async def test_1_1_time_is_a_bare_number(chart: Chart) -> None:
    text = (await chart.http.get("/time")).text
    assert text.isdecimal() and abs(int(text) - chart.now) < 600


@pytest.mark.parametrize("path", ["/config", "/symbols", "/history", "/quotes", "/marks", "/grouped/symbol_info"])
async def test_1_1_a_preflight_for_headers_of_one_s_own_is_answered(chart: Chart, path: str) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-chart"}
    answer = await chart.http.options(path, headers=asked)
    assert answer.status_code == 204 and answer.headers["access-control-allow-origin"] in ("*", "https://charts.example")
    assert answer.headers["access-control-allow-headers"] == "x-chart"


# 1.2 Configuration


@pytest.mark.parametrize(("base", "search"), [("", True), ("/grouped", False)])
async def test_1_2_exactly_one_way_to_symbols_is_announced(chart: Chart, base: str, search: bool) -> None:
    config = await chart.get(base + "/config")
    assert (config["supports_search"], config["supports_group_request"]) == (search, not search)
    assert config["supports_marks"] and config["supports_timescale_marks"] and config["supports_time"]
    assert "units" not in config and config["supported_resolutions"]
    for name in ("exchanges", "symbols_types"):
        assert config[name][0]["value"] == "" and all(one["name"] for one in config[name])


async def test_1_2_every_currency_announced_is_converted_to(chart: Chart) -> None:
    assert chart.config["currency_codes"] == ["CHF", "EUR", "GBP", "JPY", "USD"]
    for name, currency in itertools.product(FEW, chart.config["currency_codes"]):
        symbol = await chart.get("/symbols", symbol=name, currencyCode=currency)
        assert symbol["currency_code"] == currency
        told = await chart.bars(name, "1D", to=chart.now, countback=2, currencyCode=currency)
        own = await chart.bars(name, "1D", to=chart.now, countback=2)
        assert told["t"] == own["t"]
        assert (told["o"] == own["o"]) == (currency == symbol["original_currency_code"])


# 1.3 Resolutions


@pytest.mark.parametrize("name", NAMES)
async def test_1_3_every_resolution_offered_is_served_under_both_spellings(chart: Chart, name: str) -> None:
    offered = (await chart.symbol(name))["supported_resolutions"]
    assert set(offered) <= set(chart.config["supported_resolutions"])
    for resolution in offered:
        answer = await chart.bars(name, resolution, to=chart.now, countback=2)
        assert len(answer["t"]) == 2, resolution
        if resolution in ("1D", "1W", "1M"):
            short = await chart.bars(name, resolution[1:], to=chart.now, countback=2)
            assert (short["t"], short["o"], short["c"][0]) == (answer["t"], answer["o"], answer["c"][0])
    for refused in ("1T", "7", "2D", "3M", "D1", "1d"):
        assert "resolution" in (await chart.bars(name, refused, to=chart.now, countback=2))["errmsg"]


# 1.4 and 1.5 Symbols, one by one and in groups


@pytest.mark.parametrize("name", NAMES)
async def test_1_4_a_symbol_resolves_by_name_ticker_and_exchange(chart: Chart, name: str) -> None:
    symbol = await chart.symbol(name)
    assert symbol == await chart.symbol(symbol["ticker"]) == await chart.symbol(f"{symbol['exchange']}:{name}")
    assert "s" not in symbol and symbol["name"] == name and ":" not in name


async def test_1_5_groups_describe_the_same_symbols_field_by_field(chart: Chart) -> None:
    config = await chart.get("/grouped/config")
    tables = [await chart.get("/grouped/symbol_info", group=group) for group in GROUPS]
    rows = [row for table in tables for row in group_of_symbols(table, config)]
    assert sorted(row["name"] for row in rows) == sorted(NAMES)
    for row in rows:
        assert row == one_symbol(await chart.symbol(row["ticker"]), config), row["name"]


async def test_1_5_every_field_of_a_symbol_has_a_column_of_the_same_values(chart: Chart) -> None:
    other_names = {
        "name": "symbol",
        "session": "session-regular",
        "exchange": "exchange-traded",
        "listed_exchange": "exchange-listed",
    }
    for group in GROUPS:
        table = await chart.get("/symbol_info", group=group)
        for place, ticker in enumerate(table["ticker"]):
            for name, value in (await chart.symbol(ticker)).items():
                column = other_names.get(name) or (name if name in table else name.replace("_", "-"))
                assert table[column][place] == value, (ticker, name)


@pytest.mark.parametrize("group", ["COIN", "FX", "NYSE", "INDEX", "METAL"])
async def test_1_5_an_exchange_is_a_group_whose_columns_are_of_one_length(chart: Chart, group: str) -> None:
    table = await chart.get("/symbol_info", group=group)
    assert {len(column) for column in table.values()} == {len(table["symbol"])} != {0}
    assert set(table["exchange-traded"]) == {group}
    for name in ("minmovement", "minmovement2"):
        assert table[name] == table[name.replace("movement", "mov")]
    assert table["minmovement2"] == table["minmove2"]


# 1.6 Search


async def test_1_6_search_rows_resolve_and_filters_come_from_the_configuration(chart: Chart) -> None:
    everything = await chart.get("/search", query="", type="", exchange="", limit=30)
    assert [row["symbol"] for row in everything] == NAMES
    for row in everything:
        assert all(row[field] for field in ("symbol", "ticker", "description", "exchange", "type", "full_name"))
        symbol = await chart.symbol(row["ticker"])
        assert (symbol["name"], symbol["type"], symbol["exchange"]) == (row["symbol"], row["type"], row["exchange"])
        for written in (row["symbol"], row["symbol"].lower(), row["description"].upper()):
            assert row in await chart.get("/search", query=written, type="", exchange="", limit=30)
    for name, field in (("exchanges", "exchange"), ("symbols_types", "type")):
        for value in [one["value"] for one in chart.config[name]][1:]:
            found = await chart.get("/search", query="", **{field: value}, limit=30)
            assert found == [row for row in everything if row[field] == value] != []
    assert await chart.get("/search", query="ZZZ", type="", exchange="", limit=30) == []
    assert len(await chart.get("/search", query="", type="", exchange="", limit=3)) == 3


# 1.7 History


@pytest.mark.parametrize("resolution", ["5S", "1", "60", "240", "1D", "1W", "1M"])
@pytest.mark.parametrize("name", FEW)
async def test_1_7_bars_ascend_lie_in_the_window_and_join_without_a_seam(chart: Chart, name: str, resolution: str) -> None:
    # Of bars that are over: the open one may be another at the next question.
    until = (await chart.bars(name, resolution, to=chart.now, countback=1))["t"][0]
    newest = await chart.bars(name, resolution, to=until, countback=120)
    times = newest["t"]
    assert newest["s"] == "ok" and len(times) == 120 and times[-1] < until
    assert all(earlier < later for earlier, later in itertools.pairwise(times))
    assert {len(column) for key, column in newest.items() if key != "s"} == {120}
    since, middle = times[0], times[60]
    whole = await chart.bars(name, resolution, from_=since, to=times[-1] + 1)
    parts = [await chart.bars(name, resolution, from_=a, to=b) for a, b in ((since, middle), (middle, times[-1] + 1))]
    assert whole == newest and [*parts[0]["t"], *parts[1]["t"]] == times
    assert [*parts[0]["c"], *parts[1]["c"]] == newest["c"]
    # `from` is of no account beside countback, nothing is cut off to the left of it, and asking again changes nothing.
    assert await chart.bars(name, resolution, from_=middle, to=until, countback=120) == newest
    (only,) = (await chart.bars(name, resolution, from_=middle, to=middle + 1))["t"]
    assert only == middle


@pytest.mark.parametrize("name", NAMES)
async def test_1_7_the_poll_of_a_chart_gets_two_bars_and_the_edges_are_told(chart: Chart, name: str) -> None:
    for resolution in ("1S", "1", "1D"):
        poll = await chart.bars(name, resolution, from_=chart.now - 10, to=chart.now, countback=2)
        assert len(poll["t"]) == 2 and poll["t"][-1] < chart.now
        assert len((await chart.bars(name, resolution, from_=0, to=10**11, countback=3))["t"]) == 3
    assert await chart.bars(name, "1D", from_=0, to=900_000_000, countback=10) == {"s": "no_data"}
    first = (await chart.bars(name, "1D", from_=0, to=950_000_000))["t"]
    assert first and await chart.bars(name, "1D", from_=0, to=first[0]) == {"s": "no_data"}
    some = await chart.bars(name, "1D", from_=0, to=first[-1] + 1, countback=20_000)
    assert some["t"] == first


async def test_1_7_a_gap_of_a_holiday_reaches_back_with_countback(chart: Chart) -> None:
    new_year = int(datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC).timestamp())
    answer = await chart.bars("ACME", "60", from_=new_year, to=new_year + DAY, countback=7)
    assert len(answer["t"]) == 7 and answer["t"][-1] < new_year


@pytest.mark.parametrize("name", NAMES)
async def test_1_7_long_bars_are_stamped_midnight_of_a_trading_day(chart: Chart, name: str) -> None:
    days = (await chart.bars(name, "1D", to=chart.now, countback=400))["t"]
    assert {time % DAY for time in days} == {0}
    for resolution, first_of in (("1W", _week), ("1M", _month)):
        stamps = (await chart.bars(name, resolution, to=days[-1] + 1, countback=12))["t"]
        firsts = {first_of(time): time for time in reversed(days)}
        assert stamps == [firsts[first_of(time)] for time in stamps], resolution


def _date(time: int) -> datetime.date:
    return datetime.datetime.fromtimestamp(time, datetime.UTC).date()


def _week(time: int) -> tuple[int, int]:
    return _date(time).isocalendar()[:2]


def _month(time: int) -> tuple[int, int]:
    return _date(time).year, _date(time).month


# 1.8 Quotes; marks have a file of their own


async def test_1_8_a_quote_has_a_day_s_figures_that_agree_with_its_bars(chart: Chart) -> None:
    asked = [*NAMES, "DEMO:ACME", "NYSE:ACME", "NOPE"]
    answer = await chart.get("/quotes", symbols=",".join(asked))
    assert answer["s"] == "ok" and [one["n"] for one in answer["d"]] == asked
    assert answer["d"][-1]["s"] == "error" and "NOPE" in answer["d"][-1]["errmsg"]
    for quote in answer["d"][:-1]:
        value, symbol = quote["v"], await chart.symbol(quote["n"])
        numbers = {name: one for name, one in value.items() if isinstance(one, int | float)}
        texts = {"short_name", "exchange", "description", "original_name"}
        assert quote["s"] == "ok" and value.keys() - numbers.keys() == texts
        assert all(numbers[name] > 0 for name in ("lp", "bid", "ask", "open_price", "high_price", "low_price"))
        assert _exact(value["ask"]) - _exact(value["bid"]) == _exact(value["spread"])
        assert _exact(value["lp"]) - _exact(value["prev_close_price"]) == _exact(value["ch"])
        assert value["chp"] == pytest.approx(100 * value["ch"] / value["prev_close_price"], abs=1e-4)
        assert value["low_price"] <= value["lp"] <= value["high_price"]
        assert ("volume" in value) == (symbol["visible_plots_set"] == "ohlcv")
        assert (value["short_name"], value["original_name"]) == (symbol["name"], symbol["ticker"])
        ahead = chart.now + 3 * DAY
        columns = await chart.bars(quote["n"], "1D", to=ahead, countback=2)
        assert (value["prev_close_price"], value["open_price"]) == (columns["c"][0], columns["o"][1])


def _exact(number: float) -> Decimal:
    return Decimal(str(number))


# 1.9 Symbol information


@pytest.mark.parametrize("name", NAMES)
async def test_1_9_what_is_said_of_a_symbol_is_true_of_its_bars(chart: Chart, name: str) -> None:
    symbol = await chart.symbol(name)
    assert symbol["type"] in TYPES and symbol["format"] == "price" and symbol["description"]
    scale, tick = symbol["pricescale"], Decimal(symbol["minmov"]) / symbol["pricescale"]
    assert scale > 0 and str(scale).strip("0") == "1" and symbol["minmov"] > 0 and symbol["fractional"] is False
    minutes = [one for one in symbol["supported_resolutions"] if one.isdigit()]
    seconds = [one[:-1] for one in symbol["supported_resolutions"] if one.endswith("S")]
    assert (symbol["intraday_multipliers"], symbol["has_intraday"]) == (minutes, True)
    assert (symbol["seconds_multipliers"], symbol["has_seconds"]) == (seconds, bool(seconds))
    assert minutes == sorted(minutes, key=int) and seconds == sorted(seconds, key=int)
    for kind, flag, letter in (
        ("daily", "daily", "D"),
        ("weekly", "weekly_and_monthly", "W"),
        ("monthly", "weekly_and_monthly", "M"),
    ):
        assert symbol[f"has_{flag}"] and f"1{letter}" in symbol["supported_resolutions"]
        assert symbol[f"{kind}_multipliers"] == ["1"]
    assert symbol["has_ticks"] is symbol["has_empty_bars"] is False and symbol["data_status"] == "streaming"
    assert not {"logo_urls", "exchange_logo", "unit_id", "s"} & symbol.keys()
    bars = await chart.bars(name, "1", to=chart.now, countback=500)
    assert all(_exact(price) % tick == 0 for column in "ohlc" for price in bars[column])
    assert ("v" in bars) == (symbol["visible_plots_set"] == "ohlcv")
    step = Decimal(1).scaleb(-symbol["volume_precision"])
    assert all(_exact(volume) % step == 0 for volume in bars.get("v", ()))


# 1.10 Sessions


@pytest.mark.parametrize("resolution", ["1", "60"])
async def test_1_10_a_share_trades_within_its_session_and_its_corrections(chart: Chart, resolution: str) -> None:
    symbol = await chart.symbol(CLOSED_ON_WEEKENDS)
    assert symbol["session"] == "0930-1600" and symbol["timezone"] == "America/New_York"
    corrections = {day: hours for hours, days in _corrections(symbol["corrections"]) for day in days}
    holidays = set(symbol["session_holidays"].split(","))
    assert corrections["20241129"] == "0930-1300" and "20241128" in holidays and not holidays & corrections.keys()
    zone = ZoneInfo(symbol["timezone"])
    since = int(datetime.datetime(2024, 11, 18, tzinfo=zone).timestamp())
    times = (await chart.bars(symbol["ticker"], resolution, from_=since, to=since + 40 * DAY))["t"]
    local = [datetime.datetime.fromtimestamp(time, zone) for time in times]
    by_day = {day: [f"{one:%H%M}" for one in group] for day, group in itertools.groupby(local, lambda one: f"{one:%Y%m%d}")}
    for place in range(39):
        date = datetime.date(2024, 11, 18) + datetime.timedelta(place)
        day = f"{date:%Y%m%d}"
        if date.weekday() > 4 or day in holidays:
            assert day not in by_day
            continue
        first, end = corrections.get(day, symbol["session"]).split("-")
        assert by_day[day][0] == first and by_day[day][-1] < end
        assert len(by_day[day]) == -(-_minutes(first, end) // int(resolution)), day


def _corrections(text: str) -> list[tuple[str, list[str]]]:
    parts = [part.partition(":") for part in text.split(";")]
    for _, _, days in parts:
        assert days.split(",") == sorted(days.split(","), reverse=True), "newest first"
    return [(hours, days.split(",")) for hours, _, days in parts]


def _minutes(start: str, end: str) -> int:
    return 60 * (int(end[:2]) - int(start[:2])) + int(end[2:]) - int(start[2:])


@pytest.mark.parametrize("name", NAMES)
async def test_1_10_days_on_which_it_is_closed_have_no_bar(chart: Chart, name: str) -> None:
    symbol = await chart.symbol(name)
    closed = set(symbol.get("session_holidays", "").split(","))
    days = [_date(time) for time in (await chart.bars(name, "1D", to=chart.now, countback=3_000))["t"]]
    assert not closed & {f"{day:%Y%m%d}" for day in days}
    weekdays = {day.weekday() for day in days}
    assert weekdays == (set(range(7)) if symbol["session"] == "24x7" else set(range(5)))


# 1.11 Time zones


async def test_1_11_every_zone_is_one_that_charts_know(chart: Chart) -> None:
    assert {(await chart.symbol(name))["timezone"] for name in NAMES} <= CHART_ZONES
