"""What every journal promises. A plug's test class inherits this and says how to open one."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest

from trading_api.core.ports import Journal, Recorded
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderMessage, OrderRequest, OrderStatus, OrderType, ParentType, PlacedOrder, Side
from trading_api.models.errors import Stopped
from trading_api.models.facts import (
    Accepted,
    Cancelled,
    Changed,
    Configured,
    Executed,
    Expired,
    Fact,
    Funded,
    OrderPatch,
    Rejected,
    Requested,
    Triggered,
)

NOON = 1_700_000_000_000


def funded(amount: int | str) -> Funded:
    return Funded(time=NOON, amount=Decimal(amount))


def deposits(count: int) -> list[Fact]:
    return [funded(number) for number in range(1, count + 1)]


async def all_of(journal: Journal, account_id: str, after: int = 0) -> list[Recorded]:
    return [recorded async for recorded in journal.read(account_id, after)]


async def facts_of(journal: Journal, account_id: str, after: int = 0) -> list[Fact]:
    return [recorded.fact for recorded in await all_of(journal, account_id, after)]


class JournalContract(ABC):
    @abstractmethod
    def open(self) -> Journal:
        """A journal at this test's own place: opened again, the same one."""

    @pytest.fixture
    async def journal(self) -> AsyncIterator[Journal]:
        journal = self.open()
        yield journal
        await journal.close()

    async def test_facts_come_back_in_order_numbered_from_one(self, journal: Journal) -> None:
        await journal.append("A", 0, deposits(2))
        await journal.append("A", 2, [funded(3)])
        assert await all_of(journal, "A") == [Recorded(n, funded(n)) for n in (1, 2, 3)]

    async def test_every_kind_of_fact_comes_back_as_it_was(self, journal: Journal) -> None:
        facts = one_of_each_kind()
        await journal.append("A", 0, facts)
        assert await facts_of(journal, "A") == facts

    @pytest.mark.parametrize("amount", ["0.10", "1E+3", "1E-18", "123456789012345678.000000000000000001"])
    async def test_amounts_come_back_digit_for_digit(self, journal: Journal, amount: str) -> None:
        number = Decimal(amount)
        request = OrderRequest(symbol="DEMO:EURUSD", type=OrderType.MARKET, side=Side.BUY, quantity=number)
        placed = Requested(time=NOON, action="place", order_id="o1", order=request)
        await journal.append("A", 0, [funded(amount), placed])
        money, order = await facts_of(journal, "A")
        assert isinstance(money, Funded) and str(money.amount) == amount
        assert isinstance(order, Requested) and order.order and str(order.order.quantity) == amount

    async def test_reading_starts_after_the_number_given(self, journal: Journal) -> None:
        await journal.append("A", 0, deposits(5))
        assert [recorded.sequence for recorded in await all_of(journal, "A", after=3)] == [4, 5]
        assert await all_of(journal, "A", after=5) == []

    async def test_the_last_fact_is_told_without_reading_the_others(self, journal: Journal) -> None:
        await journal.append("A", 0, deposits(3))
        assert await journal.last("A") == Recorded(3, funded(3))
        await journal.append("A", 3, [funded(4)])
        assert await journal.last("A") == Recorded(4, funded(4))
        assert await journal.last("nobody") is None

    async def test_a_mark_tells_one_history_from_another(self, journal: Journal) -> None:
        await journal.append("A", 0, deposits(3))
        await journal.append("B", 0, [funded(1), funded(7), funded(3)])
        marks = [await journal.mark("A", sequence) for sequence in (1, 2, 3)]
        assert len(set(marks)) == 3 and None not in marks
        assert await journal.mark("B", 3) not in marks
        await journal.append("A", 3, [funded(4)])
        assert [await journal.mark("A", sequence) for sequence in (1, 2, 3)] == marks
        assert await journal.mark("A", 5) is None

    async def test_accounts_are_numbered_apart_and_listed_sorted(self, journal: Journal) -> None:
        assert await journal.accounts() == []
        await journal.append("B", 0, deposits(2))
        await journal.append("A", 0, deposits(1))
        assert await journal.accounts() == ["A", "B"]
        assert await facts_of(journal, "B") == deposits(2)
        assert await facts_of(journal, "nobody") == []

    async def test_appending_nothing_writes_nothing(self, journal: Journal) -> None:
        await journal.append("A", 0, [])
        assert await journal.accounts() == []

    @pytest.mark.parametrize("after", [0, 1, 3])
    async def test_another_writer_stops_the_journal_and_nothing_is_written(self, journal: Journal, after: int) -> None:
        await journal.append("A", 0, deposits(2))
        with pytest.raises(Stopped, match=f"to be {after}, found 2"):
            await journal.append("A", after, [funded(9)])
        with pytest.raises(Stopped):
            await journal.append("B", 0, [funded(9)])
        assert await facts_of(journal, "A") == deposits(2)
        assert await journal.accounts() == ["A"]

    async def test_many_accounts_append_at_once_each_keeping_its_order(self, journal: Journal) -> None:
        async def trade(account_id: str) -> None:
            for after in range(0, 40, 2):
                await journal.append(account_id, after, [funded(after + 1), funded(after + 2)])

        names = [f"A{number:02}" for number in range(20)]
        await asyncio.gather(*map(trade, names))
        for name in names:
            assert await facts_of(journal, name) == deposits(40)

    async def test_one_account_may_append_before_its_last_append_is_answered(self, journal: Journal) -> None:
        await asyncio.gather(*(journal.append("A", number, [funded(number + 1)]) for number in range(100)))
        assert await facts_of(journal, "A") == deposits(100)

    async def test_a_long_history_streams_while_more_is_appended(self, journal: Journal) -> None:
        await journal.append("A", 0, deposits(1_200))
        sequences = []
        async for recorded in journal.read("A"):
            sequences.append(recorded.sequence)
            if recorded.sequence == 10:
                await journal.append("A", 1_200, [funded(1_201)])
        assert sequences[:1_200] == list(range(1, 1_201))

    async def test_nothing_can_be_appended_after_closing(self, journal: Journal) -> None:
        await journal.close()
        with pytest.raises(Stopped, match="closed"):
            await journal.append("A", 0, deposits(1))

    async def test_it_has_an_id_that_fits_a_topics_epoch(self, journal: Journal) -> None:
        assert re.fullmatch(r"[0-9a-z]{1,32}", journal.id)


def one_of_each_kind() -> Sequence[Fact]:
    waiting = PlacedOrder(
        id="o2",
        symbol="DEMO:EURUSD",
        type=OrderType.LIMIT,
        side=Side.SELL,
        quantity=Decimal(10000),
        status=OrderStatus.INACTIVE,
        limit_price=Decimal("1.0900"),
        parent_id="o1",
        parent_type=ParentType.ORDER,
    )
    profile = AccountProfile(
        id="A", name="Añá 円", currency="USD", leverage=Decimal(30), markets=("DEMO",), opening_balance=Decimal("100000.00")
    )
    request = OrderRequest(
        symbol="DEMO:EURUSD", type=OrderType.LIMIT, side=Side.BUY, quantity=Decimal(10000), limit_price=Decimal("1.085")
    )
    text = OrderMessage(type="error", text='The price "1.2"\nis off the grid')
    patch = OrderPatch(order_id="o3", quantity=Decimal("7.50"), removed=("stop_loss",))
    return [
        Configured(time=NOON, profile=profile),
        Funded(time=NOON, amount=Decimal("100000.00"), request_id="fund-1", body_hash="ab12"),
        Requested(time=NOON, action="place", order_id="o1", order=request, request_id="morning-buy"),
        Accepted(time=NOON, order_id="o1", created=(waiting,)),
        Rejected(time=NOON, order_id="o4", message=text),
        Triggered(time=NOON, order_id="o5"),
        Changed(time=NOON, orders=(patch,), created=(waiting,)),
        Cancelled(time=NOON, order_id="o6", also=(patch,)),
        Expired(time=NOON, order_id="o7", message=text),
        Executed(
            time=NOON + 1,
            execution_id="x1",
            order_id="o1",
            position_id="DEMO:EURUSD",
            symbol="DEMO:EURUSD",
            side=Side.BUY,
            quantity=Decimal(10000),
            price=Decimal("1.08500"),
            closed_quantity=Decimal(0),
            closed_cost=Decimal(0),
            profit=Decimal("0.00"),
            commission=Decimal("0.35"),
            also=(patch,),
        ),
    ]
