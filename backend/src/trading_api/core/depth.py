"""Depth as it is told: the market's book around a price it has shown."""

from trading_api.core.symbols import Listing
from trading_api.models.errors import Refused
from trading_api.models.market.depth import Depth, DepthLevel
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote


def expect_depth(instrument: Instrument) -> None:
    """Raises Refused for a symbol whose prices come without sizes."""
    if instrument.book_size is None:
        message = f"Expected a symbol whose book is known, found {instrument.id}, which has best prices without sizes"
        raise Refused("no_depth", message, field="symbol")


def depth_of(listing: Listing, quote: Quote, asked: str) -> Depth | None:
    """`asked` comes back as it was written."""
    depth = listing.market.depth(quote)
    return None if depth is None else depth.replaced({"symbol": asked})


def best_only(quote: Quote) -> Depth | None:
    """The book of a market that knows just the best prices and their sizes."""
    if quote.bid_size is None or quote.ask_size is None:
        return None
    return Depth.trusted(
        symbol=quote.symbol,
        bids=(DepthLevel.trusted(price=quote.bid, volume=quote.bid_size),),
        asks=(DepthLevel.trusted(price=quote.ask, volume=quote.ask_size),),
        time=quote.time,
    )
