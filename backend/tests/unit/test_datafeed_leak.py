"""Nobody sees the future: at any moment every answer about the open day is the fold of the ticks told so far."""

import asyncio
import random
from collections.abc import Sequence
from decimal import Decimal

import pytest

from fakes import FakeClock
from trading_api.core.bars import joined, price_of
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.core.routes import Update
from trading_api.core.sessions import sessions_of
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.quotes import Quote, QuoteData, QuotesRequest
from trading_api.plugins.synthetic.market import SyntheticMarket

BEFORE_THE_OPEN = {
    "ACME": 1_704_378_590_000,
    "EURUSD": 1_704_405_590_000,
    "BTCUSD": 1_704_412_790_000,
    "US500": 1_704_378_590_000,
}
"""Thursday 2024-01-04, ten seconds before each symbol's trading day begins."""

CHECKS = 30


class Watcher:
    """Writes down what it is told."""

    def __init__(self, service: DatafeedService, name: str) -> None:
        self._service = service
        self._instrument = service.instrument(name)
        self._sessions = sessions_of(self._instrument)
        self._today: list[Bar] = []
        self.day: int | None = None
        """The stamp of the day whose open was watched, None before it."""
        self.frames: dict[str, Update] = {}
        self.last: Quote | None = None

    async def listen(self) -> None:
        await self._service.listen(self._instrument.id, self.take)
        for topic in self._topics():
            await self._service.create_topic(topic, lambda update: self.frames.update({update.topic: update}))

    def _topics(self) -> list[str]:
        bars = [f'bars:{{"resolution":"{each}","symbol":"{self._instrument.id}"}}' for each in Resolution]
        return [*bars, f'quotes:{{"symbol":"{self._instrument.id}"}}']

    async def take(self, quote: Quote) -> None:
        self.last = quote
        price = price_of(quote, self._instrument)
        day = self._sessions.bar_start(quote.time, Resolution.D1)
        if price is not None and day is not None and quote.time >= BEFORE_THE_OPEN[self._instrument.name] + 10_000:
            if day != self.day:
                self.day, self._today = day, []
            self._today.append(Bar(time=quote.time, open=price, high=price, low=price, close=price, volume=quote.volume))

    def open_bar(self, resolution: Resolution, closed_days: Sequence[Bar]) -> Bar:
        """Out of closed days and the ticks told since the open."""
        stamp = self._sessions.bar_start(self._today[-1].time, resolution)
        assert stamp is not None
        if resolution.width_ms is None:
            return joined(stamp, [*(day for day in closed_days if day.time >= stamp), *self._today])
        return joined(stamp, [tick for tick in self._today if tick.time >= stamp])


@pytest.mark.parametrize("name", BEFORE_THE_OPEN)
async def test_every_answer_is_the_fold_of_the_ticks_told_so_far(name: str) -> None:
    clock, chance = FakeClock(BEFORE_THE_OPEN[name]), random.Random(name)
    service = DatafeedService([SyntheticMarket(clock, 7)], clock, "epoch")
    await service.start()
    watcher = Watcher(service, name)
    await watcher.listen()
    for _ in range(CHECKS):
        await clock.advance(chance.choice([1, 100, 900, 5_000, 61_000, 400_000]))
        if watcher.day is None:
            continue
        closed_days = (await service.history(name, Resolution.D1, Window(watcher.day, countback=40))).bars
        for resolution in Resolution:
            expected = watcher.open_bar(resolution, closed_days)
            history = await service.history(name, resolution, Window(NEWEST, countback=1))
            assert history.bars == (expected,)
            assert watcher.frames[f'bars:{{"resolution":"{resolution}","symbol":"DEMO:{name}"}}'].payload == expected
        day = watcher.open_bar(Resolution.D1, closed_days)
        (asked,) = await service.quotes(QuotesRequest(symbols=(name,)).symbols)
        told = watcher.frames[f'quotes:{{"symbol":"DEMO:{name}"}}'].payload
        assert isinstance(told, QuoteData) and asked.v == told.v
        volume = day.volume if service.instrument(name).has_volume else None
        assert figures(asked) == (day.open, day.high, day.low, day.close, closed_days[-1].close, volume)
        assert asked.v.time is not None and asked.v.time <= clock.now()
    assert watcher.last is not None and watcher.last.time > BEFORE_THE_OPEN[name] + 60_000
    await service.close()


def figures(quote: QuoteData) -> tuple[Decimal | None, ...]:
    values = quote.v
    return values.open_price, values.high_price, values.low_price, values.last_price, values.previous_close, values.volume


async def test_what_is_asked_at_a_moment_does_not_change_with_what_comes_after() -> None:
    """A house that stops at a moment and one that goes on agree about it."""
    moments = [BEFORE_THE_OPEN["ACME"] + step * 617_003 for step in range(1, 12)]
    clock = FakeClock(moments[0])
    service = DatafeedService([SyntheticMarket(clock, 7)], clock, "epoch")
    for moment in moments:
        await clock.advance(moment - clock.now())
        fresh = DatafeedService([SyntheticMarket(FakeClock(moment), 7)], FakeClock(moment), "other")
        for resolution in (Resolution.M1, Resolution.H1, Resolution.D1, Resolution.W1):
            window = Window(NEWEST, countback=3)
            here, there = await asyncio.gather(*(each.history("ACME", resolution, window) for each in (service, fresh)))
            assert here.bars == there.bars
