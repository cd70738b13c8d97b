"""Preview: what an order would come to if it were sent now. Reads, and changes nothing; no fact is written.

The figures are those of the whole order at the prices of the moment, as if all of it filled at once. They leave out delay and
slippage, which are drawn, and what other orders do meanwhile.
"""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from trading_api.core.allocation import against
from trading_api.core.holdings import ZERO
from trading_api.core.inspection import Inspection
from trading_api.core.money import booked, commission
from trading_api.core.orders import beyond
from trading_api.core.sessions import sessions_of
from trading_api.core.times import clock_text
from trading_api.core.valuation import Entry
from trading_api.models.base import on_the_wire
from trading_api.models.broker.orders import OrderType, PlacedOrder, Side
from trading_api.models.broker.preview import OrderPreview, PreviewFigures, PreviewRow, PreviewSection
from trading_api.models.errors import ErrorBody
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

CLOSE_SPREADS = 2
"""A stop nearer to the market than so many spreads is warned of: noise may reach it."""


class Previewed(NamedTuple):
    preview: OrderPreview
    price: Decimal | None
    """At which it would fill now."""


def preview(seen: Inspection, order: PlacedOrder, refusals: tuple[ErrorBody, ...] = ()) -> Previewed:
    """Of a new order (its id is empty), or of one that works as it would be after a change."""
    instrument, quote = seen.instrument(order.symbol), seen.quotes.get(order.symbol)
    errors = tuple(one.message for one in refusals)
    price = _expected(order, quote)
    if quote is None or price is None:
        return Previewed(OrderPreview(errors=errors, refusals=refusals), None)
    figures = _figures(seen, order, instrument, quote, price)
    warnings = _warnings(seen, order, instrument, quote, figures)
    sections = _sections(seen, order, instrument, figures)
    told = OrderPreview(sections=sections, figures=figures, warnings=warnings, errors=errors, refusals=refusals)
    return Previewed(told, price)


def _expected(order: PlacedOrder, quote: Quote | None) -> Decimal | None:
    """A limit that the market has passed fills at the market."""
    waits = order.stop_price is not None and not order.triggered
    if order.limit_price is not None and not waits and quote is not None and _fills_now(order, quote):
        return quote.price_for(order.side)
    return order.limit_price or order.stop_price or (quote.price_for(order.side) if quote else None)


def _fills_now(order: PlacedOrder, quote: Quote) -> bool:
    if order.stop_price is not None and not order.triggered:
        return False
    return order.limit_price is None or order.side * (quote.price_for(order.side) - order.limit_price) <= 0


# Figures


def _figures(seen: Inspection, order: PlacedOrder, instrument: Instrument, quote: Quote, price: Decimal) -> PreviewFigures:
    currency, own = seen.ledger.currency, instrument.currency
    closes = _closes(seen, order)
    fee = seen.booked(commission(instrument, order.remaining, price), own)
    spread = seen.booked((quote.ask - quote.bid) * (order.remaining - closes), own)
    needed, after = _margin(seen, order, quote, price)
    equity = seen.valuation.equity
    available = equity - seen.valuation.margin_used
    costs = Fraction(fee + spread) if _fills_now(order, quote) else Fraction(0)
    pip = seen.rates.convert(instrument.pip_size * order.remaining, own, currency)
    take, stop = _at_brackets(seen, order, instrument, quote, price)
    return PreviewFigures(
        currency=currency,
        price=price,
        quantity=order.remaining,
        margin_needed=booked(needed, currency),
        margin_available=booked(available, currency),
        margin_available_after=booked(available - needed - costs, currency),
        margin_level_after=booked(100 * (equity - Fraction(fee + spread)) / after, "USD") if after else None,
        commission=fee,
        spread_cost=spread,
        pip_value=on_the_wire(Decimal(pip.numerator) / Decimal(pip.denominator)),
        take_profit_profit=take,
        stop_loss_profit=stop,
    )


def _closes(seen: Inspection, order: PlacedOrder) -> Decimal:
    if order.bracket is not None or order.closes is not None:
        return order.remaining
    if seen.ledger.hedging:
        return ZERO
    held = sum((abs(one.quantity) for one in against(seen.ledger, order.symbol, order.side)), ZERO)
    return min(order.remaining, held)


def _margin(seen: Inspection, order: PlacedOrder, quote: Quote, price: Decimal) -> tuple[Fraction, Fraction]:
    """How much more is held with it, and the margin of all positions once it has filled."""
    valuation = seen.valuation
    if order.bracket is not None or order.closes is not None:
        return Fraction(0), valuation.position_margin
    after = valuation.margin_once_filled(Entry(order.side, order.remaining, price), order.symbol)
    if _fills_now(order, quote) and not order.id:
        return after - valuation.position_margin, after
    return valuation.margin_grows(order.symbol, order.id, valuation.entry(order)), after


def _at_brackets(
    seen: Inspection, order: PlacedOrder, instrument: Instrument, quote: Quote, price: Decimal
) -> tuple[Decimal | None, Decimal | None]:
    """Profit of what it opens at the take profit and at the stop loss; of a bracket itself, at its own price."""

    def profit(entry: Decimal, level: Decimal, side: Side, quantity: Decimal) -> Decimal:
        return seen.booked(side * (Fraction(level) - Fraction(entry)) * Fraction(quantity), instrument.currency)

    if order.bracket is not None:
        holding = seen.ledger.positions.get(order.parent_id or "")
        parent = seen.ledger.orders.get(order.parent_id or "")
        entry = holding.average if holding else (parent.limit_price or parent.stop_price) if parent else None
        level = order.limit_price or order.stop_price
        at = None if entry is None or level is None else profit(entry, level, order.side.opposite, order.remaining)
        return (at, None) if order.limit_price is not None else (None, at)
    opens = order.remaining - _closes(seen, order)
    if not opens:
        return None, None
    take = None if order.take_profit is None else profit(price, order.take_profit, order.side, opens)
    stop = _stop_level(order, instrument, quote, price)
    return take, None if stop is None else profit(price, stop, order.side, opens)


def _stop_level(order: PlacedOrder, instrument: Instrument, quote: Quote, price: Decimal) -> Decimal | None:
    """Where the stop loss begins: a trail starts at its distance from the price at which the position would close."""
    if order.stop_loss is not None or order.trailing_stop_pips is None:
        return order.stop_loss
    spread = quote.ask - quote.bid
    return price - order.side * (spread + order.trailing_stop_pips * instrument.pip_size)


# Words


def _warnings(
    seen: Inspection, order: PlacedOrder, instrument: Instrument, quote: Quote, figures: PreviewFigures
) -> tuple[str, ...]:
    found: list[str] = []
    sessions = sessions_of(instrument)
    if not sessions.is_open(seen.at):
        opens = clock_text(sessions.next_open(seen.at))
        found.append(f"{order.symbol} is closed until {opens}: nothing fills before")
    elif order.limit_price is not None and order.bracket is None and _fills_now(order, quote):
        found.append(f"The market has reached the limit of {order.limit_price}: it fills at once, at about {figures.price}")
    size = quote.size_for(order.side)
    if size is not None and size < order.remaining and _fills_now(order, quote):
        found.append(f"The last price is good for {size}: the rest waits for the next ones")
    found += _close_stops(order, instrument, quote, figures.price)
    protects = order.take_profit is not None or _stop_level(order, instrument, quote, figures.price) is not None
    if protects and order.bracket is None and _closes(seen, order) == order.remaining:
        found.append("It only reduces the position: its take profit and stop loss come to nothing")
    level, call = figures.margin_level_after, seen.venue.capabilities.margin_levels.call
    if level is not None and 0 < call >= level:
        found.append(f"Once it has filled, the margin level is {level} %, at or below the margin call of {call} %")
    return tuple(found)


def _close_stops(order: PlacedOrder, instrument: Instrument, quote: Quote, price: Decimal) -> list[str]:
    near = CLOSE_SPREADS * (quote.ask - quote.bid)
    found: list[str] = []
    waits = order.stop_price is not None and not order.triggered
    if waits and abs((order.stop_price or ZERO) - quote.price_for(order.side)) < near:
        found.append(f"The stop of {order.stop_price} is less than {CLOSE_SPREADS} spreads from the market")
    stop = _stop_level(order, instrument, quote, price)
    if stop is not None:
        _, below = beyond(order.side, quote) if order.type is OrderType.MARKET else (price, price)
        if order.side * (below - stop) < near:
            found.append(f"The stop loss of {stop} is less than {CLOSE_SPREADS} spreads from where it would close")
    return found


def _sections(
    seen: Inspection, order: PlacedOrder, instrument: Instrument, figures: PreviewFigures
) -> tuple[PreviewSection, ...]:
    currency = figures.currency

    def money(title: str, amount: Decimal | None) -> PreviewRow | None:
        return None if amount is None else PreviewRow(title=title, value=f"{amount:,f} {currency}")

    value = seen.booked(figures.price * figures.quantity, instrument.currency)
    level = figures.margin_level_after
    side = "Buy" if order.side is Side.BUY else "Sell"
    sections = (
        (
            "Order",
            (_row(side, f"{figures.quantity:,f} {order.symbol}"), _row("Price", f"{figures.price:f}"), money("Value", value)),
        ),
        ("Costs", (money("Commission", figures.commission), money("Spread", figures.spread_cost))),
        (
            "Margin",
            (
                money("Needed", figures.margin_needed),
                money("Available now", figures.margin_available),
                money("Available after", figures.margin_available_after),
                None if level is None else _row("Level after", f"{level:,f} %"),
            ),
        ),
        (
            "Outcome",
            (
                money("At take profit", figures.take_profit_profit),
                money("At stop loss", figures.stop_loss_profit),
                money("One pip", figures.pip_value),
            ),
        ),
    )
    return tuple(PreviewSection(header=header, rows=tuple(one for one in rows if one is not None)) for header, rows in sections)


def _row(title: str, value: str) -> PreviewRow:
    return PreviewRow(title=title, value=value)
