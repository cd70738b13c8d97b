"""A route for uploads: few at once, each of bounded size while it arrives, and none may stall.

Too large an upload is refused before it fills the disk.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any  # Starlette types its handlers so

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from trading_api.api.deps import principal
from trading_api.models.errors import ErrorBody, TryLater

UPLOADS_MAX = 4
"""At the same time: each may fill a gigabyte of disk."""
UPLOAD_STALL_SECONDS = 30.0
"""Between two pieces of an upload."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def bounded_route(bytes_max: int) -> type[APIRoute]:
    arriving: set[_Body] = set()

    class BoundedRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handler = super().get_route_handler()

            async def bounded(request: Request) -> Response:
                if request.method != "POST":
                    return await handler(request)
                await principal(request)  # before anything is read: nobody fills the disk
                if len(arriving) >= UPLOADS_MAX:
                    raise TryLater("busy", f"Expected at most {UPLOADS_MAX} uploads at once, found one more: try again later")
                body = _Body(request.receive, bytes_max)
                arriving.add(body)
                try:
                    return await handler(Request(request.scope, body.receive))
                except HTTPException:
                    # FastAPI says only that the body could not be read.
                    if body.fault is None:
                        raise
                    return body.fault
                finally:
                    arriving.discard(body)

            return bounded

    return BoundedRoute


class _Body:
    def __init__(self, receive: Receive, bytes_max: int) -> None:
        self._receive = receive
        self._left = bytes_max
        self._bytes_max = bytes_max
        self._arrived = False
        self.fault: JSONResponse | None = None

    async def receive(self) -> Message:
        if self._arrived:
            return await self._receive()
        try:
            async with asyncio.timeout(UPLOAD_STALL_SECONDS):
                message = await self._receive()
        except TimeoutError:
            found = f"Expected the upload to go on, found nothing for {UPLOAD_STALL_SECONDS:g} s"
            self.fault = _refusal(408, ErrorBody(code="upload_stalled", field="files", message=found))
            raise _Cut from None
        self._arrived = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            expected = f"Expected an upload of at most {self._bytes_max} bytes, found more"
            self.fault = _refusal(413, ErrorBody(code="too_large", field="files", message=expected))
            raise _Cut
        return message


class _Cut(Exception):
    """The body is not read any further."""


def _refusal(status: int, body: ErrorBody) -> JSONResponse:
    return JSONResponse(body.model_dump(mode="json", exclude_none=True), status_code=status, headers={"connection": "close"})
