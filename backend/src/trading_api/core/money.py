"""Money: one rounding rule, and the way from one currency to another."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple

from trading_api.models.errors import FixRequest, Refused
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

BRIDGE_CURRENCY = "USD"
DIGITS_USUAL = 2
DIGITS: Mapping[str, int] = {"JPY": 0, "KRW": 0, "BTC": 8, "ETH": 8}
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(max(DIGITS.values()) + 1))
SIGNS: Mapping[str, str] = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def digits(currency: str) -> int:
    """How many decimals the currency is booked in (ISO 4217; 8 for crypto)."""
    return DIGITS.get(currency, DIGITS_USUAL)


def booked(amount: Decimal | Fraction, currency: str) -> Decimal:
    """Round half-even to the currency's digits. Money is rounded here and nowhere else."""
    places = digits(currency)
    if isinstance(amount, Decimal):
        return amount.quantize(_UNITS[places], rounding=ROUND_HALF_EVEN)
    # The quotient and what is left, instead of a Fraction's own rounding: half the work, the same answer.
    scaled, whole = amount.numerator * 10**places, amount.denominator
    quotient, rest = divmod(scaled, whole)
    if 2 * rest > whole or (2 * rest == whole and quotient % 2):
        quotient += 1
    return Decimal(quotient).scaleb(-places)


def booked_down(amount: Fraction, currency: str) -> Decimal:
    """The largest bookable amount that is not more."""
    places = digits(currency)
    return Decimal(floor(amount * 10**places)).scaleb(-places)


def commission(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """Of one fill, in the instrument's currency, not yet rounded."""
    terms = instrument.commission
    return max(terms.rate * quantity * price + terms.per_unit * quantity, terms.minimum)


def usual_balance(currency: str) -> Decimal:
    """What a demo account opens with when nobody says: about the same worth in every currency."""
    return Decimal(100_000) if digits(currency) else Decimal(10_000_000)


def check_bookable(amount: Decimal, currency: str, field: str) -> None:
    """Raise FixRequest unless the amount is on its currency's grid."""
    nearest = booked(amount, currency)
    if amount != nearest:
        nearest = nearest or Decimal(1).scaleb(-digits(currency)).copy_sign(amount)
        message = f"Expected an amount with at most {digits(currency)} decimals in {currency}, found {amount}"
        raise FixRequest("amount_off_grid", message, field=field, nearest=nearest)


class Leg(NamedTuple):
    """One market rate on the way between two currencies."""

    symbol: str
    inverse: bool


def conversion_path(source: str, target: str, instruments: Iterable[Instrument]) -> tuple[Leg, ...] | None:
    """The pairs that convert `source` into `target`: none for the same currency, a direct one, or two crossed through USD."""
    if source == target:
        return ()
    pairs = {(one.base_currency, one.currency): one.id for one in reversed(tuple(instruments)) if one.base_currency}
    direct = _leg(source, target, pairs)
    if direct:
        return (direct,)
    first, second = _leg(source, BRIDGE_CURRENCY, pairs), _leg(BRIDGE_CURRENCY, target, pairs)
    return (first, second) if first and second else None


def _leg(source: str, target: str, pairs: Mapping[tuple[str, str], str]) -> Leg | None:
    if (source, target) in pairs:
        return Leg(pairs[source, target], inverse=False)
    if (target, source) in pairs:
        return Leg(pairs[target, source], inverse=True)
    return None


class Rates:
    """Conversion at the mid of the last quotes."""

    def __init__(self, path: Callable[[str, str], tuple[Leg, ...] | None], quotes: Mapping[str, Quote]) -> None:
        self._path = path
        self._quotes = quotes

    def legs(self, source: str, target: str) -> tuple[Leg, ...]:
        path = self._path(source, target)
        if path is None:
            raise no_rate(source, target)
        return path

    def known(self, source: str, target: str) -> bool:
        """Whether there is a rate now."""
        if source == target:
            return True
        path = self._path(source, target)
        return path is not None and all(leg.symbol in self._quotes for leg in path)

    def expect(self, source: str, target: str) -> None:
        """Raises Refused naming the pair when there is no rate now."""
        if source != target and not self.known(source, target):
            raise no_rate(source, target)

    def convert(self, amount: Decimal | Fraction, source: str, target: str) -> Fraction:
        """Exact, not yet rounded. Raises Refused naming the pair when there is no rate."""
        exact = amount if isinstance(amount, Fraction) else Fraction(amount)
        if source == target:
            return exact
        for leg in self.legs(source, target):
            quote = self._quotes.get(leg.symbol)
            if quote is None:
                raise no_rate(source, target)
            mid = Fraction(quote.mid)
            exact = exact / mid if leg.inverse else exact * mid
        return exact

    def rough(self, source: str, target: str) -> float:
        """The rate as a float; nothing where there is none."""
        path, rate = self._path(source, target), 1.0
        if path is None:
            return 0.0
        for leg in path:
            quote = self._quotes.get(leg.symbol)
            if quote is None:
                return 0.0
            mid = float(quote.bid + quote.ask) / 2
            rate = rate / mid if leg.inverse else rate * mid
        return rate


def no_rate(source: str, target: str) -> Refused:
    return Refused(
        "no_conversion_rate",
        f"Expected a rate from {source} to {target} (pair {source}{target}), found none",
        field="symbol",
    )
