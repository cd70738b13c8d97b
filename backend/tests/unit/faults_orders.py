"""The faults of broker REST servers that show when orders are placed and positions held."""

from typing import Any

from faults import Fault, answer, payload, reply_of, setting
from reference_wire import Asked, Change, Reply

A1 = "/accounts/A1"
REFUSED = {"s": "error", "errmsg": "no"}


def orders(edit: Any, which: Any) -> Change:
    """Tell some of the orders otherwise."""
    return payload(f"{A1}/orders", lambda told: [edit(one) for one in told if which(one)], lambda asked: asked.method == "GET")


def placed(order: dict[str, Any]) -> bool:
    return str(order["id"]).startswith("n") and "parentId" not in order


def refuses(method: str, path: str, when: Any = lambda asked: True) -> Change:
    """Does what it is asked to, and says that it does not."""
    return reply_of(
        lambda reply: setattr(reply, "body", REFUSED),
        lambda asked, reply: asked.method == method and asked.path.startswith(A1 + path) and when(asked),
    )


def _has(*names: str) -> Any:
    return lambda asked: all(name in {**asked.query, **asked.form} for name in names)


def _twice() -> Change:
    seen = set[str]()

    def edit(asked: Asked, reply: Reply) -> None:
        once = asked.query.get("requestId")
        if once in seen:
            reply.body["d"]["orderId"] = "another"
        elif once:
            seen.add(once)

    return edit


def _after_half_a_minute(edit: Any) -> Change:
    """Of what the orders are by then, those that were cancelled."""
    ended = dict[str, float]()

    def change(asked: Asked, reply: Reply) -> None:
        if asked.method == "DELETE" and asked.path.startswith(f"{A1}/orders/"):
            ended[asked.path.rpartition("/")[2]] = asked.now
        elif asked.method == "GET" and asked.path == f"{A1}/orders" and reply.status == 200:
            old = [one for one in reply.body["d"] if asked.now - ended.get(one["id"], asked.now) > 30]
            for one in old:
                edit(reply.body["d"], one)

    return change


def _signed_out_token(asked: Asked, reply: Reply) -> bool:
    return (
        asked.path == "/accounts" and reply.status == 401 and asked.headers.get("authorization", "").startswith("Bearer token-")
    )


def _waiting_orders() -> list[Fault]:
    return [
        Fault("orderPlaceAndCancel", orders(setting(side="sell"), placed)),
        Fault("orderModify", refuses("PUT", "/orders/", lambda asked: float(asked.form.get("limitPrice", 99)) < 70)),
        Fault("orderModifyQuantity", refuses("PUT", "/orders/", lambda asked: float(asked.form["qty"]) == 2)),
        Fault("orderModifyBrackets", refuses("PUT", "/orders/", _has("takeProfit"))),
        Fault("orderModifyDuration", refuses("PUT", "/orders/", _has("durationType"))),
        Fault("orderRequestId", _twice()),
        Fault("orderConfirmId", refuses("POST", "/orders", _has("confirmId"))),
        Fault("orderStop", refuses("POST", "/orders", lambda asked: asked.form.get("type") == "stop")),
        Fault("orderStopLimit", orders(setting(limitPrice=1), lambda order: order["type"] == "stoplimit")),
        Fault("orderTrailingStop", orders(setting(trailingStopPips=1), lambda order: "isTrailingStop" in order)),
        Fault("orderBrackets", orders(setting(status="working"), lambda o: o["status"] == "inactive" and o["type"] == "limit")),
        Fault("orderDurations", orders(lambda order: order.update(duration={"type": "DAY"}), placed)),
        Fault("previewOfChange", refuses("POST", "/previewOrder", _has("id"))),
        Fault("leverageSet", payload(f"{A1}/setLeverage", setting(leverage=1))),
        Fault("ordersHistoryGrows", payload(f"{A1}/ordersHistory", lambda told: told.__delitem__(slice(2, None)))),
        Fault("ordersHistoryMaxCount", payload(f"{A1}/ordersHistory", lambda told: told.append(told[0]), _has("maxCount"))),
        Fault("ordersEndedStay", _after_half_a_minute(lambda told, one: told.remove(one))),
        Fault("ordersEndedStay", _after_half_a_minute(lambda told, one: one.update(status="working"))),
    ]


def _fills() -> list[Fault]:
    def of_now(one: dict[str, Any]) -> bool:
        return str(one["id"]) != "e1"

    def executions(edit: Any, which: Any) -> Change:
        return payload(f"{A1}/executions", lambda told: [edit(one) for one in told if of_now(one) and which(one)])

    def letters(told: list[dict[str, Any]]) -> None:
        for one in told:
            one["avgPrice"] = 1 if one["instrument"] == "ABC" else one["avgPrice"]

    moved = lambda order: order.get("parentType") == "position" and order["id"].startswith("n")  # noqa: E731
    return [
        Fault("marketOrderFills", orders(setting(filledQty=0), lambda one: placed(one) and one["type"] == "market")),
        Fault("positionOfFill", payload(f"{A1}/positions", letters)),
        Fault("executionsOfFill", executions(lambda one: one.update(time=one["time"] - 3600), lambda one: True)),
        Fault("balancesOfFill", payload(f"{A1}/balances", lambda told: told[1].update(total=0))),
        Fault("marketOrderBrackets", orders(setting(status="inactive"), lambda one: moved(one) and one["status"] == "working")),
        Fault("positionBrackets", refuses("PUT", "/positions/", _has("stopLoss"))),
        Fault("positionReverse", refuses("PUT", "/positions/", _has("side"))),
        Fault("positionPartialClose", refuses("DELETE", "/positions/", _has("amount"))),
        Fault("positionClose", refuses("DELETE", "/positions/", lambda asked: "amount" not in asked.form)),
        Fault("positionClose", executions(setting(isClose=False), lambda one: one["side"] == "sell")),
    ]


def order_faults() -> list[Fault]:
    let_in = reply_of(lambda reply: setattr(reply, "status", 200), _signed_out_token)
    return [
        *_waiting_orders(),
        *_fills(),
        Fault("logoutEndsToken", let_in),
        Fault("logoutEndsToken", answer("/logout", REFUSED)),
    ]
