"""TradingView's broker integration REST API, at `/api/v1/tradingview` (docs/topics/broker-rest.md)."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.routing import Route

from trading_api.api.tradingview.accounts import add_accounts
from trading_api.api.tradingview.deps import caller_of
from trading_api.api.tradingview.errors import TradingViewRoute, explained, failure
from trading_api.api.tradingview.market import add_market, add_prices, add_stream
from trading_api.api.tradingview.oauth import oauth_router
from trading_api.api.tradingview.orders import add_orders
from trading_api.api.tradingview.sign_in import add_sign_in
from trading_api.core.broker_rest.service import BrokerRest
from trading_api.models.tradingview.envelope import Failure

PREFIX = "/tradingview"


def tradingview_router(rest: BrokerRest) -> APIRouter:
    router = APIRouter(
        prefix=PREFIX,
        tags=["tradingview"],
        route_class=TradingViewRoute,
        responses={401: {"model": Failure, "description": "The token is missing, or good for nothing"}},
    )
    add_sign_in(router, rest.doors.sign_in)
    add_accounts(router, rest.accounts, rest.prices)
    add_orders(router, rest.orders)
    add_prices(router, rest.prices)
    add_market(router, rest.market)
    add_stream(router, rest.stream)
    router.include_router(oauth_router(rest.doors.oauth))
    _add_nowhere(router)
    return router


def _add_nowhere(router: APIRouter) -> None:
    """After all others, for every method: paths and methods there are none of are refused like everything else."""

    async def refused(request: Request) -> Response:
        await caller_of(request)
        return failure(f"Expected an endpoint of this API with its method, found none at /{request.path_params['path']}")

    async def nowhere(request: Request) -> Response:
        return await explained(request, refused)

    router.routes.append(Route(f"{PREFIX}/{{path:path}}", nowhere, methods=[], include_in_schema=False))
