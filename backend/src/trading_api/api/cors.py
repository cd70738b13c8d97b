"""Charts on any site may read the datafeed. Nothing else is opened: what can trade stays closed to foreign pages.

Marks tell of accounts (`api/datafeed_marks.py` decides to whom), so their answers are for the page that asked and for no other.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATAFEED_PREFIX = "/api/v1/datafeed"
PREFLIGHT_SECONDS = "600"
OF_ACCOUNTS = ("/marks", "/timescale_marks")
"""Ends of the paths whose answers depend on the page that asks: only that page may read them."""


class OpenDatafeed:
    """ASGI middleware; outermost, so that every answer below the prefix carries the header, errors and refusals included."""

    def __init__(self, app: ASGIApp, prefix: str = DATAFEED_PREFIX) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._covers(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(headers)(scope, receive, send)
            return

        of_accounts = scope["path"].endswith(OF_ACCOUNTS)
        origin = headers.get("origin") if of_accounts else "*"

        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                if origin is not None:
                    told["Access-Control-Allow-Origin"] = origin
                if of_accounts:
                    told["Vary"] = "Origin"
            await send(message)

        await self._app(scope, receive, send_open)

    def _covers(self, path: str) -> bool:
        return path == self._prefix or path.startswith(self._prefix + "/")


def _preflight(asked: Headers) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": asked.get("access-control-request-headers", "*"),
            "Access-Control-Max-Age": PREFLIGHT_SECONDS,
            "Vary": "Access-Control-Request-Headers",
        },
    )
