"""A route whose body has a size limit while it arrives: too large an upload is refused before it fills the disk."""

from collections.abc import Callable, Coroutine
from typing import Any  # Starlette types its handlers so

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from trading_api.models.errors import FixRequest

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def bounded_route(bytes_max: int) -> type[APIRoute]:
    class BoundedRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handler = super().get_route_handler()

            async def bounded(request: Request) -> Response:
                body = _Body(request.receive, bytes_max)
                try:
                    return await handler(Request(request.scope, body.receive))
                except HTTPException:
                    # FastAPI says only that the body could not be read.
                    if body.too_large:
                        raise _refusal(bytes_max) from None
                    raise

            return bounded

    return BoundedRoute


class _Body:
    def __init__(self, receive: Receive, bytes_max: int) -> None:
        self._receive = receive
        self._left = bytes_max
        self._bytes_max = bytes_max

    @property
    def too_large(self) -> bool:
        return self._left < 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self.too_large:
            raise _refusal(self._bytes_max)
        return message


def _refusal(bytes_max: int) -> FixRequest:
    return FixRequest("too_large", f"Expected an upload of at most {bytes_max} bytes, found more", field="files")
