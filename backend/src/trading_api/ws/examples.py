"""What each message looks like: the examples of the AsyncAPI document, made of real models so that they cannot go wrong."""

import json

from trading_api.core.announcer import CASCADE_TOPICS
from trading_api.core.publisher import to_wire
from trading_api.models.base import Model
from trading_api.models.broker.account import EquityData, PositionMark, RiskLimits
from trading_api.models.broker.connection import BrokerConnection, ConnectionStatus
from trading_api.models.broker.control import AccountLock, AccountRisk, MeasuredLimits, Notice
from trading_api.models.broker.executions import Execution
from trading_api.models.broker.orders import OrderStatus, OrderType, PlacedOrder, Side
from trading_api.models.broker.positions import IndividualPosition, Position
from trading_api.models.broker.terminal import PipValues
from trading_api.models.market.bars import Bar
from trading_api.models.market.depth import Depth, DepthLevel
from trading_api.models.market.quotes import QuoteData, QuoteValues
from trading_api.models.topics import TOPIC, Topic

ACCOUNT = {"accountId": "DEMO-ACCOUNT"}
SYMBOL = "DEMO:EURUSD"
TIME = 1_767_261_600_000
EPOCH = "7f3a.0.1"
NEXT_EPOCH = "7f3a.1.1"

REQUESTS: dict[str, dict[str, str]] = {
    "bars": {"symbol": SYMBOL, "resolution": "1"},
    "quotes": {"symbol": SYMBOL},
    "depth": {"symbol": SYMBOL},
    "pip-values": {**ACCOUNT, "symbol": SYMBOL},
}

VALUES: dict[str, Model] = {
    "bars": Bar(time=TIME, open=1.0849, high=1.0853, low=1.0848, close=1.0852, volume=312),
    "quotes": QuoteData(s="ok", n=SYMBOL, v=QuoteValues(last_price=1.0851, bid=1.085, ask=1.0852, spread=0.0002)),
    "depth": Depth(
        symbol=SYMBOL,
        bids=(DepthLevel(price=1.0849, volume=2_000_000), DepthLevel(price=1.085, volume=500_000)),
        asks=(DepthLevel(price=1.0852, volume=750_000), DepthLevel(price=1.0854, volume=1_500_000)),
        time=TIME,
    ),
    "notices": Notice(
        id="n5",
        time=TIME,
        notice="fill",
        text="Bought 10000 DEMO:EURUSD at 1.085",
        symbol=SYMBOL,
        order_id="o1",
        position_id=SYMBOL,
        execution_id="x1",
    ),
    "risk": AccountRisk(
        account_id="DEMO-ACCOUNT",
        lock=AccountLock(locked=False),
        risk=MeasuredLimits(limits=RiskLimits(daily_loss=500)),
        margin_called=False,
        time=TIME,
    ),
    "pip-values": PipValues(account_id="DEMO-ACCOUNT", symbol=SYMBOL, buy_pip_value=0.0001, sell_pip_value=0.0001),
    "executions": Execution(
        id="x1",
        order_id="o1",
        position_id=SYMBOL,
        symbol=SYMBOL,
        side=Side.BUY,
        quantity=10_000,
        price=1.085,
        time=TIME,
        commission=0,
        profit=0,
    ),
    "orders": PlacedOrder(
        id="o1",
        symbol=SYMBOL,
        type=OrderType.LIMIT,
        side=Side.BUY,
        quantity=10_000,
        status=OrderStatus.WORKING,
        limit_price=1.085,
        take_profit=1.09,
        stop_loss=1.083,
        place_time=TIME,
        update_time=TIME,
    ),
    "equity": EquityData(
        account_id="DEMO-ACCOUNT",
        currency="USD",
        balance=100_000,
        equity=99_999,
        unrealized_profit=-1,
        realized_profit=0,
        margin_used=361.67,
        margin_available=99_637.33,
        positions=(PositionMark(id=SYMBOL, price=1.0849, profit=-1),),
        time=TIME,
    ),
    "positions": Position(
        id=SYMBOL,
        symbol=SYMBOL,
        side=Side.BUY,
        quantity=10_000,
        average_price=1.085,
        take_profit=1.09,
        stop_loss=1.083,
        update_time=TIME,
    ),
    "individual-positions": IndividualPosition(
        id="p1",
        date=TIME,
        symbol=SYMBOL,
        side=Side.BUY,
        quantity=10_000,
        price=1.085,
        take_profit=1.09,
        stop_loss=1.083,
        update_time=TIME,
    ),
    "broker-connection": BrokerConnection(account_id="DEMO-ACCOUNT", status=ConnectionStatus.CONNECTED, timestamp=TIME),
}


def _caused(name: str) -> dict[str, object]:
    if name == "notices":
        return {"fact": 5}
    return {"fact": 5, "of": {name: 1}} if name in CASCADE_TOPICS else {}


def examples(topic: Topic) -> dict[str, list[object]]:
    """Payloads by kind of message; on lists also of a client that comes back, and of a new epoch."""
    request = REQUESTS.get(topic.name, ACCOUNT)
    value = json.loads(to_wire(VALUES[topic.name]))
    place = {"topic": TOPIC[topic.name].address(topic.request.model_validate(request)), "epoch": EPOCH}
    caused = _caused(topic.name)
    listed = topic.state == "list"
    answer: dict[str, object] = {"status": "ok", "message": "subscribed", **place, "seq": 6}
    fresh = answer | {"recovered": False, "state": [value] if listed else value}
    return {
        "subscribe": [request, request | {"epoch": EPOCH, "seq": 6}] if listed else [request],
        "subscribe.response": [fresh, answer | {"recovered": True}] if listed else [fresh],
        "unsubscribe": [request],
        "unsubscribe.response": [{"status": "ok", "message": "unsubscribed", "topic": place["topic"]}],
        "update": [
            {**place, "seq": 7, **caused, "payload": value},
            *([{**place, "epoch": NEXT_EPOCH, "seq": 0, **caused}] if listed else []),
        ],
    }
