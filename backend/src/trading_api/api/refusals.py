"""Refusals given before a route is reached, with the body every error has."""

from collections.abc import Sequence

from starlette.types import Scope, Send

from trading_api.models.errors import ErrorBody

Header = tuple[bytes, bytes]


async def refuse(scope: Scope, send: Send, status: int, body: ErrorBody, *headers: Header) -> None:
    """Also of a handshake, where the server can say more than no."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": body.code})
        return
    prefix = "websocket.http" if scope["type"] == "websocket" else "http"
    told = [(b"content-type", b"application/json"), *headers]
    await answer(send, status, told, body.model_dump_json(exclude_none=True).encode(), prefix=prefix)


async def answer(send: Send, status: int, headers: Sequence[Header], body: bytes = b"", *, prefix: str = "http") -> None:
    sized = headers if status == 204 else [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": f"{prefix}.response.start", "status": status, "headers": list(sized)})
    await send({"type": f"{prefix}.response.body", "body": body, "more_body": False})
