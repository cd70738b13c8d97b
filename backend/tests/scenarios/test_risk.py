"""Stories of limits: how much may be opened, how much may be lost, and the switch that ends it all."""

from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import Stage, a_stage, refusal, utc
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.control import AccountLock
from trading_api.models.broker.orders import OrderStatus
from trading_api.models.facts import Locked, Marked

EURUSD, GBPUSD, USDCHF = "DEMO:EURUSD", "DEMO:GBPUSD", "DEMO:USDCHF"
PAIRS = (an_instrument("EURUSD"), an_instrument("GBPUSD"), an_instrument("USDCHF"))
NIGHTLY = (PAIRS[0], an_instrument("GBPUSD", session="0800-1700"))
NETTING = AccountRequest(id="alice", balance=Decimal(10_000))
HEDGING = AccountRequest.model_validate({"id": "alice", "balance": 10_000, "positionMode": "hedging"})


async def at_one(stage: Stage, *names: str) -> None:
    for name in names or ("EURUSD",):
        await stage.quote(name, "1.0000", "1.0000")


async def price(stage: Stage, bid: str, name: str = "EURUSD") -> None:
    await stage.quote(name, bid, bid)


# How much may be opened


async def test_an_order_beyond_its_limit_is_refused_naming_what_is_allowed() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage, "EURUSD", "GBPUSD")
        await stage.limit(symbols={"EURUSD": {"order": 5_000}, "*": {"order": 1_000}})
        refused = await refusal(stage.buy("EURUSD", 5_001))
        assert (refused.code, refused.field, refused.nearest) == ("order_above_limit", "qty", 5_000)
        assert refused.message == "Expected an order that opens at most 5000 DEMO:EURUSD on this account, found 5001"
        await stage.buy("EURUSD", 5_000)
        assert (await refusal(stage.buy("GBPUSD", 1_001))).nearest == 1_000, "the star stands for all others"


async def test_a_flip_opens_at_most_the_limit_beyond_what_it_closes() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.buy("EURUSD", 8_000)
        await stage.limit(symbols={"EURUSD": {"order": 1_000}})
        refused = await refusal(stage.sell("EURUSD", 9_001))
        assert (refused.code, refused.nearest) == ("order_above_limit", 9_000)
        await stage.sell("EURUSD", 8_000)
        assert stage.holdings == []


async def test_a_position_counts_the_orders_that_work_on_its_side() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.limit(symbols={"EURUSD": {"position": 10_000}})
        await stage.buy("EURUSD", 6_000)
        await stage.buy("EURUSD", 3_000, limit="0.9900")
        refused = await refusal(stage.buy("EURUSD", 2_000))
        assert (refused.code, refused.field, refused.nearest) == ("position_above_limit", "qty", 1_000)
        await stage.buy("EURUSD", 1_000)
        assert (await refusal(stage.buy("EURUSD", 1))).nearest is None
        waiting = await stage.sell("EURUSD", 17_000, limit="1.0100")
        refused = await refusal(stage.modify(waiting.order_id, quantity=17_001))
        assert (refused.code, refused.nearest) == ("position_above_limit", 17_000)


async def test_hedged_positions_of_one_side_count_together() -> None:
    async with a_stage(instruments=PAIRS, account=HEDGING) as stage:
        await at_one(stage)
        await stage.limit(symbols={"EURUSD": {"position": 10_000}})
        await stage.buy("EURUSD", 6_000)
        await stage.sell("EURUSD", 10_000)
        refused = await refusal(stage.buy("EURUSD", 5_000))
        assert (refused.code, refused.nearest) == ("position_above_limit", 4_000)
        assert (await refusal(stage.reverse("p1"))).code == "position_above_limit"
        await stage.close("p2", 6_000)
        await stage.reverse("p1")
        assert [(one.side.name, one.quantity) for one in stage.individual] == [("SELL", 4_000), ("SELL", 6_000)]


@pytest.mark.parametrize("account", [NETTING, HEDGING], ids=["netting", "hedging"])
async def test_open_positions_are_counted_with_the_orders_that_would_open_another(account: AccountRequest) -> None:
    async with a_stage(instruments=PAIRS, account=account) as stage:
        await at_one(stage, "EURUSD", "GBPUSD", "USDCHF")
        await stage.limit(openPositions=2)
        await stage.buy("EURUSD", 1_000)
        waiting = await stage.buy("GBPUSD", 1_000, limit="0.9900")
        refused = await refusal(stage.sell("USDCHF", 1_000))
        assert (refused.code, refused.field) == ("too_many_positions", "symbol")
        assert "at most 2 open positions" in refused.message
        again = stage.sell("EURUSD", 1_000)
        if account is NETTING:
            await again
        else:
            assert (await refusal(again)).code == "too_many_positions", "each order is a position of its own"
        await stage.cancel(waiting.order_id)
        await stage.sell("USDCHF", 1_000)


async def test_limits_of_symbols_that_are_not_there_are_refused() -> None:
    async with a_stage(instruments=PAIRS) as stage:
        assert (await refusal(stage.limit(symbols={"NOPE": {"order": 1}}))).field == "symbol"
        assert (await refusal(stage.limit(symbols={"EURUSD": {}, EURUSD: {}}))).code == "symbol_twice"
        assert (await refusal(stage.limit(timezone="Mars/Olympus"))).code == "bad_timezone"
        assert (await refusal(stage.limit(dailyLoss="0.001"))).code == "amount_off_grid"
        assert stage.measured.limits.symbols == {}


# The day's loss


async def test_the_days_loss_closes_cancels_and_locks_until_midnight() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await stage.wait_until("2024-01-02 12:00")
        await at_one(stage, "EURUSD", "GBPUSD")
        await stage.limit(dailyLoss=500, timezone="Europe/Berlin")
        await stage.buy("EURUSD", 50_000, stop_loss="0.9000")
        waiting = await stage.buy("GBPUSD", 1_000, limit="0.9000")
        await price(stage, "0.99001")
        assert stage.lock == AccountLock(locked=False)
        await price(stage, "0.99000")
        assert stage.holdings == [] and stage.desk.ledger.orders == {}
        assert stage.order(waiting.order_id).status is OrderStatus.CANCELED
        assert stage.notices == ["limit_reached"] and stage.balance == 9_500
        lock = stage.lock
        assert (lock.reason, lock.until) == ("daily_loss", utc("2024-01-02 23:00"))
        refused = await refusal(stage.buy("EURUSD", 1_000))
        assert refused.code == "account_locked" and "until 2024-01-02 23:00:00 UTC" in refused.message
        assert "opened with 10000.00 USD" in refused.message
        await stage.wait_until("2024-01-02 23:00")
        await price(stage, "0.99000")
        await stage.buy("EURUSD", 1_000)
        assert stage.lock == AccountLock(locked=False)
        assert (stage.measured.day, stage.measured.opening_equity) == ("2024-01-03", 9_500)


async def test_a_day_opens_with_what_was_there_before_its_first_price() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await stage.wait_until("2024-01-02 20:00")
        await at_one(stage)
        await stage.limit(dailyLoss=500)
        await stage.buy("EURUSD", 50_000)
        await price(stage, "0.99200")
        await stage.wait_until("2024-01-03 00:00")
        assert (stage.measured.day, stage.measured.opening_equity) == ("2024-01-03", 9_600)
        await price(stage, "0.98300")
        assert stage.lock.locked is False, "450 today"
        await price(stage, "0.98200")
        assert stage.lock.reason == "daily_loss"


async def test_a_realised_loss_counts_and_a_deposit_or_withdrawal_is_neither_gain_nor_loss() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await stage.wait_until("2024-01-02 12:00")
        await at_one(stage)
        await stage.limit(dailyLoss=500)
        await stage.fund(-2_000)
        await stage.buy("EURUSD", 50_000)
        await stage.fund(1_000)
        assert stage.measured.opening_equity == 9_000
        await price(stage, "0.99100")
        await stage.close(EURUSD)
        assert stage.balance == 8_550 and stage.lock.locked is False
        await stage.sell("EURUSD", 50_000)
        await price(stage, "0.99200")
        assert stage.lock.reason == "daily_loss" and stage.balance == 8_500


async def test_the_commission_of_the_last_close_may_reach_the_limit() -> None:
    instruments = (an_instrument("EURUSD", commission={"minimum": 10}),)
    async with a_stage(instruments=instruments, account=NETTING) as stage:
        await at_one(stage)
        await stage.limit(dailyLoss=20)
        await stage.buy("EURUSD", 1_000)
        assert stage.lock.locked is False
        await stage.close(EURUSD)
        assert stage.holdings == [] and stage.lock.reason == "daily_loss"


async def test_what_cannot_be_traded_then_is_closed_when_it_can() -> None:
    async with a_stage(instruments=NIGHTLY, account=NETTING) as stage:
        await stage.wait_until("2024-01-02 16:59")
        await at_one(stage, "GBPUSD", "EURUSD")
        await stage.limit(drawdown=500)
        await stage.buy("GBPUSD", 40_000)
        await stage.buy("EURUSD", 10_000)
        await price(stage, "0.99000", "GBPUSD")
        await stage.wait_until("2024-01-02 18:00")
        await price(stage, "0.99000")
        assert [one.symbol for one in stage.holdings] == [GBPUSD] and stage.lock.reason == "drawdown"
        await stage.wait_until("2024-01-03 08:00")
        await price(stage, "0.99010", "GBPUSD")
        assert len(stage.holdings) == 1, "no longer at the limit"
        await price(stage, "0.98990", "GBPUSD")
        assert stage.holdings == [] and stage.notices == ["limit_reached"]


# Drawdown


async def test_a_static_drawdown_is_measured_from_the_balance_and_locks_until_unlocked() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.limit(drawdown=1_000)
        await stage.buy("EURUSD", 50_000)
        await price(stage, "1.0200")
        await price(stage, "0.98001")
        assert stage.lock.locked is False and stage.measured.reference_equity == 10_000
        await price(stage, "0.98000")
        assert stage.lock.reason == "drawdown" and stage.lock.until is None and stage.balance == 9_000
        await stage.wait_until("2024-01-09 00:00")
        await price(stage, "0.98000")
        assert (await refusal(stage.buy("EURUSD", 1_000))).code == "account_locked"
        await stage.unlock()
        await stage.buy("EURUSD", 1_000)
        await price(stage, "0.97900")
        assert stage.lock.locked is False and stage.measured.reference_equity == 9_000


async def test_a_trailing_drawdown_is_measured_from_the_highest_equity() -> None:
    journal = MemoryJournal()
    async with a_stage(instruments=PAIRS, account=NETTING, journal=journal) as stage:
        await at_one(stage)
        await stage.limit(drawdown=1_000, drawdownKind="trailing")
        await stage.buy("EURUSD", 50_000)
        await price(stage, "1.00019")
        assert stage.measured.high_equity == 10_000, "9.50 is less than a hundredth of the limit"
        await price(stage, "1.00020")
        assert stage.measured.high_equity == 10_010
        await price(stage, "1.0200")
        assert stage.measured.high_equity == 11_000
        await price(stage, "1.0010")
        assert stage.lock.locked is False
        await price(stage, "1.00000")
        assert stage.lock.reason == "drawdown" and stage.balance == 10_000
        marks = [
            one.fact.high_equity async for one in journal.read("alice") if isinstance(one.fact, Marked) and one.fact.high_equity
        ]
        assert marks == [10_000, 10_010, 11_000]


async def test_the_lock_of_a_drawdown_takes_the_place_of_the_days() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.limit(dailyLoss=500, drawdown=500)
        await stage.buy("EURUSD", 50_000)
        await price(stage, "0.98900")
        assert stage.lock.reason == "drawdown" and stage.lock.until is None


async def test_limits_stated_anew_keep_what_they_were_measured_against() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.limit(drawdown=1_000, drawdownKind="trailing", dailyLoss=2_000)
        await stage.buy("EURUSD", 50_000)
        await price(stage, "1.0100")
        await stage.limit(drawdown=800, drawdownKind="trailing", dailyLoss=2_000, openPositions=3)
        assert (stage.measured.high_equity, stage.measured.opening_equity) == (10_500, 10_000)
        await stage.limit(drawdown=800)
        assert stage.measured.high_equity is None and stage.measured.opening_equity is None


async def test_a_limit_decides_the_same_after_a_restart() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    async with a_stage(instruments=PAIRS, account=NETTING, journal=journal, store=store) as stage:
        await at_one(stage)
        await stage.limit(drawdown=1_000, drawdownKind="trailing", dailyLoss=900)
        await stage.buy("EURUSD", 50_000)
        await price(stage, "1.0100")
        now = stage.market.now()
    market = ScriptedMarket(instruments=PAIRS, now=now)
    await market.tell("EURUSD", "0.99500", "0.99500", after=1_000)
    async with a_stage(market=market, account=NETTING, journal=journal, store=store) as stage:
        await stage.quote("EURUSD", "0.99100", "0.99100")
        assert stage.lock.locked is False
        await stage.quote("EURUSD", "0.99000", "0.99000")
        assert stage.lock.reason == "drawdown"


# The kill switch


@pytest.mark.parametrize("account", [NETTING, HEDGING], ids=["netting", "hedging"])
async def test_the_kill_switch_cancels_closes_and_refuses_until_unlocked(account: AccountRequest) -> None:
    async with a_stage(instruments=PAIRS, account=account) as stage:
        await at_one(stage, "EURUSD", "GBPUSD")
        await stage.buy("EURUSD", 10_000, stop_loss="0.9000")
        await stage.sell("GBPUSD", 10_000)
        await stage.buy("EURUSD", 1_000, limit="0.9500")
        await stage.kill("news")
        assert stage.holdings == [] and stage.desk.ledger.orders == {}
        assert stage.lock.reason == "kill_switch" and stage.lock.text == "Kill switch: news"
        refused = await refusal(stage.buy("EURUSD", 1_000))
        assert (refused.code, refused.field) == ("account_locked", "symbol") and "news" in refused.message
        assert (await refusal(stage.buy("EURUSD", 1_000, limit="0.9000"))).code == "account_locked"
        await stage.unlock()
        await stage.buy("EURUSD", 1_000)
        assert (await refusal(stage.unlock())).code == "not_locked"


async def test_locked_a_position_may_be_closed_protected_and_reduced_but_not_grown() -> None:
    async with a_stage(instruments=NIGHTLY, account=NETTING) as stage:
        await stage.wait_until("2024-01-02 16:59")
        await at_one(stage, "GBPUSD")
        await stage.buy("GBPUSD", 10_000)
        await stage.wait_until("2024-01-02 18:00")
        await stage.kill()
        assert [one.symbol for one in stage.holdings] == [GBPUSD], "its session is closed"
        await stage.protect(GBPUSD, stop_loss="0.9000")
        assert (await refusal(stage.buy("GBPUSD", 1, limit="0.9000"))).code == "account_locked"
        refused = await refusal(stage.sell("GBPUSD", 10_001, limit="1.1000"))
        assert (refused.code, refused.field, refused.nearest) == ("account_locked", "qty", 10_000)
        waiting = await stage.sell("GBPUSD", 4_000, limit="1.1000")
        assert (await refusal(stage.sell("GBPUSD", 6_001, limit="1.1000"))).nearest == 6_000, "behind the first"
        assert (await refusal(stage.modify(waiting.order_id, quantity=10_001))).code == "account_locked"
        await stage.modify(waiting.order_id, limit_price="1.2000")
        await stage.wait_until("2024-01-03 08:00")
        await at_one(stage, "GBPUSD")
        assert (await refusal(stage.reverse(GBPUSD))).code == "account_locked"
        await stage.close(GBPUSD)
        assert stage.holdings == []
        await price(stage, "1.3000", "GBPUSD")
        assert stage.holdings == [] and stage.order(waiting.order_id).status is OrderStatus.REJECTED


async def test_the_kill_switch_sent_twice_is_thrown_once() -> None:
    journal = MemoryJournal()
    async with a_stage(instruments=PAIRS, account=NETTING, journal=journal) as stage:
        await at_one(stage)
        await stage.buy("EURUSD", 10_000)
        first = await stage.kill("enough", client_id="k1")
        assert await stage.kill("enough", client_id="k1") == first
        assert (await refusal(stage.kill("other", client_id="k1"))).code == "client_id_reused"
        locks = [one async for one in journal.read("alice") if isinstance(one.fact, Locked)]
        assert len(locks) == 1 and len(stage.executions) == 2


async def test_a_close_that_fills_in_parts_goes_on_while_the_account_is_locked() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.0000", "1.0000", sizes=(4_000, 4_000))
        await stage.kill()
        assert stage.holdings[0].quantity == 6_000
        await stage.kill()
        assert len(stage.desk.ledger.orders) == 1, "it is being closed already"
        for _ in range(2):
            await stage.quote("EURUSD", "1.0000", "1.0000", sizes=(4_000, 4_000))
        assert stage.holdings == [] and stage.books_balance()


async def test_a_reset_ends_limits_and_locks() -> None:
    async with a_stage(instruments=PAIRS, account=NETTING) as stage:
        await at_one(stage)
        await stage.limit(openPositions=1, dailyLoss=100)
        await stage.kill()
        await stage.reset()
        assert stage.lock.locked is False and stage.measured.limits.open_positions is None
        await at_one(stage)
        await stage.buy("EURUSD", 1_000)
