"""What another process takes away is seen and told, also when the store is busy at the moment of looking."""

from secrets import token_urlsafe

import pytest

from fakes_people import PASSWORD, Register
from fakes_store import MemoryStore
from trading_api.core.broker_rest.oauth_clients import CLIENTS, OAuthClients
from trading_api.core.owners import OWNERS
from trading_api.core.people import KEY_USES, KEYS, USERS
from trading_api.core.people_watch import PeopleWatch
from trading_api.core.visits import REFRESH_MS, VISITS
from trading_api.models.errors import NotSignedIn, TryLater
from trading_api.models.people import KeyRequest
from trading_api.models.tradingview.clients import OAuthClientRequest

CLIENT = OAuthClientRequest.model_validate({"id": "terminal", "redirectUris": ["https://terminal.example/back"]})


class BusyStore(MemoryStore):
    """Refuses the next call that reads all of, writes into, or deletes from the collection that is `busy`."""

    busy = ""

    def _expect_free(self, collection: str) -> None:
        if collection == self.busy:
            self.busy = ""
            raise TryLater("store_busy", "Expected a free store, found a busy one")

    async def all(self, collection: str) -> dict[str, dict[str, object]]:
        self._expect_free(collection)
        return await super().all(collection)

    async def put(self, collection: str, key: str, document: dict[str, object]) -> None:
        self._expect_free(collection)
        await super().put(collection, key, document)

    async def delete(self, collection: str, key: str) -> None:
        self._expect_free(collection)
        await super().delete(collection, key)


class Watched:
    """A server's register with a client that alice has signed in for; `clients` is also the command line beside it."""

    def __init__(self) -> None:
        self.store = BusyStore()
        self.here = Register(self.store)
        self.clients = OAuthClients(self.store, self.here.clock, token_urlsafe)
        self.signer_changes: list[bool] = []
        self.watch = PeopleWatch(
            self.here.people,
            self.here.visits,
            self.here.owners,
            self.clients,
            signer_changed=lambda: bool(self.signer_changes) and self.signer_changes.pop(),
            clock=self.here.clock,
        )
        self.told = 0

    async def begin(self) -> str:
        """The client's access token."""
        await self.here.with_user("alice")
        await self.clients.add(CLIENT)
        (client,) = await self.clients.all()
        given = await self.here.sign_in.begin("alice", client=client.mark)
        await self.begin_looking()
        return given.access_token

    async def begin_looking(self) -> None:
        await self.watch.look()
        self.here.people.told = self._hear
        await self.watch.look()
        assert self.told == 0, "nothing has changed"

    def _hear(self) -> None:
        self.told += 1

    async def look_until_told(self) -> None:
        for _ in range(3):
            await self.watch.look()
        assert self.told == 1


@pytest.mark.parametrize("busy", ["", OWNERS, CLIENTS, USERS, KEYS, VISITS])
@pytest.mark.parametrize("signs_in", [False, True])
async def test_a_client_that_was_removed_is_out_however_busy_the_store_is(busy: str, signs_in: bool) -> None:
    house = Watched()
    token = await house.begin()
    await house.clients.remove(CLIENT.id)
    if signs_in:  # before the look, which reads as well
        await house.here.sign_in.with_password("alice", PASSWORD)
    house.store.busy = busy
    await house.look_until_told()
    with pytest.raises(NotSignedIn):
        house.here.sign_in.admit(token)


@pytest.mark.parametrize("busy", ["", OWNERS, CLIENTS])
async def test_a_new_secret_for_tokens_is_told_however_busy_the_store_is(busy: str) -> None:
    house = Watched()
    await house.begin()
    house.signer_changes.append(True)
    house.store.busy = busy
    await house.look_until_told()


@pytest.mark.parametrize("busy", ["", VISITS])
async def test_the_end_of_a_visit_is_told_however_busy_the_store_is(busy: str) -> None:
    house = Watched()
    token = await house.begin()
    house.here.clock.jump(REFRESH_MS)
    house.store.busy = busy
    await house.look_until_told()
    with pytest.raises(NotSignedIn):
        house.here.sign_in.admit(token)


async def test_the_end_of_a_key_is_told_when_the_store_was_busy_with_its_last_use() -> None:
    house = Watched()
    expires = house.here.clock.now() + 1_000
    request = KeyRequest.model_validate({"name": "bot", "scopes": {"*": "trade"}, "expires": expires})
    await house.here.with_user("alice")
    key = await house.here.people.add_key("alice", request)
    await house.begin_looking()
    house.here.sign_in.admit(key.secret)
    house.here.clock.jump(1_000)
    house.store.busy = KEY_USES
    await house.look_until_told()


async def test_visits_end_at_once_and_for_good_though_the_store_is_busy() -> None:
    house = Watched()
    token = await house.begin()
    other = await house.here.sign_in.with_password("alice", PASSWORD)
    house.store.busy = VISITS
    with pytest.raises(TryLater):
        await house.here.visits.end_all("alice")
    for one in (token, other.access_token):
        with pytest.raises(NotSignedIn):
            house.here.sign_in.admit(one)
    await house.watch.look()
    assert await house.store.all(VISITS) == {}
