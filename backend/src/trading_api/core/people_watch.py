"""Sees what takes access away without anybody here doing it: another process's change, the end of a key or a visit."""

from collections.abc import Callable
from contextlib import suppress

from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.owners import Owners
from trading_api.core.people import People
from trading_api.core.ports import Clock
from trading_api.core.visits import Visits
from trading_api.models.errors import TryLater

LOOK_SECONDS = 1.0
"""Between two looks: so long may what the command line has taken away still be used."""


class PeopleWatch:
    def __init__(
        self,
        people: People,
        visits: Visits,
        owners: Owners,
        clients: OAuthClients,
        *,
        signer_changed: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._people, self._visits, self._owners, self._clients = people, visits, owners, clients
        self._signer_changed, self._clock = signer_changed, clock
        self._looked = clock.now()
        self._readings = people.readings
        self._missed = False
        """Whether the last look was cut short: what it had seen would not be seen again."""

    async def run(self) -> None:
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        try:
            changed = await self._look()
        except TryLater:  # the store is busy
            self._missed = True
            return
        if changed:
            self._people.told()

    async def rest(self) -> None:
        """Keep what has come since the last look."""
        with suppress(TryLater):
            await self._visits.write_behind()

    async def end_forgotten_clients(self) -> None:
        await self._visits.end_of_clients_beyond({one.mark for one in await self._clients.all()})

    async def _look(self) -> bool:
        now, before = self._clock.now(), self._looked
        ended = self._signer_changed() | await self._visits.end_expired()
        await self._people.load()
        readings = self._people.readings  # signing in reads too
        changed = ended | self._missed | (readings != self._readings)
        if changed:
            await self._owners.load()
            await self.end_forgotten_clients()
        await self._people.write_uses()
        await self._visits.write_behind()
        self._looked, self._readings, self._missed = now, readings, False
        return changed | self._people.expired_between(before, now)
