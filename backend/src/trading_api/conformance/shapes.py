"""What a stranger's JSON has to look like, and the sentences for where it does not."""

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

Json = Any  # whatever a stranger's server sends
SHOWN_MAX = 120
"""Characters of a value that a finding repeats."""


class Broken(Exception):
    """A rule is not held; the message says what was expected and what was found."""


class Doubtful(Exception):
    """Nothing breaks, but it should be otherwise: a warning."""


class NotApplicable(Exception):
    """The rule cannot be tried here; the message says why."""


def expect(held: bool, sentence: str) -> None:
    if not held:
        raise Broken(sentence)


def shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


@contextmanager
def needed(what: str) -> Iterator[None]:
    """What fails in here is another check's finding."""
    try:
        yield
    except Broken as broken:
        raise NotApplicable(f"needs {what}: {broken}") from None


class Kind(NamedTuple):
    name: str
    holds: Callable[[Json], bool]


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


TEXT = Kind("a text", lambda value: isinstance(value, str))
NAME = Kind("a text that is not empty", lambda value: isinstance(value, str) and value != "")
NUMBER = Kind("a JSON number", _is_number)
POSITIVE = Kind("a number above 0", lambda value: _is_number(value) and value > 0)
WHOLE = Kind("a whole number", _is_whole)
COUNT = Kind("a whole number above 0", lambda value: _is_whole(value) and value > 0)
BOOLEAN = Kind("true or false", lambda value: isinstance(value, bool))
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
LIST = Kind("an array", lambda value: isinstance(value, list))
TEXTS = Kind("an array of texts", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value))
ID = Kind("a text or a whole number", lambda value: isinstance(value, str) or _is_whole(value))


def one_of(words: Collection[str]) -> Kind:
    return Kind("one of " + ", ".join(sorted(words)), lambda value: isinstance(value, str) and value in words)


def of_kind(value: Json, kind: Kind, what: str) -> Json:
    if not kind.holds(value):
        raise Broken(f"expected {what} to be {kind.name}, found {shown(value)}")
    return value


def fields(value: Json, what: str, required: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> Json:
    """Hold an object's fields to their kinds. A null is an absent field."""
    of_kind(value, OBJECT, what)
    missing = [name for name in required if value.get(name) is None]
    expect(not missing, f"expected {what} to have {', '.join(missing)}, found {shown(value)}")
    for name, kind in {**required, **(optional or {})}.items():
        if value.get(name) is not None:
            of_kind(value[name], kind, f"'{name}' of {what}")
    return value


def rows(value: Json, what: str, required: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> list[Json]:
    """The same of every entry of an array."""
    of_kind(value, LIST, what)
    for number, row in enumerate(value):
        fields(row, f"{what}[{number}]", required, optional)
    return list(value)


def refusal(body: Json, what: str) -> str:
    """The text of an application's error."""
    fields(body, what, {"s": one_of(("error",)), "errmsg": NAME})
    return str(body["errmsg"])
