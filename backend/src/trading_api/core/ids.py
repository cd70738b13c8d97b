"""Ids of one account: counted, so that the same history gives the same names; never reused, also after a reset."""

from trading_api.core.ledger import Ledger


class CountedIds:
    """Goes on from what the ledger has seen: orders o1, o2 …, executions x1, x2 …"""

    def __init__(self, ledger: Ledger) -> None:
        self._orders = ledger.orders_issued
        self._executions = ledger.executions_issued

    def order(self) -> str:
        self._orders += 1
        return f"o{self._orders}"

    def execution(self) -> str:
        self._executions += 1
        return f"x{self._executions}"
