"""Rounding, and the way from one currency to another."""

from decimal import Decimal

import pytest

from fakes_market import an_instrument
from trading_api.core.money import Leg, Rates, booked, check_bookable, conversion_path
from trading_api.models.errors import FixRequest, Refused
from trading_api.models.market.quotes import Quote

PAIRS = tuple(an_instrument(name) for name in ("EURUSD", "USDJPY", "GBPUSD", "EURGBP"))


def a_quote(name: str, bid: str, ask: str) -> Quote:
    return Quote.model_validate({"symbol": f"DEMO:{name}", "time": 0, "bid": bid, "ask": ask})


def rates(*quotes: Quote) -> Rates:
    known = {one.symbol: one for one in quotes}
    return Rates(lambda source, target: conversion_path(source, target, PAIRS), known)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.125", "USD", "0.12"),
        ("0.135", "USD", "0.14"),
        ("-0.125", "USD", "-0.12"),
        ("0.5", "JPY", "0"),
        ("1.5", "JPY", "2"),
        ("0.000000015", "BTC", "0.00000002"),
    ],
)
def test_money_is_rounded_half_even_to_the_currency(amount: str, currency: str, expected: str) -> None:
    assert booked(Decimal(amount), currency) == Decimal(expected)


def test_an_amount_off_the_currencys_grid_is_refused_with_the_nearest() -> None:
    check_bookable(Decimal("1.50"), "USD", "amount")
    with pytest.raises(FixRequest) as refused:
        check_bookable(Decimal("1.5"), "JPY", "amount")
    assert (refused.value.body.field, refused.value.body.nearest) == ("amount", 2)


@pytest.mark.parametrize(
    ("source", "target", "path"),
    [
        ("USD", "USD", ()),
        ("EUR", "USD", (Leg("DEMO:EURUSD", False),)),
        ("USD", "EUR", (Leg("DEMO:EURUSD", True),)),
        ("EUR", "GBP", (Leg("DEMO:EURGBP", False),)),
        ("JPY", "EUR", (Leg("DEMO:USDJPY", True), Leg("DEMO:EURUSD", True))),
        ("GBP", "JPY", (Leg("DEMO:GBPUSD", False), Leg("DEMO:USDJPY", False))),
        ("CHF", "USD", None),
        ("CHF", "EUR", None),
    ],
)
def test_conversion_takes_the_direct_pair_else_crosses_dollars(source: str, target: str, path: tuple[Leg, ...] | None) -> None:
    assert conversion_path(source, target, PAIRS) == path


def test_conversion_is_at_the_mid_and_not_rounded() -> None:
    there = rates(a_quote("USDJPY", "99", "101"), a_quote("EURUSD", "1.2", "1.3"))
    assert there.convert(Decimal(1), "USD", "JPY") == 100
    assert there.convert(Decimal(125), "JPY", "EUR") == 1
    assert there.convert(Decimal("0.001"), "USD", "USD") == Decimal("0.001")


def test_a_rate_that_is_not_there_is_refused_naming_the_pair() -> None:
    there = rates(a_quote("USDJPY", "99", "101"))
    assert there.known("USD", "JPY") and not there.known("JPY", "EUR") and not there.known("CHF", "USD")
    for source, target in (("JPY", "EUR"), ("CHF", "USD")):
        with pytest.raises(Refused) as refused:
            there.convert(Decimal(1), source, target)
        assert source + target in refused.value.body.message and refused.value.body.field == "symbol"
