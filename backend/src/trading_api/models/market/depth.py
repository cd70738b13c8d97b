"""Depth: the book around the best prices (TradingView's DOMData)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.broker.orders import Price, Quantity
from trading_api.models.common import SymbolName

DEPTH_LEVELS_MAX = 20
"""Levels of one side of a book."""


class DepthSubscriptionRequest(Model):
    symbol: SymbolName


class DepthLevel(Model):
    price: Price
    volume: Quantity


class Depth(Model):
    """A whole book, both sides ascending by price. It begins with the best bid and the best ask of the quote at its time."""

    symbol: str = Field(description="As it was asked for")
    snapshot: Literal[True] = True
    bids: tuple[DepthLevel, ...] = Field(max_length=DEPTH_LEVELS_MAX)
    asks: tuple[DepthLevel, ...] = Field(max_length=DEPTH_LEVELS_MAX)
    time: int = Field(description="Of the quote it stands around, UTC milliseconds")
