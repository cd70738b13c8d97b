"""What is wrong with a request that the framework could not read."""

from typing import cast

from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails

from trading_api.core.wording import worded_faults
from trading_api.models.errors import ErrorBody


def fault_of(error: RequestValidationError, *, whole: str) -> ErrorBody:
    """The first thing wrong with a body, path or query, without saying where in HTTP it stood."""
    faults = [{**one, "loc": () if one["type"] == "json_invalid" else tuple(one["loc"])[1:]} for one in error.errors()]
    return worded_faults(cast(list[ErrorDetails], faults), whole=whole)
