"""What the broker that keeps every rule does with orders and positions. Prices stand still: 100.40 to 100.60."""

import json
from typing import Any

from reference_wire import NOW, Asked, FakeClock, Reply

BID, ASK = 100.4, 100.6
FINAL = ("cancelled", "filled")
OPEN = ("working", "inactive")
PAST = {"instrument": "ABC", "qty": 5, "side": "buy"}
ENDED = [
    {"id": "o1", **PAST, "type": "limit", "limitPrice": 90.0, "status": "cancelled", "duration": {"type": "GTC"}},
    {"id": "o2", **PAST, "type": "market", "status": "filled", "filledQty": 5, "avgPrice": 99.5, "lastModified": NOW - 600},
]
POSITION = {"id": "p1", "instrument": "EURUSD", "qty": 5, "side": "buy", "avgPrice": 99.5, "unrealizedPl": 3}
EXECUTION = {"id": "e1", **PAST, "price": 99.5, "time": NOW - 600, "orderId": "o2", "isClose": False}
BRACKETS = {"stopLoss": ("s", "stop", "stopPrice"), "takeProfit": ("t", "limit", "limitPrice")}


def ok(payload: Any = None) -> Reply:
    return Reply({"s": "ok"} if payload is None else {"s": "ok", "d": json.loads(json.dumps(payload))})


def refused(text: str) -> Reply:
    return Reply({"s": "error", "errmsg": text})


class Trading:
    """One net position an instrument."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._orders: list[dict[str, Any]] = [dict(order) for order in ENDED]
        self._positions: list[dict[str, Any]] = [dict(POSITION)]
        self._executions: list[dict[str, Any]] = [dict(EXECUTION)]
        self._placed: dict[str, str] = {}

    def answer(self, asked: Asked, rest: list[str]) -> Reply:
        match asked.method, rest:
            case "GET", ["orders"]:
                return ok(self._orders)
            case "GET", ["ordersHistory"]:
                over = [order for order in self._orders if order["status"] in FINAL]
                return ok(over[-int(asked.query.get("maxCount", 1000)) :])
            case "GET", ["positions"]:
                return ok(self._positions)
            case "GET", ["executions"]:
                return ok(self._executions)
            case "GET", ["balances"]:
                letters = sum(one["qty"] for one in self._positions if one["instrument"] == "ABC")
                return ok([_balance("USD", 1000), _balance("ABC", letters)])
            case "POST", ["orders"]:
                return self._place(asked)
            case "PUT" | "DELETE", ["orders", order_id]:
                return self._change(asked, order_id)
            case "PUT" | "DELETE", ["positions", position_id]:
                return self._change_position(asked, position_id)
            case "POST", ["previewOrder"]:
                told = {"confirmId": "c1", "sections": [{"header": "Cost", "rows": [{"title": "Margin", "value": "1"}]}]}
                return ok(told)
        return refused("no such path")

    # Orders

    def _place(self, asked: Asked) -> Reply:
        form, once = asked.form, asked.query.get("requestId")
        if once in self._placed:
            return ok({"orderId": self._placed[once]})
        known = form.get("instrument") in ("ABC", "EURUSD") and form.get("side") in ("buy", "sell") and "qty" in form
        if not known or asked.query.get("confirmId", "c1") != "c1":
            return refused("no such order")
        order_id = f"n{len(self._orders)}"
        prices = {name: float(form[name]) for name in ("limitPrice", "stopPrice") if name in form}
        told = {"instrument": form["instrument"], "qty": float(form["qty"]), "side": form["side"], "type": form["type"]}
        order = {"id": order_id, **told, **prices, "status": "working", "duration": {"type": form.get("durationType", "GTC")}}
        self._orders.append(order)
        self._set_brackets(order, "order", form)
        if form["type"] == "market":
            self._fill(order)
        if once:
            self._placed[once] = order_id
        return ok({"orderId": order_id})

    def _set_brackets(self, parent: dict[str, Any], kind: str, form: dict[str, str]) -> None:
        """What the form says, and nothing else."""
        self._cancel_brackets(parent["id"])
        common = {"instrument": parent["instrument"], "qty": parent["qty"], "parentId": parent["id"], "parentType": kind}
        common |= {"side": "sell", "status": "working" if kind == "position" else "inactive"}
        for name, (letter, order_type, price) in BRACKETS.items():
            if name in form:
                self._orders.append(
                    {"id": f"{parent['id']}{letter}{len(self._orders)}", **common, "type": order_type, price: float(form[name])}
                )
        if "trailingStopPips" in form:
            trail = {"isTrailingStop": True, "trailingStopPips": int(form["trailingStopPips"])}
            self._orders.append({"id": f"{parent['id']}trail", **common, "type": "stop", "stopPrice": 90.0, **trail})

    def _cancel_brackets(self, parent_id: str) -> None:
        for one in self._orders:
            if one.get("parentId") == parent_id and one["status"] in OPEN:
                one["status"] = "cancelled"

    def _change(self, asked: Asked, order_id: str) -> Reply:
        order = next((one for one in self._orders if one["id"] == order_id and one["status"] in OPEN), None)
        if order is None:
            return refused("no such order")
        if asked.method == "DELETE":
            order["status"] = "cancelled"
            self._cancel_brackets(order_id)
            return ok()
        order |= {name: float(asked.form[name]) for name in ("qty", "limitPrice", "stopPrice") if name in asked.form}
        if "durationType" in asked.form:
            order["duration"] = {"type": asked.form["durationType"]}
        self._set_brackets(order, "order", asked.form)
        return ok()

    # Positions

    def _fill(self, order: dict[str, Any]) -> None:
        price = ASK if order["side"] == "buy" else BID
        order |= {"status": "filled", "filledQty": order["qty"], "avgPrice": price}
        position = next((one for one in self._positions if one["instrument"] == order["instrument"]), None)
        closes = position is not None and position["side"] != order["side"]
        common = {"instrument": order["instrument"], "side": order["side"], "qty": order["qty"]}
        told = {"orderId": order["id"], "price": price, "time": int(self._clock.now()), "isClose": closes}
        self._executions.append({"id": f"e{len(self._executions) + 1}", **common, **told})
        if position is None:
            position = {"id": f"p{order['id']}", **common, "avgPrice": price, "unrealizedPl": 0}
            self._positions.append(position)
        else:
            self._add(position, order, price)
        waiting = [one for one in self._orders if one.get("parentId") == order["id"] and one["status"] == "inactive"]
        for one in waiting:
            one |= {"parentId": position["id"], "parentType": "position", "status": "working"}

    def _add(self, position: dict[str, Any], order: dict[str, Any], price: float) -> None:
        signed = position["qty"] * (1 if position["side"] == "buy" else -1)
        left = signed + order["qty"] * (1 if order["side"] == "buy" else -1)
        position |= {"qty": abs(left), "side": "buy" if left > 0 else "sell"}
        if left == 0:
            self._positions.remove(position)
            self._cancel_brackets(position["id"])
        elif left * signed < 0:
            position["avgPrice"] = price

    def _change_position(self, asked: Asked, position_id: str) -> Reply:
        position = next((one for one in self._positions if one["id"] == position_id), None)
        if position is None:
            return refused("no such position")
        if asked.method == "DELETE":
            self._against(position, float(asked.form.get("amount", position["qty"])))
        elif "side" in asked.form:
            self._against(position, 2 * position["qty"])
        else:
            self._set_brackets(position, "position", asked.form)
        return ok()

    def _against(self, position: dict[str, Any], quantity: float) -> None:
        other = "sell" if position["side"] == "buy" else "buy"
        order = {"id": f"n{len(self._orders)}", "instrument": position["instrument"], "qty": quantity, "side": other}
        self._orders.append(order | {"type": "market", "status": "working"})
        self._fill(self._orders[-1])


def _balance(symbol: str, total: float) -> dict[str, Any]:
    return {"symbol": symbol, "total": total, "available": total}
