"""The live stream: every tick at its time, late ones after a short sleep, the present after a long one."""

from contracts.market_contract import listening
from fakes import FakeClock, settle
from trading_api.core.sessions import sessions_of
from trading_api.models.market.quotes import Quote
from trading_api.plugins.synthetic.market import SyntheticMarket
from trading_api.plugins.synthetic.stream import CATCH_UP_MAX_MS

NOW = 1_790_000_000_000
MINUTE = 60_000
DAY = 86_400_000
SATURDAY = NOW + 5 * DAY


class Watcher:
    """A market with a clock to move."""

    def __init__(self, now: int = NOW) -> None:
        self.clock = FakeClock(now)
        self.market = SyntheticMarket(self.clock, 3)

    def drawn(self, name: str, after: int, until: int) -> list[Quote]:
        quotes: list[Quote] = []
        for quote in self.market._quotes_after(name, after):
            if quote.time > until:
                return quotes
            quotes.append(quote)
        raise AssertionError("ticks never end")


async def test_each_tick_is_told_at_its_own_millisecond() -> None:
    watcher = Watcher()
    moments = []
    async with listening(watcher.market) as told:
        watcher.market.watch("BTCUSD")
        await settle()
        for _ in range(400):
            count = len(told)
            await watcher.clock.advance(5)
            moments += [(quote.time, watcher.clock.now()) for quote in told[count:]]
    assert len(moments) >= 2 and all(now - 5 < time <= now for time, now in moments)


async def test_no_tick_is_left_out_and_none_is_told_twice() -> None:
    watcher = Watcher()
    async with listening(watcher.market) as told:
        for name in ("EURUSD", "BTCUSD"):
            watcher.market.watch(name)
        await settle()
        first = {quote.symbol: quote.time for quote in told}
        await watcher.clock.advance(2 * MINUTE)
    for name in ("EURUSD", "BTCUSD"):
        mine = [quote for quote in told if quote.symbol == f"DEMO:{name}"]
        assert mine[1:] == watcher.drawn(name, first[f"DEMO:{name}"], watcher.clock.now())


async def test_a_new_symbol_is_told_at_once_although_the_stream_sleeps() -> None:
    watcher = Watcher(SATURDAY)
    async with listening(watcher.market) as told:
        watcher.market.watch("EURUSD")
        await settle()
        assert [quote.symbol for quote in told] == ["DEMO:EURUSD"]
        watcher.market.watch("BTCUSD")
        await settle()
        assert [quote.symbol for quote in told] == ["DEMO:EURUSD", "DEMO:BTCUSD"]


async def test_after_a_short_sleep_the_missed_ticks_are_told_late() -> None:
    watcher = Watcher()
    async with listening(watcher.market) as told:
        watcher.market.watch("BTCUSD")
        await settle()
        watcher.clock.jump(CATCH_UP_MAX_MS - MINUTE)
        await settle()
        await watcher.clock.advance(1)
    assert told[1:] == watcher.drawn("BTCUSD", told[0].time, watcher.clock.now())


async def test_after_a_long_sleep_the_stream_resumes_from_the_present() -> None:
    watcher = Watcher()
    async with listening(watcher.market) as told:
        watcher.market.watch("BTCUSD")
        await settle()
        watcher.clock.jump(90 * DAY)
        await settle()
        assert len(told) == 2
        assert told[1] == await watcher.market.quote("BTCUSD") == watcher.market._quote_at("BTCUSD", watcher.clock.now())
        await watcher.clock.advance(MINUTE)
    assert told[2:] == watcher.drawn("BTCUSD", told[1].time, watcher.clock.now())


async def test_the_stream_tells_nothing_while_the_session_is_closed() -> None:
    watcher = Watcher()
    share = watcher.market.find("ACME")
    assert share is not None
    calendar = sessions_of(share)
    close = calendar.day_end(NOW)
    watcher.clock.jump(close - NOW - MINUTE)
    async with listening(watcher.market) as told:
        watcher.market.watch("ACME")
        await watcher.clock.advance(6 * 3_600_000)
        assert close - 2000 < told[-1].time < close
        opens = calendar.next_open(close)
        await watcher.clock.advance(opens - watcher.clock.now() + 1500)
        assert opens <= told[-1].time < opens + 1500


async def test_unwatching_one_symbol_leaves_the_others() -> None:
    watcher = Watcher()
    async with listening(watcher.market) as told:
        for name in ("BTCUSD", "ETHUSD"):
            watcher.market.watch(name)
        await watcher.clock.advance(5000)
        watcher.market.unwatch("BTCUSD")
        await settle()
        told.clear()
        await watcher.clock.advance(5000)
    assert {quote.symbol for quote in told} == {"DEMO:ETHUSD"}
