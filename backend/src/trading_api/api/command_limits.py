"""How many commands a connection, and a client address, may send. Reading is not counted."""

import ipaddress
import math
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from trading_api.api.guards import DATAFEED, READING, below
from trading_api.api.refusals import refuse
from trading_api.core.command_pace import SENDERS_MAX, CommandPace
from trading_api.core.ports import Clock
from trading_api.models.errors import ErrorBody

NETWORK_BITS = 64
"""An IPv6 client has at least this whole network to choose its addresses from."""


class CommandLimits:
    """ASGI middleware. None: no limit."""

    def __init__(self, app: ASGIApp, *, clock: Clock, per_connection: int | None, per_address: int | None) -> None:
        self._app, self._clock = app, clock
        self._paces = tuple(
            (whose, limit, CommandPace(limit))
            for whose, limit in (("connection", per_connection), ("client address", per_address))
            if limit is not None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._paces and _is_command(scope):
            refusal = self._refusal(scope)
            if refusal is not None:
                body, wait = refusal
                return await refuse(scope, send, 429, body, (b"retry-after", str(math.ceil(wait)).encode()))
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[ErrorBody, float] | None:
        """What is refused is not counted."""
        now, senders = self._clock.monotonic(), _senders(scope)
        for whose, limit, pace in self._paces:
            wait = pace.wait(senders[whose], now)
            if wait > 0:
                message = f"Expected at most {limit} commands a second from one {whose}, found more: try again in {wait:.2f} s"
                return ErrorBody(code="too_many_commands", message=message), wait
        for whose, _, pace in self._paces:
            pace.spend(senders[whose], now)
        return None


def _is_command(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] not in READING and not below(scope, DATAFEED)


def _senders(scope: Scope) -> dict[str, str]:
    host, port = scope.get("client") or ("", 0)
    return {"connection": f"{host} {port}", "client address": network_of(host)}


@lru_cache(maxsize=SENDERS_MAX)
def network_of(host: str) -> str:
    """The address, or the network of it that belongs to one client."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))
