"""The symbols the comparison trades: FX, FX quoted in yen, a share with a minimum commission and a minute's pause at noon."""

from fractions import Fraction

from fakes_market import MONDAY, an_instrument
from oracle.money import Prices, Terms
from trading_api.models.market.instruments import Commission, Instrument, InstrumentKind

EURUSD = an_instrument("EURUSD", quantity_step="1000", quantity_min="1000", commission=Commission(rate="0.00003"))
USDJPY = an_instrument("USDJPY", tick_size="0.001", pip_size="0.01", margin_rate="0.04")
ACME = an_instrument(
    "ACME",
    kind=InstrumentKind.STOCK,
    exchange="NYSE",
    session="0000-1200,1201-2400:1234567",
    currency="USD",
    base_currency=None,
    tick_size="0.01",
    pip_size="0.01",
    quantity_step="1",
    lot_size="1",
    margin_rate="0.2",
    commission=Commission(per_unit="0.005", minimum="1"),
)

SYMBOLS: tuple[Instrument, ...] = (EURUSD, USDJPY, ACME)
NOON_PAUSE = (720, 721)
TERMS = {
    EURUSD.id: Terms.of(EURUSD),
    USDJPY.id: Terms.of(USDJPY),
    ACME.id: Terms.of(ACME, pause=NOON_PAUSE),
}
DAY_MS = 86_400_000
BEGIN = MONDAY + 12 * 3_600_000 - 50_000
"""Fifty seconds to noon on a Monday, UTC."""

START = {
    EURUSD.id: Prices(Fraction("1.08500"), Fraction("1.08510"), BEGIN),
    USDJPY.id: Prices(Fraction("149.990"), Fraction("150.010"), BEGIN),
    ACME.id: Prices(Fraction("100.00"), Fraction("100.02"), BEGIN),
}


def day_end(at: int) -> int:
    """All of them trade in days of UTC."""
    return (at // DAY_MS + 1) * DAY_MS
