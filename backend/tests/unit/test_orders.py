"""Checks of an order that need only its instrument, and the numbers they are made of."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from fakes_market import an_instrument
from trading_api.core.orders import check_brackets, check_grid, check_order, check_quantity, nearest_step, normalized
from trading_api.models.base import Number, on_the_wire
from trading_api.models.broker.orders import OrderRequest, OrderType, Side
from trading_api.models.errors import ErrorBody, FixRequest

NUMBER: TypeAdapter[Decimal] = TypeAdapter(Number)
LOTS = an_instrument(quantity_min="1000", quantity_max="5000", quantity_step="1000", tick_size="0.00005")


def an_order(**changes: object) -> OrderRequest:
    return OrderRequest.model_validate({"symbol": "EURUSD", "type": 2, "side": 1, "qty": 1_000} | changes)


def refusal_of(check: object, *given: object) -> ErrorBody:
    assert callable(check)
    with pytest.raises(FixRequest) as refused:
        check(*given)
    return refused.value.body


@pytest.mark.parametrize(
    ("value", "step", "nearest"),
    [("1499", "1000", "1000"), ("1500", "1000", "1000"), ("1501", "1000", "2000"), ("0.00012", "0.00005", "0.00010")],
)
def test_the_nearest_step_is_the_lower_one_when_equally_close(value: str, step: str, nearest: str) -> None:
    assert nearest_step(Decimal(value), Decimal(step)) == Decimal(nearest)


@pytest.mark.parametrize("quantity", ["999.99", "1e-18", "1000.5", "4999", "5001", "1e17"])
def test_the_nearest_quantity_is_always_legal(quantity: str) -> None:
    nearest = refusal_of(check_quantity, LOTS, Decimal(quantity)).nearest
    assert nearest is not None
    check_quantity(LOTS, nearest)


@pytest.mark.parametrize("price", ["1.08501", "0.00001", "1e-18", "99999999999999999.99999"])
def test_the_nearest_price_is_always_legal(price: str) -> None:
    nearest = refusal_of(check_grid, LOTS, Decimal(price), "limitPrice").nearest
    assert nearest is not None and nearest > 0
    check_grid(LOTS, nearest, "limitPrice")


def test_prices_that_the_type_does_not_use_are_dropped() -> None:
    order = an_order(limitPrice=1, stopPrice=2)
    dropped = {kind: normalized(order.model_copy(update={"type": kind})) for kind in OrderType}
    assert {kind: (one.limit_price, one.stop_price) for kind, one in dropped.items()} == {
        OrderType.MARKET: (None, None),
        OrderType.LIMIT: (1, None),
        OrderType.STOP: (None, 2),
        OrderType.STOP_LIMIT: (1, 2),
    }


def test_brackets_of_a_stop_limit_are_measured_from_its_limit() -> None:
    order = an_order(type=4, stopPrice="1.09", limitPrice="1.10", takeProfit="1.095", stopLoss="1.08")
    refused = refusal_of(check_order, LOTS, order)
    assert (refused.code, refused.field) == ("bracket_wrong_side", "takeProfit")


@pytest.mark.parametrize(("side", "take_profit", "stop_loss"), [(Side.BUY, "1.2", "1.0"), (Side.SELL, "1.0", "1.2")])
def test_brackets_lie_beyond_both_sides_of_the_market(side: Side, take_profit: str, stop_loss: str) -> None:
    above, below = (Decimal("1.11"), Decimal("1.10")) if side is Side.BUY else (Decimal("1.10"), Decimal("1.11"))
    tick = Decimal("0.01")
    check_brackets(side, above, below, Decimal(take_profit), Decimal(stop_loss), tick=tick)
    for field, prices in (("takeProfit", (above, None)), ("stopLoss", (None, below))):
        refused = refusal_of(lambda *given: check_brackets(*given, tick=tick), side, above, below, *prices)
        assert (refused.field, refused.nearest) == (field, above + side * tick if prices[0] else below - side * tick)


# Numbers


@pytest.mark.parametrize(
    ("given", "read"),
    [(1, "1"), (0.1, "0.1"), ("1.10", "1.10"), (1e3, "1000"), ("-1e2", "-100"), (123456789.123456, "123456789.123456")],
)
def test_a_json_number_is_read_as_it_was_written(given: object, read: str) -> None:
    assert NUMBER.validate_python(given) == Decimal(read)


@pytest.mark.parametrize(
    "given", [True, None, "", "1,5", "much", "nan", "Infinity", float("inf"), "1" * 41, "1e999999", "1e-999999", [], 0.1 + 0.2]
)
def test_what_is_no_exact_number_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        NUMBER.validate_python(given)


@pytest.mark.parametrize("value", ["0.00009279364549115683", "1e-30", "0", "123456789012345678.9", "-0.3333333333333333333333"])
def test_a_rounded_mark_is_a_number_that_reads_back(value: str) -> None:
    told = on_the_wire(Decimal(value))
    assert NUMBER.validate_python(told) == told
    assert abs(told - Decimal(value)) <= max(abs(Decimal(value)) * Decimal("1e-14"), Decimal("1e-18"))
