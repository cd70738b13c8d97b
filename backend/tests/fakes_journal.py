"""A journal that forgets everything when the process ends, for tests that are about something else."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from trading_api.core.ports import Recorded
from trading_api.models.errors import Stopped
from trading_api.models.facts import Fact


class MemoryJournal:
    def __init__(self) -> None:
        self._facts: defaultdict[str, list[Fact]] = defaultdict(list)
        self._stopped: Stopped | None = None

    @property
    def id(self) -> str:
        return "memory"

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        if self._stopped:
            raise self._stopped
        if not facts:
            return
        if after != (found := len(self._facts.get(account_id, ()))):
            self._stopped = Stopped(f"expected the last fact of account {account_id} to be {after}, found {found}")
            raise self._stopped
        self._facts[account_id] += facts

    async def read(self, account_id: str, after: int = 0) -> AsyncIterator[Recorded]:
        for sequence, fact in enumerate(self._facts.get(account_id, [])[after:], after + 1):
            yield Recorded(sequence, fact)

    async def last(self, account_id: str) -> Recorded | None:
        facts = self._facts.get(account_id)
        return Recorded(len(facts), facts[-1]) if facts else None

    async def mark(self, account_id: str, sequence: int) -> str | None:
        facts = self._facts.get(account_id, [])
        return repr(facts[:sequence]) if sequence <= len(facts) else None

    async def accounts(self) -> Sequence[str]:
        return sorted(self._facts)

    async def close(self) -> None:
        self._stopped = Stopped("the journal has been closed")
