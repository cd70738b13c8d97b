"""Stories of losses that the margin no longer allows: the call, the stop-out, and what stays."""

from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import Stage, a_stage
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderStatus

EURUSD, GBPUSD, USDJPY = "DEMO:EURUSD", "DEMO:GBPUSD", "DEMO:USDJPY"
PAIRS = (
    an_instrument("EURUSD", margin_rate="0.01"),
    an_instrument("GBPUSD", margin_rate="0.01"),
    an_instrument("USDJPY", margin_rate="0.01", tick_size="0.001", pip_size="0.01"),
)
NIGHTLY = (PAIRS[0], an_instrument("GBPUSD", margin_rate="0.01", session="0800-1700"))


def an_account(balance: object, *, mode: str = "netting", currency: str = "USD") -> AccountRequest:
    fields = {"id": "alice", "balance": balance, "leverage": 100, "positionMode": mode, "currency": currency}
    return AccountRequest.model_validate(fields)


async def long_at_one(stage: Stage, quantity: int = 10_000, name: str = "EURUSD") -> None:
    """A position bought at 1.0000, which holds a hundredth of its quantity."""
    await stage.quote(name, "1.0000", "1.0000")
    await stage.buy(name, quantity)


async def test_the_call_comes_at_the_level_itself_and_only_once() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(200)) as stage:
        await long_at_one(stage)
        await stage.quote("EURUSD", "0.99001", "0.99001")
        assert stage.equity.margin_level == Decimal("100.10") and stage.notices == []
        await stage.quote("EURUSD", "0.99000", "0.99000")
        assert stage.equity.margin_level == 100 and stage.notices == ["margin_call"]
        for bid in ("0.98990", "0.99010", "0.99000"):
            await stage.quote("EURUSD", bid, bid)
        assert stage.notices == ["margin_call"]
        notice = stage.desk.ledger.standing.notices[0]
        assert notice.text == "Margin call at 100 %: margin level 100.00 %, equity 100.00 USD, margin of positions 100.00 USD"


async def test_the_call_is_taken_back_once_the_level_is_clear_of_it() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(200)) as stage:
        await long_at_one(stage)
        await stage.quote("EURUSD", "0.98900", "0.98900")
        await stage.quote("EURUSD", "0.99050", "0.99050")
        assert stage.notices == ["margin_call"], "105 % is not beyond 105 %"
        await stage.quote("EURUSD", "0.99051", "0.99051")
        assert stage.notices == ["margin_call", "margin_restored"]
        await stage.quote("EURUSD", "0.98900", "0.98900")
        assert stage.notices[2:] == ["margin_call"]


async def test_a_deposit_or_a_close_ends_the_call() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(200)) as stage:
        await long_at_one(stage)
        await stage.quote("EURUSD", "0.98900", "0.98900")
        await stage.fund(50)
        await stage.quote("EURUSD", "0.98900", "0.98900")
        assert stage.notices == ["margin_call", "margin_restored"]
        await stage.quote("EURUSD", "0.98400", "0.98400")
        await stage.close(EURUSD)
        await stage.pass_time(1_000)
        assert stage.position(EURUSD) is None


async def test_the_stop_out_closes_the_largest_loss_first_and_looks_again_after_its_fill() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(300)) as stage:
        await long_at_one(stage)
        await long_at_one(stage, name="GBPUSD")
        await stage.quote("GBPUSD", "0.99500", "0.99500")
        await stage.quote("EURUSD", "0.98501", "0.98501")
        assert stage.notices == ["margin_call"] and stage.equity.equity == Decimal("100.10")
        await stage.quote("EURUSD", "0.98500", "0.98500")
        assert stage.position(EURUSD) is None, "150 lost is more than 50"
        kept = stage.position(GBPUSD)
        assert kept is not None and kept.quantity == 10_000
        assert stage.notices == ["margin_call", "stop_out"] and stage.equity.margin_level == 100
        closing = stage.order(stage.executions[-1].order_id)
        assert closing.is_close and closing.closes == EURUSD and stage.books_balance()


async def test_a_crash_through_both_levels_closes_all_that_is_needed_on_one_tick() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(300)) as stage:
        await long_at_one(stage)
        await long_at_one(stage, name="GBPUSD")
        await stage.quote("GBPUSD", "0.99500", "0.99500")
        await stage.quote("EURUSD", "0.97700", "0.97700")
        assert stage.holdings == []
        assert stage.notices == ["margin_call", "stop_out", "stop_out", "margin_restored"]
        assert stage.balance == 20 and stage.books_balance()


async def test_working_orders_stay_and_only_the_closed_positions_brackets_fall() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(300)) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        await stage.quote("GBPUSD", "1.0000", "1.0000")
        await stage.buy("EURUSD", 10_000, stop_loss="0.90000", take_profit="1.10000")
        waiting = await stage.buy("GBPUSD", 5_000, limit="0.90000", stop_loss="0.80000")
        await stage.quote("EURUSD", "0.97500", "0.97500")
        assert stage.notices == ["margin_call", "stop_out", "margin_restored"]
        assert stage.order("o2").status is OrderStatus.CANCELED and stage.order("o3").status is OrderStatus.CANCELED
        assert stage.order(waiting.order_id).status is OrderStatus.WORKING
        assert stage.order("o5").status is OrderStatus.INACTIVE


async def test_a_stop_that_closes_on_the_same_tick_comes_before_the_stop_out() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(150)) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        await stage.buy("EURUSD", 10_000, stop_loss="0.99200")
        await stage.quote("EURUSD", "0.98900", "0.98900")
        assert stage.holdings == [] and stage.notices == []


async def test_the_waiting_orders_of_an_account_never_cause_a_stop_out() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(300)) as stage:
        await long_at_one(stage)
        await stage.buy("EURUSD", 20_000, limit="0.99000")
        await stage.quote("EURUSD", "0.99990", "0.99990")
        equity = stage.equity
        assert equity.margin_used == Decimal("298.00") and equity.margin_level == Decimal("299.00")
        assert stage.notices == []


async def test_a_position_whose_session_is_closed_is_left_for_the_next_loss() -> None:
    async with a_stage(instruments=NIGHTLY, account=an_account(400)) as stage:
        await stage.wait_until("2024-01-02 16:59")
        await long_at_one(stage)
        await long_at_one(stage, name="GBPUSD")
        await stage.quote("GBPUSD", "0.97500", "0.97500", after=2_000)
        assert stage.notices == ["margin_call"]
        await stage.wait_until("2024-01-02 18:00")
        await stage.quote("EURUSD", "0.99500", "0.99500")
        assert [one.symbol for one in stage.holdings] == [GBPUSD], "the smaller loss, whose market is open"
        await stage.wait_until("2024-01-03 08:00")
        await stage.quote("GBPUSD", "0.97001", "0.97001")
        assert [one.symbol for one in stage.holdings] == [GBPUSD]
        await stage.quote("GBPUSD", "0.97000", "0.97000")
        assert stage.holdings == [] and stage.notices.count("stop_out") == 2


async def test_a_large_stop_out_fills_in_parts_and_nothing_else_is_closed_meanwhile() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(300)) as stage:
        await long_at_one(stage)
        await long_at_one(stage, name="GBPUSD")
        await stage.quote("GBPUSD", "0.99200", "0.99200")
        await stage.quote("EURUSD", "0.98800", "0.98800", sizes=(4_000, 4_000))
        assert [one.quantity for one in stage.holdings] == [6_000, 10_000]
        await stage.quote("GBPUSD", "0.98900", "0.98900")
        assert stage.equity.margin_level == Decimal("43.75") and len(stage.holdings) == 2, "waits for its order"
        await stage.quote("EURUSD", "0.98800", "0.98800", sizes=(4_000, 4_000))
        await stage.quote("EURUSD", "0.98800", "0.98800", sizes=(4_000, 4_000))
        assert [one.symbol for one in stage.holdings] == [GBPUSD]
        assert stage.notices.count("stop_out") == 1 and stage.books_balance()


async def test_hedged_positions_are_stopped_out_one_by_one() -> None:
    async with a_stage(instruments=PAIRS, account=an_account(320, mode="hedging")) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "0.99000", "0.99000")
        await stage.buy("EURUSD", 10_000)
        await stage.sell("EURUSD", 1_000)
        await stage.quote("EURUSD", "0.98500", "0.98500")
        assert [one.id for one in stage.holdings] == ["p1", "p2", "p3"] and stage.notices == ["margin_call"]
        await stage.quote("EURUSD", "0.98300", "0.98300")
        assert [one.id for one in stage.holdings] == ["p2", "p3"], "the long with the larger loss; the short gains"
        assert stage.notices == ["margin_call", "stop_out"]


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
async def test_the_level_is_reckoned_in_the_accounts_currency(currency: str) -> None:
    """10,000 yen are 80 euros at 125 yen, and 80.81 at 99 yen a dollar: the euro account's margin grows with its loss."""
    balance = {"EUR": "161.61", "JPY": 20_000}[currency]
    async with a_stage(instruments=PAIRS, account=an_account(balance, currency=currency)) as stage:
        await stage.quote("EURUSD", "1.2500", "1.2500")
        await stage.quote("USDJPY", "100.000", "100.000")
        await stage.buy("USDJPY", 10_000)
        assert stage.equity.margin_used == {"EUR": 80, "JPY": 10_000}[currency]
        await stage.quote("USDJPY", "99.010", "99.010")
        assert stage.notices == []
        await stage.quote("USDJPY", "99.000", "99.000")
        assert stage.notices == ["margin_call"]


async def test_after_a_restart_the_call_still_stands_and_missing_prices_close_nothing() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    account = an_account(200)
    async with a_stage(instruments=PAIRS, account=account, journal=journal, store=store) as stage:
        await long_at_one(stage)
        await stage.quote("EURUSD", "0.98900", "0.98900")
        assert stage.notices == ["margin_call"]
        now = stage.market.now()
    market = ScriptedMarket(instruments=PAIRS, now=now)
    await market.tell("EURUSD", "0.98950", "0.98950", after=1_000)
    async with a_stage(market=market, account=account, journal=journal, store=store) as stage:
        await stage.quote("EURUSD", "0.98950", "0.98950")
        assert stage.notices == ["margin_call"] and len(stage.holdings) == 1
        await stage.quote("EURUSD", "0.98500", "0.98500")
        assert stage.notices == ["margin_call", "stop_out", "margin_restored"]
