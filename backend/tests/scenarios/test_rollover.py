"""Stories of money that moves over night: swap at the rollover, dividends at the open."""

from contextlib import AbstractAsyncContextManager
from decimal import Decimal

import pytest

from fakes_journal import MemoryJournal
from fakes_market import ScriptedMarket, an_instrument
from fakes_store import MemoryStore
from scenarios.stage import Stage, a_stage, utc
from trading_api.core.rollover import rollovers
from trading_api.models.broker.account import AccountRequest
from trading_api.models.facts import Adjusted
from trading_api.models.market.instruments import Instrument, InstrumentKind, Swap, Weekday

EURUSD, ACME, BTCUSD = "DEMO:EURUSD", "DEMO:ACME", "DEMO:BTCUSD"
NIGHTLY = {"long": "-0.00008", "short": "0.00004", "triple": Weekday.WEDNESDAY}
EURO = an_instrument("EURUSD", session="1700-1700:23456", timezone="America/New_York", swap=NIGHTLY)
COIN = an_instrument(
    "BTCUSD",
    tick_size="0.01",
    quantity_min="0.001",
    quantity_step="0.001",
    swap={"long": "-0.0003", "short": "0.0001", "unit": "rate", "time": "00:00", "timezone": "Etc/UTC"},
)
SHARE = an_instrument(
    "ACME",
    kind=InstrumentKind.STOCK,
    currency="USD",
    base_currency=None,
    tick_size="0.01",
    session="0930-1600",
    timezone="America/New_York",
    holidays=("20240115",),
    dividend={"amount": "0.55", "months": (1, 7)},
)


class Kept:
    """A journal, a store and an account that outlive their house."""

    def __init__(self, *instruments: Instrument, mode: str = "netting", currency: str = "USD") -> None:
        self.instruments = instruments
        self.journal, self.store = MemoryJournal(), MemoryStore()
        fields = {"id": "alice", "balance": 100_000, "positionMode": mode, "currency": currency}
        self.account = AccountRequest.model_validate(fields)

    def open(self, market: ScriptedMarket | None = None) -> AbstractAsyncContextManager[Stage]:
        market = market or ScriptedMarket(instruments=self.instruments)
        return a_stage(market=market, account=self.account, journal=self.journal, store=self.store)

    async def booked(self) -> list[Adjusted]:
        return [one.fact async for one in self.journal.read("alice") if isinstance(one.fact, Adjusted)]


async def buy_at(stage: Stage, moment: str, name: str, quantity: object, price: str) -> None:
    await stage.wait_until(moment)
    await stage.quote(name, price, price)
    await stage.buy(name, quantity)


async def test_swap_comes_at_five_in_new_york_without_any_tick() -> None:
    kept = Kept(EURO)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 12:00", "EURUSD", 100_000, "1.1000")
        await stage.wait_until("2024-01-02 21:59")
        assert stage.balance == 100_000
        await stage.wait_until("2024-01-02 22:00")
        assert stage.balance == Decimal("99992.00") and stage.equity.realized_profit == -8
        (booked,) = await kept.booked()
        assert (booked.due, booked.nights, booked.position_id) == (utc("2024-01-02 22:00"), 1, EURUSD)
        assert stage.holdings[0].swap == -8


async def test_wednesday_counts_three_nights_and_the_weekend_none() -> None:
    kept = Kept(EURO)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-01 23:00", "EURUSD", 100_000, "1.1000")
        for day in range(2, 10):
            await stage.wait_until(f"2024-01-{day:02} 23:00")
        assert [one.nights for one in await kept.booked()] == [1, 3, 1, 1, 1, 1]
        assert stage.balance == 100_000 - 8 * 8


async def test_a_short_earns_what_a_long_pays_for_and_each_hedged_position_by_itself() -> None:
    kept = Kept(EURO, mode="hedging")
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 12:00", "EURUSD", 100_000, "1.1000")
        await stage.sell("EURUSD", 50_000)
        await stage.wait_until("2024-01-02 22:00")
        assert [(one.position_id, one.amount) for one in await kept.booked()] == [("p1", -8), ("p2", 2)]
        assert [one.swap for one in stage.holdings] == [-8, 2]


async def test_opened_at_the_rollover_itself_a_position_is_not_charged() -> None:
    kept = Kept(EURO)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 21:59:59", "EURUSD", 100_000, "1.1000")
        await stage.wait_until("2024-01-02 22:30")
        assert await kept.booked() == []
        await stage.wait_until("2024-01-03 22:30")
        assert [one.nights for one in await kept.booked()] == [3]


async def test_closed_a_second_before_it_is_not_charged_and_a_stop_at_that_moment_is() -> None:
    kept = Kept(EURO)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 12:00", "EURUSD", 100_000, "1.1000")
        await stage.wait_until("2024-01-02 21:59:58")
        await stage.quote("EURUSD", "1.1000", "1.1000")
        await stage.close(EURUSD)
        await stage.wait_until("2024-01-02 23:00")
        assert await kept.booked() == []
        await stage.quote("EURUSD", "1.1000", "1.1000")
        await stage.buy("EURUSD", 100_000, stop_loss="1.0900")
        await stage.market.tell("EURUSD", "1.0890", "1.0890", time=utc("2024-01-03 22:00"))
        await stage.pass_time(0)
        assert stage.holdings == [] and [one.nights for one in await kept.booked()] == [3]


async def test_a_rate_is_of_the_price_of_the_moment_and_counts_every_night() -> None:
    kept = Kept(COIN)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-05 12:00", "BTCUSD", "0.5", "40000.00")
        await stage.quote("BTCUSD", "41000.00", "41002.00")
        for day in (6, 7, 8):
            await stage.wait_until(f"2024-01-{day:02} 00:00")
        # 0.0003 of half a coin at 41,001 is 6.15015.
        assert [one.amount for one in await kept.booked()] == [Decimal("-6.15")] * 3


async def test_in_another_currency_the_swap_is_converted_and_rounded_once() -> None:
    kept = Kept(EURO, currency="EUR")
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 12:00", "EURUSD", 100_000, "1.1000")
        await stage.wait_until("2024-01-02 22:00")
        assert [one.amount for one in await kept.booked()] == [Decimal("-7.27")]


async def test_what_a_stopped_house_missed_is_booked_night_by_night_when_it_is_back() -> None:
    kept = Kept(EURO)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 12:00", "EURUSD", 100_000, "1.1000")
        await stage.wait_until("2024-01-02 22:00")
    market = ScriptedMarket(instruments=(EURO,), now=utc("2024-01-08 12:00"))
    await market.tell("EURUSD", "1.1000", "1.1000")
    async with kept.open(market) as stage:
        assert [one.nights for one in await kept.booked()] == [1, 3, 1, 1]
        dues = [utc(f"2024-01-{day:02} 22:00") for day in (2, 3, 4, 5)]
        assert [one.due for one in await kept.booked()] == dues
        assert stage.balance == 100_000 - 6 * 8
    later = ScriptedMarket(instruments=(EURO,), now=utc("2024-01-08 13:00"))
    await later.tell("EURUSD", "1.1000", "1.1000")
    async with kept.open(later):
        assert len(await kept.booked()) == 4, "nothing is booked twice"


@pytest.mark.parametrize(
    ("friday", "monday"),
    [("2024-03-08 22:00", "2024-03-11 21:00"), ("2024-11-01 21:00", "2024-11-04 22:00")],
    ids=["spring", "autumn"],
)
def test_five_in_new_york_is_another_hour_of_utc_after_the_clocks_change(friday: str, monday: str) -> None:
    series = rollovers(Swap.model_validate(NIGHTLY), utc(friday) - 1)
    assert [next(series).time for _ in range(2)] == [utc(friday), utc(monday)]


def test_a_rollover_that_clocks_skip_still_comes_once() -> None:
    swap = Swap(time="02:30", timezone="Europe/Berlin")
    series = rollovers(swap, utc("2024-03-30 12:00"))
    assert [next(series).time for _ in range(3)] == [
        utc("2024-03-31 01:30"),
        utc("2024-04-01 00:30"),
        utc("2024-04-02 00:30"),
    ]


# Dividends


async def test_a_dividend_is_paid_at_the_first_open_on_or_after_its_day() -> None:
    kept = Kept(SHARE)
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-12 15:00", "ACME", 100, "180.00")
        await stage.wait_until("2024-01-15 20:00")
        assert stage.balance == 100_000, "the fifteenth is a holiday"
        await stage.wait_until("2024-01-16 14:29:59")
        assert stage.balance == 100_000
        await stage.wait_until("2024-01-16 14:30")
        assert stage.balance == 100_055
        (booked,) = await kept.booked()
        assert (booked.reason, booked.amount, booked.due) == ("dividend", 55, utc("2024-01-16 14:30"))
        await stage.wait_until("2024-07-14 20:00")
        assert stage.balance == 100_055
        await stage.wait_until("2024-07-15 13:30")
        assert stage.balance == 100_110


async def test_a_short_pays_the_dividend_and_a_buyer_at_the_open_gets_none() -> None:
    kept = Kept(SHARE, mode="hedging")
    async with kept.open() as stage:
        await stage.wait_until("2024-01-12 15:00")
        await stage.quote("ACME", "180.00", "180.00")
        await stage.sell("ACME", 100)
        await stage.wait_until("2024-01-16 14:29:59")
        await stage.quote("ACME", "180.00", "180.00")
        await stage.buy("ACME", 100)
        await stage.wait_until("2024-01-16 15:00")
        assert [(one.position_id, one.amount) for one in await kept.booked()] == [("p1", -55)]


async def test_without_swap_or_dividend_nights_cost_nothing() -> None:
    kept = Kept(an_instrument("EURUSD"))
    async with kept.open() as stage:
        await buy_at(stage, "2024-01-02 12:00", "EURUSD", 100_000, "1.1000")
        await stage.wait_until("2024-02-02 12:00")
        assert await kept.booked() == [] and stage.balance == 100_000
