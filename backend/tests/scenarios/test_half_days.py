"""Stories of the day after Thanksgiving, when New York closes at one: it is over then, for everything."""

from decimal import Decimal

from fakes_market import an_instrument
from scenarios.stage import Stage, a_stage, refusal, utc
from trading_api.core.exchange_calendars import exchange_calendar
from trading_api.core.sessions import sessions_of
from trading_api.models.broker.orders import OrderStatus
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import InstrumentKind

NEW_YORK = exchange_calendar("XNYS")
SHARE = an_instrument(
    "ACME",
    kind=InstrumentKind.STOCK,
    currency="USD",
    base_currency=None,
    tick_size="0.01",
    session=NEW_YORK.session,
    timezone=NEW_YORK.timezone,
    holidays=NEW_YORK.holidays,
    corrections=NEW_YORK.corrections,
)


async def at(stage: Stage, moment: str, price: str = "180.00") -> None:
    await stage.wait_until(moment)
    await stage.quote("ACME", price, price)


async def test_a_day_order_ends_at_one_and_not_at_four() -> None:
    async with a_stage(instruments=(SHARE,)) as stage:
        await at(stage, "2024-11-29 15:00")
        answer = await stage.buy("ACME", 10, limit="170.00", duration={"type": "DAY"})
        await stage.wait_until("2024-11-29 17:59:59")
        assert stage.order(answer.order_id).status is OrderStatus.WORKING
        await stage.wait_until("2024-11-29 18:00")
        assert stage.order(answer.order_id).status is OrderStatus.CANCELED


async def test_after_one_a_market_order_is_refused_and_on_a_whole_day_it_is_not() -> None:
    async with a_stage(instruments=(SHARE,)) as stage:
        await at(stage, "2024-11-27 20:00")
        await stage.buy("ACME", 10)
        await at(stage, "2024-11-29 17:59")
        await stage.buy("ACME", 10)
        await stage.wait_until("2024-11-29 18:00:01")
        refused = await refusal(stage.buy("ACME", 10))
        assert (refused.field, stage.holdings[0].quantity) == ("symbol", Decimal(20))


async def test_a_limit_is_not_filled_by_a_price_from_after_one() -> None:
    async with a_stage(instruments=(SHARE,)) as stage:
        await at(stage, "2024-11-29 17:00")
        answer = await stage.buy("ACME", 10, limit="170.00")
        await at(stage, "2024-11-29 18:30", "160.00")
        assert stage.order(answer.order_id).status is OrderStatus.WORKING
        await at(stage, "2024-12-02 14:30", "165.00")
        assert stage.order(answer.order_id).status is OrderStatus.FILLED


async def test_the_last_bar_of_the_day_ends_at_one() -> None:
    sessions = sessions_of(SHARE)
    last = sessions.bar_start(utc("2024-11-29 17:59"), Resolution.H1)
    assert last == utc("2024-11-29 17:30") and sessions.bar_span(last, Resolution.H1)[1] == utc("2024-11-29 18:00")
    assert sessions.bar_start(utc("2024-11-29 18:00"), Resolution.M1) is None
    async with a_stage(instruments=(SHARE,)) as stage:
        await at(stage, "2024-11-29 17:59", "180.00")
        await at(stage, "2024-11-29 18:10", "190.00")
        (day,) = (await stage.market.bars("ACME", Resolution.D1, before=utc("2024-11-30 00:00"), count=5)).bars
        assert (day.time, day.high) == (utc("2024-11-29 00:00"), Decimal(180))
