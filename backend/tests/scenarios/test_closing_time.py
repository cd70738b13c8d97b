"""Stories of accounts that come and go while somebody is trading."""

import asyncio
from decimal import Decimal

import pytest

from fakes_market import an_instrument
from scenarios.stage import TRADER, Stage, a_stage
from trading_api.models.broker.account import AccountRequest
from trading_api.models.errors import Conflict, FixRequest, TradingError, TryLater


async def test_a_second_desk_on_one_account_is_never_opened() -> None:
    async with a_stage() as stage:
        with pytest.raises(Conflict):
            await stage.service.open_account(AccountRequest(id="alice"))


@pytest.mark.parametrize(("account", "field"), [({"id": "R1"}, "id"), ({"id": "bob", "markets": ["R7"]}, "markets")])
async def test_names_of_replays_are_theirs(account: dict[str, object], field: str) -> None:
    async with a_stage() as stage:
        with pytest.raises(FixRequest) as refused:
            await stage.service.create_account(TRADER, AccountRequest.model_validate(account))
        assert refused.value.body.field == field


async def test_a_desk_that_is_closed_leaves_nobody_waiting() -> None:
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        desk = stage.desk
        await desk.close()
        with pytest.raises(TryLater):
            async with asyncio.timeout(1):
                await desk.catch_up()


async def test_a_reset_and_an_order_that_needs_a_rate_in_one_batch_both_happen() -> None:
    listed = (an_instrument("EURUSD"), an_instrument("GBPUSD"), an_instrument("EURGBP", currency="GBP"))
    async with a_stage(instruments=listed) as stage:
        for name, price in (("EURUSD", "1.1000"), ("GBPUSD", "1.2500"), ("EURGBP", "0.8800")):
            await stage.quote(name, price, price)
        await stage.buy("EURGBP", 1_000, limit="0.8000")
        reset, placed = await asyncio.gather(stage.reset(None), refusal_or_answer(stage), return_exceptions=True)
        assert not isinstance(reset, BaseException), reset
        assert not isinstance(placed, BaseException), placed
        await stage.quote("EURGBP", "0.8800", "0.8801")
        assert stage.books_balance()
        assert stage.balance <= Decimal(10_000)


async def refusal_or_answer(stage: Stage) -> object:
    """An order right behind the reset: filled, or refused for want of a price, and nothing else."""
    try:
        return await stage.buy("EURGBP", 1_000)
    except TradingError as refused:
        return refused.body.code
