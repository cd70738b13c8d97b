"""One row of the table: years are joined by blanks, the days of a year by commas, 2024:0101,0704 2025:0101."""

from collections.abc import Mapping
from typing import NamedTuple


class ExchangeRow(NamedTuple):
    timezone: str
    session: str
    until: str
    holidays: str
    corrections: Mapping[str, str]
    """Days by the hours they have instead of the session's."""
