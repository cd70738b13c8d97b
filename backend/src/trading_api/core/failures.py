"""What is told about a part that has failed."""

from trading_api.models.errors import Stopped, TradingError

UNKNOWN = "a fault of the server; its log says more"


class Unreadable(Exception):
    """An account's history cannot be folded; the message says where and why."""


def sentence(error: BaseException) -> str:
    """The error's own words where they are meant for people."""
    for_people = isinstance(error, TradingError | Stopped | Unreadable | AssertionError)
    return (str(error).partition("\n")[0] if for_people else "") or UNKNOWN
