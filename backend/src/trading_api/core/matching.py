"""Matching: which orders a price reaches, how much of the tick's size they get, and when they may have it.

Orders take their turns as they were placed, again and again until the tick moves nothing more: a bracket may fill on the tick
that wakes it. A tick that reaches nothing is recognised by its levels.
"""

from collections.abc import Callable
from decimal import Decimal

from trading_api.core import brackets
from trading_api.core.books import Books
from trading_api.core.fill_model import FillModel
from trading_api.core.filling import Added, Filling
from trading_api.core.levels import AT_ONCE, WORKING, LevelsOf
from trading_api.core.ports import Random
from trading_api.models.broker.orders import OrderMessage, OrderType, PlacedOrder
from trading_api.models.facts import Changed, Triggered
from trading_api.models.market.quotes import Quote

PASSES_MAX = 1_000
"""A tick settles in a few passes; more would mean that fills feed on themselves."""

Cancel = Callable[[str, int, str | None, OrderMessage], None]


class Matching:
    """Tries one account's working orders against the last quotes. `cancel` ends an order that cannot go on."""

    def __init__(
        self, books: Books, levels: LevelsOf, *, filling: Filling, model: FillModel, random: Random, cancel: Cancel
    ) -> None:
        self._books = books
        self._levels = levels
        self._filling = filling
        self._model = model
        self._random = random
        self._cancel = cancel
        self._ready_at: dict[str, tuple[int, int]] = {}

    # Delay

    def start(self, order_id: str, at: int) -> None:
        """A market order begins, or a stop became one: it is on its way for as long as the model draws."""
        delay = self._model.draw_delay(self._random)
        if delay:
            self._ready_at[order_id] = at + delay, delay

    def resume(self) -> None:
        """After a restart what was on its way still is, from when it began. How long was not kept, so it is drawn once more."""
        for order in self._books.ledger.orders.values():
            began = _began(order)
            if began is not None and order.status is WORKING and not order.filled_quantity:
                self.start(order.id, began)

    def on_demand(self, order_id: str, at: int) -> None:
        self._ready_at[order_id] = at, 0

    def forget(self, order_id: str) -> None:
        self._ready_at.pop(order_id, None)

    def begin_anew(self) -> None:
        self._ready_at.clear()

    def ready_at(self) -> list[tuple[str, int]]:
        """Symbol and moment of the orders on their way."""
        orders = self._books.ledger.orders
        return [(orders[one].symbol, at) for one, (at, _) in self._ready_at.items() if one in orders]

    def next_execution(self, seen: int) -> int | None:
        """When the next order on its way executes, later than what was seen."""
        return min((at for _, at in self.ready_at() if at > seen), default=None) if self._ready_at else None

    def _ready(self, order: PlacedOrder, at: int) -> bool:
        known = self._ready_at.get(order.id)
        return at >= known[0] if known else self._model.delay is not None

    # Turns

    def settle(self, symbol: str, at: int, request_id: str | None = None) -> None:
        """Match the symbol's orders against its last quote until nothing more moves."""
        quote = self._books.quotes.get(symbol)
        if quote is None or self._levels(symbol).quiet(quote) or not self._books.can_fill(symbol, at):
            return
        for _ in range(PASSES_MAX):
            working = [one.id for one in self._books.ledger.orders_in(symbol) if one.status is WORKING]
            moved = [self._try(one, quote, at, request_id) for one in working]
            if not any(moved) or self._levels(symbol).quiet(quote):
                return
        raise AssertionError(f"matching {symbol} did not settle in {PASSES_MAX} passes")

    def follow(self, quote: Quote, at: int) -> None:
        """A new price was shown: what trails follows it, before anything fills."""
        if self._levels(quote.symbol).trails:
            instrument = self._books.instrument(quote.symbol)
            moved = brackets.trailed(self._books.ledger.orders_in(quote.symbol), instrument, quote)
            if moved:
                self._books.tell(Changed.trusted(time=self._books.time(at), orders=moved))

    def _try(self, order_id: str, quote: Quote, at: int, request_id: str | None) -> bool:
        order = self._books.ledger.orders.get(order_id)
        if order is None or order.status is not WORKING:
            return False
        price = quote.price_for(order.side)
        if order.stop_price is not None and not order.triggered:
            return self._trigger(order, price, at, request_id)
        if not self._ready(order, at):
            return False
        reached = order.limit_price is None or order.side * (price - order.limit_price) <= 0
        filled = reached and self._fill(order, quote, at, request_id)
        if order.duration.type in AT_ONCE and order.id in self._books.ledger.orders:
            self._cancel(order.id, at, request_id, OrderMessage(text=_rest(order)))
            return True
        return filled

    def _trigger(self, order: PlacedOrder, price: Decimal, at: int, request_id: str | None) -> bool:
        assert order.stop_price is not None
        if order.side * (price - order.stop_price) < 0:
            return False
        self._books.tell(Triggered.trusted(time=self._books.time(at), request_id=request_id, order_id=order.id))
        if order.type is OrderType.STOP:
            self.start(order.id, at)
        self._try(order.id, self._books.quotes[order.symbol], at, request_id)
        return True

    def _fill(self, order: PlacedOrder, quote: Quote, at: int, request_id: str | None) -> bool:
        available = self._books.available(order.symbol, order.side)
        quantity = order.remaining if available is None else min(order.remaining, available)
        if quantity <= 0 or (order.duration.type == "FOK" and quantity < order.remaining):
            return False
        instrument = self._books.instrument(order.symbol)
        slips = order.limit_price is None
        slippage = self._model.draw_slippage(self._random, instrument, quote.price_for(order.side)) if slips else Decimal(0)
        delay = self._ready_at.get(order.id, (0, 0))[1]
        added = Added(slippage, delay, self._model.name)
        self._filling.fill(order, quantity, quote, at, request_id=request_id, added=added)
        if order.id not in self._books.ledger.orders:
            self.forget(order.id)
        return True


def _began(order: PlacedOrder) -> int | None:
    """When an order that nothing of has filled went to the market; of a stop that was changed on its way, when it was."""
    if order.type is OrderType.MARKET:
        return order.place_time
    return order.update_time if order.type is OrderType.STOP and order.triggered else None


def _rest(order: PlacedOrder) -> str:
    if order.duration.type == "FOK":
        return "All of it could not be filled at once"
    return "The rest could not be filled at once"
