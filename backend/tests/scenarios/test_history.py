"""What an account has been through, as its trader asks for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import an_instrument
from scenarios.stage import TRADER, Stage, a_stage, refusal
from trading_api.core import account_history, account_state
from trading_api.core.account_history import AccountHistory, Page
from trading_api.core.history_rows import PAGE_ROWS, Tag, Wanted
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderStatus, OrderType, Side
from trading_api.models.errors import NotFound

EUR, JPY = "DEMO:EURUSD", "DEMO:USDJPY"
PAIRS = (an_instrument("EURUSD"), an_instrument("USDJPY", tick_size="0.001", pip_size="0.01"))


async def ids(stage: Stage, wanted: Wanted, **more: object) -> list[str]:
    """Of the orders that ended, the latest first."""
    found = await stage.service.orders_history(TRADER, "alice", wanted, **({"limit": 100} | more))  # type: ignore[arg-type]
    return [one.id for one in found]


async def test_everything_acknowledged_can_be_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_state, "ENDED_ORDERS_MAX", 3)
    monkeypatch.setattr(account_state, "EXECUTIONS_MAX", 3)
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for _ in range(4):
            await stage.buy("EURUSD", 1_000)
            await stage.close("DEMO:EURUSD")
        service = stage.service
        assert len(stage.desk.ledger.executions) == 3
        fills = await service.executions(TRADER, "alice", limit=100)
        assert [one.id for one in fills] == [f"x{number}" for number in range(1, 9)]
        assert sum(one.profit - one.commission for one in fills) == stage.desk.ledger.realized
        page = await service.executions(TRADER, "alice", before="x4", limit=2)
        assert [one.id for one in page] == ["x2", "x3"]
        orders = await service.orders_history(TRADER, "alice", limit=100)
        assert [one.id for one in orders] == [f"o{number}" for number in range(8, 0, -1)]
        assert (await service.order(TRADER, "alice", "o1")).id == "o1"
        with pytest.raises(NotFound):
            await service.executions(TRADER, "alice", before="x99", limit=1)
        with pytest.raises(NotFound):
            await service.order(TRADER, "alice", "o99")


async def test_ended_orders_are_found_by_symbol_side_end_type_and_time() -> None:
    async with a_stage(instruments=PAIRS) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.quote("USDJPY", "150.000", "150.010")
        await stage.buy("EURUSD", 1_000)
        await stage.sell("USDJPY", 1_000)
        waiting = await stage.buy("EURUSD", 1_000, limit="1.0800")
        await stage.pass_time(10_000)
        noon = stage.market.now()
        await stage.cancel(waiting.order_id)
        await stage.quote("EURUSD", "1.0852", "1.0853")
        await stage.sell("EURUSD", 1_000)
        assert await ids(stage, Wanted()) == ["o4", "o3", "o2", "o1"]
        assert await ids(stage, Wanted(Tag(symbol="EURUSD"))) == ["o4", "o3", "o1"]
        assert await ids(stage, Wanted(Tag(symbol=JPY))) == ["o2"]
        assert await ids(stage, Wanted(Tag(side=Side.SELL))) == ["o4", "o2"]
        assert await ids(stage, Wanted(Tag(status=OrderStatus.CANCELED))) == ["o3"]
        assert await ids(stage, Wanted(Tag(type=OrderType.LIMIT))) == ["o3"]
        assert await ids(stage, Wanted(Tag(symbol=EUR, status=OrderStatus.FILLED))) == ["o4", "o1"]
        assert await ids(stage, Wanted(since=noon)) == ["o4", "o3"]
        assert await ids(stage, Wanted(until=noon)) == ["o2", "o1"]
        assert await ids(stage, Wanted(Tag(symbol=EUR)), before="o3", limit=1) == ["o1"]
        fills = await stage.service.executions(TRADER, "alice", Wanted(Tag(symbol=EUR, side=Side.SELL)), limit=9)
        assert [one.id for one in fills] == ["x3"]
        assert (await refusal(stage.service.executions(TRADER, "alice", Wanted(Tag(symbol="NOPE")), limit=9))).field == "symbol"


async def test_a_reset_begins_another_history() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        assert await ids(stage, Wanted()) == ["o1"]
        await stage.reset()
        assert await ids(stage, Wanted()) == []
        assert await stage.service.executions(TRADER, "alice", limit=9) == []
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.sell("EURUSD", 1_000)
        assert await ids(stage, Wanted()) == ["o2"]
        assert (await refusal(stage.service.orders_history(TRADER, "alice", before="o1", limit=9))).field == "before"


class CountingJournal(MemoryJournal):
    """Counts the facts that were read from it."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    async def read(self, account_id: str, after: int = 0) -> AsyncIterator[object]:  # type: ignore[override]
        async for recorded in super().read(account_id, after):
            self.given += 1
            yield recorded


@asynccontextmanager
async def a_busy_account(rounds: int) -> AsyncIterator[tuple[Stage, CountingJournal]]:
    """Buys and sells `rounds` times: two orders, two fills and one closed trade each."""
    journal = CountingJournal()
    async with a_stage(journal=journal) as stage:  # type: ignore[arg-type]
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for _ in range(rounds):
            await stage.buy("EURUSD", 1_000)
            await stage.sell("EURUSD", 1_000)
        journal.given = 0
        yield stage, journal


async def test_an_account_is_folded_once_and_then_only_what_is_new() -> None:
    async with a_busy_account(20) as (stage, journal):
        facts = stage.desk.ledger.sequence
        assert len(await ids(stage, Wanted())) == 40
        assert journal.given == facts
        assert len(await stage.service.executions(TRADER, "alice", limit=100)) == 40
        assert journal.given == facts, "nothing has happened since"
        await stage.buy("EURUSD", 1_000)
        assert len(await ids(stage, Wanted())) == 41
        assert journal.given == stage.desk.ledger.sequence


async def test_what_is_no_longer_held_is_folded_once_more_for_the_answer() -> None:
    rounds = 2 * PAGE_ROWS
    async with a_busy_account(rounds) as (stage, journal):
        history, through = AccountHistory(journal, kept=10), stage.desk.ledger.sequence
        latest = await history.executions("alice", through, Page(limit=5))
        assert [one.id for one in latest] == [f"x{number}" for number in range(2 * rounds - 4, 2 * rounds + 1)]
        assert journal.given == through
        older = await history.executions("alice", through, Page(before="x9", limit=4))
        assert [one.id for one in older] == ["x5", "x6", "x7", "x8"]
        sales = await history.executions("alice", through, Page(Wanted(Tag(side=Side.SELL)), before="x9", limit=2))
        assert [one.id for one in sales] == ["x6", "x8"]
        everything = await history.orders("alice", through, Page(limit=5_000))
        assert [one.id for one in everything] == [f"o{number}" for number in range(1, 2 * rounds + 1)]
        assert [one.id for one in await history.orders("alice", through, Page(Wanted(id="o3")))] == ["o3"]
        found = await history.execution("alice", through, "x1")
        assert found is not None and found[0].id == found[1].execution_id == "x1"
        assert await history.execution("alice", through, "x0") is None
        with pytest.raises(NotFound):
            await history.trades("alice", through, Page(before="x0", limit=1))
        first = stage.desk.ledger.profile
        assert first is not None
        whole = await history.booked("alice", through, since=0, until=stage.market.now() + 1, most=10_000)
        assert whole.opening == first.opening_balance and whole.closing == stage.balance
        assert len(whole.lines) == 2 * rounds
        none = await history.booked("alice", through, since=0, until=1, most=10)
        assert none == (first.opening_balance, [], first.opening_balance, 0)


async def test_the_account_asked_for_longest_ago_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    bob = AccountRequest(id="bob", balance=Decimal(10_000))
    journal = CountingJournal()
    async with a_stage(journal=journal, others=(bob,)) as alice:  # type: ignore[arg-type]
        for stage in (alice, alice.of("bob")):
            await stage.quote("EURUSD", "1.0850", "1.0851")
            await stage.buy("EURUSD", 1_000)
        history = AccountHistory(journal, kept_of_all=3)
        journal.given = 0
        for account in ("alice", "bob", "bob", "alice"):
            through = alice.of(account).desk.ledger.sequence
            assert [one.id for one in await history.executions(account, through, Page(limit=9))] == ["x1"]
        assert journal.given == 2 * through + alice.of("bob").desk.ledger.sequence
    assert account_history.ROWS_OF_ALL_MAX > account_history.ROWS_MAX > PAGE_ROWS
