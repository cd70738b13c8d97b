"""Models of execution: how long an order is on its way, and how much worse than the quote it fills.

`ideal` adds nothing, so that a strategy's result is its own. The others are rounded, order-of-magnitude figures:
docs/topics/execution-models.md says of each where it comes from. Draws come from the account's own seeded source.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from trading_api.core.ports import Random
from trading_api.models.market.instruments import Instrument

Delay = tuple[float, float] | None
"""Seconds between acceptance (or trigger) and execution, drawn evenly from the range; None: only on demand."""

_FINEST = 0.01
_FINEST_POINTS = Decimal("0.000001")
"""A hundredth of a basis point, as drawn and as a part of the price."""


class FillModel(NamedTuple):
    """How a simulated venue executes market orders and triggered stops."""

    name: str = "ideal"
    delay: Delay = (0, 0)
    slipping: float = 0.0
    """The share of executions that slip at all."""
    slippage: tuple[float, float] = (0, 0)
    """Least and most to the trader's disadvantage, drawn evenly, in `unit`."""
    unit: Literal["ticks", "basis points"] = "ticks"

    def draw_delay(self, random: Random) -> int:
        """Milliseconds."""
        return round(1000 * random.uniform(*self.delay)) if self.delay and self.delay != (0, 0) else 0

    def draw_slippage(self, random: Random, instrument: Instrument, price: Decimal) -> Decimal:
        """What is added to `price` against the trader, in whole ticks."""
        if not self.slipping or random.uniform(0, 1) >= self.slipping:
            return Decimal(0)
        least, most = self.slippage
        if self.unit == "ticks":
            return min(int(most), int(random.uniform(least, most + 1))) * instrument.tick_size
        points = Decimal(round(random.uniform(least, most) / _FINEST)) * _FINEST_POINTS
        return (price * points / instrument.tick_size).to_integral_value() * instrument.tick_size


IDEAL = FillModel()
PRESETS: Mapping[str, FillModel] = {
    one.name: one
    for one in (
        IDEAL,
        FillModel("retail-fx", delay=(0.05, 0.25), slipping=0.17, slippage=(1, 5)),
        FillModel("crypto-spot", delay=(0.05, 0.25), slipping=1.0, slippage=(0.1, 2.6), unit="basis points"),
        FillModel("us-equity", delay=(0.05, 0.4), slipping=0.02, slippage=(1, 2)),
    )
}
