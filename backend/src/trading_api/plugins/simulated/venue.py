"""The simulated venue: the engine behind the Venue port. It trades on any market; its desk hands it the ticks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from trading_api.core.engine import Engine
from trading_api.core.fill_model import IDEAL, FillModel
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg
from trading_api.core.ports import Capabilities, Due, Ids, Random
from trading_api.core.standing import USUAL, MarginLevels
from trading_api.models.facts import Command, Fact
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote


class SimulatedVenue:
    """One account's venue. Its engine adopts the ledger shown in `facts`. A model without a delay executes only on demand."""

    def __init__(
        self,
        *,
        instrument: Callable[[str], Instrument],
        path: Callable[[str, str], tuple[Leg, ...] | None],
        random: Random,
        model: FillModel = IDEAL,
        levels: MarginLevels = USUAL,
    ) -> None:
        self._instrument = instrument
        self._path = path
        self._random = random
        self._model = model
        self._levels = levels
        self._engine: Engine | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(immediate=True, margin_levels=self._levels, live=False)

    @property
    def engine(self) -> Engine:
        assert self._engine is not None, "the venue has not been shown a ledger yet"
        return self._engine

    async def facts(self, known: Ledger, ids: Ids) -> AsyncIterator[tuple[Fact, ...]]:
        self._engine = Engine(
            known.twin(),
            instrument=self._instrument,
            path=self._path,
            ids=ids,
            random=self._random,
            model=self._model,
            levels=self._levels,
        )
        yield ()
        await asyncio.get_running_loop().create_future()

    def check(self, command: Command, at: int) -> None:
        self.engine.admission.check(command, at)

    async def submit(self, command: Command, at: int) -> tuple[Fact, ...]:
        return self.engine.submit(command, at)

    def execute(self, order_id: str, at: int) -> tuple[Fact, ...]:
        return self.engine.execute(order_id, at)

    def tick(self, quote: Quote) -> tuple[Fact, ...]:
        return self.engine.tick(quote)

    def wake(self, at: int) -> tuple[Fact, ...]:
        return self.engine.wake(at)

    def due(self) -> Sequence[Due]:
        return self.engine.due()
