"""Numbers on the wire: what is written is what is read, or it is refused by name."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trading_api.models.base import FLOAT_DIGITS_MAX, NUMBER_TEXT_MAX, POWER_MAX, Exact, Model, Number, on_the_wire


class Sheet(Model):
    amount: Number


class Page(Model):
    amount: Exact


fifteen_digits = st.builds(
    lambda digits, exponent, negative: Decimal((int(negative), tuple(map(int, str(digits))), exponent)),
    st.integers(0, 10**15 - 1),
    st.integers(-12, 0),
    st.booleans(),
)
any_amount = st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**18) + 1, max_value=10**18 - 1)
prices = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10**9), places=8)


@given(fifteen_digits)
def test_fifteen_digits_survive_a_json_number(amount: Decimal) -> None:
    text = Sheet(amount=amount).model_dump_json()
    assert Sheet.model_validate_json(text).amount == amount
    assert Sheet.model_validate(json.loads(text)).amount == amount


@given(any_amount)
def test_a_string_keeps_every_digit(amount: Decimal) -> None:
    assert Sheet.model_validate({"amount": str(amount)}).amount == amount
    assert Page.model_validate_json(Page(amount=amount).model_dump_json()).amount == amount


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_are_written_without_a_point(amount: int) -> None:
    assert Sheet(amount=Decimal(amount)).model_dump_json() == f'{{"amount":{amount}}}'
    assert Sheet(amount=Decimal(f"{amount}.00")).model_dump_json() == f'{{"amount":{amount}}}'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_as_it_is_written_or_refused(amount: float) -> None:
    written = Decimal(repr(amount))
    normal = written.normalize().as_tuple()
    try:
        assert Sheet.model_validate_json(f'{{"amount":{amount!r}}}').amount == written
    except ValidationError as refusal:
        assert refusal.errors()[0]["loc"] == ("amount",)
        too_large = written.adjusted() >= POWER_MAX or int(normal.exponent) < -POWER_MAX
        assert too_large or len(normal.digits) > FLOAT_DIGITS_MAX
        assert ("at most 18 decimals" if too_large else "send a string") in str(refusal)


@given(price=prices, parts=st.integers(1, 1000))
def test_an_average_is_rounded_to_what_a_json_number_carries(price: Decimal, parts: int) -> None:
    told = on_the_wire(price * (parts + 1) / parts)
    assert len(told.as_tuple().digits) <= FLOAT_DIGITS_MAX
    assert Sheet.model_validate_json(Sheet(amount=told).model_dump_json()).amount == told


@pytest.mark.parametrize("price", ["0.00001234", "0.00000001"])
def test_the_average_of_very_low_prices_can_be_told(price: str) -> None:
    average = on_the_wire(Decimal(price) * 4 / 3)
    assert Sheet(amount=average).amount == average


@pytest.mark.parametrize("large", ["1e18", "-1e18", "1e30", "1e-19", "0.0000000000000000001"])
def test_a_number_beyond_eighteen_digits_either_way_is_refused(large: str) -> None:
    with pytest.raises(ValidationError, match="at most 18 decimals"):
        Sheet.model_validate({"amount": large})


def test_decimals_far_behind_the_point_are_counted() -> None:
    with pytest.raises(ValidationError, match="at most 18 decimals"):
        Sheet.model_validate({"amount": "1." + "0" * 36 + "1"})


@pytest.mark.parametrize(
    "wrong", [True, None, "", "one", "NaN", "-Infinity", "1_0", "٣", "0x10", "1" * (NUMBER_TEXT_MAX + 1), [1], {}, float("inf")]
)
def test_what_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError, match="expected"):
        Sheet.model_validate({"amount": wrong})


@pytest.mark.parametrize("text", ["1.0850", "1085e-3", " 1.5 ", "-0", "0.1"])
def test_texts_that_are_numbers(text: str) -> None:
    assert Sheet.model_validate({"amount": text}).amount == Decimal(text.strip())
