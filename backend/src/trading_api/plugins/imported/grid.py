"""Which tick sizes fit prices: those that divide what all of them have in common."""

from decimal import Decimal

from trading_api.models.errors import FixRequest
from trading_api.models.market.instruments import Instrument
from trading_api.plugins.imported.parse import DECIMALS_MAX

TRIAL_DIVISORS_MAX = 10_000
"""Prime factors are looked for up to here; what is left counts as one, so a rare nearer tick size may be missed."""


def check_tick_size(instrument: Instrument, common: int) -> None:
    """Every price must lie on the grid: `common` divides them all, in units of 10^-12."""
    if Decimal(common).scaleb(-DECIMALS_MAX) % instrument.tick_size:
        raise FixRequest(
            "bad_tick_size",
            f"Expected a tick size that all prices of {instrument.name} are multiples of, found {instrument.tick_size}.",
            field="tickSize",
            nearest=nearest_tick_size(common, instrument.tick_size),
        )


def nearest_tick_size(common: int, asked: Decimal) -> Decimal:
    """The larger of two equally near."""
    units = asked.scaleb(DECIMALS_MAX)
    nearest = min(_divisors(common), key=lambda divisor: (abs(divisor - units), -divisor))
    return Decimal(nearest).scaleb(-DECIMALS_MAX).normalize()


def _divisors(number: int) -> list[int]:
    divisors = [1]
    for prime, power in _factors(number):
        divisors = [divisor * prime**times for divisor in divisors for times in range(power + 1)]
    return divisors


def _factors(number: int) -> list[tuple[int, int]]:
    found = []
    for prime in range(2, TRIAL_DIVISORS_MAX):
        power = 0
        while number % prime == 0:
            number //= prime
            power += 1
        if power:
            found.append((prime, power))
    return [*found, (number, 1)] if number > 1 else found
