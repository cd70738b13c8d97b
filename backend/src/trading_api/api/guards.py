"""What stands in front of every route: whose page may call us, under which name, and how much may be sent, in which time.

A web page a trader visits can reach 127.0.0.1, so the browser's own words decide. `Host` must be a name of ours (a page that
re-points its name at us still says that name). `Origin` must be ours or an allowed one wherever something can be traded,
changed or listened to; without one the caller is no web page. The datafeed is open to every page and only reads.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.api.refusals import answer, refuse
from trading_api.api.request_body import BODY_SECONDS, DISCARDED_BYTES_MAX, Fault, read_body
from trading_api.core.versioning import API_PREFIX
from trading_api.models.errors import ErrorBody

BODY_BYTES_MAX = 256 * 1024
"""The largest body of a command is a few kilobytes; uploads have their own bound."""
CHART_BODY_BYTES_MAX = 7 * 1024 * 1024
"""The largest chart is 2 MiB, and three times as much as a URL-encoded form where every byte is escaped."""
URL_BYTES_MAX = 16 * 1024
"""Path and query; the longest we ask for is a hundred symbols."""

DATAFEED = f"{API_PREFIX}/datafeed"
BROKER = f"{API_PREFIX}/broker"
CHARTS = f"{API_PREFIX}/chart-storage"
PRIVATE = (BROKER, CHARTS, f"{API_PREFIX}/auth", f"{API_PREFIX}/users", f"{API_PREFIX}/keys")
"""What a foreign page may not even read."""
UPLOADS = f"{API_PREFIX}/imports"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
READING = ("GET", "HEAD", "OPTIONS")
PREFLIGHT_SECONDS = "600"

Told = dict[bytes, bytes]
"""A request's headers."""


class Doors(NamedTuple):
    """Who may come in: the settings this file needs."""

    loopback: bool
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    def knows_host(self, host: str) -> bool:
        name = _without_port(host)
        return host in self.hosts or name in self.hosts or (self.loopback and name in LOOPBACK_NAMES)

    def knows_origin(self, origin: str, host: str) -> bool:
        return origin in self.origins or (origin != "null" and _same_place(origin, host))


class Guard:
    """ASGI middleware; the outermost one."""

    def __init__(self, app: ASGIApp, *, doors: Doors, body_bytes_max: int = BODY_BYTES_MAX) -> None:
        self._app, self._doors, self._body_bytes_max = app, doors, body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        headers = _headers(scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            return await _close(scope, send, 403, refusal)
        if _url_bytes(scope) > URL_BYTES_MAX:
            return await _close(scope, send, 414, _too_long())
        if scope["type"] == "websocket":
            return await self._app(scope, receive, send)
        await self._http(scope, headers, receive, send)

    def _refusal(self, scope: Scope, headers: Told) -> ErrorBody | None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._doors.knows_host(host):
            known = ", ".join((*(LOOPBACK_NAMES if self._doors.loopback else ()), *self._doors.hosts))
            return ErrorBody(
                code="host_not_allowed",
                message=f"Expected a Host of {known}, found '{host}'. TRADING_ALLOWED_HOSTS lists the names callers may use",
            )
        found = headers.get(b"origin")
        if found is None or not _guarded(scope):
            return None
        origin = found.decode("latin-1")
        if self._doors.knows_origin(origin.lower(), host):
            return None
        return ErrorBody(
            code="origin_not_allowed",
            message=f"Expected a page of this server or of TRADING_ALLOWED_ORIGINS, found one of '{origin}'",
        )

    async def _http(self, scope: Scope, headers: Told, receive: Receive, send: Send) -> None:
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if origin in self._doors.origins and not below(scope, DATAFEED):
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
                return await answer(send, 204, _preflight(origin, headers))
            send = _shared_with(origin, send)
        if scope["method"] == "POST" and scope["path"] == UPLOADS:
            return await self._app(scope, receive, send)
        most = CHART_BODY_BYTES_MAX if below(scope, CHARTS) else self._body_bytes_max
        body = await _body(headers, receive, most)
        if isinstance(body, str):
            return await _close(scope, send, *_fault(body, most))
        await self._app(scope, body, send)


async def _body(headers: Told, receive: Receive, most: int) -> Receive | Fault:
    """The body as a `receive` to read it from, or what is wrong with it."""
    size = int(headers.get(b"content-length", 0))
    if size == 0 and b"transfer-encoding" not in headers:
        return receive
    if size > most + DISCARDED_BYTES_MAX or (size > most and b"expect" in headers):
        return "too large"
    return await read_body(receive, most)


def _fault(fault: Fault, most: int) -> tuple[int, ErrorBody]:
    if fault == "too slow":
        message = f"Expected the body within {BODY_SECONDS:g} s, found only a part of it"
        return 408, ErrorBody(code="body_too_slow", message=message)
    return 413, ErrorBody(code="body_too_large", message=f"Expected a body of at most {most} bytes, found more")


def _headers(scope: Scope) -> Told:
    """Where one is told twice, the first counts."""
    return dict(reversed(scope["headers"]))


def _url_bytes(scope: Scope) -> int:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    return len(raw_path) + (len(query) + 1 if query else 0)


def _too_long() -> ErrorBody:
    return ErrorBody(code="url_too_long", message=f"Expected a path and query of at most {URL_BYTES_MAX} bytes, found more")


async def _close(scope: Scope, send: Send, status: int, body: ErrorBody) -> None:
    """Refuse, and end the connection: what else it sends is not worth reading."""
    await refuse(scope, send, status, body, (b"connection", b"close"))


def _guarded(scope: Scope) -> bool:
    if scope["type"] == "websocket" or any(below(scope, prefix) for prefix in PRIVATE):
        return True
    return scope["method"] not in READING and not below(scope, DATAFEED)


def below(scope: Scope, prefix: str) -> bool:
    path: str = scope["path"]
    return path == prefix or path.startswith(prefix + "/")


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _same_place(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    default = {"http": "80", "https": "443"}.get(parts.scheme)
    return default is not None and _full(parts.netloc, default) == _full(host, default)


def _full(place: str, default_port: str) -> str:
    return place if _without_port(place) != place else f"{place}:{default_port}"


def _preflight(origin: str, headers: Told) -> list[tuple[bytes, bytes]]:
    asked = headers.get(b"access-control-request-headers", b"")
    return [
        *_sharing(origin),
        (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", asked),
        (b"access-control-max-age", PREFLIGHT_SECONDS.encode()),
    ]


def _sharing(origin: str) -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]


def _shared_with(origin: str, send: Send) -> Send:
    async def sharing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_sharing(origin)]}
        await send(message)

    return sharing
