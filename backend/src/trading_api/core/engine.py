"""The matching engine: a simulated broker for one netting account. Commands and ticks in, facts out; no await, no clock.

What it keeps, in this order of decision:

- Expiry comes first: an order that ends at T does not fill on a tick at T.
- A buy lifts the ask, a sell hits the bid. A limit never fills worse than its price; one passed by fills at the quote.
- A stop triggers on its own side of the quote and fills at the market, gaps included.
- Limits before stops, each in placement order, until the tick moves nothing more: a bracket may fill on the tick that wakes it.
- Nothing fills outside the session or on a stale price.

It folds its own facts into its own ledger as it decides, so each decision sees the one before; the desk folds them again after
the flush. Not done here: idempotency, access, journaling (the desk), sizes and partial fills (every fill is whole).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from trading_api.core import brackets
from trading_api.core.admission import Admission, no_order
from trading_api.core.ledger import ZERO, Ledger
from trading_api.core.money import Leg, Rates, booked
from trading_api.core.ports import Due, Ids, Random
from trading_api.core.sessions import sessions_of
from trading_api.core.times import clock_text
from trading_api.core.valuation import Valuation
from trading_api.models.broker.orders import (
    Duration,
    OrderMessage,
    OrderStatus,
    OrderType,
    PlacedOrder,
    Side,
)
from trading_api.models.facts import (
    Accepted,
    Cancelled,
    Changed,
    Command,
    Configured,
    Executed,
    Expired,
    Fact,
    OrderPatch,
    Requested,
    Triggered,
)
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

Delay = tuple[float, float] | None
"""Seconds between acceptance (or trigger) and execution, drawn evenly from the range; None: only on demand."""

PASSES_MAX = 1_000
"""A tick settles in a few passes; more would mean that fills feed on themselves."""


class Engine:
    """Decides for one account. `ledger` is its own; `quotes` is shared with whoever feeds it ticks."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        instrument: Callable[[str], Instrument],
        path: Callable[[str, str], tuple[Leg, ...] | None],
        ids: Ids,
        random: Random,
        delay: Delay = (0, 0),
    ) -> None:
        self.ledger = ledger
        self.quotes: dict[str, Quote] = {}
        self._instrument = instrument
        self._rates = Rates(path, self.quotes)
        self._ids = ids
        self._random = random
        self._delay = delay
        self._ready_at: dict[str, int] = {}
        self._seen = 0
        self._woken = 0
        self._told: list[Fact] = []
        self.valuation = Valuation(ledger, quotes=self.quotes, rates=self._rates, instrument=instrument)
        self.admission = Admission(
            ledger, valuation=self.valuation, quotes=self.quotes, rates=self._rates, instrument=instrument
        )

    # Commands have been checked. The command is folded first; what it brings is returned.

    def submit(self, command: Command, at: int) -> tuple[Fact, ...]:
        self.ledger.apply(command)
        if isinstance(command, Configured):
            self._begin_anew()
        self._seen = max(self._seen, at)
        if isinstance(command, Requested):
            self._act(command, at)
        return self._drain()

    def _begin_anew(self) -> None:
        """A replay that was sought back begins earlier than it ended: nothing seen so far counts."""
        self._seen = self._woken = 0
        self._ready_at.clear()
        self.quotes.clear()

    def _act(self, requested: Requested, at: int) -> None:
        match requested.action:
            case "place" | "close":
                self._accept(self.ledger.orders[requested.order_id], at, requested.request_id)
            case "cancel":
                self._cancel(requested.order_id, at, requested.request_id)
            case "modify":
                self._modify(requested, at)

    def tick(self, quote: Quote) -> tuple[Fact, ...]:
        """A price was shown. One older than the last of its symbol is not news, and one from before the start may be stale."""
        known = self.quotes.get(quote.symbol)
        if known and quote.time < known.time:
            return ()
        self.quotes[quote.symbol] = quote
        at = max(quote.time, self._woken)
        self._seen = max(self._seen, at)
        self._expire(at)
        self._settle(quote.symbol, at)
        return self._drain()

    def wake(self, at: int) -> tuple[Fact, ...]:
        """Market time reached `at` without a tick: orders end, delayed ones execute."""
        self._woken = max(self._woken, at)
        self._seen = max(self._seen, at)
        self._expire(at)
        for symbol in dict.fromkeys(one.symbol for one in self._working()):
            self._settle(symbol, at)
        return self._drain()

    def execute(self, order_id: str, at: int) -> tuple[Fact, ...]:
        """On demand (delay None): fill this order at the market now, if its own terms allow it."""
        order = self.ledger.orders.get(order_id)
        if order is None:
            raise no_order(order_id)
        self._ready_at[order_id] = at
        self._settle(order.symbol, at)
        if order_id in self.ledger.orders:
            self._ready_at.pop(order_id, None)
        return self._drain()

    def due(self) -> tuple[Due, ...]:
        """The next moment per symbol, later than what was seen, at which an order ends or a delayed one executes."""
        moments: dict[str, int] = {}
        for order in self._working():
            for time in (order.duration.datetime, self._ready_at.get(order.id)):
                if time is not None and time > self._seen:
                    moments[order.symbol] = min(time, moments.get(order.symbol, time))
        return tuple(Due(symbol, time) for symbol, time in moments.items())

    # Telling

    def _tell(self, fact: Fact) -> None:
        self.ledger.apply(fact)
        self._told.append(fact)

    def _drain(self) -> tuple[Fact, ...]:
        told, self._told = tuple(self._told), []
        return told

    def _time(self, at: int) -> int:
        return max(at, self.ledger.time)

    # Acceptance, cancel, expiry

    def _accept(self, order: PlacedOrder, at: int, request_id: str | None) -> None:
        sessions = sessions_of(self._instrument(order.symbol))
        waits = OrderMessage(text=f"Waits for the session to open at {clock_text(sessions.next_open(at))}")
        self._tell(
            Accepted(
                time=self._time(at),
                request_id=request_id,
                order_id=order.id,
                duration=self._ends(order.symbol, order.duration, at),
                message=None if sessions.is_open(at) else waits,
                created=brackets.waiting(order, self._ids, self._time(at)),
            )
        )
        if order.type is OrderType.MARKET:
            self._start_delay(order.id, at)
        self._settle(order.symbol, at, request_id)

    def _ends(self, symbol: str, duration: Duration, at: int) -> Duration:
        """A DAY order ends with its instrument's trading day."""
        day_end = sessions_of(self._instrument(symbol)).day_end(at) if duration.type == "DAY" else None
        return Duration(type=duration.type, datetime=day_end)

    def _modify(self, requested: Requested, at: int) -> None:
        order, change = self.ledger.orders[requested.order_id], requested.change
        assert change is not None
        if change.duration:
            change = change.model_copy(update={"duration": self._ends(order.symbol, change.duration, at)})
        patches, created = brackets.modified(self.ledger, order, change, requested.removes, self._ids)
        self._tell(Changed(time=self._time(at), request_id=requested.request_id, orders=patches, created=created))
        self._settle(order.symbol, at, requested.request_id)

    def _cancel(self, order_id: str, at: int, request_id: str | None = None, *, message: OrderMessage | None = None) -> None:
        order = self.ledger.orders[order_id]
        self._ready_at.pop(order_id, None)
        fallen = brackets.fallen_with(self.ledger, order)
        self._tell(Cancelled(time=self._time(at), request_id=request_id, order_id=order_id, message=message, also=fallen))

    def _expire(self, at: int) -> None:
        for order in tuple(self._working()):
            ends = order.duration.datetime
            if ends is None or ends > at or order.id not in self.ledger.orders:
                continue
            self._tell(
                Expired(
                    time=self._time(min(ends, at)),
                    order_id=order.id,
                    message=OrderMessage(text="The order's time has ended"),
                    also=brackets.fallen_with(self.ledger, order),
                )
            )

    # Matching

    def _working(self) -> Iterable[PlacedOrder]:
        return (one for one in self.ledger.orders.values() if one.status is OrderStatus.WORKING)

    def _settle(self, symbol: str, at: int, request_id: str | None = None) -> None:
        """Match the symbol's orders against its last quote until nothing more moves."""
        quote = self.quotes.get(symbol)
        if quote is None or not self.admission.can_fill(symbol, at):
            return
        for _ in range(PASSES_MAX):
            working = [one for one in self._working() if one.symbol == symbol]
            stops = [one for one in working if _is_stop(one)]
            limits = [one for one in working if not _is_stop(one)]
            moved = [self._try(one.id, quote, at, request_id) for one in (*limits, *stops)]
            if not any(moved):
                return
        raise AssertionError(f"matching {symbol} did not settle in {PASSES_MAX} passes")

    def _try(self, order_id: str, quote: Quote, at: int, request_id: str | None) -> bool:
        order = self.ledger.orders.get(order_id)
        if order is None or order.status is not OrderStatus.WORKING:
            return False
        price = quote.ask if order.side is Side.BUY else quote.bid
        if _is_stop(order):
            return self._trigger(order, price, at, request_id)
        if order.limit_price is not None and order.side * (price - order.limit_price) > 0:
            return False
        if not self._ready(order, at):
            return False
        self._fill(order, price, at, request_id)
        return True

    def _trigger(self, order: PlacedOrder, price: Decimal, at: int, request_id: str | None) -> bool:
        assert order.stop_price is not None
        if order.side * (price - order.stop_price) < 0:
            return False
        self._tell(Triggered(time=self._time(at), request_id=request_id, order_id=order.id))
        if order.type is OrderType.STOP:
            self._start_delay(order.id, at)
        self._try(order.id, self.quotes[order.symbol], at, request_id)
        return True

    # Delay

    def _start_delay(self, order_id: str, at: int) -> None:
        if self._delay is not None and self._delay != (0, 0):
            self._ready_at[order_id] = at + round(1000 * self._random.uniform(*self._delay))

    def _ready(self, order: PlacedOrder, at: int) -> bool:
        waits_until = self._ready_at.get(order.id)
        if waits_until is None:
            return self._delay is not None
        return at >= waits_until

    # Filling

    def _fill(self, order: PlacedOrder, price: Decimal, at: int, request_id: str | None) -> None:
        holding = self.ledger.positions.get(order.symbol)
        held = holding.quantity if holding else ZERO
        reduces = min(order.remaining, abs(held)) if held * order.side < 0 else ZERO
        if order.closes and reduces < order.remaining:
            self._shrink(order, reduces, at, request_id)
            if reduces == 0:
                return
            order = self.ledger.orders[order.id]
        self._ready_at.pop(order.id, None)
        profit, cost = self._close(order, reduces, price)
        self._tell(
            Executed(
                time=self._time(at),
                request_id=request_id,
                execution_id=self._ids.execution(),
                order_id=order.id,
                position_id=order.symbol,
                symbol=order.symbol,
                side=order.side,
                quantity=order.remaining,
                price=price,
                closed_quantity=reduces,
                closed_cost=cost,
                profit=profit,
                commission=self._commission(order, price),
                also=brackets.after_fill(self.ledger, order, reduces),
            )
        )

    def _shrink(self, order: PlacedOrder, held: Decimal, at: int, request_id: str | None) -> None:
        """A closing order never does more than close: the position has shrunk since it was placed."""
        if held == 0:
            self._cancel(order.id, at, request_id, message=OrderMessage(text="The position was already closed"))
            return
        smaller = OrderPatch(order_id=order.id, quantity=order.filled_quantity + held)
        self._tell(Changed(time=self._time(at), request_id=request_id, orders=(smaller,)))

    def _close(self, order: PlacedOrder, quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """Profit in the account's currency and the cost that leaves the position, both as they will be booked.

        The profit is rounded in the currency of the prices, and the cost falls by what was booked; so closing in parts neither
        loses nor makes money. Converting it rounds once more, in the account's currency.
        """
        if quantity == 0:
            return ZERO, ZERO
        holding = self.ledger.positions[order.symbol]
        currency = self._instrument(order.symbol).currency
        share = Fraction(holding.cost) * Fraction(quantity) / Fraction(abs(holding.quantity))
        value = quantity * price
        profit = booked(holding.side * (Fraction(value) - share), currency)
        return self._to_account(profit, currency), value - holding.side * profit

    def _commission(self, order: PlacedOrder, price: Decimal) -> Decimal:
        instrument = self._instrument(order.symbol)
        terms = instrument.commission
        amount = terms.rate * order.remaining * price + terms.per_unit * order.remaining
        return self._to_account(max(amount, terms.minimum), instrument.currency)

    def _to_account(self, amount: Decimal, currency: str) -> Decimal:
        return booked(self._rates.convert(amount, currency, self.ledger.currency), self.ledger.currency)


def _is_stop(order: PlacedOrder) -> bool:
    return order.stop_price is not None and not order.triggered
