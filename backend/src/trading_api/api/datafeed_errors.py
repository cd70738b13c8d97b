"""Datafeed errors as UDF clients read them: status 200, `s` "error" and `errmsg`, for every request that fails."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from trading_api.api.faults import fault_of
from trading_api.api.once import expect_once
from trading_api.models.errors import TradingError
from trading_api.models.udf import UdfError

FAILED: Final = "The datafeed failed on this request; the server's log says why"

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DatafeedRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()

        async def answer_or_explain(request: Request) -> Response:
            try:
                expect_once(request.query_params)
                return await answer(request)
            except RequestValidationError as error:
                return error_response(fault_of(error, whole="the body").message)
            except TradingError as error:
                return error_response(error.body.message)
            except Exception:
                # A UDF client cannot read a plain error page, and its realtime stops on one.
                _log.exception("%s %s failed", request.method, request.url.path)
                return error_response(FAILED, status=500)

        return answer_or_explain


def error_response(message: str, status: int = 200) -> Response:
    return Response(UdfError(message=message).model_dump_json(), status, media_type="application/json")
