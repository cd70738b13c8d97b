"""What happens to the oracle's orders by themselves: turns, fills, brackets that wake, grow and fall, trails that follow."""

from fractions import Fraction

from oracle.account import ZERO, Account
from oracle.money import Fill
from oracle.orders import AT_ONCE, Order
from trading_api.models.broker.orders import BracketKind, OrderStatus, OrderType, Side


class Turns(Account):
    def expire(self, at: int) -> None:
        for order in self.orders:
            if order.status is OrderStatus.WORKING and order.expires is not None and order.expires <= at:
                self.end(order)

    # Turns

    def match(self, symbol: str, at: int) -> None:
        while self.can_fill(symbol, at) and self.one_pass(symbol, at):
            pass

    def can_fill(self, symbol: str, at: int) -> bool:
        """The market is open, its price is fresh, and there is a rate to book at."""
        if symbol not in self.prices or self.rate(self.terms[symbol].currency) is None:
            return False
        return self.terms[symbol].is_open(at) and at - self.prices[symbol].time <= self.stale_after

    def follow(self, symbol: str) -> None:
        """A trail follows the price, never back."""
        for order in self.orders:
            if (
                order.symbol != symbol
                or order.status is not OrderStatus.WORKING
                or order.trail is None
                or order.bracket is None
            ):
                continue
            level = self.trailing_level(order)
            if order.waits_for_stop and order.stop_price is not None:
                better = level > order.stop_price if order.side is Side.SELL else level < order.stop_price
                order.stop_price = level if better else order.stop_price

    def trailing_level(self, stop: Order) -> Fraction:
        assert stop.trail is not None
        terms = self.terms[stop.symbol]
        distance = stop.trail * terms.pip
        price = self.prices[stop.symbol].taken_by(stop.side)
        return max(terms.tick, price - distance) if stop.side is Side.SELL else price + distance

    def one_pass(self, symbol: str, at: int) -> bool:
        """In placement order."""
        working = [order for order in self.orders if order.symbol == symbol and order.status is OrderStatus.WORKING]
        happened = [self.happens(order, at) for order in working]
        return any(happened)

    def happens(self, order: Order, at: int) -> bool:
        if order.status is not OrderStatus.WORKING:
            return False
        happened = False
        if order.waits_for_stop and self.touched(order):
            order.triggered = happened = True
        if not order.waits_for_stop and self.reached(order):
            happened = self.take_turn(order, at) or happened
        if order.works in AT_ONCE and order.status is OrderStatus.WORKING:
            self.end(order)
            happened = True
        return happened

    def touched(self, order: Order) -> bool:
        assert order.stop_price is not None
        price = self.prices[order.symbol].taken_by(order.side)
        return price >= order.stop_price if order.side is Side.BUY else price <= order.stop_price

    def reached(self, order: Order) -> bool:
        if order.limit_price is None:
            return True
        price = self.prices[order.symbol].taken_by(order.side)
        return price <= order.limit_price if order.side is Side.BUY else price >= order.limit_price

    def take_turn(self, order: Order, at: int) -> bool:
        quantity = self.obtainable(order)
        if quantity == 0 or (order.works == "FOK" and quantity < self.remaining(order)):
            return False
        self.fit_to_what_it_closes(order)
        quantity = min(quantity, self.remaining(order))
        if order.status is OrderStatus.WORKING:
            fills = self.split(order, quantity, at)
            if self.carried(order, fills):
                for fill in fills:
                    self.fill(order, fill)
            else:
                self.end(order, OrderStatus.REJECTED)
        return True

    def obtainable(self, order: Order) -> Fraction:
        """What the last price still has for it, in whole steps: all that filled since then took from the same size."""
        size = self.prices[order.symbol].size_for(order.side)
        if size is None:
            return self.remaining(order)
        since = self.fills[self.seen_fills[order.symbol] :]
        taken = sum((one.quantity for one in since if one.symbol == order.symbol and one.side is order.side), ZERO)
        step = self.terms[order.symbol].step
        return min(self.remaining(order), (size - taken) // step * step)

    def fit_to_what_it_closes(self, order: Order) -> None:
        """Something may have taken from the position since this was asked, or all of it."""
        named = order.closes or order.reverses
        if named is None:
            return
        filled, still = self.filled(order), self.size(self.against(order.symbol, order.side, named))
        if still == 0 and (filled == 0 or order.closes):
            self.end(order)
        elif order.closes:
            order.quantity = min(order.quantity, filled + still)
        elif order.reverses:
            order.quantity = min(order.quantity, 2 * (self.closed_by(order) + still))

    def split(self, order: Order, quantity: Fraction, at: int) -> list[Fill]:
        """The positions it touches: what it closes of each, and what it opens."""
        price, fx = self.prices[order.symbol].taken_by(order.side), self.rate(self.terms[order.symbol].currency)
        assert fx is not None

        def one(position: str, amount: Fraction) -> Fill:
            return Fill(order.number, position, order.symbol, order.side, amount, price, at, fx)

        if not self.hedging:
            return [one(order.symbol, quantity)]
        result = []
        named = order.closes or order.reverses or order.position
        for position in self.against(order.symbol, order.side, named) if named else []:
            amount = min(quantity, abs(self.held(position).signed))
            if amount:
                result.append(one(position, amount))
                quantity -= amount
        return [*result, one(f"p{order.number}", quantity)] if quantity else result

    def carried(self, order: Order, fills: list[Fill]) -> bool:
        """The equity carries all positions after the fill. What only closes is not asked, nor a hedge that adds no margin."""
        after = self.margin_of_positions([*self.fills, *fills])
        if self.hedging:
            return after <= max(self.margin_of_positions(self.fills), self.equity())
        before = self.held(order.symbol).signed
        then = before + order.side.value * sum((fill.quantity for fill in fills), ZERO)
        only_closes = before * then >= 0 and abs(then) < abs(before)
        return only_closes or after <= self.equity()

    # A fill

    def fill(self, order: Order, fill: Fill) -> None:
        before = self.held(fill.position).signed
        first = self.filled(order) == 0
        self.fills.append(fill)
        after = self.held(fill.position).signed
        if self.remaining(order) == 0:
            order.status = OrderStatus.FILLED
        if after == 0 and order.origin is not None and self.orders[order.origin - 1].open:
            self.end(self.orders[order.origin - 1])
        if after == 0 or before * after < 0:
            for bracket in self.protecting(fill.position):
                self.end(bracket)
        opened = after * order.side.value > 0
        for bracket in self.waiting(order):
            if opened:
                self.activate(bracket, fill.position)
            elif order.status is OrderStatus.FILLED:
                self.end(bracket)
        self.resize(fill.position)
        if first and order.group is not None:
            for other in self.orders:
                if other.open and other.group == order.group and other is not order:
                    self.end(other)

    def resize(self, position: str) -> None:
        """A bracket has the whole of its position to close, beside what it has closed already."""
        for bracket in self.protecting(position):
            bracket.quantity = abs(self.held(position).signed) + self.filled(bracket)

    def activate(self, bracket: Order, position: str) -> None:
        for other in self.protecting(position):
            if other.bracket is bracket.bracket:
                self.end(other)
        bracket.status = OrderStatus.WORKING
        bracket.position = position
        if bracket.stop_price is None and bracket.trail is not None:
            bracket.stop_price = self.trailing_level(bracket)

    # Ends

    def end(self, order: Order, status: OrderStatus = OrderStatus.CANCELED) -> None:
        """With it end the brackets that wait for it; of a bracket, its parent forgets the price."""
        order.status = status
        for bracket in self.waiting(order):
            bracket.status = OrderStatus.CANCELED
        if order.origin is not None:
            self.tell_parent(order, None, None)

    def tell_parent(self, bracket: Order, price: Fraction | None, trail: Fraction | None) -> None:
        """An order that still works repeats what it brought."""
        assert bracket.origin is not None
        parent = self.orders[bracket.origin - 1]
        if parent.open:
            if bracket.takes_profit:
                parent.take_profit = price
            else:
                parent.stop_loss, parent.trail = price, trail

    # Births

    def add(self, order: Order) -> Order:
        self.orders.append(order)
        order.number = len(self.orders)
        return order

    def add_bracket(
        self,
        symbol: str,
        side: Side,
        kind: BracketKind,
        price: Fraction | None,
        trail: Fraction | None,
        *,
        quantity: Fraction,
        origin: Order | None = None,
        position: str | None = None,
    ) -> None:
        takes_profit = kind is BracketKind.TAKE_PROFIT
        bracket = Order(
            symbol=symbol,
            type=OrderType.LIMIT if takes_profit else OrderType.STOP,
            side=side,
            quantity=quantity,
            limit_price=price if takes_profit else None,
            stop_price=None if takes_profit else price,
            trail=None if takes_profit else trail,
            status=OrderStatus.WORKING if position else OrderStatus.INACTIVE,
            origin=origin.number if origin else None,
            position=position,
            bracket=kind,
        )
        if position and price is None:
            bracket.stop_price = self.trailing_level(bracket)
        self.add(bracket)

    def add_waiting(self, parent: Order, kind: BracketKind) -> None:
        takes_profit = kind is BracketKind.TAKE_PROFIT
        price, trail = (parent.take_profit, None) if takes_profit else (parent.stop_loss, parent.trail)
        if price is not None or trail is not None:
            side = parent.side.opposite
            self.add_bracket(parent.symbol, side, kind, price, trail, quantity=parent.quantity, origin=parent)
