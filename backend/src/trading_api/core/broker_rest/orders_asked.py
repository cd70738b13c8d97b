"""What a form asks for, as an order or as a change of one.

TradingView sends an order's terms again with every change, and what is absent of its brackets is meant to go (contract 4.7).
So a change is what differs from the order as it stands.
"""

from trading_api.core.broker_rest.words import OUR_SIDE, OUR_TYPE, to_our_pips
from trading_api.models.broker.orders import Duration, OrderRequest, PlacedOrder, SeenQuotes, StopType
from trading_api.models.market.instruments import Instrument
from trading_api.models.tradingview.orders import ChangeForm, OrderForm


def order_of(form: OrderForm, instrument: Instrument, confirm_id: str | None = None) -> OrderRequest:
    seen = form.current_ask is not None and form.current_bid is not None
    return OrderRequest(
        symbol=instrument.id,
        type=OUR_TYPE[form.type],
        side=OUR_SIDE[form.side],
        quantity=form.quantity,
        limit_price=form.limit_price,
        stop_price=form.stop_price,
        take_profit=form.take_profit,
        stop_loss=form.stop_loss,
        stop_type=StopType.TRAILING_STOP if form.trailing_stop_pips is not None else None,
        trailing_stop_pips=to_our_pips(instrument, form.trailing_stop_pips),
        duration=duration_of(form) or Duration(),
        current_quotes=SeenQuotes.model_validate({"ask": form.current_ask, "bid": form.current_bid}) if seen else None,
        confirm_id=confirm_id,
    )


def duration_of(form: ChangeForm) -> Duration | None:
    if form.duration_type is None:
        return None
    ends = form.duration_time if form.duration_type == "GTD" else None
    return Duration(type=form.duration_type, datetime=None if ends is None else ends * 1000)


def change_of(order: PlacedOrder, form: ChangeForm, instrument: Instrument) -> dict[str, object]:
    """Field by field of an OrderChange; nothing when the order is already as asked."""
    trail = to_our_pips(instrument, form.trailing_stop_pips)
    asked: dict[str, object] = {"quantity": form.quantity}
    if order.bracket is None or trail is None or trail != order.trailing_stop_pips:
        # A trail's own level moves on while the form is filled in.
        asked |= {"limit_price": form.limit_price, "stop_price": form.stop_price}
    changes = {name: value for name, value in asked.items() if value is not None and value != getattr(order, name)}
    duration = duration_of(form)
    if duration is not None and not _lasts(order.duration, duration):
        changes["duration"] = duration
    if order.bracket is None and not order.closes:
        changes |= _brackets(order, form, trail)
    elif order.trailing_stop_pips != trail and (trail is not None or form.stop_price is not None):
        changes["trailing_stop_pips"] = trail
    return changes


def _lasts(now: Duration, asked: Duration) -> bool:
    """A day's end is the house's to say."""
    return now.type == asked.type and (asked.type != "GTD" or now.datetime == asked.datetime)


def _brackets(order: PlacedOrder, form: ChangeForm, trail: object) -> dict[str, object]:
    """A trail without a price keeps the level it has."""
    asked: dict[str, object] = {"take_profit": form.take_profit, "trailing_stop_pips": trail}
    if trail is None or form.stop_loss is not None:
        asked["stop_loss"] = form.stop_loss
    return {name: value for name, value in asked.items() if value != getattr(order, name)}


def plain_change(form: ChangeForm) -> dict[str, object]:
    """Of an order that is not open: enough to be told so."""
    asked = {name: getattr(form, name) for name in ("quantity", "limit_price", "stop_price")}
    return {name: value for name, value in asked.items() if value is not None}
