"""In front of TradingView's endpoints: whose pages may call, what their browsers need to hear, and refusals in one form.

Pages of TradingView, of this server and of TRADING_ALLOWED_ORIGINS may; the page on which a user signs in takes forms from
nobody but itself. Whoever may gets the CORS headers with every answer, refusals of the doors behind included.
"""

import json
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.api.guards import Doors, below
from trading_api.api.refusals import answer
from trading_api.core.publisher import to_wire
from trading_api.core.versioning import API_PREFIX
from trading_api.models.tradingview.envelope import Failure

TRADINGVIEW = f"{API_PREFIX}/tradingview"
OAUTH = f"{TRADINGVIEW}/oauth2"
PAGE = f"{OAUTH}/authorize"
METHODS = b"GET, POST, PUT, DELETE"
PREFLIGHT_SECONDS = "600"
TOLD_AS_THEY_ARE = (401, 403)
"""Refusals that TradingView knows by their status; all others have status 200."""
_THEIRS = re.compile(r"https://(?:[a-z0-9-]+\.)*tradingview\.com|https://(?:[a-z0-9-]+\.)+xstaging\.tv")

Header = tuple[bytes, bytes]
JSON: Header = (b"content-type", b"application/json")


class TradingViewDoor:
    """ASGI middleware, in front of `Guard`, which does not see the origins that are let in here."""

    def __init__(self, app: ASGIApp, *, doors: Doors) -> None:
        self._app, self._doors = app, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not below(scope, TRADINGVIEW):
            return await self._app(scope, receive, send)
        headers = dict(reversed(scope["headers"]))
        origin: bytes | None = headers.get(b"origin")
        if origin is not None:
            if not self._lets_in(scope, origin.decode("latin-1").lower(), headers):
                return await answer(send, 403, [JSON, (b"vary", b"origin")], _refusal(origin.decode("latin-1")))
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
                return await answer(send, 204, _preflight(origin, headers))
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0] != b"origin"]}
        await self._app(scope, receive, _Answer(send, origin, as_refusals=not below(scope, OAUTH)))

    def _lets_in(self, scope: Scope, origin: str, headers: dict[bytes, bytes]) -> bool:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if below(scope, PAGE):
            return self._doors._replace(origins=()).knows_origin(origin, host)
        return self._doors.knows_origin(origin, host) or _THEIRS.fullmatch(origin) is not None


class _Answer:
    """What leaves: with the headers a foreign page needs, and refusals of other doors in TradingView's form."""

    def __init__(self, send: Send, origin: bytes | None, *, as_refusals: bool) -> None:
        self._send = send
        self._shared = _sharing(origin) if origin is not None else []
        self._as_refusals = as_refusals
        self._refused: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *self._shared]}
            if self._as_refusals and 400 <= message["status"] < 500:
                self._refused = message
                return
        elif self._refused is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell_refusal(self._refused)
            return
        await self._send(message)

    async def _tell_refusal(self, start: Message) -> None:
        kept = [one for one in start["headers"] if one[0].lower() not in (b"content-length", b"content-type")]
        status = start["status"] if start["status"] in TOLD_AS_THEY_ARE else 200
        await answer(self._send, status, [*kept, JSON], to_wire(Failure(message=_message_in(self._body))))


def _message_in(body: bytes) -> str:
    """Of a refusal in our own form, or in TradingView's already."""
    try:
        told = json.loads(body)
        return str(told["errmsg"] if "errmsg" in told else told["message"])
    except (ValueError, KeyError, TypeError):
        return "The request was refused"


def _refusal(origin: str) -> bytes:
    message = f"Expected a page of TradingView, of this server or of TRADING_ALLOWED_ORIGINS, found one of '{origin}'"
    return to_wire(Failure(message=message))


def _sharing(origin: bytes) -> list[Header]:
    return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]


def _preflight(origin: bytes, headers: dict[bytes, bytes]) -> list[Header]:
    told = [
        *_sharing(origin),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", headers.get(b"access-control-request-headers", b"")),
        (b"access-control-max-age", PREFLIGHT_SECONDS.encode()),
    ]
    if headers.get(b"access-control-request-private-network") == b"true":
        told.append((b"access-control-allow-private-network", b"true"))
    return told
