"""Statements: an account's money over a period, as a value and as CSV."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from trading_api.core.account_history import Booked
from trading_api.core.times import moment_text
from trading_api.models.broker.history import LineKind, Statement, StatementLine

LINES_MAX = 20_000
"""Movements of money in one statement: a few megabytes."""

COLUMNS = ("time", "kind", "symbol", "side", "quantity", "price", "execution", "position", "amount", "balance")


class Worth(NamedTuple):
    """What an account was worth when it was last recorded."""

    time: int
    equity: Decimal


def statement_of(account_id: str, currency: str, since: int, until: int, booked: Booked, worth: Worth | None) -> Statement:
    return Statement(
        account_id=account_id,
        currency=currency,
        since=since,
        until=until,
        opening_balance=booked.opening,
        deposits=_sum(booked.lines, "deposit"),
        withdrawals=_sum(booked.lines, "withdrawal"),
        profit=_sum(booked.lines, "trade"),
        commission=_sum(booked.lines, "commission"),
        swap=_sum(booked.lines, "swap"),
        dividends=_sum(booked.lines, "dividend"),
        corrections=_sum(booked.lines, "correction"),
        closing_balance=booked.closing,
        closing_equity=worth.equity if worth else None,
        equity_time=worth.time if worth else None,
        lines=tuple(booked.lines),
    )


def _sum(lines: list[StatementLine], kind: LineKind) -> Decimal:
    return sum((one.amount for one in lines if one.kind == kind), Decimal(0))


def csv_of(statement: Statement) -> str:
    """One row per line between the opening and the closing balance; amounts with all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(statement))
    return text.getvalue()


def _rows(statement: Statement) -> Iterator[tuple[str, ...]]:
    yield _total(statement.since, "opening balance", statement.opening_balance)
    for line in statement.lines:
        quantity, price = (f"{one:f}" if one is not None else "" for one in (line.quantity, line.price))
        yield (
            moment_text(line.time),
            line.kind,
            line.symbol or "",
            line.side.name.lower() if line.side else "",
            quantity,
            price,
            line.execution_id or "",
            line.position_id or "",
            f"{line.amount:f}",
            f"{line.balance:f}",
        )
    yield _total(statement.until, "closing balance", statement.closing_balance)
    if statement.closing_equity is not None and statement.equity_time is not None:
        yield _total(statement.equity_time, "closing equity", statement.closing_equity)


def _total(time: int, name: str, balance: Decimal) -> tuple[str, ...]:
    return (moment_text(time), name, *[""] * (len(COLUMNS) - 3), f"{balance:f}")
