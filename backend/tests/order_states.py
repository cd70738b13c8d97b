"""How an order's state may move in a Trading Terminal (contract 3.9): the judge of every frame of the topic `orders`."""

from collections.abc import Mapping
from typing import Any

CANCELED, FILLED, INACTIVE, PLACING, REJECTED, WORKING = 1, 2, 3, 4, 5, 6
FINAL = frozenset({CANCELED, FILLED, REJECTED})
ALLOWED: Mapping[int | None, frozenset[int]] = {
    None: frozenset({PLACING, WORKING, INACTIVE}),
    PLACING: frozenset({PLACING, WORKING, INACTIVE}) | FINAL,
    INACTIVE: frozenset({INACTIVE, WORKING, CANCELED, REJECTED}),
    WORKING: frozenset({WORKING}) | FINAL,
    CANCELED: frozenset(),
    FILLED: frozenset(),
    REJECTED: frozenset(),
}
"""From what it was told as last (None: not yet) to what may be told next."""
STEADY = ("symbol", "side", "type", "placeTime", "clientOrderId", "bracket", "customFields")
"""What an order keeps for life."""


class OrderStates:
    def __init__(self) -> None:
        self._last: dict[str, Mapping[str, Any]] = {}

    def see(self, order: Mapping[str, Any]) -> None:
        before = self._last.get(order["id"])
        was = before["status"] if before else None
        assert order["status"] in ALLOWED[was], f"order {order['id']} went from {was} to {order['status']}"
        if before:
            changed = [name for name in STEADY if before.get(name) != order.get(name)]
            assert not changed, f"order {order['id']} changed {changed}"
            assert order["filledQty"] >= before["filledQty"], f"order {order['id']} unfilled"
        if order["status"] == REJECTED:
            assert order["message"]["text"], f"order {order['id']} was rejected without a text"
        if order["status"] == INACTIVE:
            assert order.get("parentId") and order["parentType"] == 1, f"order {order['id']} waits for no order"
        self._last[order["id"]] = order
