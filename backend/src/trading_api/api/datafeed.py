"""Market data over HTTP: the UDF endpoints a TradingView chart calls, and a few plainer ones.

Times in queries are UTC seconds, as UDF has them. `from` is inclusive, `to` is not; with `countback` the answer is exactly that
many bars before `to`, and `from` is ignored.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import TypeAdapter

from trading_api.api.cors import DATAFEED_PREFIX
from trading_api.api.datafeed_errors import DatafeedRoute
from trading_api.api.history_columns import HistoryColumns
from trading_api.core.bars import parse_resolution
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.history import NEWEST, Window
from trading_api.core.search import SEARCH_ROWS, SEARCH_ROWS_MAX
from trading_api.core.symbol_information import symbol_information
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Bar
from trading_api.models.market.configuration import DatafeedConfiguration
from trading_api.models.market.quotes import QUOTES_MAX, QuoteData, QuotesRequest
from trading_api.models.market.search import SymbolMatch
from trading_api.models.udf import DatafeedHealth, HistoryAnswer, Quotes, SymbolInformation, UdfError

OUR_ADDITIONS = ("bid_size", "ask_size", "time")
SYMBOL_TEXT_MAX = 64
QUERY_TEXT_MAX = 200

SymbolText = Annotated[str, Query(max_length=SYMBOL_TEXT_MAX, description="MARKET:NAME, EXCHANGE:NAME or a name")]
FilterText = Annotated[str, Query(max_length=QUERY_TEXT_MAX, description="Empty means all")]
ResolutionText = Annotated[
    str, Query(max_length=8, description="1S 5S 15S 30S 1 3 5 15 30 60 120 240 1D 1W 1M; D, W and M are understood")
]
From = Annotated[int | None, Query(alias="from", description="UTC seconds, inclusive; ignored with countback")]
To = Annotated[int | None, Query(description="UTC seconds, exclusive; may lie in the future")]
CountBack = Annotated[int | None, Query(description="Exactly this many bars before `to`, or all there are")]

_BARS = TypeAdapter(tuple[Bar, ...])


def datafeed_router(service: DatafeedService) -> APIRouter:
    router = APIRouter(
        prefix=DATAFEED_PREFIX,
        tags=["datafeed"],
        route_class=DatafeedRoute,
        responses={"default": {"model": UdfError, "description": "The datafeed failed on this request"}},
    )
    _add_symbols(router, service)
    _add_prices(router, service)
    return router


def _add_symbols(router: APIRouter, service: DatafeedService) -> None:
    @router.get(
        "/config",
        operation_id="getDatafeedConfiguration",
        response_model=DatafeedConfiguration,
        summary="What this datafeed offers",
    )
    async def config() -> DatafeedConfiguration:
        return service.configuration()

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
    async def symbols(symbol: SymbolText) -> SymbolInformation:
        return symbol_information(service.instrument(symbol))

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
        limit: Annotated[int, Query(ge=1, le=SEARCH_ROWS_MAX)] = SEARCH_ROWS,
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


def _add_prices(router: APIRouter, service: DatafeedService) -> None:
    columns = HistoryColumns(service)

    @router.get(
        "/history",
        operation_id="getHistory",
        response_model=HistoryAnswer,
        response_model_exclude_none=True,
        summary="Bars in columns",
    )
    async def history(
        symbol: SymbolText, resolution: ResolutionText, since: From = None, to: To = None, countback: CountBack = None
    ) -> Response:
        return _json(await columns.body(symbol, parse_resolution(resolution), _window(since, to, countback)))

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
