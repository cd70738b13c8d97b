"""Models of execution: how long an order is on its way, and how much worse than the quote it fills.

`ideal` adds nothing, so that a strategy's result is its own. The others are rounded, order-of-magnitude figures: each parameter
says where its value comes from in docs/topics/execution-models.md. Draws come from the account's seeded source.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.ports import Random
from trading_api.models.market.instruments import Instrument

Delay = tuple[float, float] | None
"""Seconds between acceptance (or trigger) and execution, drawn evenly from the range; None: only on demand."""


class FillModel(NamedTuple):
    """How a simulated venue executes market orders and triggered stops."""

    delay: Delay = (0, 0)
    slippage_ticks: tuple[int, int] = (0, 0)
    """Fewest and most ticks to the trader's disadvantage, drawn evenly."""
    slipping: float = 1.0
    """The share of executions that slip at all."""

    def draw_delay(self, random: Random) -> int:
        """Milliseconds."""
        return round(1000 * random.uniform(*self.delay)) if self.delay and self.delay != (0, 0) else 0

    def draw_slippage(self, random: Random, instrument: Instrument) -> Decimal:
        """In the instrument's price."""
        low, high = self.slippage_ticks
        if not high or random.uniform(0, 1) >= self.slipping:
            return Decimal(0)
        return round(random.uniform(low, high)) * instrument.tick_size


IDEAL = FillModel()
PRESETS: Mapping[str, FillModel] = {
    "ideal": IDEAL,
    "retail-fx": FillModel(delay=(0.05, 0.25), slippage_ticks=(0, 3), slipping=0.4),
    "crypto-spot": FillModel(delay=(0.02, 0.15), slippage_ticks=(0, 10), slipping=0.6),
    "us-equity": FillModel(delay=(0.01, 0.1), slippage_ticks=(0, 1), slipping=0.3),
}
