"""A whole house in a thread of its own, for clients that block; callers must sign in.

What a request uses up (an order it cancels, a key it revokes, a token it trades in) is made anew each time it is prepared.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from fakes_people import PASSWORD
from free_port import a_listener
from trading_api.app import create_app, open_plugs
from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.people import People
from trading_api.models.people import UserRequest
from trading_api.models.tradingview.clients import OAuthClientRequest
from trading_api.plugins.passwords_argon2 import Argon2Passwords
from trading_api.serving import Server, server_config
from trading_api.settings import Settings

API = "/api/v1"
RICH, TRADED = "rich", "traded"
BACK = "http://127.0.0.1:9/back"
VERIFIER = "v" * 43
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"
"""The SHA-256 of the verifier, as PKCE writes it."""
MINUTES = 120
FIRST = 1_359_676_800
BARS = "timestamp,open,high,low,close\n" + "".join(
    f"{FIRST + place * 60},91.715,91.715,91.653,91.65{place % 7 + 3}\n" for place in range(MINUTES)
)
START_S_MAX = 60
DEADLINE_S = 30.0


class Threaded(Server):
    """Signals are the main thread's."""

    def capture_signals(self) -> Any:
        return nullcontext()


class Prepared(NamedTuple):
    """What is sent so that the operation succeeds. `ids` fills the path."""

    ids: dict[str, str] = {}
    query: dict[str, Any] | None = None
    body: Any = None
    headers: dict[str, str] = {}
    files: Any = None


class LiveHouse:
    """`root` administers it. What is made here is made over its REST API, as anybody would."""

    def __init__(self, url: str, clients: Mapping[str, str]) -> None:
        self.url = url
        self.secret = clients["app"]
        self._numbers = count(1)
        self._kept: dict[str, str] = {}
        self.http = httpx.Client(base_url=f"{url}{API}", timeout=30)
        self.http.headers["Authorization"] = f"Bearer {self.tokens('root')['accessToken']}"
        self.bearer, own = self._key(), self._key()
        self.http.headers["Authorization"] = f"Bearer {own}"

    def made(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def _key(self) -> str:
        """Root's own: signing out ends no key."""
        return str(self.made("POST", "/keys", json={"name": "k", "scopes": {"*": "admin"}})["secret"])

    def tokens(self, login: str, password: str = PASSWORD) -> Any:
        return self.made("POST", "/auth/token", json={"login": login, "password": password})

    def fresh(self, kind: str) -> str:
        return f"{kind}{next(self._numbers)}"

    def once(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not happened():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    # What can be used

    def account(self, *, fresh: bool = False) -> str:
        """Rich, so that nothing that is tried on it ruins it."""

        def make() -> str:
            name = self.fresh("a")
            self.made("POST", "/broker/accounts", json={"id": name, "balance": 100_000_000, "leverage": 1})
            return name

        return make() if fresh else self.once("account", make)

    def order(self, account: str) -> str:
        body = {"symbol": "BTCUSD", "type": 1, "side": 1, "qty": 0.5, "limitPrice": 1000}
        return str(self.made("POST", f"/broker/accounts/{account}/orders", json=body)["orderId"])

    def waiting(self, account: str) -> str:
        """An order that fills once it is executed."""
        body = {"symbol": "BTCUSD", "type": 2, "side": 1, "qty": 0.1}
        return str(self.made("POST", f"/broker/accounts/{account}/orders", json=body)["orderId"])

    def position(self, account: str) -> str:
        path = f"/broker/accounts/{account}/orders/{self.waiting(account)}/execute"
        self.until(lambda: self.http.post(path).is_success)
        return str(self.made("GET", f"/broker/accounts/{account}/positions")[0]["id"])

    def execution(self, account: str) -> str:
        return str(self.made("GET", f"/broker/accounts/{account}/executions")[0]["id"])

    def imported(self) -> str:
        return str(self.made("POST", "/imports", **an_upload())["id"])

    def replay(self) -> str:
        self.data("USDJPY")
        return str(self.made("POST", "/replays", json={"symbols": ["USDJPY"]})["id"])

    def data(self, symbol: str) -> str:
        """Imported prices, all of them."""

        def make() -> str:
            job = str(self.made("POST", "/imports", **an_upload(symbol))["id"])
            self.until(lambda: self.made("GET", f"/imports/{job}")["status"] == "done")
            return symbol

        return self.once(f"data of {symbol}", make)

    def user(self) -> str:
        login = self.fresh("u")
        self.made("POST", "/users", json={"login": login, "password": PASSWORD})
        return login

    def key(self) -> str:
        body = {"name": "k", "scopes": {"*": "read"}, "login": self.once("keyholder", self.user)}
        return str(self.made("POST", "/keys", json=body)["id"])

    def signed(self, login: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens(login)['accessToken']}"}


def an_upload(symbol: str = "USDJPY") -> dict[str, Any]:
    files = [("files", (f"{side}.csv", BARS.encode(), "text/csv")) for side in ("bid", "ask")]
    return {"files": files, "data": {"symbol": symbol, "spread": "0.01"}}


@contextmanager
def live_house(folder: Path) -> Iterator[LiveHouse]:
    place: list[Any] = []
    there, over = threading.Event(), threading.Event()

    def run() -> None:
        with asyncio.Runner() as runner:
            runner.run(_serve(folder, place, there, over))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert there.wait(START_S_MAX) and place
        house = LiveHouse(*place)
        with closing(house.http):
            yield house
    finally:
        over.set()
        thread.join(START_S_MAX)


async def _serve(folder: Path, place: list[Any], there: threading.Event, over: threading.Event) -> None:
    try:
        settings = Settings(_env_file=None, data_dir=folder, seed=7, authentication=True, execution_delay="manual")  # type: ignore
        plugs = open_plugs(settings)._replace(passwords=Argon2Passwords(quick=True))
        numbers = count(1)
        people = People(plugs.store, plugs.clock, plugs.passwords, lambda: f"mark{next(numbers)}")
        await people.load()
        await people.add_user(UserRequest.model_validate({"login": "root", "password": PASSWORD, "administrator": True}))
        clients = OAuthClients(plugs.store, plugs.clock, lambda: f"secret{next(numbers)}")
        secret = await clients.add(OAuthClientRequest(id="app", redirect_uris=(BACK,)))
        app = create_app(settings, plugs)
        server = Threaded(server_config(app))
        app.state.stop = server.stop
        with a_listener() as listening:
            async with app.router.lifespan_context(app):
                running = asyncio.create_task(server.serve(sockets=[listening]))
                place += ["http://{}:{}".format(*listening.getsockname()), {"app": secret}]
                there.set()
                await asyncio.to_thread(over.wait)
                server.should_exit = True
                await running
    finally:
        there.set()
