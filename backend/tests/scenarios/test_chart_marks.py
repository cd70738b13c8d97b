"""What an account has done, as marks on the chart of what it was done in."""

from decimal import Decimal
from typing import cast

from fakes_market import an_instrument
from scenarios.stage import TRADER, Stage, a_stage, utc
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.mark_service import MarkService
from trading_api.core.marks import MARKS_OF_BAR_MAX
from trading_api.models.broker.account import AccountRequest
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import InstrumentKind
from trading_api.models.udf_marks import Marks, TimescaleMark

EURO = an_instrument(
    "EURUSD",
    session="1700-1700:23456",
    timezone="America/New_York",
    swap={"long": "-0.00008", "short": "0.00004", "triple": 4},
)
SHARE = an_instrument(
    "ACME",
    kind=InstrumentKind.STOCK,
    currency="USD",
    base_currency=None,
    tick_size="0.01",
    session="0930-1600",
    timezone="America/New_York",
    dividend={"amount": "0.55", "months": (1, 7)},
)
ALWAYS = (0, utc("2030-01-01 00:00"))


def service(stage: Stage) -> MarkService:
    return MarkService(stage.service, cast(DatafeedService, stage.service._prices))


async def marks(stage: Stage, symbol: str, resolution: Resolution) -> Marks:
    marked = service(stage)
    return await marked.marks(TRADER, marked.asked(symbol, resolution, *ALWAYS))


async def timescale(
    stage: Stage, symbol: str, resolution: Resolution = Resolution.D1, *, signed_in: bool = True
) -> list[TimescaleMark]:
    marked = service(stage)
    return await marked.timescale_marks(TRADER if signed_in else None, marked.asked(symbol, resolution, *ALWAYS))


async def trade(stage: Stage, moment: str, quantity: int = 1_000) -> None:
    await stage.wait_until(moment)
    await stage.quote("EURUSD", "1.1000", "1.1000")
    await (stage.buy if quantity > 0 else stage.sell)("EURUSD", abs(quantity))


async def test_a_fill_of_the_evening_stands_on_the_next_day_s_bar() -> None:
    async with a_stage(instruments=(EURO,)) as stage:
        await trade(stage, "2024-01-02 12:00")
        await trade(stage, "2024-01-02 22:30", -1_000)
        by_day = await marks(stage, "EURUSD", Resolution.D1)
        assert by_day.time == (utc("2024-01-02 00:00") // 1000, utc("2024-01-03 00:00") // 1000)
        assert (by_day.color, by_day.label) == (("green", "red"), ("B", "S"))
        assert by_day.text[1] == "Sold 1000 at 1.1000, 2024-01-02 22:30:01 UTC, alice"
        by_hour = await marks(stage, "EURUSD", Resolution.H1)
        assert by_hour.time == (utc("2024-01-02 12:00") // 1000, utc("2024-01-02 22:00") // 1000)
        assert (await marks(stage, "EURUSD", Resolution.W1)).time == (utc("2024-01-01 00:00") // 1000,) * 2


async def test_of_many_fills_in_a_bar_the_latest_have_marks_and_the_others_are_counted() -> None:
    async with a_stage(instruments=(EURO,)) as stage:
        for number in range(MARKS_OF_BAR_MAX + 3):
            await trade(stage, f"2024-01-02 12:{number:02}", 1_000 + number)
        told = await marks(stage, "EURUSD", Resolution.H1)
        assert len(told.id) == len(set(told.id)) == MARKS_OF_BAR_MAX
        assert (told.text[0], told.label[0], told.color[0]) == ("4 executions before those shown", "4", "yellow")
        assert told.text[-1].startswith("Bought 1012 at")
        assert len((await marks(stage, "EURUSD", Resolution.M1)).id) == MARKS_OF_BAR_MAX + 3


async def test_nights_are_summed_up_by_bar_and_account() -> None:
    async with a_stage(instruments=(EURO,)) as stage:
        await trade(stage, "2024-01-02 12:00", 100_000)
        await stage.wait_until("2024-01-03 22:30")
        first, second = await timescale(stage, "EURUSD")
        assert (first.time, first.label, first.tooltip) == (
            utc("2024-01-03 00:00") // 1000,
            "S",
            ("Swap for 1 night: -8.00 USD, alice",),
        )
        assert second.tooltip == ("Swap for 3 nights: -24.00 USD, alice",)
        (week,) = await timescale(stage, "EURUSD", Resolution.W1)
        assert week.tooltip == first.tooltip + second.tooltip
        assert await timescale(stage, "EURUSD", signed_in=False) == []


async def test_a_dividend_is_known_to_everyone_once_it_is_paid_and_what_it_came_to_to_the_account() -> None:
    async with a_stage(instruments=(SHARE,), account=AccountRequest(id="alice", balance=Decimal(10_000))) as stage:
        await stage.wait_until("2024-01-12 15:00")
        await stage.quote("ACME", "180.00", "180.00")
        await stage.buy("ACME", 10)
        before = await timescale(stage, "ACME")
        await stage.wait_until("2024-01-15 14:30")
        (paid,) = [one for one in await timescale(stage, "ACME") if one not in before]
        assert (paid.time, paid.label, paid.shape) == (utc("2024-01-15 00:00") // 1000, "D", "circle")
        assert paid.tooltip == ("Dividend of 0.55 USD a share", "Dividend: +5.50 USD, alice")
        told = [one for one in await timescale(stage, "ACME", signed_in=False) if one.time == paid.time]
        assert [one.tooltip for one in told] == [("Dividend of 0.55 USD a share",)]
