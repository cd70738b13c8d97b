"""A register of people without disk, slow hashes and libraries; and a whole house in this process that asks who is calling."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Self

import httpx
from fastapi import FastAPI

from fakes import FakeClock
from fakes_store import MemoryStore
from trading_api.app import create_app, open_plugs
from trading_api.core.owners import Owners
from trading_api.core.people import People
from trading_api.core.sign_in import ACCESS_MS, SignIn
from trading_api.core.visits import Visits
from trading_api.models.people import UserRequest
from trading_api.plugins.passwords_argon2 import Argon2Passwords
from trading_api.settings import Settings

PASSWORD = "correct horse battery"


class FakePasswords:
    """`checked` counts the hashes that were compared, those of nobody too."""

    def __init__(self) -> None:
        self.checked = 0

    async def hash(self, password: str) -> str:
        return f"hash of {password[::-1]}"

    async def verify(self, kept: str | None, password: str) -> bool:
        self.checked += 1
        return kept is not None and kept == await self.hash(password)


class FakeSigner:
    """Claims in the clear with the secret's name on them."""

    id = "first"

    def sign(self, claims: Mapping[str, object]) -> str:
        return f"{self.id}|{json.dumps(claims)}"

    def read(self, token: str) -> Mapping[str, object] | None:
        name, _, claims = token.partition("|")
        return json.loads(claims) if name == self.id else None  # type: ignore[no-any-return]  # what `sign` was given


class Register:
    """Everything that recognizes people, on one clock."""

    def __init__(self, store: MemoryStore | None = None, *, open_house: bool = False, access_ms: int = ACCESS_MS) -> None:
        self.clock, self.store, self.passwords, self.signer = FakeClock(), store or MemoryStore(), FakePasswords(), FakeSigner()
        numbers = count(1)

        def draw() -> str:
            return f"drawn{next(numbers)}of{id(self)}"

        self.people = People(self.store, self.clock, self.passwords, draw, open_house=open_house)
        self.visits, self.owners = Visits(self.store, self.clock, draw), Owners(self.store)
        self.sign_in = SignIn(
            self.people,
            self.visits,
            passwords=self.passwords,
            signer=self.signer,
            owners=self.owners,
            clock=self.clock,
            draw=draw,
            open_house=open_house,
            access_ms=access_ms,
        )

    async def loaded(self) -> Self:
        await self.people.load()
        await self.visits.load()
        await self.owners.load()
        return self

    async def with_user(self, login: str, *, administrator: bool = False) -> Self:
        await self.loaded()
        await self.people.add_user(
            UserRequest.model_validate({"login": login, "password": PASSWORD, "administrator": administrator})
        )
        return self


class Guarded:
    """A house with authentication in this process: `root` administers it, and whoever else is added signs in likewise."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient) -> None:
        self.app, self.http = app, http
        self.bearers: dict[str, str] = {}
        self.port = 0
        """Where it is served, if it is."""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/ws"

    async def add(self, login: str, *, administrator: bool = False) -> None:
        body = {"login": login, "password": PASSWORD, "administrator": administrator}
        assert (await self.ask("root", "POST", "/users", json=body)).status_code == 201
        await self.enter(login)

    async def enter(self, login: str) -> None:
        answer = await self.http.post("/auth/token", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.bearers[login] = answer.json()["accessToken"]

    async def key(self, login: str, scopes: dict[str, str], **more: object) -> tuple[str, str]:
        """Its id, and its secret under which it is asked with."""
        answer = await self.ask(login, "POST", "/keys", json={"name": "a key", "scopes": scopes, **more})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        self.bearers[made["secret"]] = made["secret"]
        return made["id"], made["secret"]

    async def ask(self, who: str | None, method: str, path: str, **more: object) -> httpx.Response:
        """`who` is a login, a secret, or None for nobody."""
        headers = {"Authorization": f"Bearer {self.bearers.get(who, who)}"} if who is not None else {}
        return await self.http.request(method, path, headers=headers, **more)  # type: ignore[arg-type]  # httpx checks them


@asynccontextmanager
async def guarded_house(folder: Path, **settings: object) -> AsyncIterator[Guarded]:
    given = {"data_dir": folder, "seed": 7, "authentication": True, **settings}
    chosen = Settings(_env_file=None, **given)  # type: ignore[arg-type]  # a test's own
    plugs = open_plugs(chosen)._replace(passwords=Argon2Passwords(quick=True))
    people = People(plugs.store, plugs.clock, plugs.passwords, lambda: "the first mark")
    await people.load()
    if not people.users():
        await people.add_user(UserRequest.model_validate({"login": "root", "password": PASSWORD, "administrator": True}))
    app = create_app(chosen, plugs)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1") as http,
    ):
        house = Guarded(app, http)
        await house.enter("root")
        yield house
