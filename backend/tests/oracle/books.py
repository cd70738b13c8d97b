"""The oracle: one account that trades, in the dullest possible way.

It keeps a list of deposits, a list of orders and a list of fills. Everything else (positions, profit, balance, margin) is
worked out again from the fills whenever it is asked for. Commands answer None, or a word saying why they are refused; a
refused command changes nothing.

Where the rules leave room, it reads them so:
- a pass over a symbol tries its orders as they stood when it began; passes repeat until one does nothing;
- a stop-limit is protected from its limit price;
- orders against a position close it one after another, as they were placed; what one of them opens needs margin beyond what
  its own closing frees, so a flip needs nothing while it opens no more than it closes;
- a command that asks for no more margin than its order holds already is not refused for margin;
- a modification checks the side of a stop only when it moves it: while the market is closed the price may have passed it;
- margin is compared exactly and rounded only where it is shown.
"""

from fractions import Fraction

from oracle.money import Fill, Held, Prices, Terms, commission, held, profit, rate, rounded
from oracle.orders import HAS_STOP, Change, Order, changeable, order_price, own_price, wrong_bracket
from oracle.views import MoneyView
from trading_api.models.broker.orders import FINAL, BracketKind, OrderStatus, OrderType, ParentType, Side


class Oracle:
    def __init__(self, *, currency: str, deposit: Fraction, leverage: Fraction, terms: list[Terms], stale_after: int) -> None:
        self.stale_after = stale_after
        self.currency = currency
        self.deposits = [deposit]
        self.leverage = leverage
        self.terms = {term.symbol: term for term in terms}
        self.prices: dict[str, Prices] = {}
        self.orders: list[Order] = []
        self.fills: list[Fill] = []

    # Commands

    def place(self, order: Order, at: int) -> str | None:
        self.expire(at)
        refusal = self.why_not_place(order, at)
        if refusal is None:
            self.add(order)
            self.add_bracket(order, BracketKind.TAKE_PROFIT)
            self.add_bracket(order, BracketKind.STOP_LOSS)
            self.match(order.symbol, at)
        return refusal

    def modify(self, number: int, change: Change, at: int) -> str | None:
        self.expire(at)
        order = self.orders[number - 1]
        refusal = self.why_not_modify(order, change)
        if refusal is None:
            self.apply(order, change)
            self.match(order.symbol, at)
        return refusal

    def cancel(self, number: int, at: int) -> str | None:
        self.expire(at)
        order = self.orders[number - 1]
        if order.status in FINAL:
            return "ended"
        order.status = OrderStatus.CANCELED
        for bracket in self.waiting(order):
            bracket.status = OrderStatus.CANCELED
        if order.parent_type is ParentType.ORDER and order.parent is not None:
            self.tell_parent(order, None)
        return None

    def close(self, symbol: str, amount: Fraction | None, at: int) -> str | None:
        self.expire(at)
        signed = self.held(symbol).signed
        if signed == 0:
            return "no position"
        quantity = abs(signed) if amount is None else amount
        if quantity > abs(signed):
            return "more than held"
        if not self.can_fill(symbol, at):
            return "closed or stale"
        side = Side.SELL if signed > 0 else Side.BUY
        self.add(Order(symbol=symbol, type=OrderType.MARKET, side=side, quantity=quantity, is_close=True))
        self.match(symbol, at)
        return None

    def tick(self, symbol: str, prices: Prices, at: int) -> None:
        self.expire(at)
        self.prices[symbol] = prices
        self.match(symbol, at)

    def fund(self, amount: Fraction) -> None:
        self.deposits.append(amount)

    def expire(self, at: int) -> None:
        for order in self.orders:
            if order.status is OrderStatus.WORKING and order.expires is not None and order.expires <= at:
                order.status = OrderStatus.CANCELED
                for bracket in self.waiting(order):
                    bracket.status = OrderStatus.CANCELED

    # Orders and their brackets

    def add(self, order: Order) -> None:
        self.orders.append(order)
        order.number = len(self.orders)

    def add_bracket(self, parent: Order, kind: BracketKind) -> None:
        price = parent.take_profit if kind is BracketKind.TAKE_PROFIT else parent.stop_loss
        if price is None:
            return
        takes_profit = kind is BracketKind.TAKE_PROFIT
        self.add(
            Order(
                symbol=parent.symbol,
                type=OrderType.LIMIT if takes_profit else OrderType.STOP,
                side=parent.side.opposite,
                quantity=parent.quantity,
                limit_price=price if takes_profit else None,
                stop_price=None if takes_profit else price,
                status=OrderStatus.INACTIVE,
                parent=parent.number,
                parent_type=ParentType.ORDER,
                bracket=kind,
            )
        )

    def waiting(self, parent: Order) -> list[Order]:
        """The brackets that wait for this order's fill."""
        return [order for order in self.orders if order.parent == parent.number and order.status is OrderStatus.INACTIVE]

    def protecting(self, symbol: str) -> list[Order]:
        """The working brackets of the position."""
        return [
            order
            for order in self.orders
            if order.symbol == symbol and order.bracket is not None and order.status is OrderStatus.WORKING
        ]

    def tell_parent(self, bracket: Order, price: Fraction | None) -> None:
        assert bracket.parent is not None
        parent = self.orders[bracket.parent - 1]
        if bracket.bracket is BracketKind.TAKE_PROFIT:
            parent.take_profit = price
        else:
            parent.stop_loss = price

    def apply(self, order: Order, change: Change) -> None:
        for name, value in change.values.items():
            setattr(order, name, value)
        if order.bracket is not None:
            if order.status is OrderStatus.INACTIVE:
                self.tell_parent(order, own_price(order))
            return
        self.apply_bracket(order, BracketKind.TAKE_PROFIT, order.take_profit)
        self.apply_bracket(order, BracketKind.STOP_LOSS, order.stop_loss)
        for bracket in self.waiting(order):
            bracket.quantity = order.quantity

    def apply_bracket(self, parent: Order, kind: BracketKind, price: Fraction | None) -> None:
        there = [bracket for bracket in self.waiting(parent) if bracket.bracket is kind]
        if not there:
            self.add_bracket(parent, kind)
        for bracket in there:
            if price is None:
                bracket.status = OrderStatus.CANCELED
            elif kind is BracketKind.TAKE_PROFIT:
                bracket.limit_price = price
            else:
                bracket.stop_price = price

    # Matching

    def match(self, symbol: str, at: int) -> None:
        while self.can_fill(symbol, at) and self.one_pass(symbol, at):
            pass

    def can_fill(self, symbol: str, at: int) -> bool:
        """The market is open and its price is fresh."""
        return self.terms[symbol].is_open(at) and at - self.prices[symbol].time <= self.stale_after

    def one_pass(self, symbol: str, at: int) -> bool:
        """In placement order."""
        working = [order for order in self.orders if order.symbol == symbol and order.status is OrderStatus.WORKING]
        happened = [self.happens(order, at) for order in working]
        return any(happened)

    def happens(self, order: Order, at: int) -> bool:
        if order.status is not OrderStatus.WORKING:
            return False
        touched = order.type in HAS_STOP and not order.triggered and self.touched(order)
        if touched:
            order.triggered = True
        if self.fills_now(order):
            self.never_more_than_close(order)
            if order.status is OrderStatus.WORKING and not self.carried(order):
                order.status = OrderStatus.REJECTED
                for bracket in self.waiting(order):
                    bracket.status = OrderStatus.CANCELED
            if order.status is OrderStatus.WORKING:
                self.fill(order, at)
            return True
        return touched

    def never_more_than_close(self, order: Order) -> None:
        """An order that waited since before this close was asked may have taken some of the position, or all of it."""
        if order.is_close:
            closable = max(-self.held(order.symbol).signed * order.side.value, Fraction(0))
            order.quantity = min(order.quantity, closable) or order.quantity
            if closable == 0:
                order.status = OrderStatus.CANCELED

    def carried(self, order: Order) -> bool:
        """The equity carries the margin of all positions after the fill, or that grows no larger than it was."""
        price = self.prices[order.symbol].taken_by(order.side)
        fx = self.rate(self.terms[order.symbol].currency)
        assert fx is not None
        fill = Fill(order.number, order.symbol, order.side, order.quantity, price, 0, fx)
        after = sum(
            (self.margin_of(one, held([*self.fills, fill], term).cost) for one, term in self.terms.items()), Fraction(0)
        )
        return after <= max(self.equity(), self.margin_with([]))

    def fills_now(self, order: Order) -> bool:
        price = self.prices[order.symbol].taken_by(order.side)
        if order.type is OrderType.MARKET:
            return True
        if order.type is OrderType.STOP:
            return order.triggered
        if order.type is OrderType.STOP_LIMIT and not order.triggered:
            return False
        assert order.limit_price is not None
        return price <= order.limit_price if order.side is Side.BUY else price >= order.limit_price

    def touched(self, order: Order) -> bool:
        assert order.stop_price is not None
        price = self.prices[order.symbol].taken_by(order.side)
        return price >= order.stop_price if order.side is Side.BUY else price <= order.stop_price

    def fill(self, order: Order, at: int) -> None:
        symbol = order.symbol
        before = self.held(symbol).signed
        fx = self.rate(self.terms[symbol].currency)
        assert fx is not None
        price = self.prices[symbol].taken_by(order.side)
        self.fills.append(Fill(order.number, symbol, order.side, order.quantity, price, at, fx))
        order.status = OrderStatus.FILLED
        after = self.held(symbol).signed
        if after == 0 or before * after < 0:
            for bracket in self.protecting(symbol):
                bracket.status = OrderStatus.CANCELED
        opened = after * order.side.value > 0
        for bracket in self.waiting(order):
            if opened:
                self.activate(bracket)
            else:
                bracket.status = OrderStatus.CANCELED
        for bracket in self.protecting(symbol):
            bracket.quantity = abs(after)

    def activate(self, bracket: Order) -> None:
        for other in self.protecting(bracket.symbol):
            if other.bracket is bracket.bracket:
                other.status = OrderStatus.CANCELED
        bracket.status = OrderStatus.WORKING
        bracket.parent_type = ParentType.POSITION

    # Refusals

    def why_not_place(self, order: Order, at: int) -> str | None:
        if order.type is OrderType.MARKET and not self.can_fill(order.symbol, at):
            return "closed or stale"
        if self.rate(self.terms[order.symbol].currency) is None:
            return "no rate"
        if order.type in HAS_STOP and self.touched(order):
            return "stop on the wrong side"
        return self.brackets_on_wrong_side(order) or self.short_of_margin(order)

    def why_not_modify(self, order: Order, change: Change) -> str | None:
        if order.status in FINAL:
            return "ended"
        if not set(change.values) <= changeable(order):
            return "not its own"
        wanted = Order(**vars(order))
        for name, value in change.values.items():
            setattr(wanted, name, value)
        if wanted.bracket is not None:
            return self.moved_to_wrong_side(wanted)
        if "stop_price" in change.values and self.touched(wanted):
            return "stop on the wrong side"
        return self.brackets_on_wrong_side(wanted) or self.short_of_margin(wanted)

    def brackets_on_wrong_side(self, order: Order) -> str | None:
        low, high = self.entry(order)
        return wrong_bracket(order.side, order.take_profit, order.stop_loss, low, high)

    def entry(self, order: Order) -> tuple[Fraction, Fraction]:
        """Between these the order is entered: brackets lie outside."""
        if order.type is OrderType.MARKET:
            return self.prices[order.symbol].bid, self.prices[order.symbol].ask
        price = order_price(order)
        return price, price

    def moved_to_wrong_side(self, bracket: Order) -> str | None:
        takes_profit, stops_loss = bracket.limit_price, bracket.stop_price
        if bracket.status is OrderStatus.INACTIVE:
            assert bracket.parent is not None
            low, high = self.entry(self.orders[bracket.parent - 1])
        else:
            low, high = self.prices[bracket.symbol].bid, self.prices[bracket.symbol].ask
        return wrong_bracket(bracket.side.opposite, takes_profit, stops_loss, low, high)

    def short_of_margin(self, wanted: Order) -> str | None:
        """A command that asks for no more margin than is held already is never refused for it."""
        others = [wanted if order.number == wanted.number else order for order in self.holding_margin()]
        known = any(order.number == wanted.number for order in self.holding_margin())
        after = self.margin_with(others if known else [*others, wanted])
        return "margin" if after > self.margin_used() and after > self.equity() else None

    # Accounting

    def held(self, symbol: str) -> Held:
        return held(self.fills, self.terms[symbol])

    def rate(self, currency: str) -> Fraction | None:
        return rate(currency, self.currency, list(self.terms.values()), self.prices)

    def balance(self) -> Fraction:
        result = sum(self.deposits, Fraction(0))
        for number, fill in enumerate(self.fills):
            result += profit(self.fills, number, self.terms[fill.symbol], self.currency)
            result -= commission(fill, self.terms[fill.symbol], self.currency)
        return result

    def unrealised(self) -> Fraction:
        """Exact."""
        result = Fraction(0)
        for symbol, term in self.terms.items():
            position = self.held(symbol)
            if position.signed != 0:
                fx = self.rate(term.currency)
                assert fx is not None
                worth = self.prices[symbol].bid if position.signed > 0 else self.prices[symbol].ask
                gain = worth * position.signed - position.cost * (1 if position.signed > 0 else -1)
                result += gain * fx
        return result

    def margin_rate(self, symbol: str) -> Fraction:
        return max(self.terms[symbol].margin_rate, 1 / self.leverage)

    def holding_margin(self) -> list[Order]:
        """Working orders that may open something."""
        working = [order for order in self.orders if order.status is OrderStatus.WORKING]
        return [order for order in working if order.bracket is None and not order.is_close]

    def margin_with(self, orders: list[Order]) -> Fraction:
        result = Fraction(0)
        for symbol in self.terms:
            position = self.held(symbol)
            still_to_close = abs(position.signed)
            each = position.cost / still_to_close if still_to_close else Fraction(0)
            value = position.cost
            for order in orders:
                if order.symbol != symbol:
                    continue
                opposite = position.signed * order.side.value < 0
                closing = min(order.quantity, still_to_close) if opposite else Fraction(0)
                still_to_close -= closing
                opened, freed = (order.quantity - closing) * self.price_held_for(order), closing * each
                value += max(Fraction(0), opened - freed)
            result += self.margin_of(symbol, value)
        return result

    def price_held_for(self, order: Order) -> Fraction:
        """The highest it can fill at."""
        market = self.prices[order.symbol].taken_by(order.side)
        if order.stop_price is not None and not order.triggered:
            market = order.stop_price
        if order.limit_price is None:
            return market
        return order.limit_price if order.side is Side.BUY else max(order.limit_price, market)

    def margin_of(self, symbol: str, value: Fraction) -> Fraction:
        if value == 0:
            return Fraction(0)
        fx = self.rate(self.terms[symbol].currency)
        assert fx is not None
        return value * self.margin_rate(symbol) * fx

    def margin_used(self) -> Fraction:
        return self.margin_with(self.holding_margin())

    def equity(self) -> Fraction:
        return self.balance() + self.unrealised()

    def money(self) -> MoneyView:
        """As it is shown: each sum rounded once."""
        balance, unrealised = self.balance(), rounded(self.unrealised(), self.currency)
        used = rounded(self.margin_used(), self.currency)
        return MoneyView(balance, unrealised, balance + unrealised, used, balance + unrealised - used)
