"""A journal's row, wherever it is kept: the fact as exact JSON, sealed to the account's row before it.

The checksum covers every column, `recorded_at` too: when a thing was written down is part of the record. Amounts are strings,
so that what is read is digit for digit what was decided.
"""

import hashlib
import json
from decimal import Decimal
from typing import NamedTuple

from pydantic import ValidationError

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
    body = json.dumps(FACT.dump_python(fact, exclude_none=True), default=_text, ensure_ascii=False, separators=(",", ":"))
    # A fact that could not be read again would keep its account from ever opening; better that one command fails.
    assert FACT.validate_json(body) == fact, f"this fact changes when it is written: {body}"
    row = Row(account, sequence, FACTS_FORMAT, fact.time, recorded_at, body, START)
    return row._replace(checksum=_checksum(row, previous))


def unseal(row: Row, *, sequence: int, previous: bytes) -> Fact:
    """The fact, once the row has been found whole and in its place."""
    if row.sequence != sequence:
        raise Damaged(f"expected fact {sequence} to come next, found fact {row.sequence}")
    if not isinstance(row.format, int) or row.format > FACTS_FORMAT:
        raise Damaged(
            f"it has format {row.format} and this program reads formats up to {FACTS_FORMAT}: "
            f"start a program that reads format {row.format}"
        )
    if not isinstance(row.body, str) or row.checksum != _checksum(row, previous):
        raise Damaged("its checksum does not follow from the row and the one before it")
    try:
        return FACT.validate_json(row.body)
    except ValidationError as error:
        raise Damaged(f"its body is not a fact: {error.errors()[0]['msg']}") from error


def _checksum(row: Row, previous: bytes) -> bytes:
    place = f"{row.account}\n{row.sequence}\n{row.format}\n{row.time}\n{row.recorded_at}\n"
    return hashlib.blake2b(place.encode() + row.body.encode(), key=previous, digest_size=len(START)).digest()


def _text(value: object) -> str | int:
    assert isinstance(value, Decimal), f"expected only amounts to need writing out, found {type(value).__name__}"
    text = str(value)
    # A JSON integer may be longer than a number in a string, both when a client sends it and here.
    return text if len(text) <= NUMBER_TEXT_MAX else int(value)
