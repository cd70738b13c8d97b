"""Checks of what changes something that is there already: an order's terms, a bracket's price, a position's protection."""

from collections.abc import Callable
from decimal import Decimal

from trading_api.core.allocation import closable
from trading_api.core.books import Books
from trading_api.core.holdings import ZERO, Holding
from trading_api.core.orders import beyond, check_brackets, check_distance, check_end, check_grid, check_quantity, check_trail
from trading_api.core.times import clock_text
from trading_api.core.valuation import Entry
from trading_api.models.broker.orders import (
    BracketKind,
    Duration,
    OrderChange,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
)
from trading_api.models.broker.positions import ProtectRequest
from trading_api.models.errors import FixRequest, Refused
from trading_api.models.facts import Removable
from trading_api.models.market.quotes import Quote

REMOVED_FIELD: dict[Removable, str] = {
    "take_profit": "takeProfit",
    "stop_loss": "stopLoss",
    "trailing_stop_pips": "trailingStopPips",
}
CheckMargin = Callable[[str, str, Entry], bool]


class Amendment:
    """Asks one account's books whether a change can be right."""

    def __init__(self, books: Books, *, check_margin: CheckMargin) -> None:
        self._books = books
        self._ledger = books.ledger
        self._quotes = books.quotes
        self._check_margin = check_margin

    def check(self, order: PlacedOrder, change: OrderChange, removes: tuple[Removable, ...], at: int) -> None:
        instrument = self._books.instrument(order.symbol)
        for price, field in (
            (change.limit_price, "limitPrice"),
            (change.stop_price, "stopPrice"),
            (change.take_profit, "takeProfit"),
            (change.stop_loss, "stopLoss"),
        ):
            check_grid(instrument, price, field)
        check_trail(instrument, change.trailing_stop_pips)
        if not removes and all(value is None for value in vars(change).values()):
            raise FixRequest("no_change", "Expected something to change, found nothing", field="orderId")
        self._check_fields(order, change, removes)
        if order.bracket is not None:
            self._check_bracket_move(order, change)
            return
        if change.quantity is not None:
            check_quantity(instrument, change.quantity)
            if change.quantity <= order.filled_quantity:
                message = f"Expected a quantity above the {order.filled_quantity} already filled, found {change.quantity}"
                raise Refused("qty_already_filled", message, field="qty")
            self._check_closable(order, change.quantity)
        if change.duration is not None:
            self._check_duration(order, change.duration, at)
        if change.stop_loss is not None or change.trailing_stop_pips is not None:
            for stop in self._ledger.brought_by(order):
                _check_untouched(stop)
        self._check_terms(order, _merged(order, change, removes), change)

    def _check_closable(self, order: PlacedOrder, quantity: Decimal) -> None:
        """An order that closes grows no larger than what there is to close."""
        most = order.filled_quantity + closable(self._ledger, order)
        if order.closes and quantity > most:
            raise Refused("more_than_held", f"Expected to close at most {most}, found {quantity}", field="qty", nearest=most)

    def _check_fields(self, order: PlacedOrder, change: OrderChange, removes: tuple[Removable, ...]) -> None:
        """Only what the order's type has can be changed."""
        if change.limit_price is not None and order.limit_price is None:
            raise _no_such_price("limitPrice", order)
        if change.stop_price is not None and (order.stop_price is None or order.triggered):
            raise _no_such_price("stopPrice", order)
        if order.bracket is None and not order.closes:
            return
        if change.quantity is not None and order.bracket is not None:
            raise FixRequest("qty_fixed", "Expected no quantity: a bracket always has its parent's", field="qty")
        if change.take_profit is not None or change.stop_loss is not None:
            field = "takeProfit" if change.take_profit is not None else "stopLoss"
            raise FixRequest("bracket_of_bracket", f"Expected no {field}: this order closes a position", field=field)
        if change.duration is not None and change.duration.type != "GTC":
            raise FixRequest("duration_fixed", "Expected GTC: a bracket works as long as its parent", field="duration")
        if change.trailing_stop_pips is not None:
            _check_untouched(order)
        if change.trailing_stop_pips is not None and order.bracket is not BracketKind.STOP_LOSS:
            message = "Expected no trailingStopPips: only a stop loss follows the market"
            raise FixRequest("no_trail", message, field="trailingStopPips")
        for name in removes:
            if name != "trailing_stop_pips" or order.trailing_stop_pips is None:
                message = "Expected a price: a bracket is removed by cancelling it, or through its parent"
                raise FixRequest("bracket_of_bracket", message, field=REMOVED_FIELD[name])

    def _check_duration(self, order: PlacedOrder, duration: Duration, at: int) -> None:
        if duration.type in ("IOC", "FOK"):
            message = f"Expected GTC, DAY or GTD for an order that works already, found {duration.type}"
            raise FixRequest("duration_too_late", message, field="duration")
        check_end(duration)
        self.check_ends(duration, at)

    def check_ends(self, duration: Duration, at: int) -> None:
        """The end that a GTD order names lies ahead, in market time."""
        if duration.type == "GTD" and duration.datetime is not None and duration.datetime <= at:
            message = f"Expected an end after {clock_text(at)}, found {clock_text(duration.datetime)}"
            raise Refused("ends_before_now", message, field="duration")

    def check_stop_side(self, side: Side, stop: Decimal, quote: Quote | None, field: str = "stopPrice") -> None:
        if quote is None:
            return
        market = quote.price_for(side)
        if side * (stop - market) <= 0:
            where, name = ("above the ask", "buy") if side is Side.BUY else ("below the bid", "sell")
            nearest = market + side * self._books.instrument(quote.symbol).tick_size
            message = f"Expected the stop of a {name} {where} ({market}), found {stop}"
            raise Refused("stop_wrong_side", message, field=field, nearest=nearest)

    def _check_terms(self, order: PlacedOrder, after: PlacedOrder, change: OrderChange) -> None:
        quote, instrument = self._quotes.get(order.symbol), self._books.instrument(order.symbol)
        tick = instrument.tick_size
        if change.stop_price is not None:
            self.check_stop_side(after.side, change.stop_price, quote)
        entry = after.limit_price or after.stop_price
        if entry is not None:
            moves = entry != (order.limit_price or order.stop_price)
            trail = after.trailing_stop_pips if moves else change.trailing_stop_pips
            name = "the order's price"
            check_brackets(after.side, entry, entry, after.take_profit, after.stop_loss, tick=tick, entry_name=name)
            check_distance(instrument, after.side, entry, trail)
        elif quote is not None:
            sides = beyond(after.side, quote)
            check_brackets(after.side, *sides, after.take_profit, after.stop_loss, tick=tick)
            check_distance(instrument, after.side, sides[1], change.trailing_stop_pips)
        if not order.closes:
            self._check_margin(after.symbol, after.id, self._books.valuation.entry(after))

    def _check_bracket_move(self, order: PlacedOrder, change: OrderChange) -> None:
        price = change.limit_price or change.stop_price
        takes = order.bracket is BracketKind.TAKE_PROFIT
        protected = order.side.opposite
        parent = self._ledger.orders.get(order.parent_id or "")
        if order.parent_type is ParentType.ORDER and parent is not None and parent.type is not OrderType.MARKET:
            above = below = parent.limit_price or parent.stop_price or ZERO
        else:
            quote = self._quotes.get(order.symbol)
            if quote is None:
                return
            above, below = beyond(protected, quote)
        instrument = self._books.instrument(order.symbol)
        check_distance(instrument, protected, below, change.trailing_stop_pips)
        tick = instrument.tick_size
        check_brackets(protected, above, below, price if takes else None, None if takes else price, tick=tick)

    def check_protection(self, holding: Holding, protection: ProtectRequest) -> None:
        instrument, quote = self._books.instrument(holding.symbol), self._quotes.get(holding.symbol)
        check_grid(instrument, protection.take_profit, "takeProfit")
        check_grid(instrument, protection.stop_loss, "stopLoss")
        check_trail(instrument, protection.trailing_stop_pips)
        if quote is None:
            raise Refused("no_price", f"Expected a price for {holding.symbol}, found none yet", field="symbol")
        sides = beyond(holding.side, quote)
        there = {one.bracket: one for one in self._ledger.brackets_of(holding)}
        profit, stop = there.get(BracketKind.TAKE_PROFIT), there.get(BracketKind.STOP_LOSS)
        if stop and (protection.stop_loss, protection.trailing_stop_pips) not in (
            (None, None),
            (None, stop.trailing_stop_pips),
            (stop.stop_price, stop.trailing_stop_pips),
        ):
            _check_untouched(stop)
        if stop is None or stop.trailing_stop_pips != protection.trailing_stop_pips:
            check_distance(instrument, holding.side, sides[1], protection.trailing_stop_pips)
        above = None if profit and profit.limit_price == protection.take_profit else protection.take_profit
        below = None if stop and stop.stop_price == protection.stop_loss else protection.stop_loss
        check_brackets(holding.side, *sides, above, below, tick=instrument.tick_size)


def _check_untouched(stop: PlacedOrder) -> None:
    """A stop that has been touched is being filled at the market: it can be cancelled, no longer moved."""
    if stop.triggered:
        message = f"Expected a stop loss that waits, found it touched at {stop.stop_price} and being filled"
        raise Refused("stop_touched", message, field="stopLoss")


def _merged(order: PlacedOrder, change: OrderChange, removes: tuple[Removable, ...]) -> PlacedOrder:
    changes = {name: getattr(change, name) for name in change.model_fields_set if getattr(change, name) is not None}
    return order.replaced({**changes, **dict.fromkeys(removes)})


def _no_such_price(field: str, order: PlacedOrder) -> FixRequest:
    kind = order.type.name.lower().replace("_", " ")
    return FixRequest("price_not_used", f"Expected no {field} for a {kind} order in this state, found one", field=field)
