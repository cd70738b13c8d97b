"""The judge of the crash tests: compares the traders' record with what the server shows, and says every difference.

The rule: what was acknowledged is there, what was refused is not, what was never answered is there whole or not at all, and
nothing is there twice. Everything else (fills, balances, positions) must follow from the executions the server shows.

Prices of the waiting orders are far from the market, so that only the traders move them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain, combinations
from typing import NamedTuple

from crash_record import PLACING, Json, Record, Sent

CANCELED, FILLED, INACTIVE, REJECTED, WORKING = 1, 2, 3, 5, 6
ZERO = Decimal(0)


class Seen(NamedTuple):
    """What the server shows about one account."""

    orders: list[Json]
    history: list[Json]
    executions: list[Json]
    positions: list[Json]
    state: Json


def differences(record: Record, seen: Seen) -> list[str]:
    """Every way in which the server contradicts the record, or itself. Empty is the only good answer."""
    return [
        f"{record.account_id}: {text}"
        for text in chain(
            _answers(record),
            _presence(record, seen),
            _orders(record, seen),
            _fills(record, seen),
            _positions(seen),
            _balance(record, seen),
        )
    ]


def lost_facts(record: Record, facts: int) -> list[str]:
    """Acknowledged facts that a dead server's journal does not hold."""
    if facts >= record.last_fact:
        return []
    return [f"{record.account_id}: fact {record.last_fact} was acknowledged and the journal ends at {facts}"]


def _answers(record: Record) -> Iterator[str]:
    acknowledged = Counter(one.heard.body["fact"] for one in record.sent if one.heard and one.done)
    for fact, count in acknowledged.items():
        if count > 1:
            yield f"fact {fact} answered {count} commands"


def _presence(record: Record, seen: Seen) -> Iterator[str]:
    """Each placed order is there once, under the id it was acknowledged with."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for order in _all(seen):
        if "clientOrderId" in order and order["status"] != REJECTED:
            found[order["clientOrderId"]].append(order["id"])
    for sent in record.of_kind(*PLACING):
        ids = found.pop(sent.client_id, [])
        if sent.heard and sent.done and ids != [sent.heard.body["orderId"]]:
            yield f"{sent.kind} {sent.client_id} was acknowledged as {sent.heard.body['orderId']}, found {ids}"
        if sent.refused and ids:
            yield f"{sent.kind} {sent.client_id} was refused, found {ids}"
        if len(ids) > 1:
            yield f"{sent.kind} {sent.client_id} was sent once, found {ids}"
    for client_id, ids in found.items():
        yield f"orders {ids} of '{client_id}', which nobody sent"


def _orders(record: Record, seen: Seen) -> Iterator[str]:
    known = {order["id"]: order for order in _all(seen)}
    for sent in record.of_kind(*PLACING):
        if not sent.heard or not sent.done or sent.heard.body["orderId"] not in known:
            continue
        order = known[sent.heard.body["orderId"]]
        if sent.kind in ("market", "close"):
            if order["status"] != FILLED:
                yield f"{sent.kind} {order['id']} was acknowledged and should be filled, found status {order['status']}"
        else:
            yield from _waiting(record, sent, order, seen)


def _waiting(record: Record, sent: Sent, order: Json, seen: Seen) -> Iterator[str]:
    """A limit or stop order works as it was last told to, its brackets behind it, unless it was cancelled."""
    cancels = record.about(order["id"], "cancel")
    if any(one.done for one in cancels):
        if order["status"] != CANCELED:
            yield f"{order['id']} was cancelled, found status {order['status']}"
        return
    if order["status"] == CANCELED and any(one.unknown for one in cancels):
        return
    if order["status"] != WORKING:
        yield f"{order['id']} should be working, found status {order['status']}"
        return
    for price in ("limitPrice", "stopPrice", "takeProfit", "stopLoss"):
        possible = _possible(record, sent, order["id"], price)
        if order.get(price) not in possible:
            yield f"{price} of {order['id']} should be one of {possible}, found {order.get(price)}"
    brackets = sorted(
        (one.get("limitPrice") or one.get("stopPrice"), one["status"])
        for one in seen.orders
        if one.get("parentId") == order["id"]
    )
    wanted = sorted((order[price], INACTIVE) for price in ("takeProfit", "stopLoss") if price in order)
    if brackets != wanted:
        yield f"brackets of {order['id']} should be {wanted}, found {brackets}"


def _possible(record: Record, sent: Sent, order_id: str, price: str) -> list[Decimal | None]:
    """What was last acknowledged, or any later change that was never answered."""
    assert sent.body is not None
    possible = [sent.body.get(price)]
    for change in record.about(order_id, "modify"):
        if change.body is None or price not in change.body or change.refused:
            continue
        possible = [change.body[price]] if change.done else [*possible, change.body[price]]
    return possible


def _fills(record: Record, seen: Seen) -> Iterator[str]:
    filled: defaultdict[str, Decimal] = defaultdict(Decimal)
    for execution in seen.executions:
        filled[execution["orderId"]] += execution["qty"]
    for order in _all(seen):
        executed = filled.pop(order["id"], ZERO)
        if order.get("filledQty", ZERO) != executed:
            yield f"{order['id']} says {order.get('filledQty')} filled, its executions {executed}"
        if order["status"] == FILLED and executed != order["qty"]:
            yield f"{order['id']} is filled, its executions add up to {executed} of {order['qty']}"
    for order_id in filled:
        yield f"executions of {order_id}, which is not there"
    for execution_id, count in Counter(one["id"] for one in seen.executions).items():
        if count > 1:
            yield f"execution {execution_id} is there {count} times"


def _positions(seen: Seen) -> Iterator[str]:
    executed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for execution in seen.executions:
        executed[execution["symbol"]] += execution["side"] * execution["qty"]
    held = {one["symbol"]: one["side"] * one["qty"] for one in seen.positions}
    expected = {symbol: quantity for symbol, quantity in executed.items() if quantity != 0}
    if held != expected:
        yield f"positions should be {expected}, found {held}"


def _balance(record: Record, seen: Seen) -> Iterator[str]:
    booked = sum((one["profit"] - one["commission"] for one in seen.executions), ZERO)
    certain = record.opening + booked + sum(_amounts(one for one in record.of_kind("fund") if one.done), ZERO)
    uncertain = _amounts(one for one in record.of_kind("fund") if one.unknown)
    possible = {certain + sum(chosen, ZERO) for size in range(len(uncertain) + 1) for chosen in combinations(uncertain, size)}
    if seen.state["balance"] not in possible:
        yield f"the balance should be one of {sorted(possible)}, found {seen.state['balance']}"


def _amounts(funds: Iterable[Sent]) -> list[Decimal]:
    return [one.body["amount"] for one in funds if one.body is not None]


def _all(seen: Seen) -> list[Json]:
    return seen.orders + seen.history
