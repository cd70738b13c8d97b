"""What every model stands on: frozen, strict about unknown fields, and exact about numbers."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Annotated, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

FLOAT_DIGITS_MAX = 15
POWER_MAX = 18
"""Numbers lie below 10^18 and have at most 18 decimals; beyond that, prices times quantities would no longer be exact."""
NUMBER_TEXT_MAX = 40

_FINEST = Decimal(1).scaleb(-POWER_MAX)
_BEYOND = Decimal(1).scaleb(POWER_MAX)
_EVERY_DIGIT = Context(prec=400)
_WIRE = Context(prec=FLOAT_DIGITS_MAX, rounding=ROUND_HALF_EVEN)


_PLAIN = re.compile(r"-?(?:[0-9]{1,9}\.[0-9]{1,6}|[0-9]{1,15})")
"""So plain that it lies within every bound."""
_WRITTEN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
"""Python reads more than anybody writes: `1_0` for ten, and the digits of every script."""


_new, _set = object.__new__, object.__setattr__
_templates: dict[type[BaseModel], dict[str, object]] = {}
"""One entry for each kind of model: its fields in order, with their defaults."""
_fields: dict[type[BaseModel], set[str]] = {}
"""The names of all fields, for each kind of model."""


class Model(BaseModel):
    """A frozen value. JSON uses the aliases, Python the whole words."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        serialize_by_alias=True,
        ser_json_inf_nan="null",
    )

    @classmethod
    def trusted(cls, **values: object) -> Self:
        """A model of values that were made here and are right: nothing is checked or converted, every field counts as set."""
        template = _templates.get(cls)
        return _made(cls, {**(_template(cls) if template is None else template), **values})

    def replaced(self, changes: Mapping[str, object]) -> Self:
        """A copy with some values changed, unchecked: `model_copy` for the hot path, without its general care."""
        return _made(type(self), {**self.__dict__, **changes})


_M = TypeVar("_M", bound=Model)


def _template(cls: type[Model]) -> dict[str, object]:
    _fields[cls] = set(cls.model_fields)
    _templates[cls] = {name: field.get_default() for name, field in cls.model_fields.items()}
    return _templates[cls]


def _made(cls: type[_M], values: dict[str, object]) -> _M:
    made = _new(cls)
    fields = _fields.get(cls)
    if fields is None:
        _template(cls)
        fields = _fields[cls]
    _set(made, "__dict__", values)
    _set(made, "__pydantic_fields_set__", fields)  # shared: pydantic copies it before it changes it, and models are frozen
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


def exact(value: object) -> Decimal:
    """Read a JSON number or string as the Decimal that was written.

    A float is trusted up to 15 significant digits, the most that survive a binary double; finer numbers must come as strings.
    """
    text = repr(value) if type(value) is float else value
    if type(text) is str and _PLAIN.fullmatch(text):
        return Decimal(text)
    if isinstance(value, bool):
        raise PydanticCustomError("number", "expected a number, found true or false")
    if isinstance(value, int):
        return _finite(Decimal(value))
    if isinstance(value, float):
        return _from_float(value)
    if isinstance(value, Decimal):
        return _finite(value)
    if isinstance(value, str) and len(value) <= NUMBER_TEXT_MAX:
        return _from_text(value)
    raise PydanticCustomError("number", "expected a number or a short string holding one")


def _from_float(value: float) -> Decimal:
    number = _finite(Decimal(repr(value)))
    if len(number.as_tuple().digits) > FLOAT_DIGITS_MAX and number != number.to_integral_value():
        raise PydanticCustomError(
            "number_too_fine",
            "expected at most 15 significant digits in a JSON number, found {text}; send a string",
            {"text": repr(value)},
        )
    return number


def _from_text(text: str) -> Decimal:
    if _WRITTEN.fullmatch(text.strip()):
        return _finite(Decimal(text))
    raise PydanticCustomError("number", "expected a number, found '{text}'", {"text": text})


def _whole(value: object) -> object:
    if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
        raise PydanticCustomError("number", "expected a whole number, found '{text}'", {"text": value[:NUMBER_TEXT_MAX]})
    return value


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise PydanticCustomError("number", "expected a finite number, found {text}", {"text": str(number)})
    if not -_BEYOND < number < _BEYOND or _EVERY_DIGIT.remainder(number, _FINEST):
        message = "expected a number below 10^18 with at most 18 decimals, found {text}"
        raise PydanticCustomError("number_too_large", message, {"text": str(number)})
    return number


def to_json_number(value: Decimal) -> int | float:
    """The JSON number that reads back as the same Decimal (up to 15 significant digits)."""
    return int(value) if value == value.to_integral_value() else float(value)


def on_the_wire(value: Decimal) -> Decimal:
    """Round a mark or an average, which may not terminate, to what a JSON number carries."""
    rounded = _WIRE.plus(value)
    if rounded.adjusted() > FLOAT_DIGITS_MAX - POWER_MAX:
        return rounded  # its last digit lies within what is written
    exponent = rounded.as_tuple().exponent
    return rounded.quantize(_FINEST) if isinstance(exponent, int) and exponent < -POWER_MAX else rounded


Number = Annotated[
    Decimal,
    BeforeValidator(exact),
    PlainSerializer(to_json_number, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""A Decimal that travels as a JSON number."""

WHOLE = BeforeValidator(_whole)
"""Of an integer that a request may write as text; after its bounds, or a schema would not have them."""
Whole = Annotated[int, WHOLE]

Exact = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]
"""A Decimal that travels as a string: the journal's form."""
