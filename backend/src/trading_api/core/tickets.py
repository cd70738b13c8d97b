"""Tickets: what a browser shows to open a socket, where it cannot send a header. Each opens one, once, and soon."""

from typing import NamedTuple

from trading_api.core.access import Principal
from trading_api.core.people import Draw, digest_of
from trading_api.core.ports import Clock
from trading_api.models.errors import TryLater

TICKET_SECONDS = 30.0
"""From its giving to its use."""
TICKETS_MAX = 2_000
"""Given and not used yet."""
TICKETS_OF_ONE_MAX = 20
"""Of one sign-in or key; one more takes the place of the oldest."""
TICKET_PREFIX = "tws_"


class _Given(NamedTuple):
    principal: Principal
    until: float


class Tickets:
    """In memory only: after a restart the browser asks for another."""

    def __init__(self, clock: Clock, draw: Draw) -> None:
        self._clock, self._draw = clock, draw
        self._given: dict[str, _Given] = {}

    def give(self, principal: Principal) -> str:
        self._make_room(principal.standing)
        ticket = TICKET_PREFIX + self._draw()
        self._given[digest_of(ticket)] = _Given(principal, self._clock.monotonic() + TICKET_SECONDS)
        return ticket

    def take(self, ticket: str) -> Principal | None:
        """Whom it was given to; it is used up."""
        given = self._given.pop(digest_of(ticket), None)
        return given.principal if given is not None and self._clock.monotonic() < given.until else None

    def _make_room(self, standing: str) -> None:
        now = self._clock.monotonic()
        for digest in [digest for digest, one in self._given.items() if one.until <= now]:
            del self._given[digest]
        own = [digest for digest, one in self._given.items() if one.principal.standing == standing]
        for digest in own[: max(0, len(own) - TICKETS_OF_ONE_MAX + 1)]:
            del self._given[digest]
        if len(self._given) >= TICKETS_MAX:
            raise TryLater("too_many_tickets", f"Expected at most {TICKETS_MAX} tickets waiting for their use, found as many")
