"""What is over, by HTTP: closed trades, why a fill has its price, statements and the curve of equity."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import Response
from pydantic import Field

from trading_api.api.deps import Caller
from trading_api.api.errors import RESPONSES
from trading_api.api.paging import ID_MAX, PAGE_USUAL, Account, Before, Filter, Limit, Span
from trading_api.core.history_service import HistoryService
from trading_api.core.statements import csv_of
from trading_api.models.base import WHOLE
from trading_api.models.broker.history import ClosedTrade, EquityCurve, ExplainedExecution, Statement

POINTS_MAX = 2_000
POINTS_USUAL = 500
CSV = "text/csv"

ExecutionId = Annotated[str, Path(alias="executionId", max_length=ID_MAX)]
Format = Annotated[Literal["json", "csv"] | None, Query(description="Absent: what Accept prefers, usually JSON")]
Accept = Annotated[str | None, Header(include_in_schema=False)]
Points = Annotated[int, Field(ge=2, le=POINTS_MAX), WHOLE, Query(description="At most so many, spread evenly over the period")]


def history_router(service: HistoryService) -> APIRouter:
    router = APIRouter(prefix="/broker/accounts/{accountId}", tags=["broker"], responses=RESPONSES)

    @router.get(
        "/trades", operation_id="listTrades", summary="Closed trades, the latest first", response_model_exclude_none=True
    )
    async def list_trades(
        caller: Caller, account_id: Account, wanted: Filter, before: Before = None, limit: Limit = PAGE_USUAL
    ) -> list[ClosedTrade]:
        return await service.trades(caller, account_id, wanted, before=before, limit=limit)

    @router.get(
        "/executions/{executionId}/explain",
        operation_id="explainExecution",
        summary="Why a fill has its price",
        response_model_exclude_none=True,
    )
    async def explain_execution(caller: Caller, account_id: Account, execution_id: ExecutionId) -> ExplainedExecution:
        return await service.explain(caller, account_id, execution_id)

    @router.get(
        "/statement",
        operation_id="getStatement",
        summary="Every movement of money in a period, as JSON or CSV",
        response_model=Statement,
        response_model_exclude_none=True,
        responses={200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": "As JSON, or as CSV"}},
    )
    async def get_statement(
        caller: Caller, account_id: Account, period: Span, format: Format = None, accept: Accept = None
    ) -> Statement | Response:
        statement = await service.statement(caller, account_id, period)
        if format == "csv" or (format is None and _prefers_csv(accept)):
            name = f'attachment; filename="statement-{account_id}.csv"'
            return Response(csv_of(statement), media_type=CSV, headers={"Content-Disposition": name, "Vary": "Accept"})
        return statement

    @router.get(
        "/equity-curve",
        operation_id="getEquityCurve",
        summary="Balance and equity over time",
        response_model_exclude_none=True,
    )
    async def get_equity_curve(caller: Caller, account_id: Account, period: Span, points: Points = POINTS_USUAL) -> EquityCurve:
        return await service.equity_curve(caller, account_id, period, points)

    return router


def _prefers_csv(accept: str | None) -> bool:
    """CSV is named, and JSON is not named before it."""
    named = [part.partition(";")[0].strip() for part in (accept or "").split(",")]
    return CSV in named and "application/json" not in named[: named.index(CSV)]
