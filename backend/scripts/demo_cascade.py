"""The demonstration's ear: keeps what the topics tell about an account, and prints it as it arrives."""

import datetime
import json
from decimal import Decimal
from typing import Any

from public_api import Socket

Told = dict[str, Any]  # Any: JSON

TOPICS = ("executions", "orders", "equity", "positions")
TYPES = {1: "limit", 2: "market", 3: "stop", 4: "stop-limit"}
BRACKETS = {1: "take profit", 2: "stop loss"}
STATUSES = {1: "cancelled", 2: "filled", 3: "inactive", 4: "placing", 5: "rejected", 6: "working"}
SIDES = {1: "buy", -1: "sell"}
FINAL = (1, 2, 5)
WORKING = 6
INDENT = " " * 21


def clock(moment: int) -> str:
    return datetime.datetime.fromtimestamp(moment / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")


class Cascade:
    """Subscribed to all topics of one account; open orders and the position are folded from the frames alone."""

    def __init__(self, socket: Socket, account: str) -> None:
        self._socket = socket
        self._asked = {"accountId": account}
        self._fact = 0
        self._apart = False
        self.orders: dict[str, Told] = {}
        self.position: Told | None = None
        self.executions: list[Told] = []
        for topic in TOPICS:
            socket.subscribe(topic, self._asked)

    def catch_up(self, *, asked_for: bool = False) -> None:
        """Take everything that was sent before the answer to this question, and print what facts caused."""
        self._apart = not asked_for
        for text in self._socket.subscribe("orders", self._asked)[1]:
            frame = json.loads(text, parse_float=Decimal)
            topic, _, kind = frame["type"].partition(".")
            if kind == "update":
                self._take(topic, frame["payload"])

    def _take(self, topic: str, update: Told) -> None:
        told = update["payload"]
        match topic:
            case "executions":
                self.executions.append(told)
            case "orders" if told["status"] in FINAL:
                self.orders.pop(told["id"], None)
            case "orders":
                self.orders[told["id"]] = told
            case "positions":
                self.position = told if told["qty"] else None
        if "fact" in update:
            self._print(topic, told, new=update["fact"] != self._fact)
            self._fact = update["fact"]

    def _print(self, topic: str, told: Told, *, new: bool) -> None:
        words = {"executions": _execution, "orders": _order, "equity": _equity, "positions": _position}[topic](told)
        moment = told.get("time") or told.get("updateTime")
        begin = f"{clock(moment)}  " if new and moment else INDENT
        if self._apart:
            self._apart = False
            print()
        print(f"{begin}{topic.removesuffix('s'):<11}{words}", flush=True)


def _execution(told: Told) -> str:
    return (
        f"{told['id']} of {told['orderId']}: {SIDES[told['side']]} {told['qty']:,} at {told['price']}, "
        f"profit {told['profit']:,}, commission {told['commission']:,}"
    )


def _order(told: Told) -> str:
    kind = BRACKETS.get(told.get("bracket", 0)) or TYPES[told["type"]]
    price = told.get("limitPrice") or told.get("stopPrice")
    at = f" at {price}" if price else ""
    average = f" at {told['avgPrice']}" if told["status"] == 2 else ""
    status = "triggered" if told["status"] == WORKING and told.get("triggered") else STATUSES[told["status"]]
    return f"{told['id']} {kind}, {SIDES[told['side']]} {told['qty']:,}{at}: {status}{average}"


def _equity(told: Told) -> str:
    return f"{told['equity']:,} {told['currency']}, balance {told['balance']:,}, unrealized {told['unrealizedPL']:,}"


def _position(told: Told) -> str:
    if not told["qty"]:
        return f"{told['symbol']} closed"
    brackets = "".join(
        f", {name} {told[field]}" for name, field in (("take profit", "takeProfit"), ("stop loss", "stopLoss")) if field in told
    )
    return f"{told['symbol']} {'long' if told['side'] == 1 else 'short'} {told['qty']:,} at {told['avgPrice']}{brackets}"
