"""A UDF client nobody here wrote, unmodified, against a running server: PyWry's adapter without its window."""

import importlib.util
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from broker_house import BROKER
from broker_house import serving as whole
from udf_house import MINUTE, NOW, UdfHouse, serving

from fakes_market import MONDAY
from trading_api.models.market.bars import Resolution

if importlib.util.find_spec("pywry") is None:
    pytest.skip("pywry is not installed", allow_module_level=True)

from pywry.tvchart.udf import UDFAdapter  # type: ignore[import-untyped]  # it ships without types

SECONDS = NOW // 1000
DAY = 86_400
PYWRY_NAMES = {
    "1m": Resolution.M1,
    "3m": Resolution.M3,
    "5m": Resolution.M5,
    "15m": Resolution.M15,
    "30m": Resolution.M30,
    "1h": Resolution.H1,
    "2h": Resolution.H2,
    "4h": Resolution.H4,
    "1d": Resolution.D1,
    "1w": Resolution.W1,
    "1M": Resolution.MN1,
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[UdfHouse]:
    async with serving() as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with whole(tmp_path_factory.mktemp("pywry")) as broker:
        for side in (1, -1):
            order = {"symbol": "BTCUSD", "side": side, "qty": 0.01, "type": 2}
            assert (await broker.post("/accounts/DEMO-ACCOUNT/orders", json=order)).status_code == 200
        yield broker


@pytest_asyncio.fixture(loop_scope="module")
async def adapter(house: UdfHouse) -> AsyncIterator[UDFAdapter]:
    adapter = UDFAdapter(house.url)
    yield adapter
    await adapter._client.aclose()


async def test_it_reads_the_configuration(adapter: UDFAdapter) -> None:
    config = await adapter.get_config()
    assert config["supported_resolutions"] == [each.value for each in Resolution]
    assert adapter.supports_search and adapter.supports_time
    assert not adapter.supports_marks and not adapter.supports_timescale_marks


@pytest.mark.parametrize(("base", "groups"), [("", False), ("/grouped", True)])
async def test_of_a_whole_house_it_reads_everything(broker: httpx.AsyncClient, base: str, groups: bool) -> None:
    """The demo market, with an account that has traded: what is announced, resolved, charted, marked and quoted."""
    adapter = UDFAdapter(str(broker.base_url).replace(BROKER, "/api/v1/datafeed").rstrip("/") + base)
    config = await adapter.get_config()
    assert adapter.supports_marks and adapter.supports_timescale_marks and adapter.supports_time
    assert (adapter.supports_search, config["supports_group_request"]) == (not groups, groups)
    assert config["currency_codes"] == ["CHF", "EUR", "GBP", "JPY", "USD"] and "units" not in config
    now = await adapter.get_server_time()
    rows = await adapter.search_symbols("")
    assert len(rows) == 11
    for row in rows:
        symbol = await adapter.resolve_symbol(row["ticker"])
        assert symbol["ticker"] == row["ticker"] and symbol["supported_resolutions"] == config["supported_resolutions"]
        for name in ("1m", "1h", "1d", "1M"):
            answer = await adapter.get_bars(symbol["ticker"], name, 0, now, countback=50)
            assert (answer["status"], len(answer["bars"])) == ("ok", 50), (row["ticker"], name)
    marks = await adapter.get_marks("DEMO:BTCUSD", now - DAY, now + DAY, "1d")
    assert [(mark["label"], mark["color"], mark["time"] % DAY) for mark in marks] == [("B", "green", 0), ("S", "red", 0)]
    assert await adapter.get_marks("DEMO:ETHUSD", now - DAY, now + DAY, "1d") == []
    assert await adapter.get_marks("NOPE", now - DAY, now + DAY, "1d") == []
    paid = await adapter.get_timescale_marks("DEMO:ACME", now - 400 * DAY, now, "1d")
    assert len(paid) >= 4 and {mark["label"] for mark in paid} == {"D"}
    quotes = await adapter._get_quotes([row["ticker"] for row in rows])
    for quote in quotes:
        assert quote.status == "ok" and quote.short_name and quote.exchange and quote.description
        figures = (quote.last_price, quote.open_price, quote.high_price, quote.low_price, quote.prev_close_price)
        assert all(figures) and quote.change is not None and quote.change_percent is not None and quote.bid <= quote.ask
    await adapter._client.aclose()


async def test_it_finds_and_resolves_a_symbol(adapter: UDFAdapter) -> None:
    (row,) = await adapter.search_symbols("apple")
    symbol = await adapter.resolve_symbol(row["ticker"])
    assert symbol == await adapter.resolve_symbol(row["symbol"])
    assert (symbol["name"], symbol["pricescale"], symbol["session"]) == ("AAPL", 100, "0930-1600")
    assert [row["symbol"] for row in await adapter.search_symbols("", exchange="FX", symbol_type="forex", limit=1)] == [
        "EURUSD"
    ]


@pytest.mark.parametrize("name", PYWRY_NAMES)
async def test_it_reads_bars_at_every_resolution(adapter: UDFAdapter, name: str) -> None:
    answer = await adapter.get_bars("DEMO:EURUSD", name, 0, SECONDS, countback=1)
    assert (answer["status"], answer["no_data"]) == ("ok", False)
    (bar,) = answer["bars"]
    assert bar.keys() == {"time", "open", "high", "low", "close", "volume"}
    assert bar["close"] == 10_000 + (NOW - MONDAY) // MINUTE and bar["time"] <= SECONDS


async def test_countback_is_exact(adapter: UDFAdapter) -> None:
    answer = await adapter.get_bars("EURUSD", "1m", 0, SECONDS, countback=300)
    times = [bar["time"] for bar in answer["bars"]]
    assert len(times) == 300 and times == sorted(set(times)) and times[-1] < SECONDS


async def test_without_countback_it_reads_a_window(adapter: UDFAdapter) -> None:
    answer = await adapter.get_bars("EURUSD", "1h", SECONDS - 7200, SECONDS)
    assert [bar["time"] for bar in answer["bars"]] == [SECONDS - SECONDS % 3600 - 3600, SECONDS - SECONDS % 3600]


async def test_it_builds_a_resolution_we_refuse_from_a_smaller_one(adapter: UDFAdapter) -> None:
    answer = await adapter.get_bars("EURUSD", "45m", SECONDS - 86_400, SECONDS, countback=4)
    assert answer["status"] == "ok" and len(answer["bars"]) == 4


async def test_history_ends_at_the_left_edge(adapter: UDFAdapter) -> None:
    answer = await adapter.get_bars("EURUSD", "1d", 0, MONDAY // 1000, countback=10)
    assert (answer["status"], answer["bars"], answer["next_time"]) == ("no_data", [], None)


async def test_it_hears_why_a_question_is_wrong(adapter: UDFAdapter) -> None:
    unknown = await adapter.get_bars("NOPE", "1d", 1, SECONDS, countback=2)
    reversed_range = await adapter.get_bars("EURUSD", "1d", SECONDS, 1)
    assert (unknown["status"], "'NOPE'" in unknown["error"]) == ("error", True)
    assert "from at or before to" in reversed_range["error"]
    assert (await adapter.resolve_symbol("NOPE"))["s"] == "error"


async def test_it_reads_the_clock_and_quotes() -> None:
    async with serving() as house:
        adapter = UDFAdapter(house.url)
        await house.market.tell("EURUSD", "1.5", "1.6")
        known, unknown = await adapter._get_quotes(["DEMO:EURUSD", "NOPE"])
        assert await adapter.get_server_time() == SECONDS
        await adapter._client.aclose()
    assert (known.symbol, known.status, known.last_price, known.bid, known.ask) == ("DEMO:EURUSD", "ok", 1.5, 1.5, 1.6)
    assert (known.short_name, known.low_price, known.change_percent is not None) == ("EURUSD", 1.5, True)
    assert (unknown.symbol, unknown.status, "'NOPE'" in unknown.error) == ("NOPE", "error", True)
