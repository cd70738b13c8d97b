"""The demonstration's books: every sum made again from the executions, and compared with what the account says."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from public_api import Api

Told = dict[str, Any]  # Any: JSON
TICK_OF_MONEY = {"JPY": Decimal(1)}
CENT = Decimal("0.01")


class Line(NamedTuple):
    """One sentence of the books: both sides must be the same."""

    name: str
    added: Decimal
    told: Decimal
    tolerance: Decimal = Decimal(0)

    @property
    def holds(self) -> bool:
        return abs(self.added - self.told) <= self.tolerance


def check(api: Api, account: str, symbol: str, opening: int, heard: list[Told]) -> list[str]:
    """The sentences that do not hold."""
    return [line.name for line in _lines(api, account, symbol, Decimal(opening), heard) if not line.holds]


def show(api: Api, account: str, symbol: str, opening: int, heard: list[Told], *, times: int) -> int:
    """Print the account and its books; 0 if they balance."""
    state = _read(api, f"/broker/accounts/{account}/state")
    for name, field in (("Balance", "balance"), ("Equity", "equity"), ("Unrealized", "unrealizedPL")):
        print(f"{name:<14}{state[field]:>14,} {state['currency']}")
    print(f"{'Margin used':<14}{state['marginUsed']:>14,} {state['currency']}")
    print(f"{'Executions':<14}{len(heard):>14,}\n")
    lines = list(_lines(api, account, symbol, Decimal(opening), heard))
    for line in lines:
        print(f"{'ok ' if line.holds else 'NOT'}  {line.name:<54}{line.added:>14,}  {line.told:>14,}")
    good = all(line.holds for line in lines)
    print(f"\nThe books {'balance' if good else 'do not balance'}. They were added up {times} times on the way.")
    return 0 if good else 1


def _lines(api: Api, account: str, symbol: str, opening: Decimal, heard: list[Told]) -> Iterator[Line]:
    path = f"/broker/accounts/{account}"
    state, fills = _read(api, f"{path}/state"), _read(api, f"{path}/executions")
    position = next((one for one in _read(api, f"{path}/positions") if one["symbol"] == symbol), None)
    profit, commission = _sum(fills, "profit"), _sum(fills, "commission")
    yield Line("executions announced on the socket = executions listed", Decimal(len(heard)), Decimal(len(fills)))
    yield Line("opening balance + profits - commissions = balance", opening + profit - commission, Decimal(state["balance"]))
    yield Line("profits - commissions = realized", profit - commission, Decimal(state["realizedPL"]))
    signed = sum((Decimal(one["qty"]) * one["side"] for one in fills), Decimal(0))
    yield Line("bought - sold = position", signed, Decimal(position["qty"] * position["side"]) if position else Decimal(0))
    unrealized = Decimal(state["unrealizedPL"])
    yield Line("balance + unrealized = equity", Decimal(state["balance"]) + unrealized, Decimal(state["equity"]))
    unit = TICK_OF_MONEY.get(state["currency"], CENT)
    yield Line("position marked at the quote = unrealized", _marked(api, symbol, position).quantize(unit), unrealized, unit)


def _marked(api: Api, symbol: str, position: Told | None) -> Decimal:
    """A long at the bid, a short at the ask."""
    if position is None:
        return Decimal(0)
    quote = _read(api, f"/datafeed/quotes?symbols={symbol}")["d"][0]["v"]
    price = Decimal(quote["bid"] if position["side"] == 1 else quote["ask"])
    return (price - Decimal(position["avgPrice"])) * Decimal(position["qty"] * position["side"])


def _sum(fills: list[Told], field: str) -> Decimal:
    return sum((Decimal(one[field]) for one in fills), Decimal(0))


def _read(api: Api, path: str) -> Any:  # Any: JSON
    return json.loads(api.ask("GET", path).expect(200).text, parse_float=Decimal)
