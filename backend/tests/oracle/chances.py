"""Random trading: how likely which action is, and within which bounds."""

from hypothesis import strategies as st

from oracle.actions import (
    GROUPS,
    RICH,
    Action,
    Blow,
    Cancel,
    CancelAll,
    Close,
    Flatten,
    Fund,
    Modify,
    Opening,
    Pass,
    Place,
    Protect,
    Reverse,
    SendToClose,
    Tick,
    Touch,
)
from oracle.symbols import ACME, EURUSD, USDJPY
from trading_api.models.broker.orders import OrderType, Side

openings = st.builds(
    Opening,
    st.sampled_from(sorted(RICH)),
    st.booleans(),
    st.sampled_from([7, 30, 100]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)

picks = st.integers(0, 1000)
symbols = st.sampled_from([EURUSD.id, USDJPY.id, ACME.id])
some_symbols = st.none() | symbols
sides = st.sampled_from(Side)
waits = st.sampled_from([0] * 8 + [1, 1000, 3000])
near = st.integers(-12, 12)
distances = near | st.integers(-100, 100) | st.integers(-300, 300)
outwards = st.integers(1, 20) | st.integers(1, 80) | st.integers(1, 300) | st.integers(-9, 20)
brackets = st.none() | st.integers(1, 30) | st.integers(1, 120) | st.integers(-1, 300)
trails = st.integers(1, 12) | st.integers(1, 80)
units = st.integers(1, 30) | st.integers(1, 150)
sizes = st.none() | st.tuples(st.integers(1, 40), st.integers(1, 40))
ends = st.sampled_from([1000, 2000, 5000, 30_000, 90_000, 0, -1])
works = st.sampled_from(["GTC", "GTC", "GTC", "GTC", "DAY", "GTD", "IOC", "FOK"])
spreads = st.integers(0, 20)

crashes = st.integers(-6000, 6000)

ticks = st.builds(Tick, symbols, st.one_of(distances, distances, crashes), spreads, sizes, waits)
touches = st.builds(Touch, picks, st.integers(-2, 2), spreads, sizes, waits)
blows = st.builds(Blow, picks, st.integers(10, 140), spreads, sizes, waits)
places = st.builds(
    Place,
    symbols,
    st.sampled_from([*OrderType, OrderType.MARKET, OrderType.LIMIT]),
    sides,
    units,
    outwards,
    near,
    brackets,
    brackets,
    st.none() | st.none() | trails,
    works,
    ends,
    st.sampled_from([None, None, None, *GROUPS]),
    waits,
)
prices_of_an_order = ["limit_price", "stop_price", "take_profit", "stop_loss", "trail"]
modifications = st.builds(
    Modify,
    picks,
    st.sets(st.sampled_from(["quantity", "expires", *prices_of_an_order]), min_size=1).map(frozenset),
    units,
    distances,
    st.just(frozenset[str]()) | st.sets(st.sampled_from(["take_profit", "stop_loss", "trail", "expires"])).map(frozenset),
    ends,
    waits,
)
cancels = st.builds(Cancel, picks, waits)
closes = st.builds(Close, picks, st.booleans(), st.none() | st.integers(1, 4), waits)
sent_to_close = st.builds(
    SendToClose,
    picks,
    st.sampled_from([OrderType.MARKET, OrderType.LIMIT, OrderType.STOP]),
    st.sampled_from([1, 2, 3, 3, 4, 6]),
    outwards,
    st.sampled_from(["GTC", "GTC", "DAY", "GTD"]),
    st.integers(1000, 5000),
    waits,
)
reverses = st.builds(Reverse, picks, waits)
away = st.none() | st.just(0) | outwards
protections = st.builds(Protect, picks, away, away, st.none() | trails, waits)
cancel_alls = st.builds(CancelAll, some_symbols, st.none() | sides, waits)
flattens = st.builds(Flatten, some_symbols, waits)
funds = st.builds(Fund, st.integers(1, 5000), waits)
passes = st.builds(Pass, st.sampled_from([20_000, 60_000, 60_001, 13 * 3_600_000]), st.booleans() | st.just(True))

often = [ticks, ticks, touches, touches, touches, places, places, places, places, blows, modifications, modifications, passes]
seldom = [cancels, closes, closes, sent_to_close, sent_to_close, reverses, reverses, protections, protections]
rarely = [cancel_alls, flattens, funds]
actions = st.sampled_from([*often, *often, *seldom, *rarely]).flatmap(lambda kind: kind)
"""One thing that happens."""


def sequences(longest: int) -> st.SearchStrategy[list[Action]]:
    """Hypothesis' own lists are mostly short, so these are several in a row."""
    parts = 6
    part = st.lists(actions, min_size=longest // parts // 2, max_size=longest // parts)
    return st.tuples(*[part] * parts).map(lambda lists: [action for one in lists for action in one])
