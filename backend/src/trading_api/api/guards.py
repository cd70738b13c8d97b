"""What stands in front of every route: whose page may call us, under which name, and how much may be sent.

A web page a trader visits can reach 127.0.0.1, so the browser's own words decide. `Host` must be a name of ours (a page that
re-points its name at us still says that name). `Origin` must be ours or an allowed one wherever something can be traded,
changed or listened to; without one the caller is no web page. The datafeed is open to every page and only reads.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.core.versioning import API_PREFIX
from trading_api.models.errors import ErrorBody

BODY_BYTES_MAX = 256 * 1024
"""The largest body of a command is a few kilobytes; uploads have their own bound."""

DATAFEED = f"{API_PREFIX}/datafeed"
BROKER = f"{API_PREFIX}/broker"
UPLOADS = f"{API_PREFIX}/imports"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
READING = ("GET", "HEAD", "OPTIONS")
PREFLIGHT_SECONDS = "600"


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
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            return await _refuse(scope, send, 403, refusal)
        if scope["type"] == "websocket":
            return await self._app(scope, receive, send)
        await self._http(scope, headers, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> ErrorBody | None:
        host = headers.get("host", "").lower()
        if not self._doors.knows_host(host):
            known = ", ".join((*(LOOPBACK_NAMES if self._doors.loopback else ()), *self._doors.hosts))
            return ErrorBody(
                code="host_not_allowed",
                message=f"Expected a Host of {known}, found '{host}'. TRADING_ALLOWED_HOSTS lists the names callers may use",
            )
        origin = headers.get("origin")
        if origin is None or not _guarded(scope) or self._doors.knows_origin(origin.lower(), host):
            return None
        return ErrorBody(
            code="origin_not_allowed",
            message=f"Expected a page of this server or of TRADING_ALLOWED_ORIGINS, found one of '{origin}'",
        )

    async def _http(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        origin = headers.get("origin", "").lower()
        if origin in self._doors.origins and not _below(scope, DATAFEED):
            if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
                return await _answer(send, 204, _preflight(origin, headers))
            send = _shared_with(origin, send)
        if _below(scope, UPLOADS):
            return await self._app(scope, receive, send)
        body = await self._body(headers, receive)
        if body is None:
            return await _refuse(scope, send, 413, self._too_large())
        await self._app(scope, body, send)

    async def _body(self, headers: Headers, receive: Receive) -> Receive | None:
        """The body as a `receive` to read it from; None when it is too large. Only one without a length is read ahead."""
        length = headers.get("content-length")
        if length is not None:
            return receive if int(length) <= self._body_bytes_max else None
        if "transfer-encoding" not in headers:
            return receive
        return await _read_ahead(receive, self._body_bytes_max)

    def _too_large(self) -> ErrorBody:
        return ErrorBody(code="body_too_large", message=f"Expected a body of at most {self._body_bytes_max} bytes, found more")


def _guarded(scope: Scope) -> bool:
    if scope["type"] == "websocket" or _below(scope, BROKER):
        return True
    return scope["method"] not in READING and not _below(scope, DATAFEED)


def _below(scope: Scope, prefix: str) -> bool:
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


def _preflight(origin: str, headers: Headers) -> list[tuple[bytes, bytes]]:
    asked = headers.get("access-control-request-headers", "")
    return [
        *_sharing(origin),
        (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", asked.encode("latin-1")),
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


async def _read_ahead(receive: Receive, limit: int) -> Receive | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return _replay(message, receive)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return _replay({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


async def _refuse(scope: Scope, send: Send, status: int, body: ErrorBody) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": body.code})
        return
    prefix = "websocket.http" if scope["type"] == "websocket" else "http"
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await _answer(send, status, headers, body.model_dump_json(exclude_none=True).encode(), prefix=prefix)


async def _answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"", *, prefix: str = "http"
) -> None:
    sized = headers if status == 204 else [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": f"{prefix}.response.start", "status": status, "headers": sized})
    await send({"type": f"{prefix}.response.body", "body": body, "more_body": False})
