"""An account's figures are reckoned anew when a fact or a price has come, and not for every question."""

from decimal import Decimal
from types import SimpleNamespace

from trading_api.core.ledger import Ledger
from trading_api.core.worth import NewestQuotes, Worth
from trading_api.models.broker.account import EquityData
from trading_api.models.market.quotes import Quote


class Valuation:
    """Counts how often it reckons."""

    def __init__(self) -> None:
        self.reckoned = 0

    def told(self, *, time: int) -> EquityData:
        self.reckoned += 1
        return EquityData.trusted(account_id="A", currency="USD", balance=Decimal(self.reckoned), time=time)


def a_quote(time: int, bid: str = "1.1") -> Quote:
    return Quote(symbol="M:X", time=time, bid=Decimal(bid), ask=Decimal("1.2"))


class Desk:
    def __init__(self) -> None:
        self.valuation, self.quotes = Valuation(), NewestQuotes()
        self.ledger = SimpleNamespace(sequence=0)
        ledger: Ledger = self.ledger  # type: ignore[assignment]  # only its sequence is looked at
        self.worth = Worth(ledger, self.valuation, self.quotes)  # type: ignore[arg-type]

    def told(self, time: int = 1) -> tuple[int, int]:
        found = self.worth.told(time=time)
        return int(found.balance), found.time


def test_the_same_question_is_answered_once_and_told_at_its_own_time() -> None:
    desk = Desk()
    assert [desk.told(1), desk.told(1), desk.told(5)] == [(1, 1), (1, 1), (1, 5)]


def test_a_fact_makes_it_reckon_anew() -> None:
    desk = Desk()
    desk.told()
    desk.ledger.sequence = 1
    assert desk.told() == (2, 1)


def test_a_price_that_comes_or_goes_makes_it_reckon_anew() -> None:
    desk = Desk()
    found = [desk.told()]
    for change in (lambda: desk.quotes.remember(a_quote(1)), lambda: desk.quotes.forget("M:X"), desk.quotes.clear):
        change()
        found.append(desk.told())
    assert found == [(1, 1), (2, 1), (3, 1), (4, 1)]


def test_an_older_price_changes_nothing() -> None:
    desk = Desk()
    desk.quotes.remember(a_quote(2))
    desk.told()
    desk.quotes.remember(a_quote(1, "1.0"))
    assert desk.told() == (1, 1)
    assert desk.quotes["M:X"].bid == Decimal("1.1")
