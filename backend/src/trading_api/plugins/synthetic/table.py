"""Reading one table of a TOML file, strictly: every value is checked where it is asked for, and a key nobody knows is refused.

A fault is one sentence that names the place, what was expected and what was found.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NoReturn

from trading_api.models.base import FLOAT_DIGITS_MAX

SHOWN_MAX: Final = 40
"""Characters of a wrong value that are repeated."""
DECIMALS_MAX: Final = 12


class Fault(Exception):
    """What is wrong with a file, in a sentence."""


class Table:
    """`where` names the table in faults; `known` are all keys it may have."""

    def __init__(self, values: Mapping[str, object], where: str, known: Iterable[str]) -> None:
        self._values, self._where = values, where
        keys = tuple(known)
        for key in values:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(keys)}"
                raise Fault(f"{where}: {key} is not a field here: {hint}")

    def has(self, key: str) -> bool:
        return key in self._values

    def value(self, key: str) -> object:
        """As it is in the file; None where it is absent."""
        return self._values.get(key)

    def refuse(self, key: str, expected: str, found: str | None = None) -> NoReturn:
        raise Fault(f"{self._where}, {key}: expected {expected}, found {found or shown(self.value(key))}")

    def text(self, key: str, expected: str, pattern: str, *, default: str | None = None) -> str:
        value = self._value(key, expected, default)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.refuse(key, expected)
        return value

    def choice(self, key: str, choices: Iterable[str], *, default: str | None = None) -> str:
        listed = tuple(choices)
        expected = f"one of {', '.join(listed)}"
        value = self._value(key, expected, default)
        if value not in listed:
            self.refuse(key, expected)
        return str(value)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._value(key, "true or false", default)
        if not isinstance(value, bool):
            self.refuse(key, "true or false")
        return value

    def number(
        self,
        key: str,
        expected: str,
        *,
        above: Decimal | None = None,
        least: Decimal | None = None,
        most: Decimal | None = None,
        default: Decimal | None = None,
    ) -> Decimal:
        value = self._value(key, expected, default)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(key, expected)
        number = plain(Decimal(value))
        if number is None:
            self.refuse(key, f"{expected}, of at most {FLOAT_DIGITS_MAX} digits and {DECIMALS_MAX} decimals")
        beyond = (above is not None and number <= above) or (least is not None and number < least)
        if beyond or (most is not None and number > most):
            self.refuse(key, expected)
        return number

    def whole(self, key: str, expected: str, *, least: int, most: int, default: int | None = None) -> int:
        value = self._value(key, expected, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(key, expected)
        return value

    def listed(self, key: str, expected: str, *, most: int) -> list[object]:
        value = self._value(key, expected, None)
        if not isinstance(value, list):
            self.refuse(key, expected)
        if not 1 <= len(value) <= most:
            self.refuse(key, f"1 to {most} entries", str(len(value)))
        return value

    def table(self, key: str, known: Iterable[str], *, required: bool = False) -> "Table | None":
        """A table within this one; None where it is absent."""
        keys = tuple(known)
        if not required and key not in self._values:
            return None
        expected = f"a table with {', '.join(keys)}"
        value = self._value(key, expected, None)
        if not isinstance(value, dict):
            self.refuse(key, expected)
        return Table(value, f"{self._where}, {key}", keys)

    def _value(self, key: str, expected: str, default: object) -> object:
        if key in self._values:
            return self._values[key]
        if default is None:
            raise Fault(f"{self._where}, {key}: expected {expected}, found none")
        return default


def shown(value: object) -> str:
    """A value as the file has it, shortened."""
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"


def plain(number: Decimal) -> Decimal | None:
    """The number without an exponent; None when it has more digits than a JSON number carries, or is none."""
    if not number.is_finite():
        return None
    written = Decimal(format(number.normalize(), "f"))
    _, digits, exponent = written.as_tuple()
    assert isinstance(exponent, int)
    return written if len(digits) <= FLOAT_DIGITS_MAX and -exponent <= DECIMALS_MAX else None
