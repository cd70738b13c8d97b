"""A journal's row, wherever it is kept: the fact as exact JSON, sealed to the account's row before it.

The checksum covers every column, `recorded_at` too: when a thing was written down is part of the record. Amounts are strings,
so that what is read is digit for digit what was decided.
"""

from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from pydantic import ValidationError

from trading_api.core.json_text import Dialect
from trading_api.models.base import NUMBER_TEXT_MAX
from trading_api.models.facts import FACT, FACTS_FORMAT, Fact

START = bytes(16)
"""Stands for the checksum before an account's first row."""


class Row(NamedTuple):
    account: str
    sequence: int
    format: int
    time: int
    """Market time, UTC milliseconds."""
    recorded_at: int
    """Wall time, UTC milliseconds."""
    body: str
    checksum: bytes


class Damaged(Exception):
    """The row is not what was once written; the message says how, and the reader adds where."""


def seal(fact: Fact, *, account: str, sequence: int, recorded_at: int, previous: bytes) -> Row:
    body = _EXACT.text(fact)
    # A fact that could not be read again would keep its account from ever opening; better that one command fails.
    assert FACT.validate_json(body) == fact, f"this fact changes when it is written: {body}"
    checksum = _checksum(account, sequence, FACTS_FORMAT, fact.time, recorded_at, body, previous)
    return Row(account, sequence, FACTS_FORMAT, fact.time, recorded_at, body, checksum)


def unseal(row: Row, *, sequence: int, previous: bytes) -> Fact:
    """The fact, once the row has been found whole and in its place."""
    if row.sequence != sequence:
        raise Damaged(f"expected fact {sequence} to come next, found fact {row.sequence}")
    if not isinstance(row.format, int) or row.format > FACTS_FORMAT:
        raise Damaged(
            f"it has format {row.format} and this program reads formats up to {FACTS_FORMAT}: "
            f"start a program that reads format {row.format}"
        )
    if not isinstance(row.body, str) or row.checksum != _checksum(*row[:-1], previous):
        raise Damaged("its checksum does not follow from the row and the one before it")
    try:
        return FACT.validate_json(row.body)
    except ValidationError as error:
        raise Damaged(f"its body is not a fact: {error.errors()[0]['msg']}") from error


def _checksum(account: str, sequence: int, form: int, time: int, recorded_at: int, body: str, previous: bytes) -> bytes:
    text = f"{account}\n{sequence}\n{form}\n{time}\n{recorded_at}\n{body}"
    return blake2b(text.encode(), key=previous, digest_size=len(START)).digest()


def _amount(value: Decimal) -> str:
    text = str(value)
    # A JSON integer may be longer than a number in a string, both when a client sends it and here.
    return f'"{text}"' if len(text) <= NUMBER_TEXT_MAX else str(int(value))


_EXACT = Dialect(_amount)
