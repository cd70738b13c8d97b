"""A broker REST server as TradingView sees it: signing in, accounts, symbols, and one recording of its stream."""

import asyncio
import contextlib
import json
from typing import Final, NamedTuple

import httpx

from trading_api.conformance.bars import Bar, Traded, is_open
from trading_api.conformance.clock import Clock
from trading_api.conformance.exchange import Exchange, Words
from trading_api.conformance.lines import lines_of
from trading_api.conformance.oauth import OAuth, Person, access_token
from trading_api.conformance.shapes import (
    LIST,
    NAME,
    OBJECT,
    Broken,
    Json,
    NotApplicable,
    expect,
    fields,
    needed,
    of_kind,
    one_of,
    shown,
)
from trading_api.conformance.terms import Terms
from trading_api.conformance.wire import Answer, Wire

LOCALE: Final = {"locale": "en"}
NO_ACCOUNT = "needs an account, the list is empty"
"""Which nothing forbids: whoever signs in may have none."""
FALSE_TOKEN = "a-token-that-nobody-gave"
LINES_MAX = 200_000
"""Lines kept of a stream; a longer one is judged by its first."""


class Line(NamedTuple):
    text: str
    heard: float
    """When it arrived, in Unix seconds."""
    whole: bool = True
    """False: it was too long, and this is its beginning."""

    def message(self) -> Json:
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class Recording(NamedTuple):
    status: int
    headers: dict[str, str]
    http_version: str
    lines: list[Line]
    seconds: float
    ended: str
    """Why it is no longer open; empty while it was."""


class Broker:
    to_included = True

    def __init__(self, wire: Wire, terms: Terms, clock: Clock, person: Person | None = None) -> None:
        self.wire, self.terms, self.clock = wire, terms, clock
        self.oauth = OAuth(wire, terms, person)
        self._recording: Recording | None = None
        self._recorded: Exchange | None = None
        self._name: str | None = None
        self.sampled: list[Bar] | None = None
        self.ended: tuple[str, float] | None = None
        """The order that was cancelled last, and when."""

    async def authorize(self, **form: object) -> Answer:
        given = {"login": self.terms.login, "password": self.terms.password, "locale": "en", **form}
        answer = await self.wire.ask("POST", "/authorize", form=given, token=None)
        if answer.status == 404 and self.terms.oauth is not None:
            raise NotApplicable("the broker's users sign in by OAuth: /authorize is 404")
        return answer

    async def sign_in(self) -> None:
        """Take the token that is given, or ask for one."""
        self.wire.token = self.terms.token
        if self.wire.token is None:
            with contextlib.suppress(Broken, NotApplicable):
                self.wire.token = await self._with_password() or access_token((await self.oauth.first())[1])
        self.wire.begin()

    async def stay_signed_in(self) -> None:
        """Where signing out ends all of a user's tokens, ask for a new one."""
        kept = self.wire.exchanges
        if (await self.wire.get("/accounts", LOCALE)).status == 401:
            await self.sign_in()
        self.wire.exchanges = kept

    async def another_token(self) -> str:
        """Beside the one signed in with."""
        return await self._with_password() or access_token(await self.oauth.exchanged(await self.oauth.signed_in()))

    async def _with_password(self) -> str | None:
        """None where users sign in by OAuth alone."""
        try:
            return await self._authorized()
        except NotApplicable:
            if self.terms.oauth is None:
                raise
            return None

    async def _authorized(self) -> str:
        self.need_login()
        told = fields(payload(await self.authorize(), "/authorize"), "d of /authorize", {"access_token": NAME})
        self.wire.hide(told["access_token"])
        return str(told["access_token"])

    def need_login(self) -> None:
        if self.terms.login is None or self.terms.password is None:
            raise NotApplicable("needs --login and a password")

    async def payload(self, path: str, query: Words | None = None, *, steady: bool = False) -> Json:
        """`d` of a success."""
        asked = {**LOCALE, **(query or {})}
        answer = await (self.wire.steady(path, asked) if steady else self.wire.get(path, asked))
        return payload(answer, path)

    async def accounts(self) -> list[Json]:
        with needed("accounts"):
            found = of_kind(await self.payload("/accounts", steady=True), LIST, "the accounts")
            return [fields(one, "an account", {"id": NAME}) for one in found]

    async def account(self) -> Json:
        accounts = await self.accounts()
        wanted = self.terms.account
        found = next((one for one in accounts if wanted is None or one["id"] == wanted), None)
        if found is None:
            raise NotApplicable(f"needs the account {wanted}" if wanted else NO_ACCOUNT)
        return found

    async def of_account(self, path: str, query: Words | None = None, *, steady: bool = False) -> Json:
        account = await self.account()
        return await self.payload(f"/accounts/{account['id']}{path}", query, steady=steady)

    async def flag(self, name: str, default: bool = False) -> bool:
        config = (await self.account()).get("config")
        value = config.get(name) if isinstance(config, dict) else None
        return default if value is None else value is True

    async def need_flag(self, name: str, *, default: bool = False) -> None:
        if not await self.flag(name, default):
            raise NotApplicable(f"the account says no {name}")

    async def table(self) -> Json:
        """The columns of /symbol_info."""
        with needed("symbol_info"):
            body = (await self.wire.steady("/symbol_info")).json()
            fields(body, "/symbol_info", {"symbol": LIST})
            expect(bool(body["symbol"]), "expected symbols in /symbol_info, found none")
            return body

    async def cells(self, name: str) -> list[Json]:
        table = await self.table()
        cells, count = table.get(name), len(table["symbol"])
        return cells if isinstance(cells, list) else [cells] * count

    async def traded(self) -> Traded:
        symbols, zones = await self.cells("symbol"), await self.cells("timezone")
        tickers, sessions = await self.cells("ticker"), await self.cells("session-regular")
        intraday, daily = await self.cells("has-intraday"), await self.cells("has-daily")
        rows = zip(symbols, tickers, sessions, zones, intraday, daily, strict=False)
        found = [Traded(str(t or s), str(h), str(z), i is not False, d is not False) for s, t, h, z, i, d in rows]
        if self._name is None:
            self._name = self._chosen(found, symbols)
        return next(one for one in found if one.ticker == self._name)

    def _chosen(self, found: list[Traded], symbols: list[Json]) -> str:
        if self.terms.symbol is not None:
            named = [
                one.ticker for one, symbol in zip(found, symbols, strict=False) if self.terms.symbol in (one.ticker, symbol)
            ]
            if not named:
                raise NotApplicable(f"/symbol_info has no {self.terms.symbol}")
            return named[0]
        for one in found:
            with contextlib.suppress(NotApplicable):
                if is_open(one, self.clock.now()):
                    return one.ticker
        return found[0].ticker

    async def now(self) -> float:
        return self.clock.now()

    async def instruments(self) -> list[Json]:
        with needed("instruments"):
            found = of_kind(await self.of_account("/instruments", steady=True), LIST, "the instruments")
            return [fields(one, "an instrument", {"name": NAME}) for one in found]

    async def instrument(self) -> Json:
        """The one that is looked at; --symbol names it."""
        found = await self.instruments()
        if not found:
            raise NotApplicable("needs an instrument, the list is empty")
        with contextlib.suppress(NotApplicable):
            wanted = self.terms.symbol or (await self.traded()).ticker
            return next((one for one in found if one["name"] == wanted), found[0])
        return found[0]

    async def quote(self) -> Json:
        """Of the instrument; `v` has bid and ask."""
        name = (await self.instrument())["name"]
        with needed("a quote"):
            found = await self.payload("/quotes", {"accountId": (await self.account())["id"], "symbols": name})
            entry = fields(of_kind(found, LIST, "the quotes")[0], "a quote", {"v": OBJECT})
            return entry["v"]

    async def recording(self) -> Recording:
        if self._recording is None:
            self._recording = await self._record()
            self._recorded = self.wire.exchanges[-1]._replace(
                received="\n".join(line.text for line in self._recording.lines[:20])
            )
        assert self._recorded is not None
        self.wire.exchanges = [self._recorded]
        return self._recording

    async def _record(self) -> Recording:
        began, ended, lines = self.clock.now(), "", list[Line]()
        async with self.wire.stream("/streaming", silence=True) as response:
            if response.status_code == 200:
                try:
                    async with asyncio.timeout(self.terms.streaming):
                        async for text, whole in lines_of(response.aiter_bytes()):
                            if text and len(lines) < LINES_MAX:
                                lines.append(Line(text, self.clock.now(), whole))
                            if self.clock.now() - began >= self.terms.streaming:
                                break
                        else:
                            ended = "the server ended it"
                except TimeoutError:
                    pass
                except httpx.HTTPError as error:
                    ended = f"{type(error).__name__}: {error}"
            seconds = self.clock.now() - began
            return Recording(response.status_code, dict(response.headers), response.http_version, lines, seconds, ended)

    async def messages(self) -> list[tuple[Json, float]]:
        """Those that can be read, and when each was heard."""
        recording = await self.recording()
        if recording.status != 200:
            raise NotApplicable(f"needs a stream: /streaming answers status {recording.status}")
        read = [(line.message(), line.heard) for line in recording.lines]
        found = [(message, heard) for message, heard in read if isinstance(message, dict)]
        if not found:
            raise NotApplicable(f"the stream said nothing in {recording.seconds:.0f} seconds")
        return found


def payload(answer: Answer, path: str) -> Json:
    body = fields(answer.json(), f"the answer of {path}", {"s": one_of(("ok", "error"))})
    if body["s"] == "error":
        raise Broken(f"expected {path} to answer, found the error {shown(body.get('errmsg'))}")
    return body.get("d")
