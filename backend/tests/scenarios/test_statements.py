"""A trader reads back what happened: why a fill has its price, what a trade earned, where the money went."""

import csv
import io
from decimal import Decimal

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, Stage, a_stage, refusal
from trading_api.core.fill_model import FillModel
from trading_api.core.history_rows import Tag, Wanted
from trading_api.core.history_service import Period
from trading_api.core.statements import csv_of
from trading_api.core.stretches import EXTREMES_EVERY_MS
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.history import ClosedTrade, Statement
from trading_api.models.broker.orders import Side

EUR, ANY, ALWAYS = "DEMO:EURUSD", Wanted(), Period()
COSTLY = an_instrument("EURUSD", commission={"perUnit": "0.00003"})
NIGHTLY = an_instrument("EURUSD", commission={"perUnit": "0.00003"}, swap={"long": "-0.00008", "short": "0.00004"})
DAY_MS = 86_400_000


async def trades(stage: Stage, wanted: Wanted = ANY, **more: object) -> list[ClosedTrade]:
    return await stage.history.trades(TRADER, stage.account_id, wanted, **({"limit": 100} | more))  # type: ignore[arg-type]


async def the_trade(stage: Stage) -> ClosedTrade:
    (trade,) = await trades(stage)
    return trade


async def statement(stage: Stage, period: Period = ALWAYS) -> Statement:
    found = await stage.history.statement(TRADER, stage.account_id, period)
    parts = (found.deposits, found.withdrawals, found.profit, found.commission, found.swap, found.dividends, found.corrections)
    assert found.opening_balance + sum(parts) == found.closing_balance
    balance = found.opening_balance
    for line in found.lines:
        balance += line.amount
        assert line.balance == balance
    assert balance == found.closing_balance
    return found


async def why(stage: Stage, execution_id: str) -> str:
    return (await stage.history.explain(TRADER, stage.account_id, execution_id)).text


# Why this price


async def test_a_stop_passed_by_says_that_it_was() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08490", "1.08500")
        await stage.buy("EURUSD", 10_000, stop="1.08505")
        await stage.quote("EURUSD", "1.08500", "1.08510")
        assert await why(stage, "x1") == (
            "Bought 10000 EURUSD at 1.08510: the ask was 1.08510 (bid 1.08500) at 2024-01-01 00:00:02.000 UTC; "
            "the stop at 1.08505 had been passed by 5 ticks (gap)."
        )


async def test_a_limit_says_whether_it_was_touched_or_bettered() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08490", "1.08500")
        await stage.buy("EURUSD", 1_000, limit="1.08480")
        await stage.sell("EURUSD", 1_000, limit="1.08510")
        await stage.quote("EURUSD", "1.08512", "1.08520")
        assert "that is 2 ticks better than the limit of 1.08510 (improvement)" in await why(stage, "x1")
        await stage.quote("EURUSD", "1.08470", "1.08480")
        assert "that is the order's own price, 1.08480 (touch)" in await why(stage, "x2")


async def test_a_fill_tells_what_the_execution_model_added() -> None:
    always = FillModel("retail-fx", delay=(0.18, 0.18), slipping=1.0, slippage=(2, 2))
    async with a_stage(model=always) as stage:
        await stage.quote("EURUSD", "1.08490", "1.08500")
        await stage.sell("EURUSD", 1_000)
        await stage.quote("EURUSD", "1.08500", "1.08510", after=100)
        await stage.pass_time(80)
        assert await why(stage, "x1") == (
            "Sold 1000 EURUSD at 1.08498: the bid was 1.08500 (ask 1.08510) at 2024-01-01 00:00:01.100 UTC, "
            "and 2 ticks of slippage of the retail-fx model were added after 180 ms."
        )


async def test_a_part_fill_says_that_the_size_was_not_enough() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08490", "1.08500", sizes=("900", "400"))
        await stage.buy("EURUSD", 1_000)
        assert (await why(stage, "x1")).endswith("the size of 400 at the ask was not enough for all of the order (partial).")


async def test_what_is_not_an_execution_cannot_be_explained() -> None:
    async with a_stage() as stage:
        assert (await refusal(stage.history.explain(TRADER, "alice", "x1"))).field == "executionId"


# Closed trades


async def test_a_closed_trade_tells_its_whole_life() -> None:
    async with a_stage(instruments=(COSTLY,)) as stage:
        await stage.quote("EURUSD", "1.08490", "1.08500")
        opened = stage.market.now()
        await stage.buy("EURUSD", 10_000)
        for bid in ("1.08700", "1.08300", "1.08600"):
            await stage.quote("EURUSD", bid, bid)
        await stage.close(EUR)
        trade = await the_trade(stage)
        assert (trade.id, trade.order_id, trade.position_id, trade.symbol, trade.side) == ("x2", "o2", EUR, EUR, Side.BUY)
        assert (trade.quantity, trade.entry_price, trade.exit_price) == (10_000, Decimal("1.08500"), Decimal("1.08600"))
        assert (trade.entry_time, trade.exit_time, trade.holding_time) == (opened, stage.market.now(), 3_000)
        assert (trade.gross_profit, trade.fees, trade.swap) == (Decimal("10.00"), Decimal("0.60"), 0)
        assert trade.net_profit == Decimal("9.40") == stage.balance - 10_000
        assert (trade.mae_price, trade.mfe_price) == (Decimal("0.00200"), Decimal("0.00200"))
        assert (trade.mae, trade.mfe) == (Decimal("20.00"), Decimal("20.00"))


async def test_a_short_trade_suffers_from_the_ask() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08500", "1.08510")
        await stage.sell("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.08530", "1.08540")
        await stage.quote("EURUSD", "1.08400", "1.08410")
        await stage.close(EUR)
        trade = await the_trade(stage)
        assert (trade.side, trade.gross_profit) == (Side.SELL, Decimal("9.00"))
        assert (trade.mae_price, trade.mfe_price) == (Decimal("0.00040"), Decimal("0.00090"))


async def test_excursions_before_a_restart_count_too() -> None:
    journal, store, market = MemoryJournal(), MemoryStore(), ScriptedMarket(instruments=(an_instrument("EURUSD"),))
    async with a_stage(journal=journal, store=store, market=market) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.08300", "1.08300", after=EXTREMES_EVERY_MS)
        await stage.quote("EURUSD", "1.08900", "1.08900", after=EXTREMES_EVERY_MS)
    again = ScriptedMarket(instruments=(an_instrument("EURUSD"),), now=market.now())
    await again.tell("EURUSD", "1.08600", "1.08600")
    async with a_stage(journal=journal, store=store, market=again) as stage:
        await stage.quote("EURUSD", "1.08700", "1.08700")
        await stage.close(EUR)
        trade = await the_trade(stage)
        assert (trade.mae_price, trade.mfe_price) == (Decimal("0.00200"), Decimal("0.00400"))


async def test_excursions_are_in_the_account_s_money() -> None:
    pairs = (an_instrument("EURUSD"), an_instrument("USDJPY", tick_size="0.001", pip_size="0.01"))
    async with a_stage(instruments=pairs) as stage:
        await stage.quote("USDJPY", "150.000", "150.000")
        await stage.buy("USDJPY", 10_000)
        await stage.quote("USDJPY", "149.400", "149.400")
        await stage.quote("USDJPY", "160.000", "160.000")
        await stage.close("DEMO:USDJPY")
        trade = await the_trade(stage)
        assert (trade.mae_price, trade.mae) == (Decimal("0.600"), Decimal("37.50"))
        assert (trade.mfe_price, trade.mfe) == (Decimal("10.000"), trade.gross_profit)


async def test_closing_in_parts_shares_fees_and_swap_to_the_cent() -> None:
    market = ScriptedMarket(instruments=(NIGHTLY,))
    async with a_stage(market=market) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 1_000)
        await stage.pass_time(DAY_MS)
        await stage.quote("EURUSD", "1.08500", "1.08500")
        for amount in (333, 333, 334):
            await stage.close(EUR, amount)
        found = (await trades(stage))[::-1]
        assert [one.quantity for one in found] == [333, 333, 334]
        assert [one.fees for one in found] == [Decimal("0.02")] * 3
        assert [one.swap for one in found] == [Decimal("-0.03"), Decimal("-0.02"), Decimal("-0.03")]
        assert sum(one.net_profit for one in found) == stage.balance - 10_000
        told = await statement(stage)
        assert (told.commission, told.swap, told.profit) == (Decimal("-0.06"), Decimal("-0.08"), 0)


async def test_a_flip_closes_one_trade_and_opens_the_next() -> None:
    async with a_stage(instruments=(COSTLY,)) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 1_000)
        await stage.quote("EURUSD", "1.08600", "1.08600")
        await stage.sell("EURUSD", 3_000)
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.close(EUR)
        latest, first = await trades(stage)
        assert (first.side, first.quantity, first.fees) == (Side.BUY, 1_000, Decimal("0.06"))
        assert (latest.side, latest.quantity, latest.fees) == (Side.SELL, 2_000, Decimal("0.12"))
        assert latest.entry_time == first.exit_time
        assert await trades(stage, Wanted(Tag(side=Side.SELL))) == [latest]
        assert await trades(stage, before=latest.id) == [first]
        assert await trades(stage, Wanted(since=latest.exit_time)) == [latest]


async def test_each_position_of_a_hedging_account_has_its_own_trade() -> None:
    account = AccountRequest(id="alice", balance=Decimal(10_000), position_mode="hedging")
    async with a_stage(account=account) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        long, short = await stage.buy("EURUSD", 1_000), await stage.sell("EURUSD", 2_000)
        await stage.quote("EURUSD", "1.08600", "1.08600")
        for one in tuple(stage.holdings):
            await stage.close(one.id)
        found = {one.side: one for one in await trades(stage)}
        assert found[Side.BUY].gross_profit == 1 and found[Side.SELL].gross_profit == -2
        assert long.order_id and short.order_id and found[Side.BUY].position_id != found[Side.SELL].position_id


# Statements


async def test_a_statement_adds_up_from_the_opening_to_the_closing_balance() -> None:
    async with a_stage(instruments=(NIGHTLY,)) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.fund(500)
        await stage.buy("EURUSD", 10_000)
        await stage.pass_time(DAY_MS)
        await stage.quote("EURUSD", "1.08700", "1.08700")
        await stage.close(EUR, 4_000)
        await stage.fund("-200.50")
        told = await statement(stage)
        assert (told.opening_balance, told.closing_balance) == (10_000, stage.balance)
        assert (told.deposits, told.withdrawals) == (500, Decimal("-200.50"))
        assert (told.profit, told.commission, told.swap) == (Decimal("8.00"), Decimal("-0.42"), Decimal("-0.80"))
        assert told.closing_equity == stage.equity.equity == stage.balance + 12
        kinds = ["deposit", "trade", "commission", "swap", "trade", "commission", "withdrawal"]
        assert [one.kind for one in told.lines] == kinds


async def test_statements_of_following_periods_join_without_a_gap() -> None:
    async with a_stage(instruments=(COSTLY,)) as stage:
        begun = stage.market.now()
        edges = [begun]
        for bid in ("1.08500", "1.08700", "1.08400"):
            await stage.quote("EURUSD", bid, bid)
            await stage.buy("EURUSD", 1_000)
            await stage.fund(10)
            await stage.close(EUR)
            edges.append(stage.market.now() + 1)
        parts = [await statement(stage, Period(one, other)) for one, other in zip(edges, edges[1:], strict=False)]
        whole = await statement(stage)
        assert [one.closing_balance for one in parts[:-1]] == [one.opening_balance for one in parts[1:]]
        assert (parts[0].opening_balance, parts[-1].closing_balance) == (whole.opening_balance, whole.closing_balance)
        assert [line for one in parts for line in one.lines] == list(whole.lines)
        assert [one.closing_equity for one in parts] == [one.closing_balance for one in parts], "flat at each end"
        empty = await statement(stage, Period(edges[-1]))
        assert empty.lines == () and empty.opening_balance == empty.closing_balance == stage.balance


async def test_equity_at_an_end_that_has_passed_is_the_last_that_was_recorded() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 10_000)
        await stage.quote("EURUSD", "1.08600", "1.08600", after=60_000)
        seen = stage.market.now()
        await stage.quote("EURUSD", "1.08900", "1.08900", after=120_000)
        told = await statement(stage, Period(None, seen + 1_000))
        assert (told.closing_equity, told.equity_time) == (10_010, seen)
        assert told.closing_balance == 10_000


async def test_a_period_before_the_account_began_is_refused() -> None:
    async with a_stage() as stage:
        assert (await refusal(stage.history.statement(TRADER, "alice", Period(0, 1)))).field == "to"


async def test_a_statement_as_csv_has_every_digit_and_adds_up() -> None:
    async with a_stage(instruments=(COSTLY,)) as stage:
        await stage.quote("EURUSD", "1.08500", "1.08500")
        await stage.buy("EURUSD", 1_000)
        await stage.close(EUR)
        rows = list(csv.DictReader(io.StringIO(csv_of(await statement(stage)))))
        kinds = ["opening balance", "trade", "commission", "trade", "commission", "closing balance", "closing equity"]
        assert [one["kind"] for one in rows] == kinds
        assert rows[1] == {
            "time": "2024-01-01 00:00:01.000 UTC",
            "kind": "trade",
            "symbol": EUR,
            "side": "buy",
            "quantity": "1000",
            "price": "1.08500",
            "execution": "x1",
            "position": EUR,
            "amount": "0",
            "balance": "10000",
        }
        amounts = [Decimal(one["amount"]) for one in rows if one["amount"]]
        assert Decimal(rows[0]["balance"]) + sum(amounts) == Decimal(rows[-2]["balance"]) == stage.balance
