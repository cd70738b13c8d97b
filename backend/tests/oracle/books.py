"""The oracle: one account that trades, in the dullest possible way.

It keeps a list of deposits, a list of orders and a list of fills. Everything else (positions, profit, balance, margin) is
worked out again from the fills whenever it is asked for. Commands answer None, or a word saying why they are refused; a
refused command changes nothing.

Where the rules leave room, it reads them so:
- a pass over a symbol tries its orders as they stood when it began; passes repeat until one does nothing;
- a trail follows each price that is shown, before anything fills at it, so what a price wakes follows from the next one on;
- a stop-limit is protected from its limit price;
- a price told once more, of the same moment, is the one that is known already;
- an order has its turn when the price and the tick's size have something for it; then one made to close shrinks or falls;
- orders against a position close it one after another, as they were placed; what one of them opens needs margin beyond what
  its own closing frees, so a flip needs nothing while it opens no more than it closes;
- a command that asks for no more margin than its order holds already is not refused for margin;
- a fill that only closes is always carried, and a hedge that needs no more margin than is held already;
- an order that still works repeats the prices of the brackets it brought, wherever they are, and forgets those that ended;
- a reverse opens as much as it closed, also where others closed some of the position meanwhile;
- a stop that has been touched can be cancelled, not moved; a price that is stated again as it is, is not checked again;
- a modification checks the side of a stop only when it moves it: while the market is closed the price may have passed it;
- margin is compared exactly and rounded only where it is shown.
"""

from collections.abc import Mapping
from fractions import Fraction

from oracle.checks import Checks
from oracle.money import Prices
from oracle.orders import Change, Order, Protection, own_price
from trading_api.models.broker.orders import BracketKind, OrderStatus, OrderType, Side


class Oracle(Checks):
    def place(self, order: Order, at: int) -> str | None:
        self.pass_time(at)
        if order.is_close:
            self.name_what_it_closes(order)
        refusal = self.why_not_reverse(order, at) if order.reverses else self.why_not_place(order, at)
        if refusal is None:
            self.add(order)
            self.add_waiting(order, BracketKind.TAKE_PROFIT)
            self.add_waiting(order, BracketKind.STOP_LOSS)
            self.match(order.symbol, at)
        return refusal

    def name_what_it_closes(self, order: Order) -> None:
        """The symbol's positions of the other side; at the market and twice as much turns a net position round."""
        turns = order.type is OrderType.MARKET and not self.hedging and self.against(order.symbol, order.side)
        if turns and order.quantity == 2 * self.size([order.symbol]):
            order.reverses = order.symbol
        else:
            order.closes = order.symbol

    def modify(self, number: int, change: Change, at: int) -> str | None:
        self.pass_time(at)
        order = self.orders[number - 1]
        refusal = self.why_not_modify(order, change, at)
        if refusal is None:
            self.apply(order, change)
            self.match(order.symbol, at)
        return refusal

    def cancel(self, number: int, at: int) -> str | None:
        self.pass_time(at)
        order = self.orders[number - 1]
        if not order.open:
            return "ended"
        self.end(order)
        return None

    def close(self, target: str, symbol: str, side: Side, amount: Fraction | None, at: int) -> str | None:
        """A position, or a symbol's positions of one side; `side` is theirs."""
        self.pass_time(at)
        quantity = self.size(self.against(symbol, side.opposite, target)) if amount is None else amount
        order = Order(symbol, OrderType.MARKET, side.opposite, quantity, is_close=True, closes=target)
        refusal = self.why_not_close(target, symbol, order, at)
        if refusal is None:
            self.add(order)
            self.match(symbol, at)
        return refusal

    def reverse(self, position: str, at: int) -> str | None:
        self.pass_time(at)
        symbol, side, twice = self.symbol_of(position), self.side_of(position).opposite, 2 * self.size([position])
        order = Order(symbol, OrderType.MARKET, side, twice, is_close=True, reverses=position)
        refusal = self.why_not_reverse(order, at)
        if refusal is None:
            self.add(order)
            self.match(symbol, at)
        return refusal

    def protect(self, position: str, protection: Protection, at: int) -> str | None:
        self.pass_time(at)
        refusal = self.why_not_protect(position, protection)
        if refusal is None:
            self.protect_with(position, BracketKind.TAKE_PROFIT, protection.take_profit, None)
            self.protect_with(position, BracketKind.STOP_LOSS, protection.stop_loss, protection.trail)
            self.match(self.symbol_of(position), at)
        return refusal

    def cancel_all(self, symbol: str | None, side: Side | None, at: int) -> None:
        """Whatever protects no position; what waits for these orders falls with them."""
        self.pass_time(at)
        for order in self.orders:
            if order.open and order.bracket is None and symbol in (None, order.symbol) and side in (None, order.side):
                self.end(order)

    def flatten(self, symbol: str | None, at: int) -> None:
        self.cancel_all(symbol, None, at)
        for position in self.positions(symbol):
            each = self.symbol_of(position)
            if self.can_fill(each, at):
                side, size = self.side_of(position).opposite, self.size([position])
                self.add(Order(each, OrderType.MARKET, side, size, is_close=True, closes=position))
                self.match(each, at)

    def fund(self, amount: Fraction, at: int) -> None:
        self.pass_time(at)
        self.deposits.append(amount)

    def tick(self, symbol: str, prices: Prices, at: int) -> None:
        self.pass_time(at)
        if self.prices.get(symbol) != prices:
            self.prices[symbol] = prices
            self.seen_fills[symbol] = len(self.fills)
            self.follow(symbol)
        self.match(symbol, at)
        if self.moves_the_level(symbol):
            self.look_at_the_level(at)

    def begin_again(self, market: Mapping[str, Prices], at: int) -> None:
        """After a restart the house hears the last prices anew, one by one; what was used of their sizes is forgotten."""
        self.prices = {}
        needed = {one.symbol for one in self.orders if one.open} | {self.symbol_of(one) for one in self.positions()}
        pairs = {pair for symbol in needed for pair in self.pairs_of(symbol, market)}
        for symbol in sorted(needed | pairs):
            self.tick(symbol, market[symbol], at)
            for other in dict.fromkeys(one.symbol for one in self.working()):
                self.match(other, at)  # it may be the rate that another symbol waited for
        for symbol in market.keys() - self.prices.keys():
            self.prices[symbol] = market[symbol]
            self.seen_fills[symbol] = len(self.fills)

    def pass_time(self, at: int) -> None:
        """Each moment at which an order ends comes for itself; what waited for the session may have its turn then."""
        while moments := sorted(one.expires for one in self.working() if one.expires is not None and one.expires <= at):
            self.expire(moments[0])
            for symbol in dict.fromkeys(one.symbol for one in self.working()):
                self.match(symbol, moments[0])
            self.look_at_the_level(moments[0])

    def working(self) -> list[Order]:
        return [one for one in self.orders if one.status is OrderStatus.WORKING]

    # What a modification changes

    def apply(self, order: Order, change: Change) -> None:
        if order.bracket is not None:
            self.apply_to_bracket(order, change)
            return
        for name, value in change.values.items():
            setattr(order, name, value)
        if change.values.get("stop_loss", 0) is None:
            order.trail = None
        if "expires" in change.values:
            order.works = change.works
        self.apply_bracket(order, BracketKind.TAKE_PROFIT, change)
        self.apply_bracket(order, BracketKind.STOP_LOSS, change)
        for bracket in self.waiting(order):
            bracket.quantity = order.quantity

    def apply_to_bracket(self, bracket: Order, change: Change) -> None:
        if own_price(bracket) is None and "trail" in change.values and change.values["trail"] is None:
            self.end(bracket)
            return
        for name, value in change.values.items():
            setattr(bracket, name, value)
        if bracket.origin is not None:
            self.repeat(bracket, change)

    def repeat(self, bracket: Order, change: Change) -> None:
        """What was asked of the bracket, its parent says too."""
        assert bracket.origin is not None
        parent = self.orders[bracket.origin - 1]
        if not parent.open:
            return
        if bracket.takes_profit:
            parent.take_profit = bracket.limit_price
        elif "stop_price" in change.values:
            parent.stop_loss = bracket.stop_price
        if "trail" in change.values:
            parent.trail = bracket.trail

    def apply_bracket(self, parent: Order, kind: BracketKind, change: Change) -> None:
        takes_profit = kind is BracketKind.TAKE_PROFIT
        name = "take_profit" if takes_profit else "stop_loss"
        price, trail = getattr(parent, name), None if takes_profit else parent.trail
        bracket = self.brought(parent, kind)
        asked = name in change.values or (not takes_profit and "trail" in change.values)
        if not asked:
            return
        if bracket is None:
            if price is not None or trail is not None:
                self.add_now_or_later(parent, kind, price, trail)
            return
        if change.values.get(name, 0) is None or (trail is None and own_price(bracket) is None and price is None):
            bracket.status = OrderStatus.CANCELED
            return
        bracket.trail = trail
        if change.values.get(name) is not None:
            if takes_profit:
                bracket.limit_price = price
            else:
                bracket.stop_price = price

    def add_now_or_later(self, parent: Order, kind: BracketKind, price: Fraction | None, trail: Fraction | None) -> None:
        """What has filled already is protected at once."""
        position = f"p{parent.number}" if self.hedging else parent.symbol
        if self.filled(parent) == 0 or position not in self.positions() or self.side_of(position) is not parent.side:
            self.add_waiting(parent, kind)
            return
        for other in self.protecting(position):
            if other.bracket is kind:
                self.end(other)
        size, side = self.size([position]), parent.side.opposite
        self.add_bracket(parent.symbol, side, kind, price, trail, quantity=size, origin=parent, position=position)

    # What a position's protection changes

    def protect_with(self, position: str, kind: BracketKind, price: Fraction | None, trail: Fraction | None) -> None:
        there = next((one for one in self.protecting(position) if one.bracket is kind), None)
        if price is None and trail is None:
            if there:
                self.end(there)
        elif there is None:
            symbol, side, size = self.symbol_of(position), self.side_of(position).opposite, self.size([position])
            self.add_bracket(symbol, side, kind, price, trail, quantity=size, position=position)
        elif there.takes_profit:
            there.limit_price = price
        else:
            follows_as_before = there.trail == trail
            there.trail = trail
            if price is not None:
                there.stop_price = price
            elif not follows_as_before:
                there.stop_price = self.trailing_level(there)
        if there and there.open and there.origin is not None:
            self.tell_parent(there, price, trail)
