"""Signing in, staying in, and being let in: the one place that says whom a token or a key stands for.

An access token is a JWT that says which visit it is of; it is good as long as its time has not come and the visit goes on. So
it ends at once when somebody signs out, is disabled, or changes the password. Refreshing leaves the earlier one good.
"""

from collections.abc import Mapping
from typing import Protocol

from trading_api.core.access import (
    ADMINISTERS,
    BY_CLIENT,
    LADDER,
    LOCAL,
    NOTHING,
    Principal,
    Right,
    Rights,
    not_signed_in,
)
from trading_api.core.failed_sign_ins import FailedSignIns
from trading_api.core.people import DEMO, KEY_PREFIX, Draw, KeptUser, People
from trading_api.core.ports import Clock, Passwords, Signer
from trading_api.core.visits import REFRESH_PREFIX, Begun, Visits
from trading_api.models.errors import NotSignedIn
from trading_api.models.people import EVERY_ACCOUNT, Tokens

ACCESS_MS = 20 * 60_000
"""Life of an access token: between the 15 and 30 minutes TradingView recommends."""
LASTING_MS = 24 * 3_600_000
"""Life of a token for callers that cannot refresh: TradingView's password sign-in asks anew when it ends."""
ISSUER = "trading-api"
ALL_RIGHTS: Mapping[str, Right] = {EVERY_ACCOUNT: "admin"}
CLIENT_RIGHTS: Mapping[str, Right] = {EVERY_ACCOUNT: "trade"}
"""What a user gives an OAuth client by signing in for it, whatever the user may do."""


class OwnersOf(Protocol):
    def of(self, account_id: str) -> str:
        """Whose account it is."""


class Grants:
    """What a user, or a key of one, may do: at most its scopes, and only on the user's own accounts unless it administers."""

    def __init__(self, login: str, scopes: Mapping[str, Right], owners: OwnersOf | None) -> None:
        """Without owners every account is within reach."""
        self.scopes = scopes
        self.opens = scopes.get(EVERY_ACCOUNT) == "admin"
        self.whole = self.opens and set(scopes.values()) == {"admin"}
        """Without whole rights nobody administers the house: its administrator can give rights on every account."""
        self._login, self._owners = login, owners

    def rights_on(self, account_id: str) -> Rights:
        if self._owners is not None and self._owners.of(account_id) != self._login:
            return NOTHING
        return _scoped(self.scopes, account_id)

    def exceeded_on(self, scopes: Mapping[str, Right]) -> str | None:
        """An account on which these would give more than there is here."""
        named = (*scopes, *self.scopes)
        return next((one for one in named if not _scoped(scopes, one) <= _scoped(self.scopes, one)), None)


def _scoped(scopes: Mapping[str, Right], account_id: str) -> Rights:
    right = scopes.get(account_id) or scopes.get(EVERY_ACCOUNT)
    return LADDER[right] if right is not None else NOTHING


class SignIn:
    """What every door calls that signs people in. Tokens are told to whoever signs in and kept by nobody."""

    def __init__(
        self,
        people: People,
        visits: Visits,
        *,
        passwords: Passwords,
        signer: Signer,
        owners: OwnersOf,
        clock: Clock,
        draw: Draw,
        open_house: bool = False,
        access_ms: int = ACCESS_MS,
    ) -> None:
        """In an open house, one without authentication, `demo` with the password `demo` is the local user."""
        self._people, self._visits, self._passwords, self._signer = people, visits, passwords, signer
        self._owners, self._clock, self._draw, self._open_house = owners, clock, draw, open_house
        self._access_ms = access_ms
        self._failed = FailedSignIns()

    # Signing in

    async def with_password(self, login: str, password: str, *, address: str = "", lasting: bool = False) -> Tokens:
        """New tokens each time, the earlier ones stay good. `lasting`: one for a day that cannot be refreshed.

        Raises NotSignedIn, and TooOften once it has failed too often for this address or login.
        """
        return await self.begin(await self.check_password(login, password, address=address), lasting=lasting)

    async def check_password(self, login: str, password: str, *, address: str = "") -> str:
        """The user's login; for doors that give the tokens later (`begin`), as OAuth's do."""
        if self._open_house and (login, password) == (DEMO, DEMO):
            return LOCAL
        now = self._clock.monotonic()
        self._failed.expect_few(address, login, now)
        self._failed.note(address, login, now)  # beforehand, so that many at once are counted as well
        await self._people.load()
        user = self._people.person(login)
        kept = user.password_hash if user is not None and user.login != LOCAL else None
        fits = await self._passwords.verify(kept, password)
        if user is None or not fits:
            raise NotSignedIn("wrong_password", "Expected a login and its password, found that they do not fit")
        self._failed.forgive(address, login)
        return user.login

    async def begin(self, login: str, *, lasting: bool = False, client: str | None = None) -> Tokens:
        """Tokens for somebody who has been recognized, told to the user or to an OAuth client."""
        user, lasts_ms = self._person(login), LASTING_MS if lasting else None
        return self._tokens(await self._visits.begin(user, self._signer.id, lasts_ms=lasts_ms, client=client))

    async def refresh(self, refresh_token: str, *, client: str | None = None) -> Tokens:
        """The next tokens, for whom these were given to. A refresh token that has been used before ends what it stands for."""
        visit = self._visits.shown(refresh_token)
        user = self._people.person(visit.login) if visit is not None and visit.client == client else None
        if visit is None or user is None or self._visits.find(visit.id, user, self._signer.id) is None:
            raise not_signed_in("a refresh token that is good")
        try:
            return self._tokens(await self._visits.refresh(visit, refresh_token))
        except NotSignedIn:
            self._people.told()
            raise

    def _tokens(self, begun: Begun) -> Tokens:
        now, visit = self._clock.now(), begun.visit
        lasts = self._access_ms if begun.refresh_token is not None else visit.expires - now
        expires = (now + lasts) // 1000 * 1000
        claims = {
            "iss": ISSUER,
            "sub": visit.login,
            "sid": visit.id,
            "turn": visit.turn,
            "jti": self._draw(),
            "iat": now // 1000,
            "exp": expires // 1000,
        }
        return Tokens(
            access_token=self._signer.sign(claims),
            expires_in=max(0, (expires - now) // 1000),
            expires_at=expires,
            refresh_token=begun.refresh_token,
            login=visit.login,
        )

    # Signing out

    async def revoke(self, token: str) -> None:
        """End what an access or a refresh token stands for; one that is good for nothing is passed over."""
        visit_id = self._visit_of(token)
        if visit_id is not None:
            await self.end(visit_id)

    async def end(self, visit_id: str) -> None:
        """One visit, whatever token it has come to by now."""
        await self._visits.end(visit_id)
        self._people.told()

    def _visit_of(self, token: str) -> str | None:
        if token.startswith(REFRESH_PREFIX):
            visit = self._visits.shown(token)
            return visit.id if visit is not None and visit.has(token) else None
        claims = self._signer.read(token)
        return str(claims["sid"]) if claims is not None else None

    async def end_all(self, login: str) -> None:
        """Every visit of a user."""
        await self._visits.end_all(login)
        self._people.told()

    # Being let in

    def admit(self, bearer: str | None) -> Principal:
        """Whom an access token or an API key stands for. Raises NotSignedIn."""
        if bearer is None:
            raise not_signed_in("a token or an API key in the Authorization header")
        if bearer.startswith(KEY_PREFIX):
            return self._by_key(bearer)
        claims = self._signer.read(bearer)
        if claims is None or not isinstance(claims.get("exp"), int) or self._clock.now() >= int(str(claims["exp"])) * 1000:
            raise not_signed_in()
        principal = self._by_visit(str(claims["sub"]), str(claims["sid"]))
        self._visits.confirm(str(claims["sid"]), int(str(claims["turn"])))
        return principal

    def renew(self, principal: Principal) -> Principal:
        """The same caller as things are now. Raises NotSignedIn when what it stood on is gone."""
        kind, _, name = principal.standing.partition(":")
        if kind == "key":
            key = self._people.good_key(name)
            if key is None:
                raise not_signed_in()
            return self._principal(self._person(key.login), key.scopes, principal.standing)
        return self._by_visit(principal.name, name)

    def _by_key(self, secret: str) -> Principal:
        key = self._people.key_of(secret)
        if key is None:
            raise not_signed_in()
        return self._principal(self._person(key.login), key.scopes, f"key:{key.id}")

    def _by_visit(self, login: str, visit_id: str) -> Principal:
        user = self._person(login)
        visit = self._visits.find(visit_id, user, self._signer.id)
        if visit is None:
            raise not_signed_in()
        if visit.client is not None:
            return self._principal(user, CLIENT_RIGHTS, f"{BY_CLIENT}{visit_id}")
        return self._principal(user, ALL_RIGHTS, f"visit:{visit_id}")

    def _person(self, login: str) -> KeptUser:
        user = self._people.person(login)
        if user is None:
            raise not_signed_in()
        return user

    def _principal(self, user: KeptUser, scopes: Mapping[str, Right], standing: str) -> Principal:
        reach = Grants(user.login, scopes, None if user.administrator else self._owners)
        rights = ADMINISTERS if user.administrator and reach.whole else NOTHING
        return Principal(user.login, rights, reach=reach, standing=standing)
