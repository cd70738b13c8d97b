"""Stories of commands that are refused, repeated, or not allowed."""

import asyncio
import re
from decimal import Decimal
from typing import cast

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, a_stage, refusal
from trading_api.core.access import Principal
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderRequest, OrderStatus
from trading_api.models.errors import Conflict, NotAllowed, NotFound

EURUSD = "DEMO:EURUSD"
ACCOUNT_TOPICS = ("orders", "positions", "executions", "equity", "broker-connection")
BOB = AccountRequest(id="bob")

LISTED = (
    an_instrument("EURUSD", quantity_min="1000", quantity_max="500000", quantity_step="1000"),
    an_instrument("OLDUSD", tradable=False),
)

REFUSALS: dict[str, tuple[dict[str, object], str, str, str | None]] = {
    "unknown symbol": ({"symbol": "NOPE"}, "unknown_symbol", "symbol", None),
    "only for charts": ({"symbol": "OLDUSD"}, "not_tradable", "symbol", None),
    "too small": ({"qty": "999"}, "qty_below_min", "qty", "1000"),
    "too large": ({"qty": "501000"}, "qty_above_max", "qty", "500000"),
    "off the step": ({"qty": "1600"}, "qty_off_step", "qty", "2000"),
    "no margin": ({"qty": "400000"}, "no_margin", "qty", "276000"),
    "limit without price": ({"type": 1}, "price_missing", "limitPrice", None),
    "stop without price": ({"type": 3}, "price_missing", "stopPrice", None),
    "limit off the tick": ({"type": 1, "limitPrice": "1.080001"}, "price_off_tick", "limitPrice", "1.08000"),
    "stop off the tick": ({"type": 3, "stopPrice": "1.090006"}, "price_off_tick", "stopPrice", "1.09001"),
    "take profit off the tick": ({"takeProfit": "1.090001"}, "price_off_tick", "takeProfit", "1.09000"),
    "stop on the wrong side": ({"type": 3, "stopPrice": "1.0800"}, "stop_wrong_side", "stopPrice", "1.08511"),
    "take profit below the ask": ({"takeProfit": "1.0851"}, "bracket_wrong_side", "takeProfit", "1.08511"),
    "stop loss above the bid": ({"stopLoss": "1.0850"}, "bracket_wrong_side", "stopLoss", "1.08499"),
    "take profit below the limit": (
        {"type": 1, "limitPrice": "1.0800", "takeProfit": "1.0800"},
        "bracket_wrong_side",
        "takeProfit",
        "1.08001",
    ),
    "stop loss above the stop": (
        {"type": 3, "stopPrice": "1.0900", "stopLoss": "1.0901"},
        "bracket_wrong_side",
        "stopLoss",
        "1.08999",
    ),
    "a price beyond all prices": ({"type": 1, "limitPrice": "1e17"}, "no_margin", "qty", None),
}


def an_order(**changes: object) -> OrderRequest:
    return OrderRequest.model_validate({"symbol": "EURUSD", "type": 2, "side": 1, "qty": 1_000} | changes)


def is_a_sentence(text: str) -> bool:
    """What a trader can read: no JSON, no class name, no exponent, and it says what was expected and what was found."""
    return text.startswith("Expected ") and not re.search(r"[{}\[\]]|[a-z][A-Z]\w*\(|Decimal|Error|None|\dE[+-]\d", text)


@pytest.mark.parametrize(("changes", "code", "field", "nearest"), REFUSALS.values(), ids=REFUSALS)
async def test_an_order_that_cannot_be_is_refused_with_code_field_and_nearest_and_changes_nothing(
    changes: dict[str, object], code: str, field: str, nearest: str | None
) -> None:
    async with a_stage(instruments=LISTED) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        facts = stage.desk.ledger.sequence
        refused = await refusal(stage.service.place(TRADER, "alice", an_order(**changes), client_id="once"))
        assert (refused.code, refused.field) == (code, field)
        assert refused.nearest == (None if nearest is None else Decimal(nearest))
        assert is_a_sentence(refused.message), refused.message
        assert stage.desk.ledger.sequence == facts and stage.heard == []
        await stage.service.place(TRADER, "alice", an_order(), client_id="once")


async def test_the_nearest_value_is_accepted() -> None:
    async with a_stage(instruments=LISTED) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for changes in ({"qty": "1600"}, {"type": 3, "stopPrice": "1.0800"}, {"type": 1, "limitPrice": "1.080001"}):
            refused = await refusal(stage.service.place(TRADER, "alice", an_order(**changes)))
            assert refused.field is not None
            await stage.service.place(TRADER, "alice", an_order(**changes | {refused.field: refused.nearest}))


async def test_a_market_the_account_may_not_trade_is_named() -> None:
    async with a_stage(instruments=LISTED, account=AccountRequest(id="alice", markets=("DEMO",))) as stage:
        refused = await refusal(stage.service.place(TRADER, "alice", an_order(symbol="OTHER:EURUSD")))
        assert refused.field == "symbol" and is_a_sentence(refused.message), refused.message


@pytest.mark.parametrize(("amount", "code", "nearest"), [("1001", "more_than_held", "1000"), ("0.5", "qty_below_min", "1")])
async def test_a_close_of_more_than_is_held_is_refused(amount: str, code: str, nearest: str) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000)
        refused = await refusal(stage.close(EURUSD, amount))
        assert (refused.code, refused.field, refused.nearest) == (code, "qty", Decimal(nearest))


async def test_unknown_orders_and_positions_are_named() -> None:
    async with a_stage() as stage:
        for command, field in (
            (stage.cancel("o99"), "orderId"),
            (stage.modify("o99", limit_price="1"), "orderId"),
            (stage.close("DEMO:NOPE"), "positionId"),
        ):
            refused = await refusal(command)
            assert refused.field == field and is_a_sentence(refused.message)


# Repeats


async def test_a_repeat_gets_the_first_answer_also_after_a_restart() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        first = await stage.buy("EURUSD", 1_000, client_id="one", take_profit="1.0900")
        await stage.buy("EURUSD", 2_000, client_id="two")
        assert await stage.buy("EURUSD", "1000.0", client_id="one", take_profit="1.09") == first
        closed = await stage.close(EURUSD, 500, client_id="three")
        gone = await stage.close(EURUSD, client_id="four")
        funded = await stage.fund(5, client_id="five")
    later = ScriptedMarket(now=market.now())
    await later.tell("EURUSD", "1.0950", "1.0951", after=1_000)
    async with a_stage(journal=journal, store=store, market=later) as stage:
        assert await stage.buy("EURUSD", 1_000, client_id="one", take_profit="1.0900") == first
        assert await stage.close(EURUSD, 500, client_id="three") == closed
        assert await stage.close(EURUSD, client_id="four") == gone
        assert await stage.fund(5, client_id="five") == funded
        assert len(stage.executions) == 4 and stage.position(EURUSD) is None


async def test_the_same_id_with_another_body_is_a_conflict() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, client_id="one")
        for other in (stage.buy("EURUSD", 2_000, client_id="one"), stage.close(EURUSD, client_id="one")):
            with pytest.raises(Conflict) as conflict:
                await other
            assert (conflict.value.body.code, conflict.value.body.field) == ("client_id_reused", "clientOrderId")
        assert len(stage.executions) == 1


class SlowJournal(MemoryJournal):
    """It writes only when the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, account_id: str, after: int, facts: object) -> None:
        await self.gate.wait()
        await super().append(account_id, after, facts)  # type: ignore[arg-type]


async def test_repeats_in_flight_wait_for_the_first_and_share_its_answer() -> None:
    journal = SlowJournal()
    async with a_stage(journal=journal) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        journal.gate.clear()
        asked = [asyncio.create_task(stage.buy("EURUSD", 1_000, client_id="one")) for _ in range(3)]
        await stage.pass_time(1)
        other = asyncio.create_task(stage.buy("EURUSD", 2_000, client_id="one"))
        await stage.pass_time(1)
        assert not any(one.done() for one in (*asked, other))
        assert stage.executions == [] and stage.heard == []
        journal.gate.set()
        answers = await asyncio.gather(*asked)
        assert answers == [answers[0]] * 3 and len(stage.executions) == 1
        assert (await refusal(other)).code == "client_id_reused"


async def test_repeats_over_one_tick_of_the_loop_are_one_order() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        answers = await asyncio.gather(*(stage.buy("EURUSD", 1_000, client_id="one") for _ in range(5)))
        assert answers == [answers[0]] * 5 and len(stage.executions) == 1


async def test_a_command_whose_caller_has_gone_is_carried_out_all_the_same() -> None:
    journal = SlowJournal()
    async with a_stage(journal=journal) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        journal.gate.clear()
        asked = asyncio.create_task(stage.buy("EURUSD", 1_000, client_id="one"))
        await stage.pass_time(1)
        asked.cancel()
        journal.gate.set()
        await stage.pass_time(1)
        assert stage.position(EURUSD) is not None
        assert (await stage.buy("EURUSD", 1_000, client_id="one")).order_id == "o1"
        assert len(stage.executions) == 1


# Access


async def test_a_caller_with_one_account_sees_no_other() -> None:
    only_alice = Principal("visitor", frozenset({"read", "trade", "admin"}), frozenset({"alice"}))
    async with a_stage(others=(BOB,)) as stage:
        service = stage.service
        await stage.quote("EURUSD", "1.0850", "1.0851")
        assert [one.id for one in service.profiles(only_alice)] == ["alice"]
        for account in ("bob", "nobody"):
            reads = (service.profile, service.equity, service.orders, service.positions)
            for read in reads:
                with pytest.raises(NotFound) as absent:
                    read(only_alice, account)
                assert absent.value.body.message == f"Expected one of your accounts, found '{account}'"
            for name in ACCOUNT_TOPICS:
                with pytest.raises(NotFound):
                    service.admit(f'{name}:{{"accountId":"{account}"}}', only_alice)
            for told in (service.orders_history, service.executions):
                assert (await refusal(told(only_alice, account, limit=1))).code == "unknown_account"
            assert (await refusal(service.place(only_alice, account, an_order()))).code == "unknown_account"
            assert (await refusal(service.cancel(only_alice, account, "o1"))).code == "unknown_account"
        for name in ACCOUNT_TOPICS:
            service.admit(f'{name}:{{"accountId":"alice"}}', only_alice)
        assert stage.of("bob").executions == []


async def test_a_reader_may_not_trade_and_a_trader_not_administer() -> None:
    reader = Principal("reader", frozenset({"read"}))
    trader = Principal("trader", frozenset({"read", "trade"}))
    async with a_stage() as stage:
        service = stage.service
        await stage.quote("EURUSD", "1.0850", "1.0851")
        assert service.orders(reader, "alice") == []
        with pytest.raises(NotAllowed):
            await service.place(reader, "alice", an_order())
        placed = await service.place(trader, "alice", an_order(type=1, limitPrice="1.08"))
        assert (await service.order(reader, "alice", cast(str, placed.order_id))).status is OrderStatus.WORKING
        with pytest.raises(NotAllowed):
            await service.create_account(trader, BOB)
