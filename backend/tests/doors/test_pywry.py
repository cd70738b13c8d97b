"""A UDF client nobody here wrote, unmodified, against a running server: PyWry's adapter without its window."""

import importlib.util
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from udf_house import MINUTE, NOW, UdfHouse, serving

from fakes_market import MONDAY
from trading_api.models.market.bars import Resolution

if importlib.util.find_spec("pywry") is None:
    pytest.skip("pywry is not installed", allow_module_level=True)

from pywry.tvchart.udf import UDFAdapter  # type: ignore[import-untyped]  # it ships without types

SECONDS = NOW // 1000
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
