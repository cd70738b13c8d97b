"""What a check is: a name, a rule, where the rule stands, and a function that holds a server to it."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from types import ModuleType
from typing import Any, NamedTuple


class Protocol(StrEnum):
    UDF = "udf"
    BROKER = "broker"


UDF, BROKER = Protocol.UDF, Protocol.BROKER
Run = Callable[[Any], Awaitable[None]]  # takes the subject of its protocol, or of either


class Check(NamedTuple):
    name: str
    protocols: tuple[Protocol, ...]
    section: str
    """Of the contract of TradingView's interfaces."""
    rule: str
    run: Run


def check(*protocols: Protocol, section: str, rule: str) -> Callable[[Run], Check]:
    """Make a check of a function; `history_from_eq_to` is called historyFromEqTo."""

    def made(run: Run) -> Check:
        first, *rest = run.__name__.split("_")
        return Check(first + "".join(word.capitalize() for word in rest), protocols, section, rule, run)

    return made


def checks_in(*modules: ModuleType) -> tuple[Check, ...]:
    """In the order in which they are written."""
    return tuple(
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, Check) and one.run.__module__ == module.__name__
    )
