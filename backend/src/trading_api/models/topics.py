"""The topic table. Routers, the AsyncAPI document and every client are generated from it.

A topic string is `type:` + canonical JSON of the request: sorted keys, no spaces, nulls left out.
"""

import json
from typing import Literal, NamedTuple

from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.connection import BrokerConnection
from trading_api.models.broker.control import AccountRisk, Notice
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import PlacedOrder
from trading_api.models.broker.positions import IndividualPosition, Position
from trading_api.models.broker.terminal import PipValues, PipValuesSubscriptionRequest
from trading_api.models.common import AccountId
from trading_api.models.market.bars import Bar, BarsSubscriptionRequest
from trading_api.models.market.depth import Depth, DepthSubscriptionRequest
from trading_api.models.market.quotes import QuoteData, QuotesSubscriptionRequest


class AccountSubscriptionRequest(Model):
    account_id: AccountId = Field(alias="accountId")


class Topic(NamedTuple):
    """One kind of live stream.

    `state` says what a subscriber is given first: the latest value, or the list of what is open.
    `conflated`: newer values may replace older ones of the same topic, and a jump in `seq` says that they did.
    """

    name: str
    owner: Literal["broker", "datafeed"]
    request: type[Model]
    update: type[Model]
    state: Literal["one", "list"]
    conflated: bool
    summary: str

    def address(self, request: Model) -> str:
        return topic_string(self.name, request)

    def key(self, update: Model) -> str | None:
        """What a newer update may replace: the same bar, or whatever came last. None: every update counts."""
        if not self.conflated:
            return None
        return str(update.time) if isinstance(update, Bar) else ""


TOPICS: tuple[Topic, ...] = (
    Topic("bars", "datafeed", BarsSubscriptionRequest, Bar, "one", True, "The open bar of a symbol, and each closed one"),
    Topic("quotes", "datafeed", QuotesSubscriptionRequest, QuoteData, "one", True, "Best prices and the day's figures"),
    Topic("depth", "datafeed", DepthSubscriptionRequest, Depth, "one", True, "The book around the best prices"),
    Topic("executions", "broker", AccountSubscriptionRequest, Execution, "list", False, "Fills, each told once"),
    Topic("orders", "broker", AccountSubscriptionRequest, PlacedOrder, "list", False, "Every change of every order"),
    Topic("equity", "broker", AccountSubscriptionRequest, EquityData, "one", True, "Balance, equity, margin and marks"),
    Topic("positions", "broker", AccountSubscriptionRequest, Position, "list", False, "Positions; qty 0 is a close"),
    Topic(
        "individual-positions",
        "broker",
        AccountSubscriptionRequest,
        IndividualPosition,
        "list",
        False,
        "On a hedging account: positions one by one; qty 0 is a close",
    ),
    Topic("notices", "broker", AccountSubscriptionRequest, Notice, "list", False, "What happened, in words"),
    Topic("risk", "broker", AccountSubscriptionRequest, AccountRisk, "one", True, "Lock, risk limits and margin call"),
    Topic("pip-values", "broker", PipValuesSubscriptionRequest, PipValues, "one", True, "One pip in the account's currency"),
    Topic("broker-connection", "broker", AccountSubscriptionRequest, BrokerConnection, "one", False, "The way to the venue"),
)

TOPIC: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def topic_string(name: str, request: Model) -> str:
    fields = request.model_dump(mode="json", by_alias=True, exclude_none=True)
    return f"{name}:{json.dumps(fields, sort_keys=True, separators=(',', ':'), ensure_ascii=False)}"
