"""Admission: checks of a command that need the account's state or a price. A refusal names the field as the ticket does."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from trading_api.core.ledger import ZERO, Ledger
from trading_api.core.money import Rates, booked, booked_down, check_bookable
from trading_api.core.orders import check_brackets, check_grid, check_quantity
from trading_api.core.sessions import sessions_of
from trading_api.core.times import clock_text
from trading_api.core.valuation import NOTHING, Entry, Valuation
from trading_api.models.broker.account import BALANCE_MAX
from trading_api.models.broker.orders import (
    BracketKind,
    OrderChange,
    OrderRequest,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
)
from trading_api.models.errors import FixRequest, NotFound, Refused
from trading_api.models.facts import Command, Funded, Requested
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

STALE_MS = 60_000
"""Older than this a price is not traded on: a live market shows several a minute while its session is open."""

REMOVED_FIELD = {"take_profit": "takeProfit", "stop_loss": "stopLoss"}


class Admission:
    """Asks one account's ledger, quotes and valuation whether a command can be right."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        valuation: Valuation,
        quotes: Mapping[str, Quote],
        rates: Rates,
        instrument: Callable[[str], Instrument],
    ) -> None:
        self._ledger = ledger
        self._valuation = valuation
        self._quotes = quotes
        self._rates = rates
        self._instrument = instrument

    def check(self, command: Command, at: int) -> None:
        """Raise the refusal this command meets now."""
        if isinstance(command, Funded):
            self._check_funds(command.amount)
        if isinstance(command, Requested):
            self._check_request(command, at)

    def _check_funds(self, amount: Decimal) -> None:
        currency = self._ledger.currency
        check_bookable(amount, currency, "amount")
        if self._ledger.balance + amount > BALANCE_MAX:
            message = f"Expected a balance of at most {BALANCE_MAX}, found {self._ledger.balance + amount}"
            raise Refused("balance_above_max", message, field="amount")
        free = self._valuation.equity - self._valuation.margin_used
        most = min(free, Fraction(self._ledger.balance))
        if amount < 0 and -amount > most:
            free_amount = max(ZERO, booked_down(most, currency))
            message = f"Expected a withdrawal of at most {free_amount} {currency}, found {-amount}"
            raise Refused("more_than_free", message, field="amount", nearest=-free_amount or None)

    def _check_request(self, command: Requested, at: int) -> None:
        match command.action:
            case "place":
                assert command.order is not None
                self._check_place(command.order, at)
            case "close":
                assert command.order is not None
                self._check_close(command.order, command.position_id, at)
            case "cancel":
                self._open_order(command.order_id)
            case "modify":
                assert command.change is not None
                self._check_modify(self._open_order(command.order_id), command.change, command.removes)

    def can_fill(self, symbol: str, at: int) -> bool:
        """The session is open, the last price is fresh, and what it brings can be booked."""
        quote = self._quotes.get(symbol)
        if quote is None or not self._is_open(symbol, at) or at - quote.time > STALE_MS:
            return False
        return self._rates.known(self._instrument(symbol).currency, self._ledger.currency)

    def _is_open(self, symbol: str, at: int) -> bool:
        return sessions_of(self._instrument(symbol)).is_open(at)

    # Place and close

    def _check_place(self, order: OrderRequest, at: int) -> None:
        instrument = self._instrument(order.symbol)
        if order.is_close:
            self._check_reduces(order)
        self._rates.convert(ZERO, instrument.currency, self._ledger.currency)
        quote = self._quotes.get(order.symbol)
        if order.type is OrderType.MARKET:
            quote = self._fresh(order.symbol, at)
            tick = instrument.tick_size
            check_brackets(order.side, *_beyond(order.side, quote), order.take_profit, order.stop_loss, tick=tick)
        if order.stop_price is not None:
            self._check_stop_side(order.side, order.stop_price, quote)
        price = order.limit_price or order.stop_price or _lifted(order.side, quote)
        self._check_margin(order.symbol, "", Entry(order.side, order.quantity, price))

    def _check_reduces(self, order: OrderRequest) -> None:
        """An order sent to close may turn the position round (TradingView's reverse), but never begin or add to one."""
        holding = self._ledger.positions.get(order.symbol)
        if holding is None or holding.side is order.side:
            side = "long" if order.side is Side.SELL else "short"
            raise Refused(
                "nothing_to_close", f"Expected a {side} position in {order.symbol} to close, found none", field="isClose"
            )

    def _fresh(self, symbol: str, at: int) -> Quote:
        """The quote a market order would fill at, or why there is none."""
        if not self._is_open(symbol, at):
            opens = clock_text(sessions_of(self._instrument(symbol)).next_open(at))
            raise Refused("market_closed", f"Expected {symbol} to be open, found it closed until {opens}", field="symbol")
        quote = self._quotes.get(symbol)
        if quote is None:
            raise Refused("no_price", f"Expected a price for {symbol}, found none yet", field="symbol")
        if at - quote.time > STALE_MS:
            age = (at - quote.time) // 1000
            message = f"Expected a price of {symbol} not older than {STALE_MS // 1000} s, found one of {age} s ago"
            raise Refused("stale_price", message, field="symbol")
        return quote

    def _check_stop_side(self, side: Side, stop: Decimal, quote: Quote | None, field: str = "stopPrice") -> None:
        if quote is None:
            return
        market = _lifted(side, quote)
        if side * (stop - market) <= 0:
            where, name = ("above the ask", "buy") if side is Side.BUY else ("below the bid", "sell")
            nearest = market + side * self._instrument(quote.symbol).tick_size
            message = f"Expected the stop of a {name} {where} ({market}), found {stop}"
            raise Refused("stop_wrong_side", message, field=field, nearest=nearest)

    def _check_margin(self, symbol: str, order_id: str, entry: Entry) -> None:
        """A command that asks for no more margin than is held already is never refused for it."""
        needed = self._valuation.margin_grows(symbol, order_id, entry)
        available = self._valuation.equity - self._valuation.margin_used
        if needed <= max(NOTHING, available):
            return
        currency = self._ledger.currency
        message = (
            f"Expected margin of {booked(needed, currency)} {currency} to be available, found {booked(available, currency)}"
        )
        raise Refused("no_margin", message, field="qty", nearest=self._affordable(symbol, order_id, entry, available))

    def _affordable(self, symbol: str, order_id: str, entry: Entry, available: Fraction) -> Decimal | None:
        """The largest legal quantity the margin allows: what an order needs only grows with it."""
        instrument = self._instrument(symbol)
        filled = self._ledger.orders[order_id].filled_quantity if order_id else ZERO
        step = instrument.quantity_step
        steps = range(1, int(entry.quantity // step) + 1)

        def needed(count: int) -> Fraction:
            return self._valuation.margin_grows(symbol, order_id, entry._replace(quantity=count * step))

        nearest = bisect_right(steps, max(NOTHING, available), key=needed) * step + filled
        return nearest if nearest > filled and nearest >= instrument.quantity_min else None

    def _check_close(self, order: OrderRequest, position_id: str | None, at: int) -> None:
        holding = self._ledger.positions.get(position_id or "")
        if holding is None:
            raise NotFound("unknown_position", f"Expected an open position, found none '{position_id}'", field="positionId")
        held = abs(holding.quantity)
        if order.side is holding.side:
            now = "long" if holding.side is Side.BUY else "short"
            raise Refused("position_turned", f"Expected the position as it was seen, found it {now} by now", field="positionId")
        if order.quantity > held:
            message = f"Expected to close at most {held}, found {order.quantity}"
            raise Refused("more_than_held", message, field="qty", nearest=held)
        if order.quantity != held:
            check_quantity(self._instrument(order.symbol), order.quantity)
        self._fresh(order.symbol, at)

    # Modify

    def _open_order(self, order_id: str) -> PlacedOrder:
        order = self._ledger.orders.get(order_id)
        if order is not None:
            return order
        if any(one.id == order_id for one in self._ledger.ended):
            raise Refused("order_ended", f"Expected a working order, found '{order_id}' already ended", field="orderId")
        raise no_order(order_id)

    def _check_modify(self, order: PlacedOrder, change: OrderChange, removes: tuple[str, ...]) -> None:
        instrument = self._instrument(order.symbol)
        for price, field in (
            (change.limit_price, "limitPrice"),
            (change.stop_price, "stopPrice"),
            (change.take_profit, "takeProfit"),
            (change.stop_loss, "stopLoss"),
        ):
            check_grid(instrument, price, field)
        if not removes and all(getattr(change, name) is None for name in OrderChange.model_fields):
            raise FixRequest("no_change", "Expected something to change, found nothing", field="orderId")
        self._check_fields(order, change)
        if order.bracket is not None:
            if removes:
                message = "Expected a price: a bracket is removed by cancelling it, or through its parent"
                raise FixRequest("bracket_of_bracket", message, field=REMOVED_FIELD[removes[0]])
            self._check_bracket_move(order, change)
            return
        if change.quantity is not None:
            check_quantity(instrument, change.quantity)
            if change.quantity <= order.filled_quantity:
                message = f"Expected a quantity above the {order.filled_quantity} already filled, found {change.quantity}"
                raise Refused("qty_already_filled", message, field="qty")
        self._check_terms(order, _merged(order, change, removes), change)

    def _check_fields(self, order: PlacedOrder, change: OrderChange) -> None:
        """Only what the order's type has can be changed."""
        if change.limit_price is not None and order.limit_price is None:
            raise _no_such_price("limitPrice", order)
        if change.stop_price is not None and (order.stop_price is None or order.triggered):
            raise _no_such_price("stopPrice", order)
        if order.bracket is None and not order.closes:
            return
        if change.quantity is not None:
            raise FixRequest("qty_fixed", "Expected no quantity: a bracket always has its parent's", field="qty")
        if change.take_profit is not None or change.stop_loss is not None:
            field = "takeProfit" if change.take_profit is not None else "stopLoss"
            raise FixRequest("bracket_of_bracket", f"Expected no {field}: this order closes a position", field=field)
        if change.duration is not None and change.duration.type != "GTC":
            raise FixRequest("duration_fixed", "Expected GTC: a bracket works as long as its parent", field="duration")

    def _check_terms(self, order: PlacedOrder, after: PlacedOrder, change: OrderChange) -> None:
        quote, tick = self._quotes.get(order.symbol), self._instrument(order.symbol).tick_size
        if change.stop_price is not None:
            self._check_stop_side(after.side, change.stop_price, quote)
        entry = after.limit_price or after.stop_price
        if entry is not None:
            name = "the order's price"
            check_brackets(after.side, entry, entry, after.take_profit, after.stop_loss, tick=tick, entry_name=name)
        elif quote is not None:
            check_brackets(after.side, *_beyond(after.side, quote), after.take_profit, after.stop_loss, tick=tick)
        price = entry or _lifted(after.side, quote)
        if not order.closes:
            self._check_margin(after.symbol, after.id, Entry(after.side, after.remaining, price))

    def _check_bracket_move(self, order: PlacedOrder, change: OrderChange) -> None:
        price = change.limit_price or change.stop_price
        if price is None:
            return
        takes = order.bracket is BracketKind.TAKE_PROFIT
        protected = order.side.opposite
        parent = self._ledger.orders.get(order.parent_id or "")
        if order.parent_type is ParentType.ORDER and parent is not None and parent.type is not OrderType.MARKET:
            above = below = parent.limit_price or parent.stop_price or ZERO
        else:
            quote = self._quotes.get(order.symbol)
            if quote is None:
                return
            above, below = _beyond(protected, quote)
        tick = self._instrument(order.symbol).tick_size
        check_brackets(protected, above, below, price if takes else None, None if takes else price, tick=tick)


def _lifted(side: Side, quote: Quote | None) -> Decimal:
    """The price an order of this side meets: a buy lifts the ask, a sell hits the bid."""
    if quote is None:
        return ZERO
    return quote.ask if side is Side.BUY else quote.bid


def _beyond(side: Side, quote: Quote) -> tuple[Decimal, Decimal]:
    """Beyond which a market order's take profit and stop loss lie: of a buy above the ask and below the bid."""
    return (quote.ask, quote.bid) if side is Side.BUY else (quote.bid, quote.ask)


def _merged(order: PlacedOrder, change: OrderChange, removes: tuple[str, ...]) -> PlacedOrder:
    changes = {name: getattr(change, name) for name in change.model_fields_set if getattr(change, name) is not None}
    return order.model_copy(update={**changes, **dict.fromkeys(removes)})


def _no_such_price(field: str, order: PlacedOrder) -> FixRequest:
    kind = order.type.name.lower().replace("_", " ")
    return FixRequest("price_not_used", f"Expected no {field} for a {kind} order in this state, found one", field=field)


def no_order(order_id: str) -> NotFound:
    return NotFound("unknown_order", f"Expected one of the account's orders, found '{order_id}'", field="orderId")
