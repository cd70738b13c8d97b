"""Refusals as TradingView reads them: status 200, `s` "error" and a text for the trader; 401 where nobody knows the caller."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final  # Any: Starlette types its handlers so

from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from trading_api.api.faults import fault_of
from trading_api.core.publisher import to_wire
from trading_api.models.base import Model
from trading_api.models.errors import FixRequest, NotFound, NotSignedIn, Stopped, TradingError
from trading_api.models.tradingview.envelope import Failure

FAILED: Final = "The server failed on this request; its log says why"
WIRE_NAMES: Final = {"symbol": "instrument", "duration": "durationType", "clientOrderId": "requestId"}
"""Fields that are called otherwise here."""
WIRE_WORDS: Final = {"end_missing": ("duration.datetime", "durationDateTime"), "client_id_reused": ("client id", "requestId")}
"""What a refusal's sentence calls otherwise."""

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class TradingViewRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()

        async def answer_or_explain(request: Request) -> Response:
            return await explained(request, answer)

        return answer_or_explain


async def explained(request: Request, answer: Handler) -> Response:
    """The answer, or why there is none."""
    try:
        return await answer(request)
    except NotSignedIn as error:
        return failure(str(error), 401, {"WWW-Authenticate": "Bearer"})
    except RequestValidationError as error:
        return failure(fault_of(error, whole="the form").message)
    except TradingError as error:
        return failure(refusal(error))
    except Stopped as error:
        return failure(str(error))
    except HTTPException as error:
        return failure(f"Expected a form that can be read, found: {error.detail}")
    except Exception:
        _log.exception("%s %s failed", request.method, request.url.path)
        return failure(FAILED, 500)


def answer(model: Model) -> Response:
    return Response(to_wire(model), media_type="application/json")


def failure(message: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(to_wire(Failure(message=message)), status, headers, media_type="application/json")


def refusal(error: TradingError) -> str:
    """A field that is wrong is named as it was sent."""
    field, message = error.body.field, error.body.message
    if error.body.code in WIRE_WORDS:
        return message.replace(*WIRE_WORDS[error.body.code], 1)
    if field is None or isinstance(error, NotFound) or not isinstance(error, FixRequest):
        return message
    name = WIRE_NAMES.get(field, field)
    return message if name in message else f"{name}: {message}"
