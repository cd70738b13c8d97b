"""What the random search has found in the engine once: the shortest ways there, kept."""

from fractions import Fraction

import pytest

from oracle.actions import Action, Blow, Modify, Opening, Place, Protect, Reverse, Tick, Touch, play
from oracle.symbols import ACME, EURUSD, USDJPY
from trading_api.models.broker.orders import OrderStatus, OrderType, Side

NETTED = Opening("USD", poor=False, leverage=30, hedging=False, fifo=False, guarded=False)
HEDGED = Opening("USD", poor=False, leverage=30, hedging=True, fifo=False, guarded=False)


def place(
    symbol: str,
    type: OrderType,
    side: Side,
    units: int,
    *,
    away: int = 1,
    take_profit: int | None = None,
    stop_loss: int | None = None,
    trail: int | None = None,
) -> Place:
    return Place(symbol, type, side, units, away, 0, take_profit, stop_loss, trail, "GTC", 0, None, 0)


def sized(symbol: str, move: int, bid: int, ask: int) -> Tick:
    return Tick(symbol, move, 1, (bid, ask), 1)


def unsized(symbol: str, move: int) -> Tick:
    return Tick(symbol, move, 1, None, 1)


MARKET, LIMIT = OrderType.MARKET, OrderType.LIMIT
WAYS: dict[str, tuple[Opening, list[Action]]] = {
    "a hedged reverse needs no margin for what it closes": (
        HEDGED,
        [place(EURUSD.id, MARKET, Side.SELL, 150), Reverse(0, 0)],
    ),
    "a hedged reverse that works holds margin only for what it opens": (
        HEDGED,
        [place(USDJPY.id, MARKET, Side.SELL, 13), sized(USDJPY.id, 0, 16, 16), Reverse(0, 0)],
    ),
    "an order says that the stop loss it brought trails": (
        NETTED,
        [
            place(ACME.id, LIMIT, Side.BUY, 1, away=20, stop_loss=30),
            Modify(1, frozenset({"trail"}), 1, 20, frozenset(), 0, 0),
        ],
    ),
    "a sell limit holds less again when the bid falls back": (
        HEDGED,
        [place(USDJPY.id, LIMIT, Side.SELL, 50), sized(USDJPY.id, 40, 1, 1), unsized(USDJPY.id, -60)],
    ),
    "a stop that is being filled is not moved": (
        NETTED,
        [
            place(USDJPY.id, MARKET, Side.BUY, 4, stop_loss=170),
            sized(USDJPY.id, -500, 4, 4),
            Protect(0, None, None, 7, 0),
        ],
    ),
    "an order repeats the protection that is stated anew": (
        NETTED,
        [
            place(USDJPY.id, LIMIT, Side.BUY, 13, trail=40),
            sized(USDJPY.id, -20, 10, 10),
            Protect(0, None, None, 3, 0),
        ],
    ),
    "an order forgets the bracket that fell with its position": (
        HEDGED,
        [sized(EURUSD.id, 0, 6, 6), place(EURUSD.id, MARKET, Side.SELL, 5, stop_loss=100), Reverse(0, 0)],
    ),
    "a reverse opens as much as it closed": (
        NETTED,
        [
            place(USDJPY.id, MARKET, Side.BUY, 5, stop_loss=30),
            sized(USDJPY.id, 0, 6, 6),
            Reverse(0, 0),
            unsized(USDJPY.id, -500),
        ],
    ),
    "a flip is held against the equity with what it frees": (
        Opening("USD", poor=False, leverage=30, hedging=False, fifo=False, guarded=True),
        [place(EURUSD.id, MARKET, Side.BUY, 35), Blow(0, 95, 1, (36, 30), 0), Reverse(0, 0)],
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_fault_once_found_does_not_come_back(way: tuple[Opening, list[Action]]) -> None:
    opening, actions = way
    play(opening.pair(), actions)


@pytest.mark.parametrize("pick", [1, 2], ids=["through its order", "by itself"])
def test_a_trail_that_has_not_begun_leaves_no_stop_without_a_price(pick: int) -> None:
    pair = NETTED.pair()
    take_away = Modify(pick - 1, frozenset({"trail"}), 1, 1, frozenset({"trail"}), 0, 0)
    play(pair, [place(ACME.id, LIMIT, Side.BUY, 1, away=20, trail=12), take_away, Touch(1, -1, 1, None, 0)])
    order, stop = pair.bench.view().orders
    assert (order.status, stop.status) == (OrderStatus.FILLED, OrderStatus.CANCELED)
    assert pair.bench.view().positions[0].quantity == Fraction(7)
