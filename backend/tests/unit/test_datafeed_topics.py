"""The topics `bars` and `quotes`: one numbering, a state that counts every tick once, frames that agree with history."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fakes import FakeClock, settle
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.core.access import Principal
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import HISTORY_SECONDS, NEWEST, Window
from trading_api.core.routes import Update
from trading_api.models.errors import FixRequest, NotAllowed, TryLater
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.quotes import QuoteData

MINUTE = 60_000
DAY = 86_400_000
BARS = 'bars:{"resolution":"1","symbol":"EURUSD"}'
DAYS = 'bars:{"resolution":"1D","symbol":"EURUSD"}'
QUOTES = 'quotes:{"symbol":"EURUSD"}'
READER = Principal("reader", frozenset({"read"}))


class House:
    def __init__(self, market: ScriptedMarket | None = None) -> None:
        self.market = market or ScriptedMarket()
        self.clock = FakeClock()
        self.service = DatafeedService([self.market], self.clock, "epoch")
        self.told: list[Update] = []

    async def __aenter__(self) -> "House":
        await self.service.start()
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.service.close()

    async def create(self, *topics: str) -> None:
        for topic in topics:
            await self.service.create_topic(topic, self.told.append)

    def bars(self, topic: str = BARS) -> list[Bar]:
        return [update.payload for update in self.told if update.topic == topic and isinstance(update.payload, Bar)]

    def quotes(self) -> list[QuoteData]:
        return [update.payload for update in self.told if isinstance(update.payload, QuoteData)]

    async def tell(self, *bids: str, after: int = 1000) -> None:
        for bid in bids:
            await self.market.tell("EURUSD", bid, after=after, volume=1)


def ohlcv(bar: object) -> tuple[str, ...]:
    assert isinstance(bar, Bar)
    return tuple(str(each) for each in (bar.open, bar.high, bar.low, bar.close, bar.volume))


async def test_the_state_and_the_updates_after_it_count_every_tick_once() -> None:
    async with House() as house:
        await house.tell("1.10", "1.12")
        await house.create(BARS)
        await settle()
        before = house.service.snapshot(BARS)
        assert ohlcv(before.state) == ("1.10", "1.12", "1.10", "1.12", "2")
        await house.tell("1.09", "1.11")
        assert [(update.epoch, update.seq) for update in house.told] == [("epoch", before.seq + 1), ("epoch", before.seq + 2)]
        assert ohlcv(house.bars()[-1]) == ("1.10", "1.12", "1.09", "1.11", "4")
        assert house.service.snapshot(BARS).seq == before.seq + 2


async def test_ticks_that_arrive_while_history_loads_are_counted_once() -> None:
    async with House() as house:
        await house.tell("1.10")
        house.market.gate.clear()
        creating = asyncio.create_task(house.service.create_topic(BARS, house.told.append))
        await settle()
        await house.tell("1.11", "1.12")
        house.market.gate.set()
        await creating
        assert ohlcv(house.service.snapshot(BARS).state) == ("1.10", "1.12", "1.10", "1.12", "3")


async def test_a_bar_is_told_in_its_final_form_before_the_next_one() -> None:
    async with House() as house:
        await house.create(BARS)
        await house.tell("1.10", "1.11", "1.12", "1.13", after=25_000)
        frames = [(bar.time - MONDAY, str(bar.close)) for bar in house.bars()]
        assert frames == [(0, "1.10"), (0, "1.11"), (MINUTE, "1.12"), (MINUTE, "1.13")]


async def test_a_topic_of_a_market_without_prices_has_no_state_yet() -> None:
    async with House() as house:
        await house.create(BARS, QUOTES)
        assert house.service.snapshot(BARS).state is None
        quote = house.service.snapshot(QUOTES).state
        assert isinstance(quote, QuoteData)
        assert quote.v.model_dump(exclude_none=True) == {
            "short_name": "EURUSD",
            "exchange": "FX",
            "description": "EUR / USD",
            "original_name": "DEMO:EURUSD",
        }


async def test_a_quote_carries_the_figures_of_its_day() -> None:
    async with House() as house:
        await house.tell("1.00", after=0)
        await house.tell("1.10", after=DAY)
        await house.create(QUOTES)
        await house.market.tell("EURUSD", "1.05", "1.06", after=MINUTE, volume=4)
        values = house.quotes()[-1].v
        assert (values.last_price, values.bid, values.ask, values.spread) == tuple(
            map(Decimal, ("1.05", "1.05", "1.06", "0.01"))
        )
        assert (values.open_price, values.high_price, values.low_price) == tuple(map(Decimal, ("1.10", "1.10", "1.05")))
        assert (values.previous_close, values.change, values.change_percent) == tuple(map(Decimal, ("1.00", "0.05", "5")))
        assert (values.volume, values.time) == (Decimal(5), MONDAY + DAY + MINUTE)
        assert house.quotes()[-1].n == "EURUSD"


async def test_a_new_day_takes_the_closed_one_as_its_previous_close() -> None:
    async with House() as house:
        await house.tell("1.00", after=0)
        await house.create(QUOTES)
        await house.tell("1.20", after=DAY)
        assert (house.quotes()[-1].v.previous_close, house.quotes()[-1].v.open_price) == (Decimal(1), Decimal("1.20"))


async def test_two_spellings_of_a_symbol_are_two_topics_on_one_watch() -> None:
    other = 'quotes:{"symbol":"DEMO:EURUSD"}'
    async with House() as house:
        await house.create(QUOTES, other)
        await house.tell("1.10")
        assert [quote.n for quote in house.quotes()] == ["EURUSD", "DEMO:EURUSD"]
        assert house.market.watched["EURUSD"] == 1
        house.service.remove_topic(QUOTES)
        assert house.market.watched["EURUSD"] == 1
        house.service.remove_topic(other)
        assert house.market.watched["EURUSD"] == 0


async def test_a_topic_that_comes_back_goes_on_above_its_old_numbers() -> None:
    async with House() as house:
        await house.create(BARS)
        await house.tell("1.10", "1.11")
        house.service.remove_topic(BARS)
        house.service.remove_topic(BARS)
        await house.tell("1.12")
        await house.create(BARS)
        assert house.service.snapshot(BARS).seq >= 2
        assert ohlcv(house.service.snapshot(BARS).state)[-1] == "3"


async def test_history_that_does_not_answer_leaves_nothing_behind() -> None:
    async with House() as house:
        house.market.gate.clear()
        creating = asyncio.create_task(house.service.create_topic(BARS, house.told.append))
        await house.clock.advance(int(HISTORY_SECONDS * 1000))
        with pytest.raises(TryLater):
            await creating
        assert house.market.watched["EURUSD"] == 0
        house.market.gate.set()
        await house.create(BARS)


async def test_topics_of_a_removed_market_fall_silent_and_can_be_removed() -> None:
    async with House() as house:
        await house.create(BARS)
        await house.service.remove_market("DEMO")
        house.service.remove_topic(BARS)


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ('bars:{"symbol":"EURUSD","resolution":"1"}', 'Expected the topic as bars:{"resolution":"1","symbol":"EURUSD"}'),
        ('bars:{"resolution":"7","symbol":"EURUSD"}', "resolution"),
        ('bars:{"resolution":"1"}', "symbol"),
        ('quotes:{"symbol":"NOPE"}', "found 'NOPE'"),
        ("quotes:", "JSON"),
        ("quotes:[]", "topic"),
        ('orders:{"accountId":"A"}', "begins with bars:, quotes: or depth:"),
        ("weather:{}", "begins with bars:, quotes: or depth:"),
    ],
)
async def test_a_topic_must_name_something_that_exists_in_its_one_form(topic: str, message: str) -> None:
    async with House() as house:
        with pytest.raises(FixRequest) as refusal:
            house.service.admit(topic, READER)
        assert message in refusal.value.body.message
        house.service.admit(BARS, READER)
        with pytest.raises(NotAllowed):
            house.service.admit(BARS, Principal("nobody", frozenset()))


steps = some.tuples(
    some.integers(1, 200), some.sampled_from([1, 999, 20_000, 59_999, 3_600_000, 40_000_000]), some.integers(0, 9)
)


@given(before=some.lists(steps, max_size=6), after=some.lists(steps, max_size=30), resolution=some.sampled_from(Resolution))
def test_bars_that_closed_live_are_the_bars_of_history(
    before: list[tuple[int, int, int]], after: list[tuple[int, int, int]], resolution: Resolution
) -> None:
    topic = f'bars:{{"resolution":"{resolution}","symbol":"EURUSD"}}'

    async def live() -> None:
        session = an_instrument(session="1800-1700", timezone="America/New_York")
        async with House(ScriptedMarket(instruments=[session])) as house:
            for price, gap, volume in before:
                await house.market.tell("EURUSD", Decimal(price) / 100, after=gap, volume=volume)
            await house.create(topic)
            state = house.service.snapshot(topic).state
            seen = {state.time: state} if isinstance(state, Bar) else {}
            for price, gap, volume in after:
                await house.market.tell("EURUSD", Decimal(price) / 100, after=gap, volume=volume)
                seen |= {bar.time: bar for bar in house.bars(topic)[-1:]}
                shown = await house.service.history("EURUSD", resolution, Window(before=NEWEST, countback=1))
                assert shown.bars == ((seen[max(seen)],) if seen else ())
            history = await house.service.history("EURUSD", resolution, Window(before=NEWEST, countback=100))
            assert [bar for bar in history.bars if bar.time in seen] == list(seen.values())
            assert [bar.time for bar in house.bars(topic)] == sorted(bar.time for bar in house.bars(topic))

    asyncio.run(live())
