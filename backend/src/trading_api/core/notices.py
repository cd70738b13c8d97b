"""Notices: what a trader is told in words.

Made of a fact and the orders it moved, so that a page of the past and the live topic say the same.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from trading_api.core.times import clock_text
from trading_api.models.broker.control import Notice
from trading_api.models.broker.orders import PlacedOrder, Side
from trading_api.models.facts import (
    Adjusted,
    Cancelled,
    Executed,
    Expired,
    Fact,
    Funded,
    Leveraged,
    Limited,
    Locked,
    Noticed,
    Rejected,
    Unanswered,
)

NOTICED = frozenset((Adjusted, Cancelled, Executed, Expired, Funded, Leveraged, Limited, Locked, Noticed, Rejected, Unanswered))
"""Kinds of facts that make one notice each; the others are seen in what they change."""
NOTICE_ROWS_MAX = 10_000
"""Notices of one account held folded; older ones are folded from the journal when somebody asks."""

Severity = Literal["information", "warning", "error"]


def notice_of(fact: Fact, number: int, orders: Sequence[PlacedOrder], currency: str) -> Notice | None:
    """`orders` are those the fact moved, the cause first."""
    if type(fact) not in NOTICED:
        return None
    order = orders[0] if orders else None
    about = {"order_id": order.id, "symbol": order.symbol} if order else {}
    told = {"id": f"n{number}", "time": fact.time, **about, **_told(fact, order, currency)}
    return Notice.trusted(**told)


def _told(fact: Fact, order: PlacedOrder | None, currency: str) -> dict[str, object]:
    match fact:
        case Executed():
            return _said("fill", _filled(fact, currency), position_id=fact.position_id, execution_id=fact.execution_id)
        case Rejected():
            return _said("rejection", f"Rejected: {_named(order)}. {fact.message.text}", "error")
        case Cancelled():
            why = f". {fact.message.text}" if fact.message else ""
            return _said("cancellation", f"Cancelled: {_named(order)}{why}")
        case Expired():
            return _said("expiry", f"Expired: {_named(order)}. {fact.message.text}")
        case Unanswered():
            return _said("no_answer", fact.message.text, fact.message.type)
        case Funded():
            kind, word = ("deposit", "Deposited") if fact.amount >= 0 else ("withdrawal", "Withdrawn")
            return _said(kind, f"{word}: {_money(abs(fact.amount), currency)}")
        case Adjusted():
            text = f"{fact.reason.capitalize()}: {_money(fact.amount, currency)}"
            return _said(fact.reason, text, symbol=fact.symbol, position_id=fact.position_id)
        case Noticed():
            severity: Severity = "information" if fact.notice == "margin_restored" else "warning"
            figures = {"equity": fact.equity, "margin": fact.margin}
            return _said(fact.notice, fact.text, severity, symbol=fact.symbol, position_id=fact.position_id, **figures)
        case Leveraged():
            return _said("leverage", f"The leverage is {fact.leverage}:1 now")
        case Limited():
            return _said("limits", "The risk limits were set")
        case Locked(reason=None):
            return _said("unlock", "The account may open positions again")
        case _:
            assert isinstance(fact, Locked)
            until = "" if fact.until is None else f", until {clock_text(fact.until)}"
            return _said("lock", f"The account is locked{until}. {fact.text}", "warning")


def _said(kind: str, text: str, severity: Severity = "information", **more: object) -> dict[str, object]:
    return {
        "notice": kind,
        "type": severity,
        "text": text,
        **{name: value for name, value in more.items() if value is not None},
    }


def _filled(fact: Executed, currency: str) -> str:
    word = "Bought" if fact.side is Side.BUY else "Sold"
    text = f"{word} {_plain(fact.quantity)} {fact.symbol} at {fact.price:f}"
    return f"{text}, profit {_money(fact.profit, currency)}" if fact.closed_quantity else text


def _named(order: PlacedOrder | None) -> str:
    if order is None:
        return "an order"
    side = "buy" if order.side is Side.BUY else "sell"
    kind = order.type.name.lower().replace("_", " ")
    return f"{kind} order {order.id} to {side} {_plain(order.quantity)} {order.symbol}"


def _plain(quantity: Decimal) -> str:
    """The same for 0.1 and 0.10."""
    return f"{quantity.normalize():f}"


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:f} {currency}"
