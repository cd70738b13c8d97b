"""The desk itself: what it does when a venue is silent, when it is overloaded, and when something in it breaks."""

import asyncio
from collections.abc import Sequence

from fakes import settle
from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from fakes_venue import FarVenue
from scenarios.stage import Stage, a_stage, refusal
from trading_api.core.desk import INPUTS_MAX
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.connection import ConnectionStatus
from trading_api.models.broker.orders import OrderMessage, OrderStatus
from trading_api.models.errors import Stopped
from trading_api.models.facts import Accepted, Fact, Rejected
from trading_api.models.market.quotes import Quote

EURUSD = "DEMO:EURUSD"
CONNECTION = 'broker-connection:{"accountId":"alice"}'


async def test_requested_is_journaled_before_the_order_leaves_the_house() -> None:
    journal = MemoryJournal()
    venue = FarVenue(journal)
    async with a_stage(journal=journal, stranger=lambda: venue) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800", client_id="one")
        await settle()
        assert len(venue.sent) == 1 and venue.journaled_when_sent == [2]
        assert stage.order(placed.order_id).status is OrderStatus.PLACING


async def test_silence_is_not_rejection_and_what_the_venue_tells_later_counts() -> None:
    venue = FarVenue()
    async with a_stage(stranger=lambda: venue) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        first = await stage.buy("EURUSD", 1_000, limit="1.0800")
        second = await stage.buy("EURUSD", 1_000, limit="1.0790", client_id="two")
        assert first.order_id and second.order_id
        await stage.quote("EURUSD", "1.0860", "1.0861")
        assert {stage.order(one.order_id).status for one in (first, second)} == {OrderStatus.PLACING}
        now = stage.market.now()
        no = Rejected(
            time=now, order_id=second.order_id, request_id="two", message=OrderMessage(type="error", text="Not at this price")
        )
        venue.tells.put_nowait((Accepted(time=now, order_id=first.order_id), no))
        await settle()
        assert stage.order(first.order_id).status is OrderStatus.WORKING
        rejected = stage.order(second.order_id)
        assert rejected.status is OrderStatus.REJECTED and rejected.message == no.message
        again = await refusal(stage.buy("EURUSD", 1_000, limit="1.0790", client_id="two"))
        assert (again.code, again.message) == ("rejected", "Not at this price")


async def test_an_order_in_flight_is_not_sent_again_after_a_restart() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    first, second = FarVenue(), FarVenue()
    async with a_stage(journal=journal, store=store, stranger=lambda: first) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800", client_id="one")
    later = ScriptedMarket(now=stage.market.now())
    await later.tell("EURUSD", "1.0850", "1.0851")
    async with a_stage(journal=journal, store=store, stranger=lambda: second, market=later) as stage:
        assert await stage.buy("EURUSD", 1_000, limit="1.0800", client_id="one") == placed
        await settle()
        assert second.sent == [] and stage.order(placed.order_id).status is OrderStatus.PLACING


class FullDisk(MemoryJournal):
    """A journal that can be told to refuse, or to take its time."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        await self.gate.wait()
        if self.full:
            raise Stopped("expected room on the disk, found none")
        await super().append(account_id, after, facts)


async def test_when_the_journal_refuses_nothing_is_acknowledged_and_the_house_is_told_to_stop() -> None:
    journal = FullDisk()
    async with a_stage(journal=journal, fails=True) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        stage.heard.clear()
        journal.full = True
        refused = await refusal(stage.buy("EURUSD", 1_000, client_id="one"))
        assert refused.code == "account_stopped" and "found none" in refused.message
        await settle()
        assert [(name, type(error)) for name, error in stage.failures] == [("alice", Stopped)]
        assert stage.told("executions") == [] and stage.executions == [] and stage.position(EURUSD) is None
        assert (await refusal(stage.buy("EURUSD", 1_000))).code == "account_stopped"


class BrokenVenue(FarVenue):
    """A venue whose own rules break at the next price."""

    broken = False

    def tick(self, quote: Quote) -> tuple[Fact, ...]:
        assert not self.broken, "an order filled beyond its quantity"
        return ()


async def broken_stage(stage: Stage, venue: BrokenVenue) -> None:
    await stage.quote("EURUSD", "1.0850", "1.0851")
    await stage.buy("EURUSD", 1_000, limit="1.0800")
    venue.broken = True
    await stage.quote("EURUSD", "1.0860", "1.0861")


async def test_a_desk_that_breaks_says_why_on_its_connection_and_refuses_commands() -> None:
    venue = BrokenVenue()
    async with a_stage(stranger=lambda: venue, fails=True) as stage:
        await stage.service.create_topic(CONNECTION, stage.heard.append)
        await broken_stage(stage, venue)
        told = stage.told("broker-connection")[-1].payload
        assert told == stage.desk.connection()
        assert stage.desk.connection().status is ConnectionStatus.ERROR
        assert "beyond its quantity" in (stage.desk.connection().message or "")
        refused = await refusal(stage.buy("EURUSD", 1_000))
        assert refused.code == "account_stopped" and "beyond its quantity" in refused.message
        assert [name for name, _ in stage.failures] == ["alice"]


async def test_a_desk_that_broke_does_not_hold_up_the_market_for_others() -> None:
    venues = [BrokenVenue(), FarVenue()]
    made = iter(venues)
    async with a_stage(stranger=lambda: next(made), others=(AccountRequest(id="bob"),), fails=True) as stage:
        broken = venues[0]
        assert isinstance(broken, BrokenVenue)
        await broken_stage(stage, broken)

        async def on() -> None:
            for _ in range(INPUTS_MAX + 10):
                await stage.market.tell("EURUSD", "1.0860", "1.0861", after=1)

        await asyncio.wait_for(on(), 20)
        await asyncio.wait_for(stage.of("bob").buy("EURUSD", 1_000, limit="1.0800"), 5)


async def test_beyond_its_bound_the_desk_asks_to_come_back() -> None:
    journal = FullDisk()
    async with a_stage(journal=journal) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1, limit="1.0800")
        journal.gate.clear()
        asked = [asyncio.create_task(stage.buy("EURUSD", 1, limit="1.0800")) for _ in range(INPUTS_MAX + 100)]
        await settle()
        turned_away = [one for one in asked if one.done()]
        assert turned_away and {(await refusal(one)).code for one in turned_away} == {"busy"}
        journal.gate.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        orders = [one for one in answers if not isinstance(one, BaseException)]
        assert len(orders) + len(turned_away) == len(asked)
        assert len({one.order_id for one in orders}) == len(orders) == len(stage.desk.ledger.orders) - 1


async def test_a_symbol_is_listened_to_only_while_something_needs_it() -> None:
    pairs = (an_instrument("EURUSD"), an_instrument("USDJPY", tick_size="0.001", pip_size="0.01"))
    async with a_stage(instruments=pairs, account=AccountRequest(id="alice", currency="JPY")) as stage:
        market = stage.market
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.quote("USDJPY", "150.000", "150.001")
        assert not +market.watched
        await stage.buy("EURUSD", 10)
        assert set(+market.watched) == {"EURUSD", "USDJPY"}
        await stage.close(EURUSD)
        await stage.quote("EURUSD", "1.0850", "1.0851")
        assert not +market.watched
