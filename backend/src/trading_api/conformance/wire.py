"""Requests to the server under test, each kept for the report, without passwords and tokens."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import NamedTuple

import httpx

from trading_api.conformance.exchange import Exchange, Words, exchange_of, forms_of, without, without_answer, without_codes
from trading_api.conformance.shapes import Broken, Json, expect
from trading_api.conformance.silence import Silence

BODY_BYTES_MAX = 32 << 20
"""Of one answer; a longer one fails the check that asked."""
STEADY_MAX = 200
"""Answers kept because they do not change during a run."""
EXCHANGES_MAX = 40
"""Requests kept of one check, the latest."""


class Answer(NamedTuple):
    status: int
    headers: httpx.Headers
    text: str

    def json(self) -> Json:
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            raise Broken(f"expected JSON, found {self.text[:80]!r} with status {self.status}") from None


def _plain(value: object) -> object:
    """A number without an exponent, and a whole one without a fraction: not every server reads others."""
    return f"{Decimal(repr(value)).normalize():f}" if isinstance(value, float) else value


class Wire:
    """`base` is the address without a slash at its end; `client` has time limits of its own."""

    def __init__(self, client: httpx.AsyncClient, base: str) -> None:
        self.client, self.base = client, base.rstrip("/")
        self.token: str | None = None
        self.hidden: tuple[str, ...] = ()
        """Passwords and tokens: what is remembered of an answer shows none of them."""
        self.exchanges: list[Exchange] = []
        self.silence = Silence()
        self._steady: dict[str, tuple[Answer, Exchange]] = {}

    def begin(self) -> None:
        self.exchanges = []

    def hide(self, *secrets: Json) -> None:
        self.hidden += tuple(form for one in secrets if isinstance(one, str) and one for form in forms_of(one))

    async def get(self, path: str, query: Words | None = None, **terms: Json) -> Answer:
        return await self.ask("GET", path, query, **terms)

    async def steady(self, path: str, query: Words | None = None) -> Answer:
        """Ask once in a run: for what a client asks once."""
        key = f"{path}?{query}"
        if key not in self._steady:
            answer = await self.get(path, query)
            if len(self._steady) < STEADY_MAX:
                self._steady[key] = answer, self.exchanges[-1]
            return answer
        answer, exchange = self._steady[key]
        self._remember(exchange)
        return answer

    async def ask(
        self,
        method: str,
        path: str,
        query: Words | None = None,
        *,
        form: Words | None = None,
        token: str | None = "own",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`path` below the base, or a whole address. `token` "own" is the one signed in with, None sends none."""
        form = None if form is None else {name: _plain(value) for name, value in form.items()}
        async with self._sent(method, path, query, form=form, token=token, headers=headers) as response:
            body = await self._body(response, path)
            answer = Answer(response.status_code, response.headers, body.decode("utf-8", "replace"))
        self.silence.heard(path)
        self._keep(exchange_of(response, form, self.masked(answer.text)))
        return answer

    async def _body(self, response: httpx.Response, path: str) -> bytearray:
        """Whole, within the time for one answer, however slowly it drips."""
        body, seconds = bytearray(), self.client.timeout.read
        try:
            async with asyncio.timeout(seconds):
                async for piece in response.aiter_bytes():
                    body += piece
                    expect(len(body) <= BODY_BYTES_MAX, f"expected an answer of at most {BODY_BYTES_MAX} bytes, found more")
        except TimeoutError:
            self.silence.unheard(path)
            raise Broken(f"expected a whole answer within {seconds:g} s, found {len(body)} bytes of it") from None
        return body

    def masked(self, text: str) -> str:
        for secret in (*forms_of(self.token or ""), *self.hidden):
            text = without(secret, text)
        return without_codes(text)

    @asynccontextmanager
    async def stream(
        self, path: str, query: Words | None = None, *, token: str | None = "own", silence: bool = False
    ) -> AsyncIterator[httpx.Response]:
        """The answer before its body is read. With `silence` its body may say nothing for as long as it likes."""
        async with self._sent("GET", path, query, form=None, token=token, headers=None, silence=silence) as response:
            self.silence.heard(path)
            self._keep(exchange_of(response, None, "(not read whole)"))
            yield response

    @asynccontextmanager
    async def _sent(
        self,
        method: str,
        path: str,
        query: Words | None,
        *,
        form: Words | None,
        token: str | None,
        headers: Mapping[str, str] | None,
        silence: bool = False,
    ) -> AsyncIterator[httpx.Response]:
        bearer = self.token if token == "own" else token
        told = {**(headers or {}), **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        words = {name: str(value) for name, value in (query or {}).items()}
        timeout = httpx.Timeout(self.client.timeout.connect, read=None) if silence else self.client.timeout
        request = self.client.build_request(
            method,
            path if "://" in path else self.base + path,
            params=words or None,
            data=None if form is None else dict(form),
            headers=told,
            timeout=timeout,
        )
        response = await self._begun(request, path, form)
        try:
            yield response
        except httpx.HTTPError as error:
            raise Broken(f"expected a whole answer to {method} {path}, found {type(error).__name__} {error}".rstrip()) from None
        finally:
            await response.aclose()

    async def _begun(self, request: httpx.Request, path: str, form: Words | None) -> httpx.Response:
        """The answer's head, within the time for one answer; its body may take its own."""
        self.silence.hold(request.method, path)
        try:
            async with asyncio.timeout(self.client.timeout.read):
                return await self.client.send(request, stream=True)
        except (httpx.TimeoutException, TimeoutError):
            self.silence.unheard(path)
            why = f"no answer within {self.client.timeout.read:g} s"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = f"{type(error).__name__} {error}".rstrip()
        self._keep(without_answer(request, form, why))
        raise Broken(f"expected an answer to {request.method} {path}, found {why}")

    def _keep(self, exchange: Exchange) -> None:
        shown = exchange._replace(
            url=self.masked(exchange.url),
            asked={name: self.masked(value) for name, value in exchange.asked.items()},
            sent=self.masked(exchange.sent),
            received=self.masked(exchange.received),
            headers={name: self.masked(value) for name, value in exchange.headers.items()},
        )
        self._remember(shown)

    def _remember(self, masked: Exchange) -> None:
        self.exchanges = [*self.exchanges, masked][-EXCHANGES_MAX:]
