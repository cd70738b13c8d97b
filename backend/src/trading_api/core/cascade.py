"""What one fact changes: the mission's cascade."""

from operator import attrgetter
from typing import NamedTuple

from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import PlacedOrder
from trading_api.models.broker.positions import IndividualPosition, Position

COUNTED_TOPICS: dict[str, str] = {
    "executions": "executions",
    "orders": "orders",
    "positions": "positions",
    "individual-positions": "individual_positions",
}
"""Topics counted by the fold, and the field of the cascade that each carries."""
counted = attrgetter(*COUNTED_TOPICS.values())
"""What a cascade tells on each of them."""


class Cascade(NamedTuple):
    """The order of fields is the order of announcement; within one, the cause comes first."""

    executions: tuple[Execution, ...] = ()
    orders: tuple[PlacedOrder, ...] = ()
    equity: bool = False
    positions: tuple[Position, ...] = ()
    individual_positions: tuple[IndividualPosition, ...] = ()
