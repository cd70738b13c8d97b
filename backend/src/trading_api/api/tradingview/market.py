"""Prices: for the order ticket, and for TradingView's servers."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import StringConstraints
from starlette.types import Receive, Scope, Send

from trading_api.api.tradingview.deps import ABSENT, Locale, SignedIn
from trading_api.api.tradingview.errors import answer
from trading_api.core.broker_rest.market import RestMarket
from trading_api.core.broker_rest.prices import RestPrices
from trading_api.core.broker_rest.stream import PriceStream, Reading
from trading_api.models.base import Whole
from trading_api.models.common import AccountId, SymbolName
from trading_api.models.tradingview.envelope import Answer, Failure
from trading_api.models.tradingview.instruments import WireDepth, WireQuote
from trading_api.models.tradingview.market import (
    DayLine,
    Groups,
    Mapping,
    NoBars,
    Permissions,
    QuoteLine,
    SymbolInfo,
    TradeLine,
    WireBars,
)

GROUP_TEXT_MAX = 80
GroupText = Annotated[str, StringConstraints(max_length=GROUP_TEXT_MAX)]
AccountQuery = Annotated[AccountId, Query(alias="accountId")]
SymbolText = Annotated[SymbolName, Query()]


def add_prices(router: APIRouter, prices: RestPrices) -> None:
    @router.get(
        "/quotes",
        operation_id="listRestQuotes",
        response_model=Answer[tuple[WireQuote, ...]] | Failure,
        dependencies=[Locale],
        summary="Best prices, and what a pip is worth to the account",
    )
    async def quotes(
        caller: SignedIn, account_id: AccountQuery, symbols: Annotated[str, Query(description="Comma list")]
    ) -> Response:
        return answer(Answer(d=await prices.quotes(caller, account_id, symbols)))

    @router.get(
        "/depth",
        operation_id="getRestDepth",
        response_model=Answer[WireDepth] | Failure,
        dependencies=[Locale],
        summary="The book around the best prices",
    )
    async def depth(caller: SignedIn, account_id: AccountQuery, symbol: SymbolText) -> Response:
        return answer(Answer(d=await prices.depth(caller, account_id, symbol)))


def add_market(router: APIRouter, market: RestMarket) -> None:
    @router.get(
        "/mapping",
        operation_id="getRestMapping",
        response_model=Mapping,
        summary="Our names, and TradingView's; open to everyone",
    )
    async def mapping() -> Response:
        return answer(market.mapping())

    @router.get(
        "/groups", operation_id="listRestGroups", response_model=Answer[Groups] | Failure, summary="Groups of symbols, by kind"
    )
    async def groups(caller: SignedIn) -> Response:
        return answer(Answer(d=market.groups()))

    @router.get(
        "/permissions",
        operation_id="listRestPermissions",
        response_model=Answer[Permissions] | Failure,
        dependencies=[Locale],
        summary="The groups this caller may see",
    )
    async def permissions(caller: SignedIn) -> Response:
        return answer(Answer(d=market.permissions()))

    @router.get(
        "/symbol_info",
        operation_id="getRestSymbolInfo",
        response_model=SymbolInfo | Failure,
        summary="The symbols in columns, of one group if named",
    )
    async def symbol_info(caller: SignedIn, group: Annotated[GroupText | None, ABSENT, Query()] = None) -> Response:
        return answer(market.symbol_info(group))

    @router.get(
        "/history",
        operation_id="getRestHistory",
        response_model=WireBars | NoBars | Failure,
        summary="Bars in columns; `from` and `to` are both included",
    )
    async def history(
        caller: SignedIn,
        symbol: SymbolText,
        resolution: Annotated[str, Query(max_length=8, description="Minutes, or D; W and M are understood")],
        to: Annotated[Whole, Query(description="UTC seconds, included; may lie in the future")],
        since: Annotated[
            Whole | None, ABSENT, Query(alias="from", description="UTC seconds, included; ignored with countback")
        ] = None,
        countback: Annotated[
            Whole | None, ABSENT, Query(description="Exactly this many bars up to `to`, or all there are")
        ] = None,
    ) -> Response:
        return answer(await market.history(symbol, resolution, since, to, countback))


class Streamed(StreamingResponse):
    """Lets the reader go however the answer ends, also when nothing of it was sent."""

    def __init__(self, reading: Reading) -> None:
        headers = {"Cache-Control": "no-store", "Connection": "keep-alive", "X-Accel-Buffering": "no"}
        super().__init__(reading.lines(), media_type="application/json", headers=headers)
        self._reading = reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._reading.close()


def add_stream(router: APIRouter, stream: PriceStream) -> None:
    @router.get(
        "/streaming",
        operation_id="streamRestPrices",
        response_model=TradeLine | QuoteLine | DayLine | Failure,
        summary="Trades, best prices and the day's bars, a line each, without end",
    )
    async def streaming(caller: SignedIn, request: Request) -> Response:
        sign_in = request.app.state.sign_in
        return Streamed(stream.open(caller.name, lambda: sign_in.renew(caller)))
