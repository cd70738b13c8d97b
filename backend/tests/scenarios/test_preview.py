"""Stories of looking before leaping: what an order would come to, and that the order sent is the one that was looked at."""

from decimal import Decimal

import pytest

from fakes_market import an_instrument
from scenarios.stage import TRADER, Stage, a_stage, refusal
from trading_api.core.confirmations import CONFIRMATION_VALID_MS, CONFIRMATIONS_MAX
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.orders import OrderRequest
from trading_api.models.broker.preview import OrderPreview, PreviewFigures

EURUSD = "DEMO:EURUSD"
EURO = an_instrument("EURUSD", margin_rate="0.05", commission={"rate": "0.00002"})
ACCOUNT = AccountRequest(id="alice", balance=Decimal(1_000), leverage=Decimal(50))
HEDGING = AccountRequest.model_validate({"id": "alice", "balance": 1_000, "leverage": 50, "positionMode": "hedging"})


def an_order(side: int = 1, quantity: object = 10_000, **terms: object) -> OrderRequest:
    kind = 2 if "limitPrice" not in terms and "stopPrice" not in terms else 1 if "limitPrice" in terms else 3
    return OrderRequest.model_validate({"symbol": "EURUSD", "side": side, "type": kind, "qty": quantity, **terms})


async def figures(stage: Stage, order: OrderRequest) -> PreviewFigures:
    found = (await stage.preview(order)).figures
    assert found is not None
    return found


async def test_a_market_order_is_told_with_all_it_costs_and_holds() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        sequence = stage.desk.ledger.sequence
        told = await stage.preview(an_order(takeProfit="1.1101", stopLoss="1.0901"))
        assert told.errors == () and told.warnings == () and told.confirm_id is not None
        assert told.figures == PreviewFigures(
            currency="USD",
            price=Decimal("1.1001"),
            quantity=Decimal(10_000),
            margin_needed=Decimal("550.05"),
            margin_available=Decimal(1_000),
            margin_available_after=Decimal("447.73"),
            margin_level_after=Decimal("181.40"),
            commission=Decimal("0.22"),
            spread_cost=Decimal("2.00"),
            pip_value=Decimal(1),
            take_profit_profit=Decimal(100),
            stop_loss_profit=Decimal(-100),
        )
        rows = {row.title: row.value for section in told.sections for row in section.rows}
        assert rows["Buy"] == "10,000 DEMO:EURUSD" and rows["Needed"] == "550.05 USD"
        assert stage.desk.ledger.sequence == sequence, "nothing is written"


@pytest.mark.parametrize("account", [ACCOUNT, HEDGING], ids=["netting", "hedging"])
@pytest.mark.parametrize("side", [1, -1], ids=["buy", "sell"])
async def test_what_was_told_is_what_comes(account: AccountRequest, side: int) -> None:
    async with a_stage(instruments=(EURO,), account=account) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        order = an_order(side)
        told = await figures(stage, order)
        await stage.send(order)
        equity, (fill,) = stage.equity, stage.executions
        assert (equity.margin_available, equity.margin_level) == (told.margin_available_after, told.margin_level_after)
        assert (equity.margin_used, fill.price, fill.commission) == (told.margin_needed, told.price, told.commission)


async def test_a_waiting_order_holds_margin_and_costs_nothing_yet() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        order = an_order(limitPrice="1.0900", stopLoss="1.0800", takeProfit="1.1100")
        told = await figures(stage, order)
        assert (told.price, told.margin_needed) == (Decimal("1.0900"), Decimal("545.00"))
        assert (told.take_profit_profit, told.stop_loss_profit) == (200, -100)
        await stage.send(order)
        assert stage.equity.margin_available == told.margin_available_after == 455


async def test_profit_at_the_brackets_is_of_what_the_order_opens() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.1000", "1.1000")
        await stage.buy("EURUSD", 5_000)
        turns = an_order(-1, 8_000, stopLoss="1.1100", takeProfit="1.0900")
        told = await figures(stage, turns)
        assert (told.take_profit_profit, told.stop_loss_profit) == (30, -30)
        reduces = await stage.preview(an_order(-1, 2_000, stopLoss="1.1100"))
        assert reduces.figures is not None and reduces.figures.stop_loss_profit is None
        assert "It only reduces the position: its take profit and stop loss come to nothing" in reduces.warnings


async def test_closing_frees_margin_and_pays_no_spread() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        await stage.buy("EURUSD", 10_000)
        order = an_order(-1, 4_000)
        told = await figures(stage, order)
        assert told.spread_cost == 0
        await stage.send(order)
        equity = stage.equity
        assert (equity.margin_available, equity.margin_level) == (told.margin_available_after, told.margin_level_after)


async def test_a_trailing_stop_begins_at_its_distance_from_where_it_would_close() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        told = await figures(stage, an_order(trailingStopPips=20))
        assert told.stop_loss_profit == -22
        await stage.send(an_order(trailingStopPips=20))
        assert stage.brackets() == {"STOP_LOSS": Decimal("1.0979")}


async def test_in_another_currency_money_is_told_in_the_accounts_own() -> None:
    account = AccountRequest(id="alice", balance=Decimal(1_000), currency="EUR", leverage=Decimal(50))
    async with a_stage(instruments=(EURO,), account=account) as stage:
        await stage.quote("EURUSD", "1.2500", "1.2500")
        told = await figures(stage, an_order(1, 1_000, takeProfit="1.2600"))
        assert (told.margin_needed, told.take_profit_profit, told.pip_value) == (50, 8, Decimal("0.08"))


# Refusals and warnings


async def test_the_refusal_it_would_meet_stands_in_errors_beside_the_figures() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.1000", "1.1000")
        told = await stage.preview(an_order(1, 20_000))
        assert told.errors == ("Expected margin of 1100.00 USD to be available, found 1000.00",)
        assert told.figures is not None and told.figures.margin_available_after < 0 and told.confirm_id is None
        assert [(one.field, one.nearest) for one in told.refusals] == [("qty", Decimal(18_181))]
        told = await stage.preview(an_order(1, "0.5"))
        assert told.errors == ("Expected a quantity of at least 1, found 0.5",)
        assert [(one.message, one.field, one.nearest) for one in told.refusals] == [(told.errors[0], "qty", 1)]
        told = await stage.preview(an_order().model_copy(update={"symbol": "NOPE"}))
        assert told.figures is None and [one.field for one in told.refusals] == ["symbol"]
        await stage.kill()
        assert "locked" in (await stage.preview(an_order())).errors[0]


async def test_warnings_speak_of_sessions_near_stops_limits_at_the_market_sizes_and_the_margin_call() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001", sizes=(5_000, 5_000))

        async def warned(order: OrderRequest) -> str:
            return " | ".join((await stage.preview(order)).warnings)

        assert "less than 2 spreads from the market" in await warned(an_order(1, 1_000, stopPrice="1.1003"))
        assert "stop loss of 1.0996 is less than 2 spreads" in await warned(an_order(1, 1_000, stopLoss="1.0996"))
        assert "The market has reached the limit" in await warned(an_order(1, 1_000, limitPrice="1.1005"))
        assert "good for 5000" in await warned(an_order(1, 6_000))
        assert "margin call of 100 %" in await warned(an_order(1, 18_180))
        assert await warned(an_order(1, 1_000, stopLoss="1.0900", takeProfit="1.1100")) == ""


async def test_outside_the_session_a_waiting_order_is_warned_of_and_a_market_order_refused() -> None:
    async with a_stage(instruments=(an_instrument("EURUSD", session="0800-1700"),), account=ACCOUNT) as stage:
        await stage.wait_until("2024-01-02 16:59:50")
        await stage.quote("EURUSD", "1.1000", "1.1001")
        await stage.wait_until("2024-01-02 20:00")
        told = await stage.preview(an_order(1, 1_000, limitPrice="1.0900"))
        assert told.warnings == ("DEMO:EURUSD is closed until 2024-01-03 08:00:00 UTC: nothing fills before",)
        assert told.confirm_id is not None
        assert "to be open" in (await stage.preview(an_order(1, 1_000))).errors[0]


# A modification


async def test_a_change_is_previewed_as_the_order_would_stand() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        waiting = await stage.buy("EURUSD", 5_000, limit="1.0900")
        told = await stage.preview_change(waiting.order_id, qty=10_000, limitPrice="1.0800", stopLoss="1.0700")
        assert told.figures is not None and told.confirm_id is not None
        assert (told.figures.margin_needed, told.figures.margin_available_after) == (Decimal("267.50"), 460)
        assert told.figures.stop_loss_profit == -100
        change = {"qty": 10_000, "limitPrice": "1.0800", "stopLoss": "1.0700"}
        assert (await refusal(stage.modify(waiting.order_id, confirmId=told.confirm_id, qty=9_000))).code == (
            "confirmation_mismatch"
        )
        await stage.modify(waiting.order_id, confirmId=told.confirm_id, **change)
        assert stage.equity.margin_available == 460
        assert [one.field for one in (await stage.preview_change(waiting.order_id, qty="0.5")).refusals] == ["qty"]
        assert (await stage.preview_change("o99", qty=1)).errors == ("Expected one of the account's orders, found 'o99'",)


async def test_a_bracket_that_is_moved_is_told_with_what_it_would_bring() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        await stage.buy("EURUSD", 10_000, stop_loss="1.0900")
        told = await stage.preview_change("o2", stopPrice="1.0951")
        assert told.figures is not None and told.errors == ()
        assert (told.figures.stop_loss_profit, told.figures.margin_needed) == (-50, 0)


# Confirmations


async def confirmed(stage: Stage, order: OrderRequest) -> str:
    told: OrderPreview = await stage.preview(order)
    assert told.confirm_id is not None
    return told.confirm_id


async def test_the_order_that_was_previewed_may_be_sent_once() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        name = await confirmed(stage, an_order(1, 1_000))
        first = await stage.send(an_order(1, 1_000), confirm_id=name, client_id="a")
        assert await stage.send(an_order(1, 1_000), confirm_id=name, client_id="a") == first, "a repeat is no second order"
        refused = await refusal(stage.send(an_order(1, 1_000), confirm_id=name, client_id="b"))
        assert (refused.code, refused.field) == ("confirmation_stale", "confirmId")
        assert len(stage.executions) == 1


async def test_another_order_than_the_one_that_was_previewed_is_refused() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        name = await confirmed(stage, an_order(1, 1_000, stopLoss="1.0900"))
        for other in (an_order(1, 1_001, stopLoss="1.0900"), an_order(1, 1_000), an_order(1, 1_000, stopLoss="1.0901")):
            refused = await refusal(stage.send(other, confirm_id=name))
            assert refused.code == "confirmation_mismatch"
            assert refused.message == "Expected the order as it was previewed, found other terms; preview again"
        seen = {"currentQuotes": {"ask": "1.1001", "bid": "1.0999"}, "seenPrice": "1.1001", "stopLoss": "1.09000"}
        await stage.send(an_order(1, "1000.0", **seen), confirm_id=name)


async def test_a_price_that_ran_away_is_refused_and_one_that_improved_is_not() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        name = await confirmed(stage, an_order(1, 1_000))
        await stage.quote("EURUSD", "1.00101", "1.00101")
        refused = await refusal(stage.send(an_order(1, 1_000), confirm_id=name))
        assert refused.code == "confirmation_stale" and "within 0.1% of the previewed 1.0000" in refused.message
        await stage.quote("EURUSD", "0.9900", "0.9900")
        await stage.send(an_order(1, 1_000), confirm_id=name)


async def test_a_confirmation_is_good_for_a_minute_and_each_account_keeps_so_many() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        first = await confirmed(stage, an_order(1, 1_000))
        second = await confirmed(stage, an_order(1, 1_000))
        for _ in range(CONFIRMATIONS_MAX - 1):
            await confirmed(stage, an_order(1, 2_000))
        assert (await refusal(stage.send(an_order(1, 1_000), confirm_id=first))).code == "confirmation_stale"
        stage.clock.jump(CONFIRMATION_VALID_MS)
        await stage.send(an_order(1, 1_000), confirm_id=second)
        third = await confirmed(stage, an_order(1, 1_000))
        stage.clock.jump(CONFIRMATION_VALID_MS + 1)
        assert (await refusal(stage.send(an_order(1, 1_000), confirm_id=third))).code == "confirmation_stale"


async def test_an_order_that_is_refused_leaves_its_confirmation_good() -> None:
    async with a_stage(instruments=(EURO,), account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        name = await confirmed(stage, an_order(1, 1_000))
        await stage.kill()
        assert (await refusal(stage.send(an_order(1, 1_000), confirm_id=name))).code == "account_locked"
        await stage.unlock()
        await stage.send(an_order(1, 1_000), confirm_id=name)


async def test_another_account_knows_nothing_of_a_confirmation() -> None:
    other = AccountRequest(id="bob", balance=Decimal(1_000), leverage=Decimal(50))
    async with a_stage(instruments=(EURO,), account=ACCOUNT, others=(other,)) as stage:
        await stage.quote("EURUSD", "1.0999", "1.1001")
        name = await confirmed(stage, an_order(1, 1_000))
        named = an_order(1, 1_000).model_copy(update={"confirm_id": name})
        assert (await refusal(stage.service.place(TRADER, "bob", named))).code == "confirmation_stale"
