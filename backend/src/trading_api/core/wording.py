"""Says in a trader's words what is wrong with a request that could not be read."""

import json
import re
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trading_api.models.errors import ErrorBody

SHOWN_MAX = 40
"""Characters of a wrong value that are repeated to whoever sent it."""

SECRETS = ("password", "secret", "token", "verifier", "assertion", "ticket")
"""How the names of fields end whose value is not repeated, whatever is wrong with it."""

BRANCHES = ("constrained-str", "bool", "CheckedText")
"""What a union calls the kinds of value a custom field may have; never the name of a field this deep."""

_SHOULD = re.compile(r"^\w+ should (.+)$", re.DOTALL)


def worded(error: ValidationError, *, whole: str = "the message") -> ErrorBody:
    """The first fault: its field, what was expected, what was found. `whole` names the request when no field is at fault."""
    return worded_faults(error.errors(include_url=False), whole=whole)


def worded_faults(faults: Sequence[ErrorDetails], *, whole: str) -> ErrorBody:
    """The same for faults that someone else has collected."""
    fault = min(faults, key=lambda one: one["type"] == "extra_forbidden")
    field = _field(fault)
    return ErrorBody(code="bad_request", field=field or None, message=_sentence(fault, field or whole))


def _field(fault: ErrorDetails) -> str:
    """The path to the fault, without the marks a union leaves in it (`union[str,int]`, `str`)."""
    path = [str(step) for step in fault["loc"]]
    cut = next((place for place, step in enumerate(path) if "[" in step or (place > 1 and step in BRANCHES)), len(path))
    return ".".join(path[:cut])


def _sentence(fault: ErrorDetails, name: str) -> str:
    found = "something that is not shown" if _is_secret(fault["loc"]) else _shown(fault["input"])
    match fault["type"]:
        case "missing":
            return f"Expected the field {name}, found none"
        case "extra_forbidden":
            return f"Expected only fields that are known, found {name}"
        case "json_invalid":
            return f"Expected JSON, found text that is none: {fault['ctx']['error']}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"Expected {name} to be an object, found {found}"
        case "string_pattern_mismatch":
            return f"Expected {name} to match {fault['ctx']['pattern']}, found {found}"
        case _:
            return f"Expected {name}: {_expectation(fault['msg'])}" + ("" if "found" in fault["msg"] else f", found {found}")


def _is_secret(loc: Sequence[int | str]) -> bool:
    return any(str(step).lower().endswith(SECRETS) or step == "current" for step in loc)


def _expectation(message: str) -> str:
    match = _SHOULD.match(message)
    return f"it should {match[1]}" if match else message.removeprefix("expected ")


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return "a body that is not sent as application/json"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    if value is None:
        return "nothing"
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
