"""A trader sees what the account was worth over time, and what of it was earned."""

from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, Stage, a_stage
from trading_api.core import account_history
from trading_api.core.account_history import AccountHistory
from trading_api.core.history_rows import PAGE_ROWS
from trading_api.core.history_service import Period
from trading_api.models.broker.history import EquityCurve

EUR, ALWAYS = "DEMO:EURUSD", Period()
COSTLY = an_instrument("EURUSD", commission={"perUnit": "0.00003"})
DAY_MS = 86_400_000


async def curve(stage: Stage, points: int = 100, period: Period = ALWAYS) -> EquityCurve:
    return await stage.history.equity_curve(TRADER, stage.account_id, period, points)


async def opening_balance(stage: Stage, period: Period = ALWAYS) -> Decimal:
    """As a statement of the same period has it."""
    return (await stage.history.statement(TRADER, stage.account_id, period)).opening_balance


def earned(found: EquityCurve) -> list[Decimal]:
    """At each point that says so."""
    assert found.opening.equity is not None
    return [one.equity - one.deposits - found.opening.equity for one in found.points if one.equity is not None]


async def test_the_curve_follows_the_open_position_and_ends_now() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 10_000)
        for bid in ("1.08600", "1.08400", "1.08700"):
            await stage.quote("EURUSD", bid, bid, after=60_000)
        await stage.close(EUR)
        found = await curve(stage)
        assert [one.equity for one in found.points] == [10_000, 10_010, 9_990, 10_020, 10_020]
        assert [one.balance for one in found.points] == [10_000, 10_000, 10_000, 10_020, 10_020]
        assert found.points[-1].time == stage.market.now()


@pytest.mark.parametrize("points", [2, 3, 10])
async def test_a_curve_has_no_more_points_than_asked_for(points: int) -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        for _ in range(30):
            await stage.buy("EURUSD", 1_000)
            await stage.quote("EURUSD", "1.08500", "1.08510", after=61_000)
            await stage.close(EUR)
        found = (await curve(stage, points)).points
        assert len(found) == points
        assert found[-1].balance == stage.balance
        assert [one.time for one in found] == sorted({one.time for one in found})


async def test_a_deposit_is_no_profit_and_a_withdrawal_no_loss() -> None:
    async with a_stage(instruments=(COSTLY,)) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.fund(500)
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.08600", "1.08600", after=60_000)
        await stage.fund(10_000)
        middle = stage.market.now() + 1
        await stage.quote("EURUSD", "1.08500", "1.08500", after=60_000)
        await stage.fund(-3_000)
        whole = await curve(stage)
        assert (whole.opening.balance, whole.opening.equity) == (10_000, 10_000), "before the first fee"
        assert whole.points[-1].deposits == 7_500
        assert set(earned(whole)) == {Decimal(0), Decimal("-0.30"), Decimal("9.70")}
        assert earned(whole)[-1] == Decimal("-0.30")
        later = await curve(stage, 2, Period(middle))
        assert (later.opening.time, later.opening.balance) == (middle, Decimal("20499.70"))
        assert later.opening.equity == Decimal("20509.70"), "as sampled before, with what was paid in since"
        assert (later.points[-1].deposits, earned(later)[-1]) == (-3_000, Decimal("-10.00"))


async def test_a_period_before_all_that_was_sampled_opens_with_a_balance_alone() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 10_000)
        await stage.pass_time(6 * DAY_MS)
        opening = (await curve(stage, 2, Period(stage.market.now()))).opening
        assert (opening.balance, opening.equity) == (10_000, None)


async def test_what_was_earned_is_the_same_when_old_deposits_are_no_longer_held(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    async with a_stage(journal=journal) as stage:
        for number in range(6):
            await stage.quote("EURUSD", "1.08500", "1.08500")
            await stage.fund(100 + number)
            await stage.fund(10)
        periods = [ALWAYS, *(Period(stage.market.now() + since) for since in range(-6_000, 500, 500))]
        whole = [await curve(stage, period=one) for one in periods]
        assert [set(earned(one)) for one in whole] == [{Decimal(0)}] * len(periods)
        assert whole[0].points[-1].deposits == 675
        monkeypatch.setattr(account_history, "PAID_MAX", 4)
        monkeypatch.setattr(stage.history, "_history", AccountHistory(journal, kept=1))
        assert [await curve(stage, period=one) for one in periods] == whole


async def test_what_was_earned_is_the_same_when_the_first_money_lines_are_no_longer_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = MemoryJournal()
    async with a_stage(journal=journal) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.fund(50_000)
        for _ in range(PAGE_ROWS):
            await stage.buy("EURUSD", 1_000)
            await stage.close(EUR)
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 1_000)
        await stage.quote("EURUSD", "1.08600", "1.08600")
        await stage.close(EUR)
        middle = Period(stage.market.now() - 1_500)
        monkeypatch.setattr(stage.history, "_history", AccountHistory(journal, kept=1))
        found = await curve(stage)
        assert found.opening.balance == await opening_balance(stage) == 10_000
        assert (found.points[-1].deposits, earned(found)[-1]) == (50_000, 1)
        assert (await curve(stage, period=middle)).opening.balance == await opening_balance(stage, middle) == 60_000


async def test_a_curve_after_a_reset_shows_nothing_from_before() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.08000", "1.08000", after=60_000)
        await stage.reset()
        assert {one.equity for one in (await curve(stage)).points} == {Decimal(10_000)}


async def test_after_a_restart_equity_is_sampled_once_the_positions_have_a_price() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket(instruments=(an_instrument("EURUSD"),))
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 10_000)
    again = ScriptedMarket(instruments=(an_instrument("EURUSD"),), now=market.now())
    await again.tell("EURUSD", "1.08600", "1.08600")
    async with a_stage(journal=journal, store=store, market=again) as stage:
        await stage.quote("EURUSD", "1.08600", "1.08600")
        sampled = [one.equity for one in (await curve(stage)).points if one.equity is not None]
        assert set(sampled) == {Decimal("10010.00")}, "and never the balance alone"
