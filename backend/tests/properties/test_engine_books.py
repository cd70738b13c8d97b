"""Books that balance: closing in parts, exact margin, one rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.money import digits, rounded
from oracle.orders import Order
from oracle.pair import Pair
from oracle.seen import fraction
from oracle.symbols import ACME, BEGIN, EURUSD, START, TERMS, USDJPY
from trading_api.core.money import Leg, Rates, booked
from trading_api.models.broker.orders import OrderStatus, OrderType, Side
from trading_api.models.errors import TradingError
from trading_api.models.market.quotes import Quote

NOON = BEGIN + 50_000

lots = st.lists(st.tuples(st.integers(1, 50), st.integers(-400, 400)), min_size=1, max_size=5)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    symbol=st.sampled_from([EURUSD.id, USDJPY.id, ACME.id]),
    side=st.sampled_from(Side),
    opened=lots,
    closed=st.lists(st.integers(-400, 400), min_size=3, max_size=3),
)
def test_closing_in_thirds_leaves_nothing_and_books_every_cent(
    symbol: str, side: Side, opened: list[tuple[int, int]], closed: list[int]
) -> None:
    pair = Pair(currency=TERMS[symbol].currency, deposit=Fraction(10**9))
    for size, move in opened:
        shift(pair, symbol, move)
        assert pair.place(Order(symbol, OrderType.MARKET, side, size * TERMS[symbol].step))
    step = TERMS[symbol].step
    third = max(abs(pair.oracle.held(symbol).signed) // 3 // step * step, step)
    for move in closed:
        shift(pair, symbol, move)
        pair.close(symbol, third)
    if pair.oracle.held(symbol).signed:
        pair.close(symbol)
    assert pair.bench.ledger.positions == {}
    executions = pair.bench.view().executions
    paid = sum((-one.side.value * one.quantity * one.price for one in executions), Fraction(0))
    booked_profit = sum((one.profit for one in executions), Fraction(0))
    assert abs(booked_profit - paid) * 2 <= Fraction(1, 10 ** digits(TERMS[symbol].currency))


def shift(pair: Pair, symbol: str, move: int) -> None:
    tick = TERMS[symbol].tick
    bid, ask = START[symbol].bid + move * tick, START[symbol].ask + move * tick
    pair.tick(symbol, bid, ask)


@pytest.mark.parametrize(
    ("leverage", "quantity", "orders"),
    [
        (20, 1000, 3),
        (25, 2000, 5),
        (30, 3000, 4),
        (30, 2000, 6),
        (7, 1000, 7),
        (15, 1000, 6),
    ],
)
def test_margin_exactly_equal_is_accepted(leverage: int, quantity: int, orders: int) -> None:
    pair = Pair(deposit=Fraction(quantity * orders, leverage), leverage=Fraction(leverage))
    for _ in range(orders):
        assert pair.place(bid_at_one(quantity))
    assert not pair.place(bid_at_one(1000)), "and not a step more"


def bid_at_one(quantity: int) -> Order:
    return Order(EURUSD.id, OrderType.LIMIT, Side.BUY, Fraction(quantity), limit_price=Fraction(1))


@pytest.mark.parametrize(
    ("yen", "yen_per_dollar", "francs_per_dollar"),
    [
        (1500, "110", "0.55"),
        (1565, "125", "0.8"),
        (1565, "110", "0.55"),
        (303, "90", "1.95"),
    ],
)
def test_a_crossed_conversion_is_exact_until_it_is_booked(yen: int, yen_per_dollar: str, francs_per_dollar: str) -> None:
    legs = (Leg("USDJPY", inverse=True), Leg("USDCHF", inverse=False))
    mids = {"USDJPY": Decimal(yen_per_dollar), "USDCHF": Decimal(francs_per_dollar)}
    quotes = {symbol: Quote(symbol=symbol, time=0, bid=mid, ask=mid) for symbol, mid in mids.items()}
    found = booked(Rates(lambda source, target: legs, quotes).convert(Decimal(yen), "JPY", "CHF"), "CHF")
    exact = yen / Fraction(mids["USDJPY"]) * Fraction(mids["USDCHF"])
    assert fraction(found) == rounded(exact, "CHF")


@pytest.mark.parametrize(("waiting", "closed"), [(3, 4), (7, None)])
def test_a_close_takes_only_what_an_order_waiting_for_the_session_left(waiting: int, closed: int | None) -> None:
    pair = Pair()
    assert pair.place(Order(ACME.id, OrderType.MARKET, Side.BUY, Fraction(7)))
    pair.wait(NOON - BEGIN)
    pair.tick(ACME.id, START[ACME.id].bid, START[ACME.id].ask)
    assert pair.place(Order(ACME.id, OrderType.LIMIT, Side.SELL, Fraction(waiting), limit_price=Fraction(99)))
    pair.wait(60_000)
    assert pair.close(ACME.id)
    close = pair.bench.view().orders[-1]
    assert close.status is (OrderStatus.FILLED if closed else OrderStatus.CANCELED)
    assert close.filled == (closed or 0)
    assert pair.bench.ledger.positions == {}


def test_a_close_made_smaller_still_goes_before_a_stop() -> None:
    pair = Pair()
    assert pair.place(Order(ACME.id, OrderType.MARKET, Side.BUY, Fraction(7), stop_loss=Fraction(99)))
    pair.wait(NOON - BEGIN)
    pair.tick(ACME.id, Fraction(98), Fraction("98.02"))
    assert pair.place(Order(ACME.id, OrderType.LIMIT, Side.SELL, Fraction(3), limit_price=Fraction(97)))
    pair.wait(60_000)
    assert pair.close(ACME.id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Order(ACME.id, OrderType.MARKET, Side.BUY, Fraction(1_000_000)), "qty"),
        (Order(ACME.id, OrderType.STOP, Side.BUY, Fraction(1), stop_price=Fraction("100.02")), "stopPrice"),
        (Order(ACME.id, OrderType.STOP, Side.SELL, Fraction(1), stop_price=Fraction(100)), "stopPrice"),
        (Order(ACME.id, OrderType.MARKET, Side.BUY, Fraction(1), take_profit=Fraction("100.02")), "takeProfit"),
        (Order(ACME.id, OrderType.MARKET, Side.SELL, Fraction(1), stop_loss=Fraction("100.02")), "stopLoss"),
    ],
)
def test_a_refusal_names_its_field(wrong: Order, field: str) -> None:
    pair = Pair()
    refusals = heard(pair)
    assert not pair.place(wrong)
    assert [refusal.body.field for refusal in refusals] == [field]


def heard(pair: Pair) -> list[TradingError]:
    """The engine's refusals from now on."""
    refusals: list[TradingError] = []
    right = pair.agree

    def listen(oracle_refuses: str | None, engine_refuses: TradingError | None) -> bool:
        refusals.extend([engine_refuses] if engine_refuses else [])
        return right(oracle_refuses, engine_refuses)

    pair.agree = listen  # type: ignore[method-assign]  # one ear for this test
    return refusals


def test_refusals_that_need_the_accounts_state_name_their_fields() -> None:
    pair = Pair()
    refusals = heard(pair)
    pair.place(Order(EURUSD.id, OrderType.MARKET, Side.BUY, Fraction(1000)))
    pair.close(EURUSD.id, Fraction(2000))
    pair.cancel(1)
    pair.wait(60_001)
    pair.close(EURUSD.id)
    pair.place(Order(USDJPY.id, OrderType.MARKET, Side.BUY, Fraction(1)))
    assert [refusal.body.field for refusal in refusals] == ["qty", "orderId", "symbol", "symbol"]


def test_without_a_rate_to_the_accounts_currency_nothing_is_placed() -> None:
    pair = Pair(currency="GBP")
    refusals = heard(pair)
    assert not pair.place(Order(ACME.id, OrderType.LIMIT, Side.BUY, Fraction(1), limit_price=Fraction(90)))
    assert [(refusal.body.code, refusal.body.field) for refusal in refusals] == [("no_conversion_rate", "symbol")]
    assert "USDGBP" in refusals[0].body.message
