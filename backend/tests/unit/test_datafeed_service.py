"""The datafeed for desks: symbols, the first price, every tick after it, and no work for symbols nobody needs."""

import asyncio

import pytest

from fakes import FakeClock, settle
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.core.datafeed_service import FIRST_QUOTE_SECONDS, DatafeedService
from trading_api.models.errors import FixRequest, NotFound, TryLater
from trading_api.models.market.quotes import Quote


class Desk:
    def __init__(self) -> None:
        self.seen: list[Quote] = []
        self.open = asyncio.Event()
        self.open.set()

    async def take(self, quote: Quote) -> None:
        await self.open.wait()
        self.seen.append(quote)

    @property
    def bids(self) -> list[str]:
        return [str(quote.bid) for quote in self.seen]


class House:
    def __init__(self, *markets: ScriptedMarket) -> None:
        self.clock = FakeClock()
        self.market = markets[0] if markets else ScriptedMarket()
        self.stopped: list[tuple[str, BaseException]] = []
        self.service = DatafeedService(
            markets or [self.market], self.clock, "epoch", on_stop=lambda name, error: self.stopped.append((name, error))
        )

    async def __aenter__(self) -> "House":
        await self.service.start()
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.service.close()


async def test_a_bare_name_resolves_while_it_is_unique() -> None:
    async with House() as house:
        assert house.service.instrument("EURUSD").id == "DEMO:EURUSD"
        assert house.service.instrument("FX:EURUSD").id == "DEMO:EURUSD"
        house.service.add_market(ScriptedMarket("R1"))
        with pytest.raises(FixRequest, match="DEMO:EURUSD, R1:EURUSD"):
            house.service.instrument("EURUSD")
        assert house.service.instrument("R1:EURUSD").id == "R1:EURUSD"
        await house.service.remove_market("R1")
        assert house.service.instrument("EURUSD").id == "DEMO:EURUSD"


@pytest.mark.parametrize("symbol", ["", ":", "GBPUSD", "DEMO:", "DEMO:GBPUSD", "NOWHERE:EURUSD", "eurusd"])
async def test_an_unknown_symbol_is_named(symbol: str) -> None:
    async with House() as house:
        with pytest.raises(NotFound) as refusal:
            house.service.resolve(symbol)
        assert refusal.value.body.code == "unknown_symbol"
        assert f"'{symbol}'" in refusal.value.body.message


async def test_a_desk_gets_the_price_known_now_and_every_tick_after_it() -> None:
    desk = Desk()
    async with House() as house:
        await house.market.tell("EURUSD", "1.10")
        first = await house.service.listen("DEMO:EURUSD", desk.take)
        await settle()
        await house.market.tell("EURUSD", "1.11", after=1)
        await house.market.tell("EURUSD", "1.11")
        await house.market.tell("EURUSD", "1.12", after=1)
        assert str(first.bid) == "1.10"
        assert desk.bids == ["1.11", "1.11", "1.12"]


async def test_a_second_desk_gets_the_last_tick_told() -> None:
    first, second = Desk(), Desk()
    async with House() as house:
        await house.market.tell("EURUSD", "1.10")
        await house.service.listen("DEMO:EURUSD", first.take)
        await house.market.tell("EURUSD", "1.11", after=1)
        assert str((await house.service.listen("DEMO:EURUSD", second.take)).bid) == "1.11"
        await house.market.tell("EURUSD", "1.12", after=1)
        assert second.bids == ["1.12"]
        assert house.market.watched["EURUSD"] == 1


async def test_a_slow_desk_holds_back_its_market_and_loses_nothing() -> None:
    desk = Desk()
    async with House() as house:
        await house.market.tell("EURUSD", "1.10")
        await house.service.listen("DEMO:EURUSD", desk.take)
        desk.open.clear()
        telling = [asyncio.create_task(house.market.tell("EURUSD", f"1.{number}", after=1)) for number in range(11, 31)]
        await settle()
        assert desk.seen == [] and not any(task.done() for task in telling)
        desk.open.set()
        await asyncio.gather(*telling)
        assert desk.bids == [f"1.{number}" for number in range(11, 31)]


async def test_a_desk_can_listen_while_a_tick_waits_for_that_desk() -> None:
    desk = Desk()
    market = ScriptedMarket(instruments=[an_instrument("EURUSD"), an_instrument("GBPUSD")])
    async with House(market) as house:
        await market.tell("EURUSD", "1.10")
        await market.tell("GBPUSD", "1.30")
        await house.service.listen("DEMO:EURUSD", desk.take)
        desk.open.clear()
        telling = asyncio.create_task(market.tell("EURUSD", "1.11", after=1))
        await settle()
        assert str((await house.service.listen("DEMO:GBPUSD", desk.take)).bid) == "1.30"
        desk.open.set()
        await telling
        await settle()
        assert desk.bids == ["1.11"]  # and not 1.30 again


async def test_without_a_price_a_desk_is_told_to_try_later() -> None:
    async with House() as house:
        listening = asyncio.create_task(house.service.listen("DEMO:EURUSD", Desk().take))
        await house.clock.advance(int(FIRST_QUOTE_SECONDS * 1000))
        with pytest.raises(TryLater, match=r"price of DEMO:EURUSD within 5 s"):
            await listening
        assert house.market.watched["EURUSD"] == 0


async def test_a_desk_waits_for_the_first_price() -> None:
    async with House() as house:
        listening = asyncio.create_task(house.service.listen("DEMO:EURUSD", Desk().take))
        await settle()
        await house.market.tell("EURUSD", "1.10", after=5)
        assert (await listening).time == MONDAY + 5


async def test_nobody_listening_means_no_work() -> None:
    desk = Desk()
    async with House() as house:
        await house.market.tell("EURUSD", "1.10")
        assert house.market.watched["EURUSD"] == 0
        await house.service.listen("DEMO:EURUSD", desk.take)
        assert [watched.symbol for watched in house.service.health().watched] == ["DEMO:EURUSD"]
        house.service.unlisten("DEMO:EURUSD", desk.take)
        house.service.unlisten("DEMO:EURUSD", desk.take)
        house.service.unlisten("GONE:EURUSD", desk.take)
        assert house.market.watched["EURUSD"] == 0
        assert house.service.health().watched == ()


async def test_listening_again_never_goes_back_in_time() -> None:
    desk, other = Desk(), Desk()
    async with House() as house:
        await house.market.tell("EURUSD", "1.10")
        await house.service.listen("DEMO:EURUSD", desk.take)
        house.service.unlisten("DEMO:EURUSD", desk.take)
        await house.market.tell("EURUSD", "1.11", after=1)
        again = await house.service.listen("DEMO:EURUSD", other.take)
        await settle()
        assert (str(again.bid), other.seen) == ("1.11", [])


async def test_a_failing_desk_stops_its_market_and_is_reported() -> None:
    async def fail(quote: Quote) -> None:
        raise RuntimeError("no disk")

    async with House() as house:
        await house.market.tell("EURUSD", "1.10")
        await house.service.listen("DEMO:EURUSD", fail)
        telling = asyncio.create_task(house.market.tell("EURUSD", "1.11", after=1))
        await settle()
        telling.cancel()
        assert [(name, str(error)) for name, error in house.stopped] == [("DEMO", "no disk")]
        assert house.service.health().status == "degraded"


async def test_one_market_stands_while_another_moves() -> None:
    replay = ScriptedMarket("R1", now=MONDAY - 86_400_000)
    async with House(ScriptedMarket(), replay) as house:
        assert house.service.now("DEMO:EURUSD") - house.service.now("R1:EURUSD") == 86_400_000
        waiting = asyncio.create_task(house.service.until("R1:EURUSD", MONDAY))
        await settle()
        assert not waiting.done()
        replay.set_now(MONDAY)
        await waiting
