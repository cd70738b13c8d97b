"""Visits: what stands behind the tokens of one sign-in, from it until it is ended or forgotten.

A refresh token works once, and gives the next. Until that next one, or an access token that came with it, has been used, the
earlier one may be shown again, because its answer may have been lost on the way; after that, whoever shows it has copied it or
been copied, and the visit ends for both.
"""

from collections.abc import Collection
from typing import NamedTuple

from trading_api.core.access import not_signed_in
from trading_api.core.people import Draw, KeptUser, digest_of
from trading_api.core.ports import Clock, Store
from trading_api.models.base import Model

VISITS = "visits"
VISITS_OF_USER_MAX = 50
"""Of one user at the same time; one more ends the one that was used least recently."""
REFRESH_MS = 14 * 24 * 3_600_000
"""A visit that has not been refreshed for so long is over."""
REFRESH_PREFIX = "trt_"


class Visit(Model):
    """As stored; the refresh tokens themselves are nowhere."""

    id: str
    login: str
    mark: str
    """The user's at its beginning."""
    signer: str
    """Which secret signs its access tokens: with another one, after a restore for instance, it is over."""
    digest: str | None = None
    """Of the refresh token that is to be shown next; None: it cannot be refreshed."""
    earlier: str | None = None
    """Of the one before, as long as its answer may have been lost."""
    client: str | None = None
    """Which OAuth client it was given to; None: it is the user's own."""
    turn: int = 0
    """How often it has been refreshed."""
    touched: int
    expires: int

    def has(self, refresh_token: str) -> bool:
        return digest_of(refresh_token) in (self.digest, self.earlier)


class Begun(NamedTuple):
    visit: Visit
    refresh_token: str | None


class Visits:
    """`load` before use. All are in memory: every request with a token asks."""

    def __init__(self, store: Store, clock: Clock, draw: Draw) -> None:
        self._store, self._clock, self._draw = store, clock, draw
        self._visits: dict[str, Visit] = {}
        self._unwritten: set[str] = set()
        """Visits of which it is not kept yet that their latest tokens have been used, or that they have ended."""

    async def load(self) -> None:
        self._visits = {name: Visit.model_validate(one) for name, one in (await self._store.all(VISITS)).items()}

    def find(self, visit_id: str, user: KeptUser, signer: str) -> Visit | None:
        """The visit if it is this user's and still goes on."""
        visit = self._visits.get(visit_id)
        return visit if visit is not None and self._goes_on(visit, user, signer) else None

    def _goes_on(self, visit: Visit, user: KeptUser, signer: str) -> bool:
        same = visit.login == user.login and visit.mark == user.mark and visit.signer == signer
        return same and self._clock.now() < visit.expires

    async def begin(self, user: KeptUser, signer: str, *, lasts_ms: int | None = None, client: str | None = None) -> Begun:
        """One that can be refreshed; with `lasts_ms` one that ends then, whatever happens."""
        await self._make_room(user.login)
        now, refresh = self._clock.now(), None
        visit = Visit(
            id=digest_of(self._draw())[:16],
            login=user.login,
            mark=user.mark,
            signer=signer,
            client=client,
            touched=now,
            expires=now + (REFRESH_MS if lasts_ms is None else lasts_ms),
        )
        if lasts_ms is None:
            refresh = self._refresh_token(visit)
            visit = visit.model_copy(update={"digest": digest_of(refresh)})
        await self._keep(visit)
        return Begun(visit, refresh)

    def _refresh_token(self, visit: Visit) -> str:
        return f"{REFRESH_PREFIX}{visit.id}.{self._draw()}"

    def shown(self, refresh_token: str) -> Visit | None:
        """The visit a refresh token claims to be of; nothing is checked yet."""
        return self._visits.get(refresh_token.removeprefix(REFRESH_PREFIX).partition(".")[0])

    async def refresh(self, visit: Visit, refresh_token: str) -> Begun:
        digest = digest_of(refresh_token)
        if visit.digest is None or digest not in (visit.digest, visit.earlier):
            await self.end(visit.id)
            raise not_signed_in("a refresh token that has not been used")
        following = self._refresh_token(visit)
        now = self._clock.now()
        changes = {"digest": digest_of(following), "earlier": digest, "touched": now, "expires": now + REFRESH_MS}
        visit = visit.model_copy(update={**changes, "turn": visit.turn + 1})
        await self._keep(visit)
        return Begun(visit, following)

    def confirm(self, visit_id: str, turn: int) -> None:
        """A token of this turn has been used, so the answer that gave it was not lost."""
        visit = self._visits.get(visit_id)
        if visit is not None and visit.earlier is not None and turn == visit.turn:
            self._visits[visit_id] = visit.model_copy(update={"earlier": None})
            self._unwritten.add(visit_id)

    async def write_behind(self) -> None:
        """Else a restart would let an earlier refresh token be shown again, or take up a visit that has ended."""
        for visit_id in tuple(self._unwritten):
            await self._write(visit_id)

    async def _write(self, visit_id: str) -> None:
        self._unwritten.discard(visit_id)
        visit = self._visits.get(visit_id)
        try:
            if visit is None:
                await self._store.delete(VISITS, visit_id)
            else:
                await self._store.put(VISITS, visit_id, visit.model_dump(mode="json"))
        except BaseException:
            self._unwritten.add(visit_id)
            raise

    async def end(self, *visit_ids: str) -> None:
        """At once, also where the store can only be told later."""
        ended = [visit_id for visit_id in visit_ids if self._visits.pop(visit_id, None) is not None]
        self._unwritten.update(ended)
        for visit_id in ended:
            await self._write(visit_id)

    async def end_expired(self) -> bool:
        """Says whether there were any."""
        now = self._clock.now()
        over = [visit.id for visit in self._visits.values() if visit.expires <= now]
        await self.end(*over)
        return bool(over)

    async def end_all(self, login: str) -> None:
        await self.end(*(visit.id for visit in self._visits.values() if visit.login == login))

    async def end_of_clients_beyond(self, known: Collection[str]) -> None:
        """What was given to any other client is over."""
        await self.end(*(visit.id for visit in self._visits.values() if visit.client is not None and visit.client not in known))

    async def _make_room(self, login: str) -> None:
        own = sorted((one for one in self._visits.values() if one.login == login), key=lambda one: one.touched)
        await self.end(*(visit.id for visit in own[: max(0, len(own) - VISITS_OF_USER_MAX + 1)]))

    async def _keep(self, visit: Visit) -> None:
        self._visits[visit.id] = visit
        await self._store.put(VISITS, visit.id, visit.model_dump(mode="json"))
