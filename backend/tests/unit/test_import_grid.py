"""A tick size that does not fit is refused with the nearest one that does."""

import time
from decimal import Decimal

import pytest

from trading_api.plugins.imported.grid import nearest_tick_size

UNITS = 10**12


@pytest.mark.parametrize(
    ("common", "asked", "nearest"),
    [
        ("0.001", "0.01", "0.001"),
        ("0.001", "0.0003", "0.00025"),
        ("0.001", "0.0004", "0.0005"),
        ("1", "0.3", "0.25"),
        ("1", "0.7", "0.5"),
        ("0.05", "0.02", "0.025"),
        ("0.25", "0.1", "0.125"),
        ("91.717", "0.9", "0.91717"),
        ("91.717", "50", "45.8585"),
        ("91.717", "80", "91.717"),
        ("0.000000000001", "0.01", "0.000000000001"),
    ],
)
def test_the_nearest_legal_tick_size_is_named(common: str, asked: str, nearest: str) -> None:
    found = nearest_tick_size(int(Decimal(common) * UNITS), Decimal(asked))
    assert found == Decimal(nearest)
    assert Decimal(common) % found == 0


def test_it_is_found_at_once_whatever_the_prices() -> None:
    began = time.monotonic()
    nearest_tick_size(999_999_999_989 * 10**6, Decimal("0.7"))
    nearest_tick_size(2**20 * 3**10 * 5**8, Decimal("0.7"))
    assert time.monotonic() - began < 0.5
