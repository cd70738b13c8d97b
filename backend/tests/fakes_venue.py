"""A venue outside the house, driven by a test."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from fakes_journal import MemoryJournal
from trading_api.core.ledger import Ledger
from trading_api.core.ports import Capabilities, Due, Ids
from trading_api.models.facts import Command, Fact
from trading_api.models.market.quotes import Quote


class FarVenue:
    """A venue outside the house. It answers a command when the test says so, or never."""

    def __init__(self, journal: MemoryJournal | None = None) -> None:
        self.capabilities = Capabilities(immediate=False)
        self.sent: list[Command] = []
        self.journaled_when_sent: list[int] = []
        self.tells: asyncio.Queue[tuple[Fact, ...]] = asyncio.Queue()
        self.answer: asyncio.Future[tuple[Fact, ...]] = asyncio.get_running_loop().create_future()
        self._journal = journal

    async def facts(self, known: Ledger, ids: Ids) -> AsyncIterator[tuple[Fact, ...]]:
        yield ()
        while True:
            yield await self.tells.get()

    def check(self, command: Command, at: int) -> None: ...

    async def submit(self, command: Command, at: int) -> tuple[Fact, ...]:
        if self._journal is not None:
            self.journaled_when_sent.append(len([one async for one in self._journal.read("alice")]))
        self.sent.append(command)
        return await asyncio.shield(self.answer)

    def tick(self, quote: Quote) -> tuple[Fact, ...]:
        return ()

    def execute(self, order_id: str, at: int) -> tuple[Fact, ...]:
        return ()

    def wake(self, at: int) -> tuple[Fact, ...]:
        return ()

    def due(self) -> Sequence[Due]:
        return ()
