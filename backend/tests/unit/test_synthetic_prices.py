"""The character of the demo market's prices: gaps, restlessness, beginnings."""

import datetime
import math
from itertools import islice, pairwise
from statistics import fmean

import pytest

from fakes import FakeClock
from trading_api.core.sessions import sessions_of
from trading_api.models.errors import NotFound
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.instruments import Weekday
from trading_api.plugins.synthetic.instruments import demo_listings
from trading_api.plugins.synthetic.market import SyntheticMarket
from trading_api.plugins.synthetic.prices import FIRST_DAY, Prices

NOW = 1_790_000_000_000
LISTINGS = {listing.instrument.name: listing for listing in demo_listings("DEMO")}
SEEDS_MEASURED = 3
DAYS_MEASURED = 5_000
DAYS_OF_MINUTES_MEASURED = 8


def market(now: int = NOW, seed: int = 1) -> SyntheticMarket:
    return SyntheticMarket(FakeClock(now), seed)


def trading_days(prices: Prices, count: int) -> list[datetime.date]:
    days = [FIRST_DAY]
    while len(days) < count:
        days.append(prices.sessions.next_day(days[-1]))
    return days


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_minutes_are_as_restless_as_days(name: str) -> None:
    """Variance of a session's return against the sum of its minutes' variances, in logarithms, over three seeds."""
    daily, minutely = [], []
    for seed in range(SEEDS_MEASURED):
        prices = Prices(LISTINGS[name], seed)
        days = trading_days(prices, DAYS_MEASURED)
        daily += [math.log(prices.day(day).close / prices.day(day).open) ** 2 for day in days]
        for day in days[:: DAYS_MEASURED // DAYS_OF_MINUTES_MEASURED]:
            minutes = [piece.bar for block in range(len(prices.blocks(day))) for piece in prices.minutes(day, block)]
            minutely.append(sum(math.log(bar.close / bar.open) ** 2 for bar in minutes))
    assert 1 / 1.25 < fmean(minutely) / fmean(daily) < 1.25
    assert fmean(daily) == pytest.approx(LISTINGS[name].deviation ** 2, rel=0.1)


def test_continuous_markets_open_where_they_closed_and_others_gap() -> None:
    gaps = {}
    for name, listing in LISTINGS.items():
        prices = Prices(listing, 1)
        within_weeks = [(a, b) for a, b in pairwise(trading_days(prices, 200)) if (b - a).days == 1]
        moved = [prices.day(a).close != prices.day(b).open for a, b in within_weeks]
        gaps[name] = "never" if not any(moved) else "mostly" if fmean(moved) > 0.9 else "sometimes"
    shares = {"ACME", "GLBX", "US500", "GER40"}
    assert gaps == {name: "mostly" if name in shares else "never" for name in LISTINGS}


@pytest.mark.parametrize("name", ["EURUSD", "XAUUSD", "ACME"])
def test_weekends_gap(name: str) -> None:
    prices = Prices(LISTINGS[name], 1)
    weekends = [(a, b) for a, b in pairwise(trading_days(prices, 200)) if (b - a).days >= 3]
    assert fmean(prices.day(a).close != prices.day(b).open for a, b in weekends) > 0.9


async def test_history_begins_in_the_year_2000() -> None:
    for name in ("BTCUSD", "EURUSD", "GER40"):
        days = (await market().bars(name, Resolution.D1, before=NOW, count=20_000)).bars
        calendar = sessions_of(LISTINGS[name].instrument)
        assert days[0].time == calendar.bar_start(calendar.windows(FIRST_DAY)[0][0], Resolution.D1)
        months = (await market().bars(name, Resolution.MN1, before=NOW, count=20_000)).bars
        assert months[0].open == days[0].open and sum(each.volume for each in months) >= sum(each.volume for each in days)
        early = market(now=calendar.windows(FIRST_DAY)[0][0] - 1)
        assert await early.quote(name) is None
        assert (await early.bars(name, Resolution.D1, before=NOW, count=5)).bars == ()


async def test_nothing_happens_while_the_market_is_closed() -> None:
    friday = int(datetime.datetime(2026, 3, 13, 23, tzinfo=datetime.UTC).timestamp() * 1000)
    sunday = friday + 40 * 3_600_000
    assert await market(friday).quote("EURUSD") == await market(sunday).quote("EURUSD")
    for resolution in Resolution:
        answers = [await market(now).bars("EURUSD", resolution, before=NOW * 2, count=3) for now in (friday, sunday)]
        assert answers[0] == answers[1]


async def test_an_unknown_symbol_is_refused_in_a_sentence() -> None:
    with pytest.raises(NotFound, match="found 'NOPE'"):
        await market().quote("NOPE")


async def test_released_prices_stay_as_they_are() -> None:
    """A closed bar never repaints, not even by an upgrade: these were drawn when the model was made."""
    drawn = {}
    for name in ("BTCUSD", "EURUSD", "ACME"):
        for resolution in (Resolution.M1, Resolution.D1):
            bar = (await market().bars(name, resolution, before=NOW - 86_400_000, count=1)).bars[0]
            drawn[name, resolution.value] = as_text(bar)
    assert drawn == {
        ("BTCUSD", "1"): "83081.65 83130.56 83043.41 83092.32 27.986",
        ("BTCUSD", "1D"): "79860.59 83239.85 79551.44 82397.77 20493.291",
        ("EURUSD", "1"): "1.06445 1.06450 1.06438 1.06445 1748000",
        ("EURUSD", "1D"): "1.07433 1.07453 1.06426 1.06445 9009441000",
        ("ACME", "1"): "146.64 146.65 146.38 146.44 16598",
        ("ACME", "1D"): "144.88 147.15 143.88 146.44 8054478",
    }


def as_text(bar: Bar) -> str:
    return f"{bar.open} {bar.high} {bar.low} {bar.close} {bar.volume}"


async def test_a_half_day_has_the_prices_of_its_day_within_its_hours() -> None:
    half = "2024-11-29"
    after = LISTINGS["ACME"].instrument.model_copy(update={"corrections": ""})
    whole = SyntheticMarket(FakeClock(NOW), 1, [LISTINGS["ACME"]._replace(instrument=after)])
    days, minutes = {}, {}
    for name, one in (("half", market()), ("whole", whole)):
        bars = (await one.bars("ACME", Resolution.D1, before=NOW, count=600)).bars
        days[name] = bars
        opened = int(datetime.datetime.fromisoformat(half + "T14:30+00:00").timestamp()) * 1000
        minutes[name] = (await one.bars("ACME", Resolution.M1, before=opened + 86_400_000 // 2, count=500, since=opened)).bars
    assert days["half"] == days["whole"]
    assert (len(minutes["half"]), len(minutes["whole"])) == (210, 390)
    assert max(bar.high for bar in minutes["half"]) == max(bar.high for bar in minutes["whole"])


@pytest.mark.parametrize("name", sorted(LISTINGS))
async def test_sizes_are_drawn_around_the_usual_one_and_are_the_same_for_everyone(name: str) -> None:
    usual = LISTINGS[name].instrument.book_size
    assert usual is not None and usual % LISTINGS[name].instrument.quantity_step == 0
    ticks = list(islice(market()._quotes_after(name, NOW), 4_000))
    for sizes in ([one.bid_size for one in ticks], [one.ask_size for one in ticks]):
        assert fmean(float(size or 0) for size in sizes) == pytest.approx(float(usual), rel=0.05)
        assert 0.2 * float(usual) < min(map(float, map(str, sizes))) < 0.3 * float(usual)
    assert any(one.bid_size != one.ask_size for one in ticks)
    later = market(now=ticks[-1].time)
    assert await later.quote(name) == ticks[-1]
    assert market(seed=2)._quote_at(name, NOW) != market()._quote_at(name, NOW)


async def test_an_instrument_without_a_usual_size_is_quoted_without_sizes() -> None:
    listing = LISTINGS["EURUSD"]
    bare = listing._replace(instrument=listing.instrument.model_copy(update={"book_size": None}))
    quote = await SyntheticMarket(FakeClock(NOW), 1, [bare]).quote("EURUSD")
    sized = await market().quote("EURUSD")
    assert quote is not None and sized is not None
    assert quote == sized.model_copy(update={"bid_size": None, "ask_size": None})


def test_nights_and_dividends_are_given_where_they_are_usual() -> None:
    for each in (listing.instrument for listing in LISTINGS.values()):
        match each.kind.value:
            case "stock":
                assert each.swap is None and each.dividend is not None and len(each.dividend.months) == 4
            case "crypto":
                assert each.swap is not None and (each.swap.unit, each.swap.triple) == ("rate", None)
            case _:
                assert each.swap is not None and (each.swap.unit, each.swap.triple) == ("price", Weekday.WEDNESDAY)
                assert (each.swap.time, each.swap.timezone) == ("17:00", "America/New_York")
                assert each.swap.long + each.swap.short < 0, "the broker keeps a part"
                assert abs(each.swap.long) * 365 < LISTINGS[each.name].typical_price / 10


def test_the_listings_are_of_many_kinds() -> None:
    instruments = [listing.instrument for listing in LISTINGS.values()]
    assert len(instruments) >= 8 and {each.kind.value for each in instruments} == {
        "crypto",
        "forex",
        "stock",
        "index",
        "commodity",
    }
    for each in instruments:
        assert each.quantity_min % each.quantity_step == 0 and each.quantity_max % each.quantity_step == 0
        assert each.pip_size % each.tick_size == 0
        if each.kind.value == "forex":
            assert each.pip_size == 10 * each.tick_size and each.base_currency
