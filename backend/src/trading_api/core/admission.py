"""Admission: checks of a command that need the account's state or a price. A refusal names the field as the ticket does."""

from bisect import bisect_left, bisect_right
from decimal import Decimal
from fractions import Fraction

from trading_api.core.allocation import against
from trading_api.core.allowance import Allowance
from trading_api.core.amendment import Amendment
from trading_api.core.books import STALE_MS, Books
from trading_api.core.holdings import ZERO, Holding
from trading_api.core.levels import AT_ONCE
from trading_api.core.money import booked, booked_down, check_bookable
from trading_api.core.orders import beyond, check_brackets, check_distance, check_quantity, no_order, no_position
from trading_api.core.times import clock_text
from trading_api.core.valuation import NOTHING, Entry, reserved_price
from trading_api.models.broker.account import BALANCE_MAX, LEVERAGE_MAX, LEVERAGE_MIN
from trading_api.models.broker.orders import OrderRequest, OrderType, PlacedOrder, Side
from trading_api.models.errors import Refused
from trading_api.models.facts import Command, Funded, Leveraged, Locked, Requested
from trading_api.models.market.quotes import Quote

OCO_GROUP_MAX = 10
"""Orders in one group."""


class Admission:
    """Asks one account's books whether a command can be right."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._ledger = books.ledger
        self._valuation = books.valuation
        self._quotes = books.quotes
        self._allowance = Allowance(books)
        self._amendment = Amendment(books, check_margin=self._check_margin)

    def check(self, command: Command, at: int) -> None:
        """Raise the refusal this command meets now."""
        if isinstance(command, Funded):
            self._check_funds(command.amount)
        if isinstance(command, Leveraged):
            self._check_leverage(command.leverage)
        if isinstance(command, Locked) and command.reason is None and self._ledger.standing.lock is None:
            raise Refused("not_locked", "Expected a locked account, found it free to open positions")
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

    def _check_leverage(self, leverage: Decimal) -> None:
        """What positions and working orders hold must be carried at the new leverage too."""
        equity, currency = self._valuation.equity, self._ledger.currency

        def fits(one: Decimal | int) -> bool:
            return self._valuation.at_leverage(Decimal(one)).margin_used <= max(equity, self._valuation.margin_used)

        if fits(leverage):
            return
        grid = range(LEVERAGE_MIN, LEVERAGE_MAX + 1)
        place = bisect_left(grid, True, key=fits)
        needed, found = (booked(one, currency) for one in (self._valuation.at_leverage(leverage).margin_used, equity))
        message = f"Expected equity of {needed} {currency} for the margin of what is held at {leverage}:1, found {found}"
        raise Refused(
            "margin_above_equity", message, field="leverage", nearest=Decimal(grid[place]) if place < len(grid) else None
        )

    def _check_request(self, command: Requested, at: int) -> None:
        match command.action:
            case "place":
                assert command.order is not None
                self._check_place(command.order, at, closes=command.position_id is not None)
            case "close":
                self._check_close(command, at)
            case "reverse":
                self._check_reverse(command, at)
            case "cancel":
                self._open_order(command.order_id)
            case "modify":
                assert command.change is not None
                order, quantity = self._open_order(command.order_id), command.change.quantity
                self._amendment.check(order, command.change, command.removes, at)
                if quantity is not None and quantity > order.quantity:
                    self._allowance.check(order.symbol, order.side, quantity - order.filled_quantity, at, order=order)
            case "protect":
                self._check_protect(command)
            case "cancel_all" | "flatten":
                pass

    # Place

    def _check_place(self, order: OrderRequest, at: int, *, closes: bool) -> None:
        instrument = self._books.instrument(order.symbol)
        if closes:
            self._check_reduces(order)
        else:
            self._allowance.check(order.symbol, order.side, order.quantity, at)
        self._books.rates.expect(instrument.currency, self._ledger.currency)
        quote = self._quotes.get(order.symbol)
        if order.type is OrderType.MARKET or order.duration.type in AT_ONCE:
            quote = self._fresh(order.symbol, at)
        if order.type is OrderType.MARKET:
            assert quote is not None
            tick = instrument.tick_size
            sides = beyond(order.side, quote)
            check_brackets(order.side, *sides, order.take_profit, order.stop_loss, tick=tick)
            check_distance(instrument, order.side, sides[1], order.trailing_stop_pips)
        if order.stop_price is not None:
            self._amendment.check_stop_side(order.side, order.stop_price, quote)
        self._amendment.check_ends(order.duration, at)
        if order.oco_group is not None:
            self._check_group(order.oco_group)
        price = reserved_price(order.side, order.limit_price, order.stop_price, False, quote)
        if not closes:
            entry = Entry(order.side, order.quantity, price)
            roomy = self._check_margin(order.symbol, "", entry)
            if order.type is OrderType.MARKET and not roomy:
                self._check_carried(order.symbol, entry)

    def _check_reduces(self, order: OrderRequest) -> None:
        """An order sent to close never begins a position, adds to one or turns one round."""
        held = sum((abs(one.quantity) for one in against(self._ledger, order.symbol, order.side)), ZERO)
        if held == 0:
            side = "long" if order.side is Side.SELL else "short"
            raise Refused(
                "nothing_to_close", f"Expected a {side} position in {order.symbol} to close, found none", field="isClose"
            )
        if order.quantity > held:
            twice = "" if self._ledger.hedging else ", or twice as much at the market to reverse"
            message = f"Expected to close at most {held}{twice}, found {order.quantity}"
            raise Refused("more_than_held", message, field="qty", nearest=held)

    def _check_carried(self, symbol: str, entry: Entry) -> None:
        """What it opens at the market now, the equity carries."""
        held = () if self._ledger.hedging else against(self._ledger, symbol, entry.side)
        closes = sum((abs(one.quantity) for one in held), ZERO)
        text = self._valuation.shortfall(symbol, entry) if entry.quantity > closes else None
        if text is not None:
            raise Refused("no_margin", text, field="qty", nearest=closes or None)

    def _check_group(self, group: str) -> None:
        """What comes after the fill that ended the others would stand beside it, as if it had no group."""
        ledger = self._ledger
        known = (*ledger.orders.values(), *ledger.ended)
        filled = next((one.id for one in known if one.oco_group == group and one.filled_quantity), None)
        if filled is not None:
            message = f"Expected an OCO group without a fill, found '{group}', which the fill of {filled} has decided"
            raise Refused("oco_group_decided", message, field="ocoGroup")
        there = sum(1 for one in ledger.orders.values() if one.oco_group == group)
        if there >= OCO_GROUP_MAX:
            message = f"Expected at most {OCO_GROUP_MAX} orders in OCO group '{group}', found one more"
            raise Refused("oco_group_full", message, field="ocoGroup")

    def _fresh(self, symbol: str, at: int) -> Quote:
        """The quote a market order would fill at, or why there is none."""
        if not self._books.is_open(symbol, at):
            opens = clock_text(self._books.listed(symbol).sessions.next_open(at))
            raise Refused("market_closed", f"Expected {symbol} to be open, found it closed until {opens}", field="symbol")
        quote = self._quotes.get(symbol)
        if quote is None:
            raise Refused("no_price", f"Expected a price for {symbol}, found none yet", field="symbol")
        if at - quote.time > STALE_MS:
            age = (at - quote.time) // 1000
            message = f"Expected a price of {symbol} not older than {STALE_MS // 1000} s, found one of {age} s ago"
            raise Refused("stale_price", message, field="symbol")
        return quote

    def _check_margin(self, symbol: str, order_id: str, entry: Entry) -> bool:
        """A command that asks for no more margin than is held already is never refused for it.

        True: the equity surely carries it beside all positions and orders, whichever of them fill.
        """
        if self._valuation.has_room(symbol, entry):
            return True
        needed = self._valuation.margin_grows(symbol, order_id, entry)
        if needed <= 0:
            return False
        available = self._valuation.equity - self._valuation.margin_used
        if needed <= available:
            return False
        currency = self._ledger.currency
        free = booked(available, currency)
        message = f"Expected margin of {booked(needed, currency)} {currency} to be available, found {free}"
        raise Refused("no_margin", message, field="qty", nearest=self._affordable(symbol, order_id, entry, available))

    def _affordable(self, symbol: str, order_id: str, entry: Entry, available: Fraction) -> Decimal | None:
        """The largest legal quantity the margin allows: what an order needs only grows with it."""
        instrument = self._books.instrument(symbol)
        filled = self._ledger.orders[order_id].filled_quantity if order_id else ZERO
        step = instrument.quantity_step
        steps = range(1, int(entry.quantity // step) + 1)

        def needed(count: int) -> Fraction:
            return self._valuation.margin_grows(symbol, order_id, entry._replace(quantity=count * step))

        nearest = bisect_right(steps, max(NOTHING, available), key=needed) * step + filled
        return nearest if nearest > filled and nearest >= instrument.quantity_min else None

    # Positions

    def _holding(self, position_id: str | None) -> Holding:
        holding = self._ledger.positions.get(position_id or "")
        if holding is None:
            raise no_position(position_id)
        return holding

    def _check_close(self, command: Requested, at: int) -> None:
        order = command.order
        assert order is not None
        closed = against(self._ledger, order.symbol, order.side, command.position_id)
        if not closed:
            self._refuse_turned(command)
        if command.position_id != order.symbol:
            self._check_first(closed[0], order)
        held = sum((abs(one.quantity) for one in closed), ZERO)
        if order.quantity > held:
            message = f"Expected to close at most {held}, found {order.quantity}"
            raise Refused("more_than_held", message, field="qty", nearest=held)
        if order.quantity != held:
            check_quantity(self._books.instrument(order.symbol), order.quantity)
        self._fresh(order.symbol, at)

    def _refuse_turned(self, command: Requested) -> None:
        assert command.order is not None
        there = self._ledger.positions.get(command.position_id or "") or next(
            iter(self._ledger.held_in(command.position_id or "")), None
        )
        if there is None:
            raise no_position(command.position_id)
        now = "long" if there.side is Side.BUY else "short"
        raise Refused("position_turned", f"Expected the position as it was seen, found it {now} by now", field="positionId")

    def _check_first(self, holding: Holding, order: OrderRequest) -> None:
        profile, first = self._ledger.profile, against(self._ledger, order.symbol, order.side)[0]
        if profile is not None and profile.fifo and first.id != holding.id:
            message = f"Expected the oldest position first on this account, which is '{first.id}', found '{holding.id}'"
            raise Refused("fifo_order", message, field="positionId")

    def _check_reverse(self, command: Requested, at: int) -> None:
        order = command.order
        assert order is not None
        holding = self._holding(command.position_id)
        if order.side is holding.side or order.quantity != 2 * abs(holding.quantity):
            message = f"Expected the position as it was seen, found {abs(holding.quantity)} by now"
            raise Refused("position_turned", message, field="positionId")
        self._check_first(holding, order)
        check_quantity(self._books.instrument(order.symbol), abs(holding.quantity))
        self._allowance.check(order.symbol, order.side, order.quantity, at, closes=abs(holding.quantity))
        quote = self._fresh(order.symbol, at)
        entry = Entry(order.side, order.quantity, quote.price_for(order.side))
        if self._ledger.hedging:
            entry = entry._replace(quantity=abs(holding.quantity))
        if not self._check_margin(order.symbol, "", entry):
            self._check_carried(order.symbol, entry)

    def _check_protect(self, command: Requested) -> None:
        protection = command.protection
        assert protection is not None
        self._amendment.check_protection(self._holding(command.position_id), protection)

    # Orders

    def _open_order(self, order_id: str) -> PlacedOrder:
        order = self._ledger.orders.get(order_id)
        if order is not None:
            return order
        if any(one.id == order_id for one in self._ledger.ended):
            raise Refused("order_ended", f"Expected a working order, found '{order_id}' already ended", field="orderId")
        raise no_order(order_id)
