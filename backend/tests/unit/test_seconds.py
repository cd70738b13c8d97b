"""Bars of seconds: where there are ticks they are folded from them, and where there are none nobody is offered any."""

from decimal import Decimal

import pytest

from fakes import FakeClock
from fakes_imported import DAY, HOUR, MONDAY, a_library, add_bars, add_ticks, wavy_bars
from trading_api.core.access import Principal
from trading_api.core.bars import fold, resolutions_of
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.core.sessions import sessions_of
from trading_api.core.symbol_information import symbol_information
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.charts import ROWS_AT_ONCE, Charts
from trading_api.plugins.imported.library import Library
from trading_api.plugins.imported.market import ImportedMarket
from trading_api.plugins.imported.replay import ReplayMarket

SECONDS = [Resolution.S1, Resolution.S5, Resolution.S15, Resolution.S30]


def a_tick(time: int, place: int) -> Quote:
    bid = Decimal("1.3") + Decimal(place * 31 % 17) / 1000
    return Quote(symbol="IMPORT:EURUSD", time=time, bid=bid, ask=bid + Decimal("0.001"), volume=Decimal(place % 3))


def uneven_ticks(count: int) -> list[Quote]:
    """Now five in a second, now none for a minute."""
    times = [MONDAY + place * 211 + (place // 50) * 61_000 for place in range(count)]
    return [a_tick(time, place) for place, time in enumerate(times)]


def service_of(library: Library, now: int = MONDAY + 30 * DAY) -> DatafeedService:
    clock = FakeClock(now)
    return DatafeedService([ImportedMarket(library, Charts(library), clock)], clock, "epoch")


async def library_of_three() -> Library:
    library = await a_library(USDJPY=wavy_bars(minutes=300))
    await add_ticks(library, "EURUSD", uneven_ticks(3_000))
    fives = [bar._replace(bid=bar.bid.model_copy(update={"time": MONDAY + place * 5_000}), ask=None) for place, bar in
             enumerate(wavy_bars(minutes=300))]  # fmt: skip
    await add_bars(library, "FIVES", fives, step_ms=5_000)
    return library


async def test_what_is_offered_follows_from_what_was_imported() -> None:
    service = service_of(await library_of_three())
    offered = {name: symbol_information(service.instrument(name)) for name in ("USDJPY", "EURUSD", "FIVES")}
    assert {name: (one.has_seconds, one.seconds_multipliers) for name, one in offered.items()} == {
        "USDJPY": (False, ()),
        "EURUSD": (True, ("1", "5", "15", "30")),
        "FIVES": (True, ("5", "15", "30")),
    }
    assert all(one.has_intraday and "1" in one.intraday_multipliers for one in offered.values())


async def test_daily_bars_have_nothing_within_the_day() -> None:
    library = await a_library()
    days = [bar._replace(bid=bar.bid.model_copy(update={"time": MONDAY + place * DAY}), ask=None) for place, bar in
            enumerate(wavy_bars(minutes=30))]  # fmt: skip
    await add_bars(library, "DAILY", days, step_ms=DAY)
    told = symbol_information(service_of(library).instrument("DAILY"))
    assert (told.has_intraday, told.has_seconds, told.intraday_multipliers) == (False, False, ())
    assert told.supported_resolutions == (Resolution.D1, Resolution.W1, Resolution.MN1)


@pytest.mark.parametrize("resolution", SECONDS)
async def test_seconds_of_a_tick_file_are_the_fold_of_its_ticks(resolution: Resolution) -> None:
    ticks = uneven_ticks(ROWS_AT_ONCE + 2_345)
    library = await a_library()
    await add_ticks(library, "EURUSD", ticks)
    service = service_of(library)
    points = [Bar(time=one.time, open=one.bid, high=one.bid, low=one.bid, close=one.bid, volume=one.volume) for one in ticks]
    expected = list(fold(points, resolution, sessions_of(service.instrument("EURUSD"))))
    everything = (await service.history("EURUSD", resolution, Window(NEWEST, countback=20_000))).bars
    assert list(everything) == expected
    for count in (1, 2, 77, 500):
        before = expected[-100].time
        answer = (await service.history("EURUSD", resolution, Window(before, countback=count))).bars
        assert list(answer) == expected[:-100][-count:]
    window = Window(expected[40].time, since=expected[10].time)
    assert list((await service.history("EURUSD", resolution, window)).bars) == expected[10:40]


async def test_a_long_answer_of_minutes_has_every_one_of_them() -> None:
    """More than are read at once."""
    library = await a_library(USDJPY=wavy_bars(minutes=ROWS_AT_ONCE + 2_345))
    service = service_of(library)
    bars = (await service.history("USDJPY", Resolution.M1, Window(NEWEST, countback=20_000))).bars
    calendar = sessions_of(service.instrument("USDJPY"))
    expected = [one.bid for one in wavy_bars(minutes=ROWS_AT_ONCE + 2_345) if calendar.is_open(one.bid.time)]
    assert list(bars) == expected


async def test_more_ticks_at_one_second_than_are_read_at_once_are_one_bar() -> None:
    library = await a_library()
    crowd = [a_tick(MONDAY + 500 + place // 40, place) for place in range(2 * ROWS_AT_ONCE)]
    await add_ticks(library, "EURUSD", [a_tick(MONDAY, 1), *crowd, a_tick(MONDAY + 2_000, 2)])
    bars = (await service_of(library).history("EURUSD", Resolution.S1, Window(NEWEST, countback=3))).bars
    assert [(bar.time - MONDAY, bar.volume) for bar in bars] == [
        (0, 1 + sum(place % 3 for place in range(2 * ROWS_AT_ONCE))),
        (2_000, 2),
    ]


async def test_seconds_of_minute_bars_are_refused_by_history_and_by_the_topic() -> None:
    service = service_of(await library_of_three())
    with pytest.raises(FixRequest, match=r"one of the resolutions 1, 3, .* for IMPORT:USDJPY, found '15S'") as refused:
        await service.history("USDJPY", Resolution.S15, Window(NEWEST, countback=5))
    assert (refused.value.body.code, refused.value.body.field) == ("bad_resolution", "resolution")
    with pytest.raises(FixRequest, match="found '15S'"):
        service.admit('bars:{"resolution":"15S","symbol":"USDJPY"}', Principal("someone", frozenset({"read"})))


async def test_a_series_remembered_from_before_has_the_seconds_of_its_prices() -> None:
    library = await library_of_three()
    for name in ("USDJPY", "EURUSD"):
        document = await library._store.get("imported", name)
        assert document is not None
        del document["report"]["instrument"]["barStepMs"]  # type: ignore[index]  # a document is what was stored
    again = Library(library.archive, library._store)
    await again.load()
    assert Resolution.S1 not in resolutions_of(again.get("USDJPY").instrument)
    assert Resolution.S1 in resolutions_of(again.get("EURUSD").instrument)


async def test_a_replay_steps_by_bars_of_seconds() -> None:
    library = await library_of_three()

    async def keep(now: int) -> None:
        """Nothing is stored."""

    start = MONDAY + 10_000
    market = ReplayMarket(library, Charts(library), FakeClock(), name="R1", symbols=("EURUSD",), at=start, speed=1.0, keep=keep)
    await market.open()
    await market.step_bars(3, Resolution.S1)
    quote = await market.quote("EURUSD")
    last = max(one.time for one in uneven_ticks(3_000) if one.time <= market.now())
    assert quote is not None and quote.time == last and (market.now() + 1) % 1_000 == 0
    bars = (await market.bars("EURUSD", Resolution.S1, before=MONDAY + HOUR, count=5)).bars
    assert bars[-1].close == quote.bid and bars[-1].time == last // 1000 * 1000
    assert all(bar.time <= market.now() for bar in bars)
    await market.close()
