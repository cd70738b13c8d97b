"""The book over HTTP, beside the datafeed's other prices."""

from fastapi import APIRouter

from trading_api.api.cors import DATAFEED_PREFIX
from trading_api.api.datafeed_errors import DatafeedRoute
from trading_api.api.datafeed_queries import SymbolText
from trading_api.core.datafeed_service import DatafeedService
from trading_api.core.depth import depth_of, expect_depth
from trading_api.models.errors import TryLater
from trading_api.models.market.depth import Depth
from trading_api.models.udf import UdfError


def depth_router(service: DatafeedService) -> APIRouter:
    router = APIRouter(
        prefix=DATAFEED_PREFIX,
        tags=["datafeed"],
        route_class=DatafeedRoute,
        responses={"default": {"model": UdfError, "description": "The datafeed failed on this request"}},
    )

    @router.get(
        "/depth",
        operation_id="getDepth",
        response_model=Depth | UdfError,
        summary="The book around the best prices, both sides ascending by price",
    )
    async def depth(symbol: SymbolText) -> Depth:
        listing = service.resolve(symbol)
        expect_depth(listing.instrument)
        quote = await service.quote(symbol)
        found = None if quote is None else depth_of(listing, quote, symbol)
        if found is None:
            raise TryLater(
                "no_price", f"Expected a price of {listing.instrument.id} with sizes, found none yet", field="symbol"
            )
        return found

    return router
