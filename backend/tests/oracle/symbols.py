"""The symbols the comparison trades: FX, FX quoted in yen, a share with a minimum commission."""

from fractions import Fraction

from fakes_market import an_instrument
from oracle.money import Terms
from trading_api.models.market.instruments import Commission, Instrument, InstrumentKind

EURUSD = an_instrument("EURUSD", quantity_step="1000", quantity_min="1000", commission=Commission(rate="0.00003"))
USDJPY = an_instrument("USDJPY", tick_size="0.001", pip_size="0.01", margin_rate="0.04")
ACME = an_instrument(
    "ACME",
    kind=InstrumentKind.STOCK,
    exchange="NYSE",
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
TERMS = {instrument.id: Terms.of(instrument) for instrument in SYMBOLS}
START = {
    EURUSD.id: (Fraction("1.08500"), Fraction("1.08510")),
    USDJPY.id: (Fraction("149.990"), Fraction("150.010")),
    ACME.id: (Fraction("100.00"), Fraction("100.02")),
}
