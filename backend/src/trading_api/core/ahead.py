"""What a ledger that runs ahead has worked out, for the one that is told the same facts after their flush.

The engine folds each fact as it decides it, the desk once it has survived. Both began as one ledger and are told the same, so
what the first made of a fact is what the second would. The first fact that is another one ends this for good: from then on the
second works everything out by itself, as it does whenever a journal is read.
"""

from collections import deque
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.cascade import Cascade
from trading_api.core.holdings import Holding
from trading_api.models.facts import (
    Accepted,
    Cancelled,
    Changed,
    Executed,
    Expired,
    Fact,
    Rejected,
    Requested,
    Triggered,
)

STEPS_MAX = 20_000
"""Facts that one ledger may be ahead of the other: more than a flush carries."""
SHARED = frozenset((Accepted, Cancelled, Changed, Executed, Expired, Rejected, Requested, Triggered))
"""Kinds of facts whose results are handed over: those that come often and take long."""


class Step(NamedTuple):
    """What a fact changed, as it stood afterwards."""

    fact: Fact
    cascade: Cascade
    orders_issued: int
    holding: Holding | None = None
    """For an execution: its position."""
    value: Decimal | None = None
    """For an execution: what its order has been filled for, as long as it works."""


class Ahead:
    """Between two ledgers of one account."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque()
        self._ended = False

    def note(self, step: Step) -> None:
        if len(self._steps) >= STEPS_MAX:
            self._end()
        if not self._ended:
            self._steps.append(step)

    def take(self, fact: Fact) -> Step | None:
        """What was made of this very fact."""
        if self._steps and self._steps[0].fact is fact:
            return self._steps.popleft()
        self._end()
        return None

    def _end(self) -> None:
        self._ended = True
        self._steps.clear()
