"""Checks of an order that need only its instrument: quantity, price grid, the prices its type needs, bracket sides."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from trading_api.models.broker.orders import Duration, OrderRequest, OrderType, Side, StopType
from trading_api.models.errors import FixRequest, NotFound
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

NEEDS_LIMIT = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
NEEDS_STOP = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


def normalized(request: OrderRequest) -> OrderRequest:
    """Drop the prices that the order's type does not use: tickets send them along."""
    unused: dict[str, None] = {}
    if request.type not in NEEDS_LIMIT:
        unused["limit_price"] = None
    if request.type not in NEEDS_STOP:
        unused["stop_price"] = None
    return request.replaced(unused)


def no_order(order_id: str) -> NotFound:
    return NotFound("unknown_order", f"Expected one of the account's orders, found '{order_id}'", field="orderId")


def no_position(position_id: str | None) -> NotFound:
    return NotFound("unknown_position", f"Expected an open position, found none '{position_id}'", field="positionId")


def check_order(instrument: Instrument, request: OrderRequest) -> None:
    """Raise FixRequest naming the first field that cannot be right, with the nearest legal value where there is one."""
    check_tradable(instrument)
    check_quantity(instrument, request.quantity)
    check_prices(instrument, request)
    check_trail(instrument, request.trailing_stop_pips)
    check_duration(request)
    if request.stop_type is StopType.TRAILING_STOP and request.trailing_stop_pips is None:
        raise FixRequest("trail_missing", "Expected trailingStopPips with stopType 1, found none", field="trailingStopPips")
    if request.type is not OrderType.MARKET:
        entry = request.limit_price or request.stop_price
        assert entry is not None
        check_brackets(
            request.side,
            entry,
            entry,
            request.take_profit,
            request.stop_loss,
            tick=instrument.tick_size,
            entry_name="the order's price",
        )
        check_distance(instrument, request.side, entry, request.trailing_stop_pips)


def check_tradable(instrument: Instrument) -> None:
    if not instrument.tradable:
        raise FixRequest(
            "not_tradable", f"Expected a tradable symbol; {instrument.id} can be charted but not traded", field="symbol"
        )


def check_quantity(instrument: Instrument, quantity: Decimal, *, field: str = "qty") -> None:
    low, high, step = instrument.quantity_min, instrument.quantity_max, instrument.quantity_step
    if quantity < low:
        raise _out_of("below_min", f"Expected a quantity of at least {low}, found {quantity}", field, low)
    if quantity > high:
        raise _out_of("above_max", f"Expected a quantity of at most {high}, found {quantity}", field, high)
    if quantity % step:
        nearest = max(low, nearest_step(quantity, step))
        raise _out_of("off_step", f"Expected a quantity in steps of {step}, found {quantity}", field, nearest)


def _out_of(code: str, message: str, field: str, nearest: Decimal) -> FixRequest:
    return FixRequest(f"qty_{code}", message, field=field, nearest=nearest)


def nearest_step(value: Decimal, step: Decimal) -> Decimal:
    """The closest multiple of `step`, the lower one when equally close."""
    below = (value / step).to_integral_value(rounding=ROUND_FLOOR) * step
    return below if value - below <= step / 2 else below + step


def check_prices(instrument: Instrument, request: OrderRequest) -> None:
    if request.type in NEEDS_LIMIT and request.limit_price is None:
        raise FixRequest("price_missing", "Expected a limitPrice for this order type, found none", field="limitPrice")
    if request.type in NEEDS_STOP and request.stop_price is None:
        raise FixRequest("price_missing", "Expected a stopPrice for this order type, found none", field="stopPrice")
    check_grid(instrument, request.limit_price, "limitPrice")
    check_grid(instrument, request.stop_price, "stopPrice")
    check_grid(instrument, request.take_profit, "takeProfit")
    check_grid(instrument, request.stop_loss, "stopLoss")


def check_duration(request: OrderRequest) -> None:
    """What is filled at once or never cannot wait for a stop."""
    check_end(request.duration)
    kind = request.duration.type
    if kind in ("IOC", "FOK") and request.type in NEEDS_STOP:
        message = f"Expected a market or limit order with {kind}, found a stop"
        raise FixRequest("duration_not_offered", message, field="duration")


def check_end(duration: Duration) -> None:
    """GTD names its end, nothing else does."""
    if duration.type == "GTD" and duration.datetime is None:
        raise FixRequest("end_missing", "Expected duration.datetime with GTD, found none", field="duration")


def check_trail(instrument: Instrument, pips: Decimal | None) -> None:
    """A trailing distance in pips comes out on the price grid."""
    if pips is not None and pips * instrument.pip_size % instrument.tick_size:
        grain = instrument.tick_size / instrument.pip_size
        nearest = max(grain, nearest_step(pips, grain))
        message = f"Expected a distance in steps of {grain} pips, found {pips}"
        raise FixRequest("trail_off_tick", message, field="trailingStopPips", nearest=nearest)


def check_distance(instrument: Instrument, side: Side, start: Decimal, pips: Decimal | None) -> None:
    """From `start`, where what is bought would be sold again, the stop that trails lies above zero."""
    if pips is None or side is Side.SELL or start - pips * instrument.pip_size > 0:
        return
    tick = instrument.tick_size
    most = ((start / tick).to_integral_value(rounding=ROUND_CEILING) - 1) * tick / instrument.pip_size
    message = f"Expected a distance of at most {most.normalize():f} pips: beyond it the stop is not above zero; found {pips:f}"
    raise FixRequest("trail_too_wide", message, field="trailingStopPips", nearest=most if most > 0 else None)


def beyond(side: Side, quote: Quote) -> tuple[Decimal, Decimal]:
    """Beyond which the take profit and the stop loss of a position entered now lie: of a buy above the ask, below the bid."""
    return (quote.ask, quote.bid) if side is Side.BUY else (quote.bid, quote.ask)


def check_grid(instrument: Instrument, price: Decimal | None, field: str) -> None:
    tick = instrument.tick_size
    if price is not None and price % tick:
        nearest = max(tick, nearest_step(price, tick))
        raise FixRequest("price_off_tick", f"Expected a price in ticks of {tick}, found {price}", field=field, nearest=nearest)


def check_brackets(
    side: Side,
    above: Decimal,
    below: Decimal,
    take_profit: Decimal | None,
    stop_loss: Decimal | None,
    *,
    tick: Decimal,
    entry_name: str = "the market",
) -> None:
    """Of a buy: take profit beyond `above`, stop loss beyond `below`. Of a sell the other way round: `above` is the lower."""
    if take_profit is not None and side * (take_profit - above) <= 0:
        raise _wrong_side("takeProfit", take_profit, above, side, tick, entry_name)
    if stop_loss is not None and side * (below - stop_loss) <= 0:
        raise _wrong_side("stopLoss", stop_loss, below, side.opposite, tick, entry_name)


def _wrong_side(field: str, found: Decimal, limit: Decimal, towards: Side, tick: Decimal, entry_name: str) -> FixRequest:
    where = "above" if towards is Side.BUY else "below"
    message = f"Expected a {field} {where} {entry_name} ({limit}), found {found}"
    return FixRequest("bracket_wrong_side", message, field=field, nearest=limit + towards * tick)
