"""Equity over time: samples taken while the house runs, and the curve they make together with what was booked.

A sample is taken at most every `SAMPLE_EVERY_MS` of market time while a position is open, and at each fill that closes and each
deposit or withdrawal. Samples wait in memory and are written together. A killed process loses the last few seconds of them;
balances are in the journal.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from trading_api.core.ledger import Ledger
from trading_api.core.ports import Clock, EquitySample, Samples
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.history import EquityPoint, StatementLine
from trading_api.models.errors import TryLater
from trading_api.models.facts import Executed, Fact, Funded

SAMPLE_EVERY_MS = 60_000
"""A year of one account is half a million; the archive thins out the older half of what is too much."""
WRITE_EVERY_S = 5.0
WAITING_MAX = 20_000
"""Samples that wait for the archive while an import has it; beyond it new ones are left out."""
ACCOUNTS_KNOWN_MAX = 1_000
"""Accounts whose last sample is remembered; one that is forgotten gets its next sample early."""

_log = logging.getLogger(__name__)


class EquitySampler:
    """Desks hand over what they have decided; every few seconds what was sampled is written."""

    def __init__(self, samples: Samples, clock: Clock) -> None:
        self._samples = samples
        self._clock = clock
        self._waiting: list[EquitySample] = []
        self._writing: asyncio.Task[None] | None = None
        self._last: dict[str, tuple[int, int]] = {}
        """Account to generation and time of its last sample."""

    def see(self, ledger: Ledger, facts: Iterable[Fact], *, now: int, equity: Callable[[], EquityData]) -> None:
        """After each round of a desk. `equity` is asked only when a sample is due."""
        account, generation = ledger.account_id, ledger.generation
        if not any(isinstance(one, Funded) or (isinstance(one, Executed) and one.closed_quantity) for one in facts):
            if not ledger.positions:
                return
            begun, last = self._last.get(account, (generation, 0))
            if begun == generation and now - last < SAMPLE_EVERY_MS:
                return
        if len(self._waiting) < WAITING_MAX:
            worth = equity()
            self._last.pop(account, None)
            self._last[account] = generation, worth.time
            if len(self._last) > ACCOUNTS_KNOWN_MAX:
                del self._last[next(iter(self._last))]
            self._waiting.append(EquitySample(account, generation, worth.time, worth.balance, worth.equity))

    def start(self, failed: Callable[[BaseException], None]) -> None:
        """Begin to write; `failed` hears why that stopped. Then samples are left out, and nothing else is."""

        def ended(task: asyncio.Task[None]) -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                failed(error)

        self._writing = asyncio.create_task(self._write_on(), name="samples of equity")
        self._writing.add_done_callback(ended)

    async def close(self) -> None:
        """Write what waits."""
        if self._writing is not None and not self._writing.done():
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
            await self.write()

    async def _write_on(self) -> None:
        while True:
            await self._clock.sleep(WRITE_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """What waits goes into the archive; while that is busy, or its disk full, it waits on."""
        waiting, self._waiting = self._waiting, []
        try:
            if waiting:
                await self._samples.write_samples(waiting)
        except TryLater as busy:
            _log.warning("Samples of equity wait: %s", busy)
            self._waiting = waiting + self._waiting

    async def read(self, account_id: str, generation: int, *, since: int, until: int) -> Sequence[EquitySample]:
        await self.write()
        return await self._samples.samples(account_id, generation, since=since, before=until)


def edges(since: int, until: int, points: int) -> list[int]:
    """Where each of at most `points` equal stretches of [since, until) ends."""
    span = max(1, until - since)
    count = min(points, span)
    return [since + span * place // count for place in range(1, count + 1)]


def curve(samples: Sequence[EquitySample], lines: Sequence[StatementLine], ends: Sequence[int]) -> list[EquityPoint]:
    """The last point of each stretch that has any; one with an equity before one without."""
    known = [EquityPoint(time=one.time, balance=one.balance, equity=one.equity) for one in samples]
    known += [_point(one) for one in lines]
    known.sort(key=lambda one: (one.time, one.equity is not None))
    points: list[EquityPoint] = []
    place = 0
    for end in ends:
        begin = place
        while place < len(known) and known[place].time < end:
            place += 1
        within = known[begin:place]
        if within:
            points.append(next((one for one in reversed(within) if one.equity is not None), within[-1]))
    return points


def _point(line: StatementLine) -> EquityPoint:
    """Without a position equity is the balance; with one only a sample knows it."""
    return EquityPoint(time=line.time, balance=line.balance, equity=None if line.open_positions else line.balance)
