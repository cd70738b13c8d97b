"""Whoever asks, whenever, at any resolution, sees the same; and nobody sees the future."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fakes import FakeClock
from own_instruments import AN_ODD_LISTING
from trading_api.core.bars import BarFolder
from trading_api.core.sessions import day_of, sessions_of
from trading_api.models.market.bars import Bar, Bars, Resolution
from trading_api.plugins.synthetic.history import History
from trading_api.plugins.synthetic.instruments import Listing, demo_listings
from trading_api.plugins.synthetic.market import SyntheticMarket
from trading_api.plugins.synthetic.prices import Piece, Prices, Tick
from trading_api.plugins.synthetic.split import Drawn

MINUTE = 60_000
DAY = 86_400_000
YEAR = 365 * DAY
SEED = 11
LISTINGS = {listing.instrument.name: listing for listing in (*demo_listings("DEMO"), AN_ODD_LISTING)}
PRICES = {name: Prices(listing, SEED) for name, listing in LISTINGS.items()}

FIRST_MOMENT = 947_000_000_000
"""2000-01-04, when every listing has had its first session."""

names = some.sampled_from(sorted(LISTINGS))
resolutions = some.sampled_from(list(Resolution))
moments = some.integers(FIRST_MOMENT, FIRST_MOMENT + 60 * YEAR)
edges = some.sampled_from([None, *Resolution])
POISON = Drawn(10**9, 10**9 + 1, 1, 3, 10**9)


@some.composite
def situations(draw: some.DrawFn, asked: some.SearchStrategy[Resolution] = resolutions) -> tuple[str, Resolution, int]:
    """A symbol, a resolution and a moment, which is often just before or after the end of some bar."""
    name, now, edge = draw(names), draw(moments), draw(edges)
    if edge is not None:
        calendar = PRICES[name].sessions
        stamp = calendar.bar_start(calendar.next_open(now), edge)
        assert stamp is not None
        now = calendar.bar_span(stamp, edge)[1] + draw(some.integers(-3000, 500))
    return name, draw(asked), now


def market(now: int) -> SyntheticMarket:
    return SyntheticMarket(FakeClock(now), SEED, tuple(LISTINGS.values()))


async def ask(name: str, resolution: Resolution, now: int, *, before: int | None = None, count: int = 1) -> Bars:
    return await market(now).bars(name, resolution, before=now + 2 * DAY if before is None else before, count=count)


def ticks_between(name: str, start: int, now: int) -> Iterator[Tick]:
    for tick in PRICES[name].ticks_after(start - 1):
        if tick.time > now:
            return
        yield tick


def folded(name: str, resolution: Resolution, stamp: int, now: int) -> Bar | None:
    """The bar as a reader of the stream would have it, tick by tick from the bar's first moment."""
    instrument = LISTINGS[name].instrument
    source = market(now)
    calendar = sessions_of(instrument)
    start, _ = calendar.bar_span(stamp, resolution)
    live = BarFolder(instrument, resolution, calendar, Bars((), 0))
    for tick in ticks_between(name, start, now):
        live.add(source._quote(name, tick))
    return live.current


@settings(max_examples=25, deadline=None)
@given(situations(some.sampled_from([each for each in Resolution if each.width_ms])))
async def test_the_last_intraday_bar_is_the_fold_of_the_ticks_so_far(situation: tuple[str, Resolution, int]) -> None:
    name, resolution, now = situation
    answer = await ask(name, resolution, now)
    (bar,) = answer.bars
    assert bar == folded(name, resolution, bar.time, now)
    assert answer.through == PRICES[name].last_tick(now).time  # type: ignore[union-attr]  # history began long before


@settings(max_examples=4, deadline=None)
@given(situations())
async def test_the_last_day_week_and_month_are_the_fold_of_the_ticks_so_far(situation: tuple[str, Resolution, int]) -> None:
    name, _, now = situation
    (day,) = (await ask(name, Resolution.D1, now)).bars
    assert day == folded(name, Resolution.D1, day.time, now)
    calendar = sessions_of(LISTINGS[name].instrument)
    for resolution in (Resolution.W1, Resolution.MN1):
        (bar,) = (await ask(name, resolution, now)).bars
        over = calendar.days_of(day_of(day.time), resolution)
        count = sum(1 for each in over if each < day_of(day.time))
        # Later, all but today are closed days; today is what the ticks say.
        earlier = (await ask(name, Resolution.D1, now + YEAR, before=day.time, count=count)).bars
        parts = [*earlier, day]
        assert (bar.open, bar.close) == (parts[0].open, day.close)
        assert bar.high == max(part.high for part in parts) and bar.low == min(part.low for part in parts)
        assert bar.volume == sum(part.volume for part in parts)


@settings(max_examples=40, deadline=None)
@given(situations(), some.integers(1, 5 * YEAR), some.integers(1, 40))
async def test_a_closed_bar_is_the_same_whenever_it_is_asked_for(
    situation: tuple[str, Resolution, int], later: int, count: int
) -> None:
    name, resolution, now = situation
    closed = (await ask(name, resolution, now, count=count + 1)).bars[:-1]
    if closed:
        again = await ask(name, resolution, now + later, before=closed[-1].time + 1, count=len(closed))
        assert again.bars == closed


class Blinded:
    """Prices of which nothing later than `now` is true: every drawn bar that is not over is poisoned, and every later tick."""

    def __init__(self, prices: Prices, now: int) -> None:
        self._prices = prices
        self._now = now

    def __getattr__(self, name: str) -> Any:  # Whatever is not listed here tells no price.
        assert name in ("sessions", "first_open", "block_at", "last_tick"), f"{name} might tell the future"
        return getattr(self._prices, name)

    def day(self, day: datetime.date) -> Drawn:
        over = self._prices.sessions.windows(day)[-1][1] <= self._now
        return self._prices.day(day) if over else POISON

    def blocks(self, day: datetime.date) -> list[Piece]:
        return [self._blind(piece) for piece in self._prices.blocks(day)]

    def minutes(self, day: datetime.date, block: int) -> list[Piece]:
        return [self._blind(piece) for piece in self._prices.minutes(day, block)]

    def ticks(self, minute: int) -> list[Tick]:
        return [tick if tick.time <= self._now else tick._replace(price=10**9) for tick in self._prices.ticks(minute)]

    def _blind(self, piece: Piece) -> Piece:
        return piece if piece.end <= self._now else piece._replace(bar=POISON)


def answer_of(listing: Listing, prices: Prices, resolution: Resolution, now: int) -> Bars:
    history = History(listing, prices)
    batches = history.batches(resolution, now=now, before=now + 2 * DAY, count=5, since=None)
    return history.answer([bar for batch in batches for bar in batch], resolution, now)


@settings(max_examples=200, deadline=None)
@given(situations())
def test_no_answer_depends_on_a_price_later_than_now(situation: tuple[str, Resolution, int]) -> None:
    name, resolution, now = situation
    blinded: Any = Blinded(PRICES[name], now)
    assert answer_of(LISTINGS[name], blinded, resolution, now) == answer_of(LISTINGS[name], PRICES[name], resolution, now)


@settings(max_examples=60, deadline=None)
@given(names, moments)
def test_ticks_keep_to_the_session_and_to_the_grid(name: str, now: int) -> None:
    calendar, source, instrument = PRICES[name].sessions, market(now), LISTINGS[name].instrument
    narrow, wide = (width * instrument.tick_size for width in LISTINGS[name].spread)
    seconds = set()
    for tick, _ in zip(PRICES[name].ticks_after(now), range(300), strict=False):
        assert tick.time > now and calendar.is_open(tick.time)
        quote = source._quote(name, tick)
        assert quote.bid > 0 and quote.bid % instrument.tick_size == 0 and narrow <= quote.ask - quote.bid <= wide
        for size in (quote.bid_size, quote.ask_size):
            assert size is not None and size >= instrument.quantity_step and size % instrument.quantity_step == 0
        assert quote.last in ((quote.bid, quote.ask) if instrument.bar_source == "trade" else (None,))
        seconds.add(tick.time // 1000)
    first, last = min(seconds), max(seconds)
    assert all(second in seconds for second in range(first, last) if calendar.is_open(second * 1000))


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_every_second_of_the_session_has_a_tick_and_no_two_share_a_millisecond(name: str) -> None:
    opens = PRICES[name].sessions.next_open(1_790_000_000_000)
    times = [tick.time for tick, _ in zip(PRICES[name].ticks_after(opens - 1), range(150), strict=False)]
    assert times == sorted(set(times))
    assert sorted({(time - opens) // 1000 for time in times}) == list(range((times[-1] - opens) // 1000 + 1))


async def test_another_seed_or_symbol_has_other_prices() -> None:
    now = 1_790_000_000_000
    one = await market(now).bars("ACME", Resolution.D1, before=now, count=20)
    other = await SyntheticMarket(FakeClock(now), SEED + 1).bars("ACME", Resolution.D1, before=now, count=20)
    neighbour = await market(now).bars("GLBX", Resolution.D1, before=now, count=20)
    assert one.bars != other.bars and one.bars != neighbour.bars
