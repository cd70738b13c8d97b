"""The register of users and API keys: all of them in memory, because every request asks, and in the store.

The command line changes the same documents beside a running server, so a change is made to the document as it is then, and
leaves a new `revision` behind, by which the server sees that it must read again.
"""

import asyncio
import hashlib
from collections.abc import Callable

from trading_api.core.access import LOCAL
from trading_api.core.ports import Clock, Passwords, Store
from trading_api.models.base import Model
from trading_api.models.errors import Conflict, FixRequest, NotFound, Refused
from trading_api.models.people import ApiKey, KeyChange, KeyRequest, NewKey, User, UserChange, UserRequest

USERS, KEYS, KEY_USES, PEOPLE = "users", "keys", "key-uses", "people"
USERS_MAX = 1_000
"""Users of one house; they are all in memory."""
KEYS_OF_USER_MAX = 50
"""API keys of one user. Revoke one to make another."""
USE_WRITTEN_MS = 3_600_000
"""Between two writes of when a key was last used: it would be a write for each request otherwise."""
KEY_PREFIX = "tapi_"
"""How an API key begins, so that those who look for leaked secrets know one."""
DEMO = "demo"
RESERVED = (LOCAL, DEMO)

Draw = Callable[[], str]
"""At least 128 random bits as text that can stand in a URL."""


class KeptUser(User):
    """As stored."""

    password_hash: str
    mark: str
    """New with every password, and when the user is disabled: a session that began under another mark is over."""


class KeptKey(Model):
    """As stored; the secret itself is nowhere."""

    key: ApiKey
    digest: str


LOCAL_PERSON = KeptUser(login=LOCAL, administrator=True, created=0, password_hash="", mark=LOCAL)


class People:
    """`load` before use."""

    def __init__(self, store: Store, clock: Clock, passwords: Passwords, draw: Draw, *, open_house: bool = False) -> None:
        self._store, self._clock, self._passwords, self._draw = store, clock, passwords, draw
        self._open_house = open_house
        self._users: dict[str, KeptUser] = {}
        self._keys: dict[str, KeptKey] = {}
        self._by_digest: dict[str, KeptKey] = {}
        self._used: dict[str, int] = {}
        self._used_written: dict[str, int] = {}
        self._revision: object = None
        self.readings = 0
        """How often something was read that was not known."""
        self._changes = 0
        self._one = asyncio.Lock()
        """One change at a time: each begins with what the store has then."""
        self.told: Callable[[], None] = lambda: None
        """Called when somebody's access may have become another."""

    async def load(self) -> None:
        """Read again what another process has changed, if it has."""
        found = await self._store.get(PEOPLE, "revision")
        revision = found["revision"] if found else ""
        if revision == self._revision:
            return
        before = self._changes
        users, keys = await self._store.all(USERS), await self._store.all(KEYS)
        uses = await self._store.all(KEY_USES)
        if self._changes != before:
            return await self.load()  # what was read may be older than what has been decided here meanwhile
        self._users = {login: KeptUser.model_validate(one) for login, one in users.items()}
        self._keys = {name: KeptKey.model_validate(one) for name, one in keys.items()}
        self._by_digest = {one.digest: one for one in self._keys.values()}
        self._used = {name: max(int(str(one["at"])), self._used.get(name, 0)) for name, one in uses.items()}
        self._used_written = {name: int(str(one["at"])) for name, one in uses.items()}
        self._revision = revision
        self.readings += 1

    async def changed(self) -> None:
        """Tell it here, and leave it written for other processes: what belongs to the register is another."""
        self._changes += 1
        self._revision = None  # another process's change may lie under ours: read again at the next look
        self.told()
        await leave_revision(self._store, self._draw)

    # Users

    def users(self) -> list[User]:
        return [_shown_user(one) for one in self._users.values()]

    def person(self, login: str) -> KeptUser | None:
        """Who may come in under this name now."""
        if login == LOCAL:
            return LOCAL_PERSON if self._open_house else None
        found = self._users.get(login)
        return found if found is not None and not found.disabled else None

    def user(self, login: str) -> User:
        if login not in self._users:
            raise no_user(login)
        return _shown_user(self._users[login])

    async def add_user(self, request: UserRequest) -> User:
        if request.login in RESERVED:
            raise FixRequest("reserved_login", f"Expected a login other than {' and '.join(RESERVED)}", field="login")
        kept = KeptUser(
            login=request.login,
            administrator=request.administrator,
            created=self._clock.now(),
            password_hash=await self._passwords.hash(request.password.get_secret_value()),
            mark=self._draw(),
        )
        async with self._one:
            if await self._store.get(USERS, request.login) is not None:
                raise Conflict("user_exists", f"Expected a new login, found '{request.login}' taken", field="login")
            if len(self._users) >= USERS_MAX:
                raise Refused("too_many_users", f"Expected at most {USERS_MAX} users, found as many")
            await self._keep_user(kept)
        return _shown_user(kept)

    async def change_user(self, login: str, change: UserChange) -> User:
        said = {name: getattr(change, name) for name in ("administrator", "disabled")}
        changes: dict[str, object] = {name: value for name, value in said.items() if value is not None}
        if change.password is not None and login in self._users:
            changes["password_hash"] = await self._passwords.hash(change.password.get_secret_value())
            changes["mark"] = self._draw()
        if change.disabled:
            changes["mark"] = self._draw()
        async with self._one:
            kept = await self._stored_user(login)
            if (change.disabled or change.administrator is False) and kept.administrator:
                self._expect_another_administrator(login)
            kept = kept.model_copy(update=changes)
            await self._keep_user(kept)
        return _shown_user(kept)

    async def remove_user(self, login: str) -> None:
        """And its keys."""
        async with self._one:
            kept = await self._stored_user(login)
            if kept.administrator:
                self._expect_another_administrator(login)
            await self._store.delete(USERS, login)
            self._users.pop(login, None)
            for key in self.keys(login):
                await self._drop_key(key.id)
            await self.changed()

    async def _stored_user(self, login: str) -> KeptUser:
        document = await self._store.get(USERS, login)
        if document is None:
            raise no_user(login)
        return KeptUser.model_validate(document)

    async def _keep_user(self, kept: KeptUser) -> None:
        await self._store.put(USERS, kept.login, kept.model_dump(mode="json"))
        self._users[kept.login] = kept
        await self.changed()

    def _expect_another_administrator(self, login: str) -> None:
        if not any(one.administrator and not one.disabled for one in self._users.values() if one.login != login):
            raise Refused("last_administrator", f"Expected another administrator beside '{login}', found none: add one first")

    # Keys

    def keys(self, login: str | None = None) -> list[ApiKey]:
        """Of one user, or all."""
        return [self._shown_key(one) for one in self._keys.values() if login in (None, one.key.login)]

    def key(self, key_id: str) -> ApiKey:
        if key_id not in self._keys:
            raise no_key(key_id)
        return self._shown_key(self._keys[key_id])

    def key_of(self, secret: str) -> ApiKey | None:
        """The key that has this secret, if it is good now."""
        found = self._by_digest.get(digest_of(secret))
        if found is None or not self._is_good(found.key):
            return None
        self._used[found.key.id] = self._clock.now()
        return found.key

    def good_key(self, key_id: str) -> ApiKey | None:
        found = self._keys.get(key_id)
        return found.key if found is not None and self._is_good(found.key) else None

    def _is_good(self, key: ApiKey) -> bool:
        return key.expires is None or self._clock.now() < key.expires

    async def add_key(self, login: str, request: KeyRequest) -> NewKey:
        secret = KEY_PREFIX + self._draw()
        key = ApiKey(
            id=digest_of(self._draw())[:12],
            login=login,
            name=request.name,
            scopes=request.scopes,
            created=self._clock.now(),
            expires=request.expires,
        )
        async with self._one:
            if len(self.keys(login)) >= KEYS_OF_USER_MAX:
                raise Refused("too_many_keys", f"Expected at most {KEYS_OF_USER_MAX} keys of a user, found as many: revoke one")
            await self._keep_key(KeptKey(key=key, digest=digest_of(secret)))
        return NewKey(**key.model_dump(), secret=secret)

    async def change_key(self, key_id: str, change: KeyChange) -> ApiKey:
        said: dict[str, object] = {"name": change.name, "scopes": change.scopes}
        changes = {name: value for name, value in said.items() if value is not None}
        async with self._one:
            document = await self._store.get(KEYS, key_id)
            if document is None:
                raise no_key(key_id)
            kept = KeptKey.model_validate(document)
            kept = KeptKey(key=kept.key.model_copy(update=changes), digest=kept.digest)
            await self._keep_key(kept)
        return self._shown_key(kept)

    async def revoke_key(self, key_id: str) -> None:
        async with self._one:
            if await self._store.get(KEYS, key_id) is None:
                raise no_key(key_id)
            await self._drop_key(key_id)
            await self.changed()

    async def _keep_key(self, kept: KeptKey) -> None:
        await self._store.put(KEYS, kept.key.id, kept.model_dump(mode="json"))
        self._keys[kept.key.id] = self._by_digest[kept.digest] = kept
        await self.changed()

    async def _drop_key(self, key_id: str) -> None:
        await self._store.delete(KEYS, key_id)
        await self._store.delete(KEY_USES, key_id)
        kept = self._keys.pop(key_id, None)
        if kept is not None:
            self._by_digest.pop(kept.digest, None)
        self._used.pop(key_id, None)
        self._used_written.pop(key_id, None)

    def _shown_key(self, kept: KeptKey) -> ApiKey:
        return kept.key.model_copy(update={"last_used": self._used.get(kept.key.id)})

    async def write_uses(self) -> None:
        """When keys were last used, each once an hour at most."""
        for name, at in list(self._used.items()):
            if name in self._keys and at - self._used_written.get(name, -USE_WRITTEN_MS) >= USE_WRITTEN_MS:
                self._used_written[name] = at
                await self._store.put(KEY_USES, name, {"at": at})

    def expired_between(self, before: int, now: int) -> bool:
        """Whether a key has come to its end in this time."""
        return any(one.key.expires is not None and before < one.key.expires <= now for one in self._keys.values())


async def leave_revision(store: Store, draw: Draw) -> None:
    """Whoever has read the register before must read it again."""
    await store.put(PEOPLE, "revision", {"revision": draw()})


def digest_of(secret: str) -> str:
    """A random secret of 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _shown_user(kept: KeptUser) -> User:
    return User(login=kept.login, administrator=kept.administrator, disabled=kept.disabled, created=kept.created)


def no_user(login: str) -> NotFound:
    return NotFound("unknown_user", f"Expected a user's login, found '{login}'", field="login")


def no_key(key_id: str) -> NotFound:
    return NotFound("unknown_key", f"Expected one of your keys, found '{key_id}'", field="keyId")
