"""Whoever comes back is told what it missed, as it was told the first time: also after a restart, and not across a reset."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import Stage, a_stage
from trading_api.core.cascade import COUNTED_TOPICS
from trading_api.core.publisher import encode
from trading_api.core.routes import Update
from trading_api.models.broker.account import AccountRequest
from trading_api.models.sockets import RESUME_FACTS_MAX

HEDGING = AccountRequest(id="alice", balance=Decimal(10_000), position_mode="hedging")
"""So that every topic has something to tell."""


async def trade(stage: Stage) -> None:
    """Fills, brackets, a cancel, a close: several frames of one fact on one topic among them."""
    await stage.quote("EURUSD", "1.0850", "1.0851")
    await stage.buy("EURUSD", 1_000, take_profit="1.0900", stop_loss="1.0800")
    placed = await stage.buy("EURUSD", 2_000, limit="1.0810")
    await stage.sell("EURUSD", 500)
    await stage.cancel(placed.order_id)
    await stage.quote("EURUSD", "1.0901", "1.0902")
    await stage.flatten()


def since(stage: Stage, name: str, epoch: str, seq: int) -> Sequence[Update] | None:
    return stage.service.since(f'{name}:{{"accountId":"alice"}}', epoch, seq)


def assert_resumes(stage: Stage, told: dict[str, list[Update]]) -> None:
    """From wherever it was cut off, a client gets the rest, byte for byte."""
    for name in COUNTED_TOPICS:
        rest = [encode(one) for one in told[name]]
        assert rest, name
        for missed, update in enumerate(reversed(told[name])):
            found = since(stage, name, update.epoch, update.seq)
            assert found is not None
            assert [encode(one) for one in found] == rest[len(rest) - missed :]


async def test_whoever_comes_back_is_told_what_it_missed() -> None:
    async with a_stage(account=HEDGING) as stage:
        await trade(stage)
        assert_resumes(stage, {name: stage.told(name) for name in COUNTED_TOPICS})


async def test_a_restart_of_the_server_changes_nothing_about_it() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket(instruments=(an_instrument("EURUSD"),))
    async with a_stage(account=HEDGING, journal=journal, store=store, market=market) as stage:
        await trade(stage)
        told = {name: stage.told(name) for name in COUNTED_TOPICS}
    again = ScriptedMarket(instruments=(an_instrument("EURUSD"),), now=market.now())
    async with a_stage(account=HEDGING, journal=journal, store=store, market=again) as stage:
        assert_resumes(stage, told)
        await stage.quote("EURUSD", "1.0901", "1.0902")
        await stage.buy("EURUSD", 1_000)
        assert_resumes(stage, {name: [*told[name], *stage.told(name)] for name in COUNTED_TOPICS})


async def test_a_reset_is_told_at_once_and_nothing_of_before_is_told_after_it() -> None:
    async with a_stage(account=HEDGING) as stage:
        await trade(stage)
        before = {name: stage.told(name)[-1] for name in COUNTED_TOPICS}
        stage.heard.clear()
        await stage.reset()
        await stage.quote("EURUSD", "1.0901", "1.0902")
        begun = {name: next(one for one in stage.told(name) if one.epoch != before[name].epoch) for name in COUNTED_TOPICS}
        assert all((one.seq, one.payload) == (0, None) for one in begun.values())
        assert all(since(stage, name, one.epoch, one.seq) is None for name, one in before.items())
        assert all(since(stage, name, one.epoch, 0) == [] for name, one in begun.items())

        stage.heard.clear()
        await stage.buy("EURUSD", 1_000)
        for name, one in begun.items():
            assert since(stage, name, one.epoch, 0) == stage.told(name)


@pytest.mark.parametrize(("epoch", "seq"), [("other", 0), (None, 10_000)])
async def test_what_never_was_is_not_resumed(epoch: str | None, seq: int) -> None:
    async with a_stage() as stage:
        await trade(stage)
        assert since(stage, "orders", epoch or stage.told("orders")[0].epoch, seq) is None


async def test_whoever_missed_more_than_is_remembered_is_given_the_state() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        first = stage.told("orders")[0]
        fact = stage.desk.ledger.sequence
        while stage.desk.ledger.sequence < fact + RESUME_FACTS_MAX:
            await stage.fund(1)
        assert since(stage, "orders", first.epoch, first.seq) is None
        assert since(stage, "orders", first.epoch, stage.told("orders")[-1].seq) == []
