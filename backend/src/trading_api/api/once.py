"""What is given twice has two values, of which the framework would take the last in silence: it is refused instead."""

from collections import Counter
from typing import Any  # Any: a form's values may be files

from starlette.datastructures import ImmutableMultiDict

from trading_api.core.wording import SHOWN_MAX
from trading_api.models.errors import FixRequest


def expect_once(given: ImmutableMultiDict[str, Any]) -> None:
    """Of a query or a form without files: there no endpoint has a parameter or a field that takes several values."""
    named = given.multi_items()
    if len(named) == len(given):
        return
    ((name, times),) = Counter(name for name, _ in named).most_common(1)
    shown = name[:SHOWN_MAX]
    raise FixRequest("given_twice", f"Expected {shown} once, found it {times} times", field=shown)
