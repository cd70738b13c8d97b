"""What stops one account: a history that cannot be folded, an instrument that is gone, a moment that fails."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest

from fakes import FakeClock, settle
from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, Stage, a_stage, refusal
from trading_api.core import client_ids
from trading_api.core.accounts import ACCOUNTS
from trading_api.core.failures import UNKNOWN, Unreadable, sentence
from trading_api.core.ports import Recorded
from trading_api.core.possible import OPEN_MAX
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.connection import ConnectionStatus
from trading_api.models.broker.orders import OrderStatus
from trading_api.models.errors import FixRequest, Stopped, TradingError
from trading_api.models.facts import Cancelled, Fact

EURUSD = "DEMO:EURUSD"
BOB = AccountRequest(id="bob")


class TornJournal(MemoryJournal):
    """Its facts of one account cannot be read to their end."""

    torn: str | None = None

    async def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        async for recorded in super().read(account_id, after):
            if account_id == self.torn and recorded.sequence == 2:
                raise Stopped("the journal cannot be read at fact 2 of account bob")
            yield recorded


async def traded(journal: MemoryJournal, store: MemoryStore) -> ScriptedMarket:
    """Two accounts with an order each; the market goes on."""
    async with a_stage(journal=journal, store=store, others=(BOB,)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, limit="1.0800", client_id="one")
        await stage.of("bob").buy("EURUSD", 1_000, limit="1.0800", client_id="one")
    later = ScriptedMarket(now=stage.market.now())
    await later.tell("EURUSD", "1.0850", "1.0851")
    return later


async def expect_bob_stopped(stage: Stage, why: str) -> None:
    bob = stage.of("bob")
    assert stage.service.accounts.troubles().keys() == {"bob"} and why in stage.service.accounts.troubles()["bob"]
    (check,) = stage.service.health()
    assert check.account_id == "bob" and check.trouble and why in check.trouble
    assert bob.desk.connection().status is ConnectionStatus.ERROR and why in (bob.desk.connection().message or "")
    refused = await refusal(bob.buy("EURUSD", 1_000))
    assert refused.code == "account_stopped" and why in refused.message
    placed = await stage.buy("EURUSD", 1_000)
    assert placed.order_id is not None


async def test_an_account_whose_journal_cannot_be_read_is_there_stopped_and_the_others_go_on() -> None:
    journal, store = TornJournal(), MemoryStore()
    later = await traded(journal, store)
    journal.torn = "bob"
    async with a_stage(journal=journal, store=store, market=later, others=(BOB,), fails=True) as stage:
        assert [(name, type(error)) for name, error in stage.failures] == [("bob", Unreadable)]
        await expect_bob_stopped(stage, "fact 2 of account bob")
        with pytest.raises(TradingError, match="fact 2"):
            stage.service.positions(TRADER, "bob")
        assert [one.id for one in stage.service.profiles(TRADER)] == ["alice", "bob"]


async def test_facts_that_contradict_each_other_stop_their_account_only() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    later = await traded(journal, store)
    head = len([one async for one in journal.read("bob")])
    await journal.append("bob", head, [Cancelled(time=later.now(), order_id="o77")])
    async with a_stage(journal=journal, store=store, market=later, others=(BOB,), fails=True) as stage:
        await expect_bob_stopped(stage, f"expected fact {head + 1} of account bob to follow from those before it, found: ")


async def test_an_account_whose_instrument_is_gone_stops_alone() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    pairs = an_instrument("EURUSD"), an_instrument("GBPUSD")
    async with a_stage(journal=journal, store=store, instruments=pairs, others=(BOB,)) as stage:
        for name in ("EURUSD", "GBPUSD"):
            await stage.quote(name, "1.2850", "1.2851")
        await stage.of("bob").buy("GBPUSD", 1_000, limit="1.2800")
    later = ScriptedMarket(now=stage.market.now(), instruments=pairs[:1])
    await later.tell("EURUSD", "1.0850", "1.0851")
    async with a_stage(journal=journal, store=store, market=later, others=(BOB,), fails=True) as stage:
        await expect_bob_stopped(stage, "found 'DEMO:GBPUSD'")


async def test_an_account_whose_symbol_has_no_price_at_the_start_waits_for_one_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, store = MemoryJournal(), MemoryStore()
    pairs = an_instrument("EURUSD"), an_instrument("GBPUSD")
    async with a_stage(journal=journal, store=store, instruments=pairs, others=(BOB,)) as stage:
        for name in ("EURUSD", "GBPUSD"):
            await stage.quote(name, "1.2850", "1.2851")
        order = await stage.of("bob").buy("GBPUSD", 1_000, limit="1.2800")
    later = ScriptedMarket(now=stage.market.now(), instruments=pairs)
    await later.tell("EURUSD", "1.0850", "1.0851")

    async def hurry(clock: FakeClock, seconds: float) -> None:
        await asyncio.sleep(0.01)

    monkeypatch.setattr(FakeClock, "sleep", hurry)
    async with a_stage(journal=journal, store=store, market=later, others=(BOB,)) as stage:
        bob = stage.of("bob")
        await stage.service.create_topic('broker-connection:{"accountId":"bob"}', stage.heard.append)
        await expect_bob_stopped(stage, "a price of DEMO:GBPUSD")
        await stage.quote("GBPUSD", "1.2850", "1.2851")
        async with asyncio.timeout(5):
            while bob.desk.trouble is not None:
                await asyncio.sleep(0.01)
        assert stage.service.accounts.troubles() == {}
        assert stage.told("broker-connection")[-1].payload == bob.desk.connection()
        assert bob.desk.connection().status is ConnectionStatus.CONNECTED
        await stage.quote("GBPUSD", "1.2790", "1.2791")
        assert bob.order(order.order_id).status is OrderStatus.FILLED
        await bob.close("DEMO:GBPUSD")


async def test_a_moment_that_fails_stops_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    async def until(market: ScriptedMarket, time: int) -> None:
        raise AssertionError("a time that never comes")

    monkeypatch.setattr(ScriptedMarket, "until", until)
    async with a_stage(fails=True) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, limit="1.0800", duration={"type": "DAY"})
        await settle()
        assert stage.desk.trouble == "a time that never comes"
        assert not +stage.market.watched


async def test_a_disk_that_refuses_at_the_start_concerns_the_whole_house() -> None:
    class FullDisk(MemoryJournal):
        async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
            raise Stopped("expected room on the disk, found none")

    with pytest.raises(Stopped, match="room on the disk"):
        async with a_stage(journal=FullDisk(), fails=True):
            raise AssertionError("it started all the same")


def test_only_what_is_meant_for_people_is_told() -> None:
    assert sentence(AssertionError("an order filled twice\nassert 2 == 1")) == "an order filled twice"
    assert sentence(FixRequest("code", "Expected more")) == "Expected more"
    assert sentence(KeyError("o77")) == sentence(AssertionError()) == UNKNOWN


async def test_beyond_its_bound_an_account_takes_no_more_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OPEN_MAX >= 1_000
    monkeypatch.setattr("trading_api.core.possible.OPEN_MAX", 3)
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        first = await stage.buy("EURUSD", 1_000, limit="1.0800", take_profit="1.0900", stop_loss="1.0700")
        refused = await refusal(stage.buy("EURUSD", 1_000, limit="1.0800"))
        assert refused.code == "too_many_open" and "at most 3 open orders and positions" in refused.message
        await stage.cancel(first.order_id)
        await stage.buy("EURUSD", 1_000, limit="1.0800")


async def test_beyond_its_bound_an_account_reverses_nothing_and_closes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        monkeypatch.setattr("trading_api.core.possible.OPEN_MAX", 1)
        assert (await refusal(stage.reverse(EURUSD))).code == "too_many_open"
        await stage.close(EURUSD)
        assert stage.holdings == []


# Accounts made anew, and ids that were forgotten


async def test_an_account_made_anew_has_the_profile_it_was_made_with_even_if_the_first_never_traded() -> None:
    async with a_stage(others=(BOB,)) as stage:
        await stage.service.accounts.remove("bob")
        again = AccountRequest(id="bob", name="Bob again", currency="EUR", balance=Decimal(777))
        profile = await stage.service.create_account(TRADER, again)
        assert (profile.name, profile.currency, profile.opening_balance) == ("Bob again", "EUR", 777)
        assert (stage.of("bob").balance, stage.of("bob").equity.currency) == (777, "EUR")


async def test_an_account_that_cannot_be_made_leaves_nothing_behind() -> None:
    journal, store = TornJournal(), MemoryStore()
    later = await traded(journal, store)
    await store.delete(ACCOUNTS, "bob")
    journal.torn = "bob"
    async with a_stage(journal=journal, store=store, market=later) as stage:
        refused = await refusal(stage.service.create_account(TRADER, BOB))
        assert refused.code == "unreadable_account" and "fact 2" in refused.message
        assert await store.get(ACCOUNTS, "bob") is None
        assert stage.service.accounts.ids() == ["alice"]


async def test_a_close_repeated_after_its_id_was_forgotten_says_that_the_position_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client_ids, "COMMANDS_MAX", 1)
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        await stage.close(EURUSD, client_id="close")
        repeats = stage.fund(5, client_id="other"), stage.close(EURUSD, client_id="close")
        forgetting, closing = [refusal(one) if n else one for n, one in enumerate(repeats)]
        await forgetting
        assert (await closing).code == "unknown_position"
        # The id was still known when it was asked, and forgotten when its turn came.
        monkeypatch.setattr(stage.desk.ledger, "commands", {"close": None})
        monkeypatch.setattr("trading_api.core.desk.is_repeat", lambda *_: False)
        assert (await refusal(stage.close(EURUSD, client_id="close"))).code == "unknown_position"
        assert stage.desk.trouble is None
