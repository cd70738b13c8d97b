"""The matching engine: a simulated broker for one account. Commands and ticks in, facts out; no await, no clock.

What it keeps, in this order of decision:

- Expiry comes first: an order that ends at T does not fill on a tick at T.
- A buy lifts the ask, a sell hits the bid. A limit never fills worse than its price; one passed by fills at the quote.
- A stop triggers on its own side of the quote and fills at the market, gaps included.
- Orders take turns as they were placed, and share the tick's size, until the tick moves nothing more.
- Nothing fills outside the session, on a stale price, or beyond what the account's equity carries.

It folds its own facts into its own ledger as it decides, so each decision sees the one before; the desk folds them again after
the flush. Not done here: idempotency, access, journaling (the desk); which order a price reaches (matching); what a fill comes
to (filling).
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from trading_api.core import brackets
from trading_api.core.admission import Admission
from trading_api.core.books import Books
from trading_api.core.calm import Calm
from trading_api.core.fill_model import IDEAL, FillModel
from trading_api.core.filling import Filling
from trading_api.core.holdings import Holding
from trading_api.core.ledger import Ledger
from trading_api.core.levels import AT_ONCE, LevelsOf
from trading_api.core.matching import Matching
from trading_api.core.moments import Moments
from trading_api.core.money import Leg
from trading_api.core.orders import no_order
from trading_api.core.oversight import Oversight
from trading_api.core.ports import Due, Ids, Random
from trading_api.core.standing import UNGUARDED, MarginLevels
from trading_api.core.times import clock_text
from trading_api.models.broker.orders import (
    Duration,
    OrderMessage,
    OrderStatus,
    OrderType,
    PlacedOrder,
)
from trading_api.models.facts import (
    Accepted,
    Cancelled,
    Changed,
    Command,
    Configured,
    Expired,
    Fact,
    Locked,
    Requested,
)
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote


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
        model: FillModel = IDEAL,
        levels: MarginLevels = UNGUARDED,
    ) -> None:
        self.ledger = ledger
        self.books = Books(ledger, instrument=instrument, path=path, ids=ids)
        self.quotes = self.books.quotes
        self.valuation = self.books.valuation
        self.admission = Admission(self.books)
        self._filling = Filling(self.books)
        self._levels = LevelsOf(ledger)
        self._matching = Matching(
            self.books, self._levels, filling=self._filling, model=model, random=random, cancel=self._cancel
        )
        self._oversight = Oversight(self.books, levels=levels, cancel=self._cancel, close_out=self.close_out)
        self._moments = Moments(ledger, self._levels, self._others)
        self._calm = Calm(
            ledger, levels=self._levels, moments=self._moments, matching=self._matching, oversight=self._oversight
        )
        self._ids = ids
        self._matching.resume()

    # Commands have been checked. The command is folded first; what it brings is returned.

    def submit(self, command: Command, at: int) -> tuple[Fact, ...]:
        self.ledger.apply(command)
        if isinstance(command, Configured):
            self._begin_anew()
        self._moments.come_to(at)
        self._oversight.begin_day(at)
        if isinstance(command, Requested):
            self._act(command, at)
        if isinstance(command, Locked):
            self._oversight.lock(command, at)
        self._oversight.check_loss(at)
        return self.books.drain()

    def _begin_anew(self) -> None:
        self.books.begin_anew()
        self._levels.begin_anew()
        self._moments.begin_anew()
        self._calm.begin_anew()
        self._matching.begin_anew()
        self._oversight.begin_anew()

    def _act(self, requested: Requested, at: int) -> None:
        request_id = requested.request_id
        match requested.action:
            case "place" | "close" | "reverse":
                self._accept(self.ledger.orders[requested.order_id], at, request_id)
            case "cancel":
                self._cancel(requested.order_id, at, request_id)
            case "modify":
                self._modify(requested, at)
            case "protect":
                self._protect(requested, at)
            case "cancel_all":
                self._cancel_all(requested, at)
            case "flatten":
                self._cancel_all(requested, at)
                self._close_all(requested.symbol, at, request_id)
            case _:
                assert_never(requested.action)

    # Prices and moments

    def tick(self, quote: Quote) -> tuple[Fact, ...]:
        """A price was shown. One older than the last of its symbol is not news, and one from before the start may be stale."""
        known = self.quotes.get(quote.symbol)
        if known is not None and quote.time < known.time:
            return ()
        at = max(quote.time, self._moments.woken)
        if known is not None and self._calm.covers(quote, at):
            self.books.see(quote)
            self._moments.come_to(at)
            return ()
        self._come_to(quote.time)
        at = max(quote.time, self._moments.woken)
        self._oversight.begin_day(at)
        self.books.see(quote)
        self._moments.come_to(at)
        self._expire(at)
        self._oversight.book(at)
        if known is None or known.time != quote.time or known != quote:
            self._matching.follow(quote, at)
        self._matching.settle(quote.symbol, at)
        if known is None:
            self._settle_all(at)  # it may be the rate that another symbol waited for
        self._oversight.check(quote.symbol, at)
        return self.books.drain()

    def wake(self, at: int) -> tuple[Fact, ...]:
        """Market time reached `at` without a tick: orders end, delayed ones execute, each at its own moment."""
        self._come_to(at)
        self._moments.woken = max(self._moments.woken, at)
        return self.books.drain()

    def _come_to(self, at: int) -> None:
        """What was due by then comes first, whoever noticed it and when: so facts depend on what came in and nothing else."""
        while (moment := self._moments.next()) is not None and moment <= at:
            self._reach(moment)

    def _others(self, seen: int) -> list[tuple[str, int]]:
        """What is waited for beside the ends of orders: delayed ones execute, swap is booked, days begin."""
        return [*self._matching.ready_at(), *self._oversight.due(seen)]

    def _reach(self, at: int) -> None:
        self._moments.woken = max(self._moments.woken, at)
        self._moments.come_to(at)
        self._oversight.begin_day(at)
        self._expire(at)
        self._oversight.book(at)
        self._settle_all(at)
        self._give_up(at)
        self._oversight.check(None, at)

    def _settle_all(self, at: int) -> None:
        for symbol in dict.fromkeys(one.symbol for one in self._working()):
            self._matching.settle(symbol, at)

    def _give_up(self, at: int) -> None:
        """An order for now or never whose moment came while nothing could fill."""
        for symbol, ready in self._matching.ready_at():
            if ready <= at and not self.books.can_fill(symbol, at):
                for one in tuple(self.ledger.orders_in(symbol)):
                    if one.duration.type in AT_ONCE and one.status is OrderStatus.WORKING:
                        self._cancel(one.id, at, message=OrderMessage(text="Nothing could be filled at its moment"))

    def execute(self, order_id: str, at: int) -> tuple[Fact, ...]:
        """On demand (no delay drawn): fill this order at the market now, if its own terms allow it."""
        order = self.ledger.orders.get(order_id)
        if order is None:
            raise no_order(order_id)
        self._matching.on_demand(order_id, at)
        self._matching.settle(order.symbol, at)
        if order_id in self.ledger.orders:
            self._matching.forget(order_id)
        return self.books.drain()

    def due(self) -> tuple[Due, ...]:
        """The next moment per symbol, later than what was seen: an order ends, a delayed one executes, swap is booked."""
        return self._moments.due()

    # Acceptance

    def _accept(self, order: PlacedOrder, at: int, request_id: str | None) -> None:
        listed = self.books.listed(order.symbol)
        waits = None
        if not listed.sessions.is_open(at):
            waits = OrderMessage(text=f"Waits for the session to open at {clock_text(listed.sessions.next_open(at))}")
        time = self.books.time(at)
        self.books.tell(
            Accepted.trusted(
                time=time,
                request_id=request_id,
                order_id=order.id,
                duration=self._ends_of(order.symbol, order.duration, at),
                message=waits,
                created=brackets.waiting(order, self._ids, time),
            )
        )
        if order.type is OrderType.MARKET:
            self._matching.start(order.id, at)
        self._matching.settle(order.symbol, at, request_id)

    def _ends_of(self, symbol: str, duration: Duration, at: int) -> Duration:
        """A DAY order ends with its instrument's trading day."""
        if duration.type == "DAY":
            return Duration(type="DAY", datetime=self.books.listed(symbol).sessions.day_end(at))
        return duration

    # Changes

    def _modify(self, requested: Requested, at: int) -> None:
        order, change = self.ledger.orders[requested.order_id], requested.change
        assert change is not None
        if change.duration:
            change = change.model_copy(update={"duration": self._ends_of(order.symbol, change.duration, at)})
        patches, created = brackets.modified(
            self.ledger,
            order,
            change,
            requested.removes,
            ids=self._ids,
            instrument=self.books.instrument(order.symbol),
            quote=self.quotes.get(order.symbol),
        )
        self.books.tell(
            Changed.trusted(time=self.books.time(at), request_id=requested.request_id, orders=patches, created=created)
        )
        self._matching.settle(order.symbol, at, requested.request_id)

    def _protect(self, requested: Requested, at: int) -> None:
        holding, protection = self.ledger.positions[requested.position_id or ""], requested.protection
        assert protection is not None
        symbol = holding.symbol
        patches, created = brackets.protected(
            self.ledger, holding, protection, self._ids, self.books.instrument(symbol), self.quotes[symbol]
        )
        unchanged = None if patches or created else holding.id
        self.books.tell(
            Changed.trusted(
                time=self.books.time(at),
                request_id=requested.request_id,
                orders=patches,
                created=created,
                position_id=unchanged,
            )
        )
        self._matching.settle(symbol, at, requested.request_id)

    # Ends

    def _cancel(self, order_id: str, at: int, request_id: str | None = None, message: OrderMessage | None = None) -> None:
        order = self.ledger.orders[order_id]
        self._matching.forget(order_id)
        fallen = brackets.fallen_with(self.ledger, order)
        time = self.books.time(at)
        self.books.tell(Cancelled.trusted(time=time, request_id=request_id, order_id=order_id, message=message, also=fallen))

    def _cancel_all(self, requested: Requested, at: int) -> None:
        """Entry orders; what protects a position stays."""
        for order in tuple(self.ledger.orders.values()):
            wanted = requested.symbol in (None, order.symbol) and requested.side in (None, order.side)
            if wanted and order.bracket is None and order.id in self.ledger.orders:
                self._cancel(order.id, at, requested.request_id)

    def _close_all(self, symbol: str | None, at: int, request_id: str | None) -> None:
        """Every position that can be traded now."""
        for holding in tuple(self.ledger.positions.values()):
            if symbol in (None, holding.symbol) and self.books.can_fill(holding.symbol, at):
                self.close_out(holding, at, request_id)

    def close_out(self, holding: Holding, at: int, request_id: str | None = None, message: OrderMessage | None = None) -> None:
        """The house itself sends a market order that closes a position."""
        time = self.books.time(at)
        order = PlacedOrder(
            id=self._ids.order(),
            symbol=holding.symbol,
            type=OrderType.MARKET,
            side=holding.side.opposite,
            quantity=abs(holding.quantity),
            status=OrderStatus.WORKING,
            is_close=True,
            closes=holding.id,
            place_time=time,
            update_time=time,
            message=message,
        )
        self.books.tell(Changed.trusted(time=time, request_id=request_id, orders=(), created=(order,)))
        self._matching.start(order.id, at)
        self._matching.settle(order.symbol, at, request_id)

    def _expire(self, at: int) -> None:
        ends = self._levels.next_end()
        if ends is None or ends > at:
            return
        for order in tuple(self._working()):
            ends = order.duration.datetime
            if ends is None or ends > at or order.id not in self.ledger.orders:
                continue
            self._matching.forget(order.id)
            self.books.tell(
                Expired(
                    time=self.books.time(min(ends, at)),
                    order_id=order.id,
                    message=OrderMessage(text="The order's time has ended"),
                    also=brackets.fallen_with(self.ledger, order),
                )
            )

    def _working(self) -> Iterable[PlacedOrder]:
        return (one for one in self.ledger.orders.values() if one.status is OrderStatus.WORKING)
