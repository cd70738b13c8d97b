"""How errors leave by HTTP: one body everywhere, `{code, field, message, nearest}`, and a status that says what to do."""

import math

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from trading_api.api.faults import fault_of
from trading_api.models.errors import (
    Conflict,
    ErrorBody,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Stopped,
    TooLarge,
    TooOften,
    TradingError,
    TryLater,
)

STATUS: tuple[tuple[type[TradingError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (TooOften, 429),
    (TryLater, 503),
    (TradingError, 422),
)
RETRY_AFTER_S = 1

RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}}
    for status, text in (
        (401, "Nobody knows who is calling: sign in"),
        (403, "This caller may not do this"),
        (404, "It names something that is not there"),
        (409, "The client id was used before with another body"),
        (413, "The body is too large"),
        (422, "The request cannot be right, or the account's state forbids it"),
        (429, "Too many commands; `Retry-After` says when to try again"),
        (503, "Not now; try again"),
    )
}
"""What the documents say of every route. They refer to the model: named for each route, it would be made ready each time,
which took longer than everything else that makes a route."""
DESCRIBED: dict[int | str, dict[str, object]] = {422: {"model": ErrorBody, "description": RESPONSES[422]["description"]}}
"""On one route, so that the documents hold the model."""


def install_errors(app: FastAPI) -> None:
    for kind in REFUSALS:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


UNREADABLE = "Expected a body as its Content-Type names it, in UTF-8, found bytes that are none"
"""Where the framework could make nothing of it, JSON or not."""
REFUSALS = (TradingError, Stopped)
"""What services raise and a caller is told."""


def refusal(error: Exception) -> JSONResponse:
    """How one of them leaves."""
    if isinstance(error, TradingError):
        status = next(code for kind, code in STATUS if isinstance(error, kind))
        return _answer(status, error.body, _headers(error, status))
    return _answer(503, ErrorBody(code="stopped", message=str(error)), {"Retry-After": str(RETRY_AFTER_S)})


async def _refused(request: Request, error: Exception) -> JSONResponse:
    return refusal(error)


def _headers(error: TradingError, status: int) -> dict[str, str] | None:
    if isinstance(error, TooOften):
        return {"Retry-After": str(math.ceil(error.wait_s))}
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _answer(422, fault_of(error, whole="the body"))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        return _answer(422, ErrorBody(code="bad_request", message=UNREADABLE))
    body = ErrorBody(code="not_found" if error.status_code == 404 else "http", message=str(error.detail))
    headers = {**(error.headers or {}), "Allow": ", ".join(_allowed(request))} if error.status_code == 405 else error.headers
    return _answer(error.status_code, body, headers)


def _allowed(request: Request) -> list[str]:
    """The router names only the methods of the first route of this path; there may be others."""
    path, found = request.scope["path"], set[str]()
    for route in iter_route_contexts(request.app.router.routes):
        if route.path and route.methods and compile_path(route.path)[0].match(path):
            found |= route.methods
    return sorted(found)


def _answer(status: int, body: ErrorBody, headers: object = None) -> JSONResponse:
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status_code=status, headers=dict(headers) if isinstance(headers, dict) else None)
