"""Movements of money: which lines of a statement a fact makes, and the balance after each."""

from collections.abc import Iterator
from decimal import Decimal

from trading_api.models.broker.history import LineKind, StatementLine
from trading_api.models.facts import Adjusted, Executed, Fact, Funded


def lines_of(fact: Fact, number: int, balance: Decimal, open_positions: int) -> Iterator[StatementLine]:
    """`balance` is the one before the fact, `open_positions` are counted after it."""
    for kind, amount in _amounts(fact):
        balance += amount
        yield StatementLine.trusted(
            fact=number,
            time=fact.time,
            kind=kind,
            amount=amount,
            balance=balance,
            open_positions=open_positions,
            **_about(fact),
        )


def _amounts(fact: Fact) -> Iterator[tuple[LineKind, Decimal]]:
    if isinstance(fact, Funded):
        yield "deposit" if fact.amount > 0 else "withdrawal", fact.amount
    elif isinstance(fact, Adjusted):
        yield fact.reason, fact.amount
    elif isinstance(fact, Executed):
        yield "trade", fact.profit
        if fact.commission:
            yield "commission", -fact.commission


def _about(fact: Fact) -> dict[str, object]:
    if isinstance(fact, Adjusted):
        return {"symbol": fact.symbol, "position_id": fact.position_id, "nights": fact.nights or None}
    if isinstance(fact, Executed):
        return {
            "symbol": fact.symbol,
            "side": fact.side,
            "quantity": fact.quantity,
            "price": fact.price,
            "execution_id": fact.execution_id,
            "position_id": fact.position_id,
        }
    return {}
