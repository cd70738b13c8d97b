"""A quick look decides nothing: an account that is looked at exactly on every tick decides the same, fact by fact."""

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes_market import MONDAY, an_instrument
from trading_api.core.engine import Engine
from trading_api.core.gauge import Gauge
from trading_api.core.guard import Guard
from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg, conversion_path
from trading_api.core.standing import USUAL
from trading_api.models.broker.account import AccountProfile, RiskLimits
from trading_api.models.broker.orders import OrderRequest, OrderType, Side
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Configured, Fact, Funded, Leveraged, Limited, Requested
from trading_api.models.market.quotes import Quote

INSTRUMENTS = {
    one.id: one
    for one in (
        an_instrument("EURUSD", margin_rate="0.002"),
        an_instrument("USDJPY", margin_rate="0.002", tick_size="0.001", pip_size="0.01"),
        an_instrument("EURJPY", margin_rate="0.002", tick_size="0.001", pip_size="0.01"),
    )
}
BEGINNING = {"DEMO:EURUSD": Decimal("1.1"), "DEMO:USDJPY": Decimal(140), "DEMO:EURJPY": Decimal(154)}
SYMBOLS = tuple(INSTRUMENTS)


def path(source: str, target: str) -> tuple[Leg, ...] | None:
    return conversion_path(source, target, INSTRUMENTS.values())


class Twin:
    """One account on an engine of its own."""

    def __init__(self, profile: AccountProfile) -> None:
        ids = CountedIds(Ledger("A"))
        self.ids = CountedIds(Ledger("A"))
        self.engine = Engine(
            Ledger("A"), instrument=INSTRUMENTS.__getitem__, path=path, ids=ids, random=random.Random(1), levels=USUAL
        )
        self.facts: list[Fact] = []
        self.tell(Configured(time=MONDAY, profile=profile), MONDAY)

    def tell(self, command: Command, at: int) -> None:
        try:
            self.engine.admission.check(command, at)
        except TradingError:
            return
        self.facts += (command, *self.engine.submit(command, at))

    def tick(self, quote: Quote) -> None:
        self.facts += self.engine.tick(quote)


def market(chance: random.Random, ticks: int) -> Iterator[Quote]:
    """Prices that wander in steps of every size, three apart from each other."""
    prices = dict(BEGINNING)
    for number in range(ticks):
        symbol = SYMBOLS[number] if number < len(SYMBOLS) else chance.choice(SYMBOLS)
        tick = INSTRUMENTS[symbol].tick_size
        step = Decimal(1 + chance.choice((0, 1e-6, 1e-5, 1e-4, 1e-3, 8e-3)) * chance.uniform(-1, 1))
        prices[symbol] = (prices[symbol] * step).quantize(tick)
        spread = tick * chance.choice((0, 1, 10))
        yield Quote(symbol=symbol, time=MONDAY + number * 1_000, bid=prices[symbol], ask=prices[symbol] + spread)


def command(chance: random.Random, number: int, at: int) -> Command | None:
    """Mostly orders, as large as the margin allows; sometimes money, leverage, limits."""
    drawn = chance.random()
    if drawn < 0.12:
        quantity = Decimal(chance.choice((1_000, 20_000, 90_000, 200_000)))
        side, symbol = chance.choice((Side.BUY, Side.SELL)), chance.choice(SYMBOLS)
        order = OrderRequest(symbol=symbol, type=OrderType.MARKET, side=side, quantity=quantity)
        return Requested(time=at, action="place", order_id=f"o{number}", order=order)
    if drawn < 0.125:
        return Funded(time=at, amount=Decimal(chance.choice((-50, 200, 1_000))))
    if drawn < 0.13:
        return Leveraged(time=at, leverage=Decimal(chance.choice((100, 500))))
    if drawn < 0.14:
        kind = chance.choice(("static", "trailing"))
        limits = {"dailyLoss": chance.choice((None, 100, 400)), "drawdown": chance.choice((None, 150)), "drawdownKind": kind}
        return Limited(time=at, limits=RiskLimits.model_validate(limits))
    return None


def lived(seed: int, currency: str, mode: str, ticks: int = 400) -> list[Fact]:
    chance = random.Random(seed)
    profile = AccountProfile.model_validate(
        {
            "id": "A",
            "name": "",
            "currency": currency,
            "leverage": 500,
            "markets": ("DEMO",),
            "openingBalance": 150_000 if currency == "JPY" else 1_000,
            "positionMode": mode,
        }
    )
    twin = Twin(profile)
    for number, quote in enumerate(market(chance, ticks)):
        twin.tick(quote)
        asked = command(chance, number, max(quote.time, twin.engine.ledger.time))
        if asked is not None and len(twin.engine.quotes) == len(SYMBOLS):
            if isinstance(asked, Requested):
                asked = asked.model_copy(update={"order_id": twin.engine.books.ids.order()})
            twin.tell(asked, quote.time)
    return twin.facts


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**9), currency=st.sampled_from(("USD", "EUR", "JPY")), mode=st.sampled_from(("netting", "hedging"))
)
def test_looking_only_when_needed_decides_as_looking_always_does(seed: int, currency: str, mode: str) -> None:
    quick = lived(seed, currency, mode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gauge, "stirs", lambda *_: True)
        patch.setattr(Guard, "calm", lambda *_: 0.0)
        always = lived(seed, currency, mode)
    assert [str(one) for one in quick] == [str(one) for one in always]


def test_the_accounts_compared_meet_every_kind_of_decision() -> None:
    told: set[str] = set()
    for seed in range(30):
        for one in lived(seed, ("USD", "EUR", "JPY")[seed % 3], ("netting", "hedging")[seed % 2]):
            told.add(getattr(one, "notice", "") or one.kind)
    assert {"margin_call", "margin_restored", "stop_out", "limit_reached", "locked", "marked"} <= told
