"""The short way of the busiest command, placing an order, past the framework's detours.

It takes what is plainly right: JSON in one piece that is an order, for an account whose id can be one. Whatever is not goes on
to the usual endpoint with its body unread, so every refusal is worded there and nowhere else; that endpoint is also the one the
API documents describe. Who may do this is asked in the same way, and what the account refuses is told in the same way.
"""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.api.deps import client_id, credentials
from trading_api.api.errors import REFUSALS, refusal
from trading_api.core.access import Policy, hold
from trading_api.core.broker_service import BrokerService
from trading_api.core.publisher import to_wire
from trading_api.core.versioning import API_PREFIX
from trading_api.models.broker.orders import OrderRequest
from trading_api.models.common import ACCOUNT_ID, CLIENT_ID, CommandAnswer

_PATH = re.compile(rf"{API_PREFIX}/broker/accounts/({ACCOUNT_ID})/orders")
_CLIENT_ID = re.compile(CLIENT_ID)
_READ = (b"content-type", b"authorization", b"idempotency-key")


class _Asked(NamedTuple):
    order: OrderRequest
    authorization: str | None
    key: str | None


class OrderLane:
    """ASGI middleware; the innermost one, so that whatever guards commands stands before it."""

    def __init__(self, app: ASGIApp, *, service: BrokerService) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        message = await receive()
        asked = _asked(scope["headers"], message)
        if asked is None:
            await self._app(scope, _again(message, receive), send)
            return
        try:
            body = to_wire(await self._placed(scope, found[1], asked))
        except REFUSALS as error:
            await refusal(error)(scope, receive, send)
            return
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _placed(self, scope: Scope, account_id: str, asked: _Asked) -> CommandAnswer:
        caller = await scope["app"].state.doorman.admit(credentials(asked.authorization))
        hold(Policy.TRADE, caller, account_id)
        key = client_id(asked.key, asked.order.client_order_id)
        return await self._service.place(caller, account_id, asked.order, client_id=key)


def _asked(headers: Iterable[tuple[bytes, bytes]], message: Message) -> _Asked | None:
    """None for whatever the usual endpoint should look at."""
    found = [pair for pair in headers if pair[0] in _READ]
    given = {name: value.decode("latin-1") for name, value in found}
    key = given.get(b"idempotency-key")
    if len(given) < len(found) or given.get(b"content-type") != "application/json":
        return None
    if message["type"] != "http.request" or message.get("more_body") or (key is not None and not _CLIENT_ID.fullmatch(key)):
        return None
    try:
        order = OrderRequest.model_validate(json.loads(message.get("body", b"")))
    except (ValidationError, ValueError, RecursionError):
        return None
    return _Asked(order, given.get(b"authorization"), key)


def _again(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
