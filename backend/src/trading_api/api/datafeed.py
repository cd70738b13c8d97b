"""Market data over HTTP: the UDF endpoints a TradingView chart calls, and a few plainer ones.

Times in queries are UTC seconds, as UDF has them. `from` is inclusive, `to` is not; with `countback` the answer is exactly that
many bars before `to`, and `from` is ignored.
"""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field, TypeAdapter

from trading_api.api.cors import DATAFEED_PREFIX
from trading_api.api.datafeed_errors import DatafeedRoute
from trading_api.api.datafeed_marks import add_marks
from trading_api.api.datafeed_queries import (
    QUERY_TEXT_MAX,
    SYMBOL_TEXT_MAX,
    CountBack,
    CurrencyCode,
    FilterText,
    From,
    ResolutionText,
    SymbolText,
    To,
    UnitId,
)
from trading_api.api.guards import Doors
from trading_api.api.history_columns import HistoryColumns
from trading_api.core.bars import parse_resolution
from trading_api.core.conversion import legs_of
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.core.mark_service import MarkService
from trading_api.core.search import SEARCH_ROWS, SEARCH_ROWS_MAX
from trading_api.core.symbol_groups import symbol_table
from trading_api.core.symbol_information import symbol_information
from trading_api.models.base import WHOLE
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar
from trading_api.models.market.configuration import DatafeedConfiguration
from trading_api.models.market.quotes import QUOTES_MAX, QuoteData, QuotesRequest
from trading_api.models.market.search import SymbolMatch
from trading_api.models.udf import DatafeedHealth, HistoryAnswer, Quotes, SymbolInformation, UdfError
from trading_api.models.udf_groups import SymbolTable

OUR_ADDITIONS = ("bid_size", "ask_size", "time")
_BARS = TypeAdapter(tuple[Bar, ...])


GROUPED = "/grouped"
"""The same datafeed for charts that read whole groups of symbols; a chart chooses by the address it is given."""


class Marked(NamedTuple):
    """What marks need: executions, and who may see them."""

    service: MarkService
    doors: Doors


def datafeed_router(service: DatafeedService, marked: Marked | None = None) -> APIRouter:
    """Without `marked` a chart is told that there are no marks."""
    columns = HistoryColumns(service)
    routers = _router(DATAFEED_PREFIX), _router(DATAFEED_PREFIX + GROUPED, documented=False)
    for router in routers:
        _add_symbols(router, service)
        _add_prices(router, service, columns)
        if marked is not None:
            add_marks(router, *marked)
    _add_configuration(routers[0], service, operation_id="getDatafeedConfiguration", marks=marked is not None)
    documented = _router(DATAFEED_PREFIX + GROUPED)
    _add_configuration(documented, service, operation_id="getGroupedConfiguration", marks=marked is not None, grouped=True)
    both = APIRouter()
    for router in (*routers, documented):
        both.routes.extend(router.routes)
    return both


def _router(prefix: str, *, documented: bool = True) -> APIRouter:
    return APIRouter(
        prefix=prefix,
        tags=["datafeed"],
        route_class=DatafeedRoute,
        include_in_schema=documented,
        responses={"default": {"model": UdfError, "description": "The datafeed failed on this request"}},
    )


def _add_configuration(
    router: APIRouter, service: DatafeedService, *, operation_id: str, marks: bool, grouped: bool = False
) -> None:
    switches = {
        "supports_search": not grouped,
        "supports_group_request": grouped,
        "supports_marks": marks,
        "supports_timescale_marks": marks,
    }

    @router.get(
        "/config",
        operation_id=operation_id,
        response_model=DatafeedConfiguration,
        response_model_exclude_none=True,
        summary="What this datafeed offers" + (" to charts that read whole groups" if grouped else ""),
    )
    async def config() -> DatafeedConfiguration:
        return service.configuration().model_copy(update=switches)


def _add_symbols(router: APIRouter, service: DatafeedService) -> None:
    @router.get("/time", operation_id="getServerTime", response_model=int, summary="The server's clock, UTC seconds")
    async def time() -> int:
        return service.clock.now() // 1000

    @router.get(
        "/symbols",
        operation_id="getSymbol",
        response_model=SymbolInformation | UdfError,
        response_model_exclude_none=True,
        summary="A symbol's description",
    )
    async def symbols(symbol: SymbolText, currency: CurrencyCode = None, unit: UnitId = None) -> SymbolInformation:
        _expect_no_unit(unit)
        market, instrument = service.resolve(symbol)
        if currency is not None:
            legs_of(market, instrument, currency)
        return symbol_information(instrument, currency)

    @router.get(
        "/symbol_info",
        operation_id="getSymbolGroup",
        response_model=SymbolTable | UdfError,
        summary="A group of symbols in columns: an exchange's, or NYSE, FOREX and AMEX, which hold all between them",
    )
    async def symbol_info(group: Annotated[str, Query(max_length=QUERY_TEXT_MAX)]) -> SymbolTable:
        return symbol_table(service.instruments, group)

    @router.get(
        "/resolve/{symbol}",
        operation_id="resolveSymbol",
        response_model=SymbolInformation | UdfError,
        response_model_exclude_none=True,
        summary="The same, with the symbol in the path",
    )
    async def resolve(symbol: Annotated[str, Path(max_length=SYMBOL_TEXT_MAX)]) -> SymbolInformation:
        return symbol_information(service.instrument(symbol))

    @router.get(
        "/search",
        operation_id="searchSymbols",
        response_model=list[SymbolMatch] | UdfError,
        summary="Symbols by name or description",
    )
    async def search(
        query: FilterText = "",
        type: FilterText = "",
        exchange: FilterText = "",
        limit: Annotated[int, Field(ge=1, le=SEARCH_ROWS_MAX), WHOLE, Query()] = SEARCH_ROWS,
    ) -> list[SymbolMatch]:
        return service.search(query, kind=type, exchange=exchange, limit=limit)

    @router.get(
        "/health",
        operation_id="getDatafeedHealth",
        response_model=DatafeedHealth,
        summary="Markets, watched symbols and the age of their ticks",
    )
    async def health() -> DatafeedHealth:
        return service.health()


def _add_prices(router: APIRouter, service: DatafeedService, columns: HistoryColumns) -> None:
    @router.get(
        "/history",
        operation_id="getHistory",
        response_model=HistoryAnswer,
        response_model_exclude_none=True,
        summary="Bars in columns",
    )
    async def history(
        symbol: SymbolText,
        resolution: ResolutionText,
        since: From = None,
        to: To = None,
        countback: CountBack = None,
        currency: CurrencyCode = None,
        unit: UnitId = None,
    ) -> Response:
        _expect_no_unit(unit)
        return _json(await columns.body(symbol, parse_resolution(resolution), _window(since, to, countback), currency))

    @router.get(
        "/bars", operation_id="getBars", response_model=list[Bar] | UdfError, summary="Bars in rows, their time in milliseconds"
    )
    async def bars(
        symbol: SymbolText, resolution: ResolutionText, since: From = None, to: To = None, countback: CountBack = None
    ) -> Response:
        found = await service.history(symbol, parse_resolution(resolution), _window(since, to, countback))
        return _json(_BARS.dump_json(found.bars))

    @router.get(
        "/quotes",
        operation_id="getQuotes",
        response_model=Quotes | UdfError,
        response_model_exclude_none=True,
        summary="Quotes of several symbols",
    )
    async def quotes(symbols: Annotated[str, Query(description="Comma list")]) -> Quotes:
        return Quotes(quotes=tuple(_known_to_charts(quote) for quote in await service.quotes(_listed(symbols))))

    @router.post(
        "/quotes",
        operation_id="listQuotes",
        response_model=list[QuoteData] | UdfError,
        response_model_exclude_none=True,
        summary="Quotes as a list",
    )
    async def post_quotes(request: QuotesRequest) -> list[QuoteData]:
        return await service.quotes(request.symbols)


def _window(since: int | None, to: int | None, countback: int | None) -> Window:
    before = NEWEST if to is None else to * 1000
    return Window(before=before, since=None if since is None else since * 1000, countback=countback)


def _expect_no_unit(unit: str | None) -> None:
    if unit is not None:
        raise FixRequest("no_unit", f"Expected no unitId, as no symbol has a unit, found '{unit}'", field="unitId")


def _listed(symbols: str) -> list[str]:
    listed = symbols.split(",")
    if not symbols or len(listed) > QUOTES_MAX:
        found = len(listed) if symbols else 0
        raise FixRequest("bad_symbols", f"Expected 1 to {QUOTES_MAX} symbols, found {found}", field="symbols")
    return listed


def _known_to_charts(quote: QuoteData) -> QuoteData:
    # Charts may drop a quote that has a field they do not know.
    return quote.model_copy(update={"v": quote.v.model_copy(update=dict.fromkeys(OUR_ADDITIONS))})


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
