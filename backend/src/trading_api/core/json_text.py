"""Models straight to JSON text: what is written several times with every order goes round the general encoders.

What a value is decides how it is written, whatever its field says; so a dialect is told only how amounts look. Names are the
aliases, and what is absent is left out. It knows what the house's models are made of; anything else is an error, and so are
models that say themselves how they are written.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from json.encoder import encode_basestring
from typing import Any, cast

from pydantic import BaseModel

Write = Callable[[Any], str]  # Any: each knows its own kind


class Dialect(dict[type, Write]):
    """How each kind of value is written. A kind is learnt when it is first seen; there are as many as the models have."""

    def __init__(self, amount: Callable[[Decimal], str]) -> None:
        known: dict[type, Write] = {str: encode_basestring, int: int.__repr__, Decimal: amount}
        known |= {bool: lambda value: "true" if value else "false", type(None): lambda _: "null"}
        known |= {tuple: self._list, list: self._list, dict: self._map}
        super().__init__(known)

    def text(self, value: object) -> str:
        return self[type(value)](value)

    def __missing__(self, kind: type) -> Write:
        self[kind] = write = self._learnt(kind)
        return write

    def _learnt(self, kind: type) -> Write:
        if issubclass(kind, BaseModel):
            return self._model(kind)
        if issubclass(kind, Enum):
            return {member: self.text(member.value) for member in kind}.__getitem__
        raise AssertionError(f"expected a value of the house's models, found one of {kind.__name__}")

    def _model(self, kind: type[BaseModel]) -> Write:
        own = kind.__pydantic_decorators__
        assert not (own.field_serializers or own.model_serializers or own.computed_fields), f"{kind.__name__} writes itself"
        lines = ["def write(model):", " held, text = model.__dict__, ''"]
        for name, field in kind.model_fields.items():
            begin = f",{encode_basestring(field.serialization_alias or name)}:"
            lines += [
                f" value = held[{name!r}]",
                " if value is not None:",
                f"  text += {begin!r} + writers[type(value)](value)",
            ]
        made: dict[str, Any] = {"writers": self}
        # Written out field by field, as dataclasses do it: a loop over the fields takes twice as long.
        exec("\n".join((*lines, " return '{' + text[1:] + '}'")), made)
        return cast(Write, made["write"])

    def _list(self, values: Iterable[object]) -> str:
        return f"[{','.join([self[type(value)](value) for value in values])}]"

    def _map(self, values: Mapping[str, object]) -> str:
        return f"{{{','.join([f'{encode_basestring(name)}:{self.text(value)}' for name, value in values.items()])}}}"
