"""A server that acknowledges before the commit. The crash test's judge must find it out."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from trading_api.core.ports import Clock
from trading_api.models.facts import Fact
from trading_api.plugins import journal_sqlite

LATE_S = 0.3


class HastyJournal(journal_sqlite.SqliteJournal):
    """Commits what it was given some time after it said that it had."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(path, clock)
        self._promised: list[tuple[str, int, Sequence[Fact]]] = []
        self._late: asyncio.Task[None] | None = None

    async def append(self, account_id: str, after: int, facts: Sequence[Fact]) -> None:
        self._promised.append((account_id, after, tuple(facts)))
        self._late = self._late or asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LATE_S)
            promised, self._promised = self._promised, []
            for account_id, after, facts in promised:
                await super().append(account_id, after, facts)


if __name__ == "__main__":
    journal_sqlite.SqliteJournal = HastyJournal  # type: ignore[misc]  # before the roof looks for it
    from trading_api.cli import main

    main()
