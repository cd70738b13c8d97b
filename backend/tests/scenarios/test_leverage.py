"""Stories of leverage: read, set, previewed, and what it does to margins."""

from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import TRADER, Stage, a_stage, refusal
from trading_api.core.access import Principal
from trading_api.models.broker.account import AccountRequest
from trading_api.models.broker.leverage import LeverageAnswer, LeverageInfo, LeveragePreview, LeverageRequest
from trading_api.models.errors import NotAllowed

EURUSD = "DEMO:EURUSD"
PAIRS = (an_instrument("EURUSD", margin_rate="0.01"), an_instrument("GBPUSD", margin_rate="0.05"))
ACCOUNT = AccountRequest(id="alice", balance=Decimal(1_000), leverage=Decimal(50))


async def set_to(stage: Stage, leverage: object, *, client_id: str | None = None) -> LeverageAnswer:
    request = LeverageRequest.model_validate({"leverage": leverage})
    return await stage.service.set_leverage(TRADER, "alice", request, client_id=client_id)


async def previewed(stage: Stage, leverage: object, symbol: str | None = None) -> LeveragePreview:
    request = LeverageRequest.model_validate({"leverage": leverage, "symbol": symbol})
    return await stage.service.preview_leverage(TRADER, "alice", request)


async def test_leverage_is_told_with_what_it_may_be() -> None:
    async with a_stage(instruments=PAIRS, account=ACCOUNT) as stage:
        info = await stage.service.leverage(TRADER, "alice")
        assert info == LeverageInfo(title="Leverage of account alice", leverage=Decimal(50), min=1, max=1000, step=1)


async def test_setting_it_changes_the_margin_of_what_is_held_and_of_what_comes() -> None:
    async with a_stage(instruments=PAIRS, account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        await stage.buy("EURUSD", 10_000)
        await stage.buy("EURUSD", 10_000, limit="0.9000")
        assert stage.equity.margin_used == 380
        await set_to(stage, 25)
        assert stage.equity.margin_used == 760 and stage.equity.margin_level == 250
        assert (await refusal(stage.buy("EURUSD", 10_000))).nearest == 6_000
        await set_to(stage, 500)
        assert stage.equity.margin_used == 190, "the instrument's own rate of 1 % holds"


@pytest.mark.parametrize(("asked", "set_"), [("0.2", 1), (5_000, 1_000), ("30.4", 30), ("30.5", 30), ("30.6", 31)], ids=str)
async def test_what_cannot_be_is_corrected_to_the_nearest(asked: object, set_: int) -> None:
    async with a_stage(instruments=PAIRS, account=ACCOUNT) as stage:
        assert (await set_to(stage, asked)).leverage == set_
        assert (await stage.service.leverage(TRADER, "alice")).leverage == set_


@pytest.mark.parametrize("mode", ["netting", "hedging"])
async def test_it_is_refused_where_equity_would_not_carry_the_positions(mode: str) -> None:
    account = AccountRequest.model_validate({"id": "alice", "balance": 1_000, "leverage": 50, "positionMode": mode})
    async with a_stage(instruments=PAIRS, account=account) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        await stage.buy("EURUSD", 20_000)
        await stage.quote("EURUSD", "0.9900", "0.9900")
        refused = await refusal(set_to(stage, 24))
        assert (refused.code, refused.field, refused.nearest) == ("margin_above_equity", "leverage", 25)
        assert refused.message == ("Expected equity of 833.33 USD for the margin of what is held at 24:1, found 800.00")
        await set_to(stage, 25)
        assert stage.equity.margin_level == 100


async def test_the_same_command_is_done_once_and_only_by_who_may() -> None:
    journal, store = MemoryJournal(), MemoryStore()
    async with a_stage(instruments=PAIRS, account=ACCOUNT, journal=journal, store=store) as stage:
        first = await set_to(stage, 20, client_id="l1")
        assert await set_to(stage, 20, client_id="l1") == first
        assert (await refusal(set_to(stage, 21, client_id="l1"))).code == "client_id_reused"
        reader = Principal("reader", frozenset({"read", "trade"}))
        with pytest.raises(NotAllowed):
            await stage.service.set_leverage(reader, "alice", LeverageRequest(leverage=Decimal(5)))
    async with a_stage(market=ScriptedMarket(instruments=PAIRS), account=ACCOUNT, journal=journal, store=store) as stage:
        assert (await stage.service.leverage(TRADER, "alice")).leverage == 20
        assert await set_to(stage, 20, client_id="l1") == first


async def test_a_preview_says_what_would_change_and_changes_nothing() -> None:
    async with a_stage(instruments=PAIRS, account=ACCOUNT) as stage:
        await stage.quote("EURUSD", "1.0000", "1.0000")
        await stage.buy("EURUSD", 20_000)
        sequence = stage.desk.ledger.sequence
        told = await previewed(stage, "40.2", "GBPUSD")
        assert told.leverage == 40 and told.errors == () and told.warnings == ()
        assert told.infos == (
            "40.2 becomes 40: from 1 to 1000 in steps of 1",
            "Margin held goes from 400.00 to 500.00 USD, which leaves 500.00 available",
            "DEMO:GBPUSD needs 5.00% of its value whatever the leverage",
        )
        told = await previewed(stage, 20)
        assert told.warnings == ("The margin level becomes 100.00 %, at or below the margin call of 100 %",)
        told = await previewed(stage, 19)
        assert told.warnings == () and told.errors[0].startswith("Expected equity of 1052.63 USD")
        assert stage.desk.ledger.sequence == sequence
