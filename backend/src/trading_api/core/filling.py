"""Filling: what a fill comes to. It splits over positions, books its money, and moves the orders around it."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from trading_api.core import brackets
from trading_api.core.allocation import Part, closable, parts
from trading_api.core.books import Books
from trading_api.core.holdings import ZERO
from trading_api.core.money import booked, commission
from trading_api.core.valuation import Entry
from trading_api.models.broker.executions import Explanation
from trading_api.models.broker.orders import OrderMessage, PlacedOrder
from trading_api.models.facts import Cancelled, Changed, Executed, OrderPatch, Rejected
from trading_api.models.market.quotes import Quote

Rule = Literal["market", "touch", "gap", "improvement"]


class Added(NamedTuple):
    """What an execution model added to the quote."""

    slippage: Decimal
    delay: int
    model: str


NOTHING_ADDED = Added(ZERO, 0, "ideal")


class Filling:
    """Fills one account's orders at prices that matching has found."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def fill(
        self,
        order: PlacedOrder,
        quantity: Decimal,
        quote: Quote,
        at: int,
        *,
        request_id: str | None = None,
        added: Added = NOTHING_ADDED,
    ) -> None:
        """Execute `quantity` of the order, less where a close has less to close, nothing where the margin does not carry it."""
        fitted = self._fitted(order, at, request_id)
        if fitted is None:
            return
        order, quantity = fitted, min(quantity, fitted.remaining)
        price = max(quote.price_for(order.side) + order.side * added.slippage, self._books.instrument(order.symbol).tick_size)
        whole = parts(self._books.ledger, order, quantity)
        if not self._carried(order, whole, price, at, request_id):
            return
        explanation = _explained(order, quantity, price, quote, added)
        self._books.take(order.symbol, order.side, quantity)
        for part in whole:
            self._execute(order.id, part, price, quote, explanation, at, request_id)

    # Before

    def _fitted(self, order: PlacedOrder, at: int, request_id: str | None) -> PlacedOrder | None:
        """The order no larger than what it was made to close, or to turn round: the position may have shrunk since."""
        if not (order.closes or order.reverses or order.is_close):
            return order
        held = closable(self._books.ledger, order)
        begun = order.filled_quantity > 0 and order.closes is None
        if held == 0 and not begun:
            message = OrderMessage(text="The position was already closed")
            fallen = brackets.fallen_with(self._books.ledger, order)
            self._books.tell(
                Cancelled.trusted(
                    time=self._books.time(at), request_id=request_id, order_id=order.id, message=message, also=fallen
                )
            )
            return None
        turned = order.filled_quantity + 2 * held
        most = held if order.closes else turned if order.reverses else order.remaining
        if most < order.remaining:
            smaller = OrderPatch.trusted(order_id=order.id, quantity=order.filled_quantity + most)
            self._books.tell(Changed.trusted(time=self._books.time(at), request_id=request_id, orders=(smaller,)))
        return self._books.ledger.orders[order.id]

    def _carried(self, order: PlacedOrder, whole: list[Part], price: Decimal, at: int, request_id: str | None) -> bool:
        """What opens may be opened, and is carried by the account's equity at this moment, whatever was held back before."""
        opens = sum((part.opens for part in whole), ZERO)
        text = (self._books.ledger.standing.locked(at) or self._uncarried(order, whole, opens, price)) if opens else None
        if text is None:
            return True
        message = OrderMessage(type="error", text=text)
        fallen = brackets.fallen_with(self._books.ledger, order)
        self._books.tell(
            Rejected(time=self._books.time(at), request_id=request_id, order_id=order.id, message=message, also=fallen)
        )
        return False

    def _uncarried(self, order: PlacedOrder, whole: list[Part], opens: Decimal, price: Decimal) -> str | None:
        quantity = opens if self._books.ledger.hedging else sum((part.quantity for part in whole), ZERO)
        return self._books.valuation.shortfall(order.symbol, Entry(order.side, quantity, price))

    # One execution

    def _execute(
        self, order_id: str, part: Part, price: Decimal, quote: Quote, explanation: Explanation, at: int, request_id: str | None
    ) -> None:
        ledger = self._books.ledger
        order = ledger.orders[order_id]
        profit, cost = self._close(order, part, price)
        extremes = self._books.extremes(part.position_id) if part.closes else None
        self._books.tell(
            Executed.trusted(
                time=self._books.time(at),
                request_id=request_id,
                execution_id=self._books.ids.execution(),
                order_id=order_id,
                position_id=part.position_id,
                symbol=order.symbol,
                side=order.side,
                quantity=part.quantity,
                price=price,
                closed_quantity=part.closes,
                closed_cost=cost,
                profit=profit,
                commission=self._commission(order, part.quantity, price),
                explanation=explanation,
                extremes=extremes,
                rate=self._books.rate(order.symbol) if part.closes else None,
                also=self._moved(order, part, quote),
            )
        )
        holding = ledger.positions.get(part.position_id)
        if holding is None or (part.closes and part.opens):
            self._books.forget_extremes(part.position_id)
        if holding and part.opens:
            self._books.stretch(holding, quote)

    def _moved(self, order: PlacedOrder, part: Part, quote: Quote) -> tuple[OrderPatch, ...]:
        """The other orders this execution moves: brackets, then the rest of its OCO group."""
        ledger = self._books.ledger
        complete = part.quantity == order.remaining
        around = brackets.after_fill(
            ledger, order, part, complete=complete, instrument=self._books.instrument(order.symbol), quote=quote
        )
        if order.oco_group is None or order.filled_quantity:
            return around
        group = [one for one in ledger.orders.values() if one.oco_group == order.oco_group and one.id != order.id]
        fallen = (patch for one in group for patch in (brackets.cancel(one), *brackets.fallen_with(ledger, one)))
        patches = {patch.order_id: patch for patch in around}
        for patch in fallen:
            there = patches.get(patch.order_id)
            patches[patch.order_id] = patch if there is None else patch.replaced({"removed": there.removed})
        return tuple(patches.values())

    def _close(self, order: PlacedOrder, part: Part, price: Decimal) -> tuple[Decimal, Decimal]:
        """Profit in the account's currency and the cost that leaves the position, both as they will be booked.

        The profit is rounded in the currency of the prices, and the cost falls by what was booked; so closing in parts neither
        loses nor makes money. Converting it rounds once more, in the account's currency.
        """
        if part.closes == 0:
            return ZERO, ZERO
        holding = self._books.ledger.positions[part.position_id]
        currency = self._books.instrument(order.symbol).currency
        share, held = Fraction(holding.cost), abs(holding.quantity)
        if part.closes != held:
            share *= Fraction(part.closes) / Fraction(held)
        value = part.closes * price
        profit = booked(holding.side * (Fraction(value) - share), currency)
        return self._books.to_account(profit, currency), value - holding.side * profit

    def _commission(self, order: PlacedOrder, quantity: Decimal, price: Decimal) -> Decimal:
        instrument = self._books.instrument(order.symbol)
        due = commission(instrument, quantity, price)
        return self._books.to_account(due, instrument.currency) if due else booked(ZERO, self._books.ledger.currency)


def _explained(order: PlacedOrder, quantity: Decimal, price: Decimal, quote: Quote, added: Added) -> Explanation:
    seen = quote.price_for(order.side)
    return Explanation.trusted(
        quote_time=quote.time,
        bid=quote.bid,
        ask=quote.ask,
        bid_size=quote.bid_size,
        ask_size=quote.ask_size,
        rule=_rule(order, seen),
        order_price=order.limit_price if order.limit_price is not None else order.stop_price,
        partial=quantity < order.remaining,
        delay=added.delay,
        slippage=abs(price - seen),
        model=added.model if added.delay or added.slippage else None,
    )


def _rule(order: PlacedOrder, seen: Decimal) -> Rule:
    if order.limit_price is not None:
        return "touch" if seen == order.limit_price else "improvement"
    if order.stop_price is None or order.filled_quantity:
        return "market"
    beyond = order.side * (seen - order.stop_price)
    return "touch" if beyond == 0 else "gap" if beyond > 0 else "market"
