"""Splitting a bar: the children add up to the parent, exactly."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trading_api.plugins.synthetic.history import merged
from trading_api.plugins.synthetic.split import Drawn, bars_in, portions, prices_in, reach_down, reach_up


@some.composite
def parents(draw: some.DrawFn) -> Drawn:
    low = draw(some.integers(1, 10**7))
    high = low + draw(some.one_of(some.integers(0, 5), some.integers(0, 10**6)))
    open_, close = draw(some.integers(low, high)), draw(some.integers(low, high))
    return Drawn(open_, high, low, close, draw(some.integers(0, 10**9)))


keys = some.integers(0, 2**64 - 1)
variances = some.integers(0, 10**12)


@given(parents(), some.integers(1, 60), variances, keys)
def test_children_make_up_their_parent(parent: Drawn, count: int, variance: int, key: int) -> None:
    children = bars_in(parent, count, variance, key)
    assert len(children) == count
    assert merged(children) == parent
    assert all(later.open == earlier.close for earlier, later in pairwise(children))
    assert all(each.low <= min(each.open, each.close) <= max(each.open, each.close) <= each.high for each in children)
    assert all(each.volume >= 0 for each in children)


@given(parents(), some.integers(5, 120), variances, keys)
def test_ticks_make_up_their_minute(parent: Drawn, count: int, variance: int, key: int) -> None:
    prices = prices_in(parent, count, variance, key)
    assert len(prices) == count
    assert (prices[0], max(prices), min(prices), prices[-1]) == parent[:4]


@given(some.integers(0, 10**12), some.lists(some.integers(1, 10**6), min_size=1, max_size=100))
def test_portions_lose_nothing(total: int, weights: list[int]) -> None:
    parts = portions(total, weights)
    assert sum(parts) == total and min(parts) >= 0 and len(parts) == len(weights)


@given(some.integers(1, 10**6), some.integers(1, 10**6), variances, some.integers(0, 255))
def test_a_walk_reaches_beyond_both_its_ends(open_: int, close: int, variance: int, chance: int) -> None:
    assert reach_up(open_, close, variance, chance) >= max(open_, close)
    assert reach_down(open_, close, variance, chance) <= min(open_, close)


@pytest.mark.parametrize("count", [13, 48])
def test_equal_keys_draw_equal_bars(count: int) -> None:
    parent = Drawn(10_000, 10_300, 9_900, 10_150, 5_000)
    assert bars_in(parent, count, 40_000, 5) == bars_in(parent, count, 40_000, 5) != bars_in(parent, count, 40_000, 6)
