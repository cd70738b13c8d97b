"""Marks over HTTP: what an account has done, on a chart. The only answers of the datafeed that depend on who asks.

So no cache keeps them, and `api/cors.py` lets a page read them under its own origin alone, once that origin was looked at here.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from trading_api.api.datafeed_queries import ResolutionText, SymbolText
from trading_api.api.guards import Doors
from trading_api.api.own_pages import reader
from trading_api.core.access import Principal
from trading_api.core.bars import parse_resolution
from trading_api.core.mark_service import MarkService
from trading_api.core.marks import Asked
from trading_api.models.base import Whole
from trading_api.models.common import AccountId
from trading_api.models.udf import UdfError
from trading_api.models.udf_marks import Marks, TimescaleMark

From = Annotated[Whole, Query(alias="from", description="UTC seconds of the first bar")]
To = Annotated[Whole, Query(description="UTC seconds of the last bar, included")]
Account = Annotated[AccountId | None, Query(description="One account instead of all the caller may read; our addition")]


def add_marks(router: APIRouter, service: MarkService, doors: Doors) -> None:
    async def caller(request: Request, response: Response) -> Principal | None:
        response.headers["Cache-Control"] = "no-store"
        return await reader(request, doors)

    Reader = Annotated[Principal | None, Depends(caller)]

    @router.get(
        "/marks",
        operation_id="getMarks",
        response_model=Marks | UdfError,
        summary="The caller's executions on the bars of a chart",
    )
    async def marks(
        symbol: SymbolText, since: From, to: To, resolution: ResolutionText, reader: Reader, account: Account = None
    ) -> Marks:
        return await service.marks(reader, _asked(service, symbol, resolution, since, to), account)

    @router.get(
        "/timescale_marks",
        operation_id="getTimescaleMarks",
        response_model=list[TimescaleMark] | UdfError,
        summary="Dividends of the symbol, and what the caller's accounts have paid and earned in it",
    )
    async def timescale_marks(
        symbol: SymbolText, since: From, to: To, resolution: ResolutionText, reader: Reader, account: Account = None
    ) -> list[TimescaleMark]:
        return await service.timescale_marks(reader, _asked(service, symbol, resolution, since, to), account)


def _asked(service: MarkService, symbol: str, resolution: str, since: int, to: int) -> Asked:
    return service.asked(symbol, parse_resolution(resolution), since * 1000, to * 1000)
