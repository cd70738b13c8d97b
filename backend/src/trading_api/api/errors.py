"""How errors leave by HTTP: one body everywhere, `{code, field, message, nearest}`, and a status that says what to do."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from trading_api.models.errors import Conflict, ErrorBody, NotAllowed, NotFound, TradingError, TryLater

STATUS: tuple[tuple[type[TradingError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (NotAllowed, 403),
    (TryLater, 503),
    (TradingError, 422),
)
RETRY_AFTER_S = 1

RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": ErrorBody, "description": text}
    for status, text in (
        (403, "This caller may not do this"),
        (404, "It names something that is not there"),
        (409, "The client id was used before with another body"),
        (422, "The request cannot be right, or the account's state forbids it"),
        (503, "Not now; try again"),
    )
}


def install_errors(app: FastAPI) -> None:
    app.add_exception_handler(TradingError, _trading_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


async def _trading_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TradingError)
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
    return _answer(status, error.body, headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _answer(422, first_fault(error.errors()))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    body = ErrorBody(code="not_found" if error.status_code == 404 else "http", message=str(error.detail))
    return _answer(error.status_code, body, error.headers)


def _answer(status: int, body: ErrorBody, headers: object = None) -> JSONResponse:
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status_code=status, headers=dict(headers) if isinstance(headers, dict) else None)


def first_fault(faults: object) -> ErrorBody:
    """The first thing wrong with a body or query, as a sentence that names the field."""
    assert isinstance(faults, list | tuple) and faults
    fault = faults[0]
    path = [str(part) for part in fault.get("loc", ()) if part not in ("body", "query", "path", "header")]
    field = ".".join(path) or None
    return ErrorBody(code="invalid", field=field, message=f"{_said(fault)}{_found(fault)}")


def _said(fault: dict[str, object]) -> str:
    match fault.get("type"):
        case "missing":
            return "Expected a value, found none"
        case "extra_forbidden":
            return "Expected no such field"
        case "json_invalid":
            return "Expected a JSON body that can be read"
        case "enum":
            context = fault.get("ctx")
            return f"Expected one of {context.get('expected') if isinstance(context, dict) else 'the known values'}"
        case _:
            text = str(fault.get("msg", "")).removeprefix("Value error, ")
            return text.replace("Input should be", "Expected", 1).replace("String should", "Expected a text that should", 1)


def _found(fault: dict[str, object]) -> str:
    if fault.get("type") in ("missing", "json_invalid") or "found" in str(fault.get("msg", "")):
        return ""
    given = fault.get("input")
    return f", found {given!r}" if isinstance(given, str | int | float | bool) or given is None else ""
