"""Stories of money: several currencies, margin, commission, deposits, and closing in parts."""

import asyncio
from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, a_stage, refusal
from trading_api.core.routes import Update
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderStatus
from trading_api.models.errors import Conflict
from trading_api.models.facts import Configured

EURUSD, USDJPY, GBPUSD = "DEMO:EURUSD", "DEMO:USDJPY", "DEMO:GBPUSD"
PAIRS = (an_instrument("EURUSD"), an_instrument("USDJPY", tick_size="0.001", pip_size="0.01"), an_instrument("GBPUSD"))


def an_account(
    account_id: str = "alice", currency: str = "USD", balance: object = 10_000, leverage: object = 30
) -> AccountRequest:
    return AccountRequest.model_validate(
        {"id": account_id, "currency": currency, "balance": balance, "leverage": leverage, "markets": ("DEMO",)}
    )


async def test_closing_in_thirds_leaves_nothing_and_the_exact_sum() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08499", "1.08503")
        await stage.buy("EURUSD", 3_334)
        await stage.buy("EURUSD", 6_666, limit="1.08503")
        await stage.quote("EURUSD", "1.08617", "1.08620")
        for amount in (3_333, 3_333, 3_334):
            await stage.close(EURUSD, amount)
        assert stage.position(EURUSD) is None
        assert stage.equity.margin_used == 0
        assert stage.balance == 10_000 + Decimal("11.40") and stage.books_balance()


async def test_three_accounts_trade_one_price_each_in_its_own_currency() -> None:
    others = (an_account("euro", "EUR"), an_account("yen", "JPY", 1_000_000))
    async with a_stage(instruments=PAIRS, others=others) as stage:
        for name, bid, ask in (("USDJPY", "150.000", "150.010"), ("EURUSD", "1.0850", "1.0851")):
            await stage.quote(name, bid, ask)
        euro, yen = stage.of("euro"), stage.of("yen")
        await asyncio.gather(*(each.buy("EURUSD", 10_000) for each in (stage, euro, yen)))
        await stage.quote("EURUSD", "1.0951", "1.0952")
        await stage.quote("USDJPY", "151.000", "151.010")
        assert stage.equity.unrealized_profit == Decimal("100.00")
        assert euro.equity.unrealized_profit == (Decimal(100) / Decimal("1.09515")).quantize(Decimal("0.01"))
        assert yen.equity.unrealized_profit == Decimal(15_100)  # 100 × 151.005, half-even
        await asyncio.gather(*(each.close(EURUSD) for each in (stage, euro, yen)))
        assert (stage.balance, euro.balance, yen.balance) == (Decimal(10_100), Decimal("10091.31"), Decimal(1_015_100))
        assert all(each.books_balance() for each in (stage, euro, yen))


async def test_a_conversion_is_crossed_through_dollars() -> None:
    async with a_stage(instruments=PAIRS, account=an_account("euro", "EUR")) as stage:
        await stage.quote("EURUSD", "1.2499", "1.2501")
        await stage.quote("USDJPY", "100.000", "100.000")
        await stage.buy("USDJPY", 1_000)
        await stage.quote("USDJPY", "112.500", "112.500")
        await stage.close(USDJPY)
        # 12,500 yen are 111.11 dollars at 112.5, and 88.89 euros at 1.25.
        assert stage.balance == Decimal("10088.89")


async def test_without_a_rate_the_order_is_refused_naming_the_pair() -> None:
    async with a_stage(account=an_account("franc", "CHF")) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        refused = await refusal(stage.buy("EURUSD", 1_000))
        assert (refused.code, refused.field) == ("no_conversion_rate", "symbol") and "USDCHF" in refused.message
        assert stage.desk.ledger.sequence == 1


async def test_after_a_restart_a_stop_waits_for_the_rate_that_converts_its_profit() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    market = ScriptedMarket(instruments=PAIRS)
    account = an_account("yen", "JPY", 1_000_000)
    async with a_stage(market=market, account=account, journal=journal, store=store) as stage:
        await stage.quote("USDJPY", "150.000", "150.000")
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000, stop_loss="1.0840")
    later = ScriptedMarket(instruments=PAIRS, now=market.now())
    await later.tell("USDJPY", "150.000", "150.000", after=1_000)
    await later.tell("EURUSD", "1.0831", "1.0832", after=1_000)
    async with a_stage(market=later, account=account, journal=journal, store=store) as stage:
        await stage.pass_time(0)
        assert stage.failures == []
        assert stage.order("o2").average_price == Decimal("1.0831")
        assert stage.balance == Decimal(997_000)


# Margin


async def test_margin_needed_exactly_is_accepted_and_a_cent_more_is_refused() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments, account=an_account(balance=543)) as stage:
        await stage.quote("EURUSD", "1.0860", "1.0860")
        refused = await refusal(stage.buy("EURUSD", 10_001))
        assert (refused.code, refused.field) == ("no_margin", "qty")
        assert "543.05 USD" in refused.message and "543.00" in refused.message
        await stage.buy("EURUSD", 10_000)
        equity = stage.equity
        assert (equity.margin_used, equity.margin_available) == (Decimal("543.00"), 0)


@pytest.mark.parametrize(
    ("rate", "leverage", "margin"), [("0.05", 30, "542.55"), ("0.0333", 10, "1085.10")], ids=["instrument", "account"]
)
async def test_the_stricter_of_margin_rate_and_leverage_holds(rate: str, leverage: int, margin: str) -> None:
    instruments = (an_instrument("EURUSD", margin_rate=rate),)
    async with a_stage(instruments=instruments, account=an_account(leverage=leverage)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000)
        assert stage.equity.margin_used == Decimal(margin)


async def test_working_orders_hold_their_margin_until_they_end() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments, account=an_account(balance=1_000)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        waiting = await stage.buy("EURUSD", 10_000, limit="1.0800")
        assert stage.equity.margin_used == Decimal("540.00")
        assert (await refusal(stage.buy("EURUSD", 10_000))).code == "no_margin"
        assert (await refusal(stage.modify(waiting.order_id, quantity=20_000))).code == "no_margin"
        await stage.cancel(waiting.order_id)
        await stage.buy("EURUSD", 10_000)


async def test_orders_against_a_position_share_what_they_can_close() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments, account=an_account(balance=1_200)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000)
        await stage.sell("EURUSD", 6_000, limit="1.09000")
        await stage.sell("EURUSD", 6_000, limit="1.10000")
        assert stage.equity.margin_used == Decimal("542.55")
        await stage.sell("EURUSD", 10_000, limit="1.10000")
        assert stage.equity.margin_used == Decimal("1092.55")
        refused = await refusal(stage.sell("EURUSD", 10_000, limit="1.10000"))
        assert (refused.code, refused.nearest) == ("no_margin", Decimal(1_935))


async def test_an_earlier_order_cannot_grow_into_margin_that_a_later_one_needs() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments, account=an_account(balance=600)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000)
        first = await stage.sell("EURUSD", 1_000, limit="1.10000")
        await stage.sell("EURUSD", 9_000, limit="1.10000")
        assert (await refusal(stage.modify(first.order_id, quantity=10_000))).code == "no_margin"


async def test_a_position_is_turned_with_the_margin_it_frees() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments, account=an_account(balance=600)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 10_000)
        await stage.sell("EURUSD", 20_000)
        assert stage.equity.margin_used == Decimal("542.50")


async def test_closing_needs_no_margin() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments, account=an_account(balance=545)) as stage:
        await stage.quote("EURUSD", "1.0860", "1.0860")
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.0800", "1.0800")
        await stage.sell("EURUSD", 4_000)
        await stage.close(EURUSD)
        assert stage.position(EURUSD) is None


# Commission


@pytest.mark.parametrize(
    ("terms", "paid"),
    [
        ({"rate": "0.0004"}, "4.34"),
        ({"per_unit": "0.0003"}, "3.00"),
        ({"rate": "0.0001", "minimum": "2.5"}, "2.50"),
        ({"rate": "0.0001", "per_unit": "0.0002", "minimum": "2.5"}, "3.08"),
    ],
    ids=["rate", "per unit", "minimum", "rate and per unit above the minimum"],
)
async def test_commission_is_paid_on_each_side_outside_average_and_profit(terms: dict[str, str], paid: str) -> None:
    async with a_stage(instruments=(an_instrument("EURUSD", commission=terms),)) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0850")
        await stage.buy("EURUSD", 10_000)
        position = stage.position(EURUSD)
        assert position and position.average_price == Decimal("1.0850")
        await stage.close(EURUSD)
        assert [(one.commission, one.profit) for one in stage.executions] == [(Decimal(paid), 0)] * 2
        assert stage.balance == 10_000 - 2 * Decimal(paid) == 10_000 + stage.equity.realized_profit


# Deposits, withdrawals, resets


async def test_deposits_and_withdrawals_move_the_balance_but_not_more_than_what_is_free() -> None:
    instruments = (an_instrument("EURUSD", margin_rate="0.05"),)
    async with a_stage(instruments=instruments) as stage:
        await stage.fund("500.50")
        assert stage.balance == Decimal("10500.50")
        await stage.quote("EURUSD", "1.0860", "1.0860")
        await stage.buy("EURUSD", 100_000)
        refused = await refusal(stage.fund("-5070.51"))
        assert (refused.code, refused.field, refused.nearest) == ("more_than_free", "amount", Decimal("-5070.50"))
        await stage.fund("-5070.50")
        assert stage.equity.margin_available == 0
        assert (await refusal(stage.fund("0.001"))).code == "amount_off_grid"
        assert (await refusal(stage.fund(0))).code == "amount_zero"


async def test_a_reset_ends_everything_in_the_old_epoch_and_begins_a_new_one() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.buy("EURUSD", 1_000, take_profit="1.0900")
        await stage.buy("EURUSD", 1_000, limit="1.0800")
        before = {name: _snapshot(stage, name)[:2] for name in ("orders", "positions", "executions")}
        stage.heard.clear()
        await stage.reset(5_000)
        after = {name: _snapshot(stage, name) for name in before}
        told = {name: stage.told(name) for name in before}
        begun = {name: told[name].pop() for name in before}
        assert {one.payload.status for one in told["orders"]} == {OrderStatus.CANCELED}  # type: ignore[union-attr]
        assert [one.payload.quantity for one in told["positions"]] == [0]  # type: ignore[union-attr]
        assert told["executions"] == []
        for name, (epoch, seq) in before.items():
            assert [(one.epoch, one.seq) for one in told[name]] == [(epoch, seq + n) for n in range(1, len(told[name]) + 1)]
            assert begun[name][1:4] == (after[name][0], 0, None)
            orders = len(told["orders"]) + 1
            assert begun[name].of == {
                "executions": 1,
                "orders": orders,
                "equity": 1,
                "positions": 2,
                "individual-positions": 1,
            }
        assert all(after[name][0] != before[name][0] and after[name][1:] == (0, ()) for name in before)
        assert stage.balance == 5_000 and stage.equity.realized_profit == 0
        placed = await stage.buy("EURUSD", 1_000)
        assert placed.order_id == "o4" and stage.executions[0].id == "x2"


def _snapshot(stage: object, name: str) -> tuple[str, int, object]:
    snapshot = stage.service.snapshot(f'{name}:{{"accountId":"alice"}}')  # type: ignore[attr-defined]
    return snapshot.epoch, snapshot.seq, snapshot.state


async def test_two_resets_at_once_are_two_generations() -> None:
    async with a_stage() as stage:
        await asyncio.gather(stage.reset(), stage.reset())
        assert stage.desk.ledger.generation == 2


# Accounts


async def test_an_account_is_created_once_also_when_asked_twice_at_once() -> None:
    async with a_stage() as stage:
        asked = [stage.service.create_account(TRADER, an_account("bob")) for _ in range(2)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sorted(type(one).__name__ for one in answers) == ["AccountProfile", "Conflict"]
        assert next(one for one in answers if isinstance(one, Conflict)).body.code == "account_exists"
        await stage.quote("EURUSD", "1.0850", "1.0851")
        await stage.of("bob").buy("EURUSD", 1_000)
        assert stage.of("bob").position(EURUSD) and stage.position(EURUSD) is None


async def test_created_accounts_are_there_after_a_restart() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket()
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.service.create_account(TRADER, an_account("bob", "EUR", 777))
    later = ScriptedMarket(now=market.now())
    async with a_stage(journal=journal, store=store, market=later) as stage:
        assert {one.id for one in stage.service.profiles(TRADER)} == {"alice", "bob"}
        assert (stage.of("bob").balance, stage.of("bob").equity.currency) == (777, "EUR")
        recorded = [one.fact async for one in journal.read("bob")]
        assert [type(one) for one in recorded] == [Configured]


async def test_equity_is_marked_at_the_closing_side_and_told_only_when_it_changes() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0852")
        await stage.buy("EURUSD", 10_000)
        assert stage.equity.unrealized_profit == Decimal("-2.00")
        stage.heard.clear()
        await stage.quote("EURUSD", "1.0860", "1.0862")
        await stage.quote("EURUSD", "1.0860", "1.0862")
        told: list[Update] = stage.told("equity")
        assert [one.payload.unrealized_profit for one in told] == [Decimal("8.00")]  # type: ignore[attr-defined]
        assert stage.heard == told and told[0].fact is None
