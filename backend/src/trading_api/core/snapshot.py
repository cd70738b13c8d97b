"""A ledger as a document and back, so that a start need not fold an account's whole history.

A snapshot is a cache: deleting it costs time and nothing else. It holds every attribute of the ledger as it is, whatever the
ledger keeps, so a new attribute needs nothing here. What JSON has is written as it is; everything else is a list that begins
with its kind: ["decimal", "1.50"], ["map", [key, value], ...], [class, field, ...].
"""

import importlib
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import BaseModel

from trading_api.core.ledger import Ledger

Document = dict[str, Any]  # Any: as JSON has it

CLASSES_MAX = 200
"""Classes looked up and remembered: more than a ledger has kinds of values."""
_HOUSE = "trading_api."
"""Where the classes named in a document come from."""
_PLAIN = (str, int, bool, type(None))


class _Shape(NamedTuple):
    """How a class is named in a document, and what of it is written, in this order."""

    name: str
    attributes: tuple[str, ...]


_SHAPES: dict[type, _Shape] = {}


class Undocumented(Exception):
    """The document is not one that this code writes."""


def document_of(ledger: Ledger) -> Document:
    """Everything the ledger holds."""
    return {name: _written(value) for name, value in vars(ledger).items()}


def restore(ledger: Ledger, document: Document) -> None:
    """Make a fresh ledger what the document says. Raises Undocumented, and then the ledger is as it was."""
    if document.keys() != vars(ledger).keys():
        raise Undocumented(f"expected {', '.join(vars(ledger))}, found {', '.join(document)}")
    try:
        found = {name: _read(value) for name, value in document.items()}
    except (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError) as error:
        raise Undocumented(str(error)) from error
    if found["account_id"] != ledger.account_id:
        raise Undocumented(f"expected account {ledger.account_id}, found {found['account_id']}")
    vars(ledger).update(found)


def _written(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in _WRITERS:
        name, write = _WRITERS[kind]
        return [name, *write(value)]
    name, attributes = _shape(kind)
    if isinstance(value, Enum):
        return [name, value.value]
    return [name, *[_written(getattr(value, attribute)) for attribute in attributes]]


def _read(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    name, *rest = value
    if name in _READERS:
        return _READERS[name](rest)
    return _made(_class(name), rest)


def _made(kind: type, values: Sequence[Any]) -> object:
    if issubclass(kind, Enum):
        return kind(*values)
    found = dict(zip(_shape(kind).attributes, map(_read, values), strict=True))
    if issubclass(kind, BaseModel):
        return kind.model_construct(**found)
    return kind(**found)


def _each(values: Any) -> list[Any]:
    return [_written(value) for value in values]


def _pairs(values: Any) -> list[Any]:
    return [[_written(key), _written(value)] for key, value in values.items()]


def _read_pairs(rest: list[Any]) -> list[tuple[Any, Any]]:
    return [(_read(key), _read(value)) for key, value in rest]


_WRITERS: dict[type, tuple[str, Callable[[Any], list[Any]]]] = {
    Decimal: ("decimal", lambda value: [str(value)]),
    tuple: ("tuple", _each),
    list: ("list", _each),
    set: ("set", lambda values: sorted(_each(values), key=repr)),
    frozenset: ("frozenset", lambda values: sorted(_each(values), key=repr)),
    dict: ("map", _pairs),
    OrderedDict: ("ordered map", _pairs),
    deque: ("window", lambda values: [values.maxlen, *_each(values)]),
}
_READERS: dict[str, Callable[[list[Any]], Any]] = {
    "decimal": lambda rest: Decimal(*rest),
    "tuple": lambda rest: tuple(map(_read, rest)),
    "list": lambda rest: list(map(_read, rest)),
    "set": lambda rest: set(map(_read, rest)),
    "frozenset": lambda rest: frozenset(map(_read, rest)),
    "map": lambda rest: dict(_read_pairs(rest)),
    "ordered map": lambda rest: OrderedDict(_read_pairs(rest)),
    "window": lambda rest: deque(map(_read, rest[1:]), maxlen=rest[0]),
}


def _shape(kind: type) -> _Shape:
    known = _SHAPES.get(kind)
    if known is None:
        assert kind.__module__.startswith(_HOUSE), f"expected a ledger of our own classes, found {kind}"
        known = _SHAPES[kind] = _Shape(f"{kind.__module__}:{kind.__qualname__}", _fields(kind))
    return known


@lru_cache(maxsize=CLASSES_MAX)
def _class(name: str) -> type:
    module, _, qualified = name.partition(":")
    if not module.startswith(_HOUSE) or "." in qualified:
        raise Undocumented(f"expected a class of our own, found {name}")
    found = getattr(importlib.import_module(module), qualified)
    if not (isinstance(found, type) and (issubclass(found, BaseModel | Enum | tuple) or is_dataclass(found))):
        raise Undocumented(f"expected a class that only holds values, found {name}")
    return found


def _fields(kind: type) -> tuple[str, ...]:
    if issubclass(kind, Enum):
        return ()
    if issubclass(kind, BaseModel):
        return tuple(kind.model_fields)
    if is_dataclass(kind):
        return tuple(one.name for one in fields(kind))
    return tuple(kind._fields)  # type: ignore[attr-defined]  # a NamedTuple: nothing else gets here
