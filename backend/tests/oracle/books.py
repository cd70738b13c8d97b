"""The oracle: one account that trades, in the dullest possible way.

It keeps a list of deposits, a list of orders and a list of fills. Everything else (positions, profit, balance, margin) is
worked out again from the fills whenever it is asked for. Matching looks at every order again after each thing that happens.
Commands answer None, or a word saying why they are refused; a refused command changes nothing.
"""

from fractions import Fraction

from oracle.money import Fill, Held, Prices, Terms, commission, held, profit, rate, rounded
from oracle.orders import HAS_STOP, Change, Order, changeable, order_price, own_price, wrong_bracket
from oracle.views import AccountView, ExecutionView, MoneyView, OrderView, PositionView
from trading_api.models.broker.orders import FINAL, BracketKind, OrderStatus, OrderType, ParentType, Side


class Oracle:
    def __init__(self, *, currency: str, deposit: Fraction, leverage: Fraction, terms: list[Terms]) -> None:
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
        refusal = self.why_not_place(order)
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
        for bracket in self.waiting(order):
            bracket.quantity = order.quantity
        self.apply_bracket(order, BracketKind.TAKE_PROFIT, order.take_profit)
        self.apply_bracket(order, BracketKind.STOP_LOSS, order.stop_loss)

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
        """One thing at a time, the first that can happen, until nothing more does."""
        while self.happen(symbol, at):
            pass

    def happen(self, symbol: str, at: int) -> bool:
        working = [order for order in self.orders if order.symbol == symbol and order.status is OrderStatus.WORKING]
        for order in working:
            if self.fills_now(order):
                self.fill(order, at)
                return True
        for order in working:
            if order.type in HAS_STOP and not order.triggered and self.touched(order):
                order.triggered = True
                return True
        return False

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

    def why_not_place(self, order: Order) -> str | None:
        if order.symbol not in self.prices:
            return "no price"
        if self.rate(self.terms[order.symbol].currency) is None:
            return "no rate"
        return self.wrong_side(order) or self.short_of_margin(order, already=Fraction(0))

    def why_not_modify(self, order: Order, change: Change) -> str | None:
        if order.status in FINAL:
            return "ended"
        if not set(change.values) <= changeable(order):
            return "not its own"
        wanted = Order(**vars(order))
        for name, value in change.values.items():
            setattr(wanted, name, value)
        if wanted.bracket is not None:
            return self.bracket_on_wrong_side(wanted)
        return self.wrong_side(wanted) or self.short_of_margin(wanted, already=self.margin_of_order(order))

    def wrong_side(self, order: Order) -> str | None:
        if order.type in HAS_STOP and not order.triggered and self.touched(order):
            return "stop on the wrong side"
        low, high = self.entry(order)
        return wrong_bracket(order.side, order.take_profit, order.stop_loss, low, high)

    def entry(self, order: Order) -> tuple[Fraction, Fraction]:
        """Between these the order is entered: brackets lie outside."""
        if order.type is OrderType.MARKET:
            return self.prices[order.symbol].bid, self.prices[order.symbol].ask
        price = order_price(order)
        return price, price

    def bracket_on_wrong_side(self, bracket: Order) -> str | None:
        takes_profit, stops_loss = bracket.limit_price, bracket.stop_price
        if bracket.status is OrderStatus.INACTIVE:
            assert bracket.parent is not None
            low, high = self.entry(self.orders[bracket.parent - 1])
        else:
            low, high = self.prices[bracket.symbol].bid, self.prices[bracket.symbol].ask
        return wrong_bracket(bracket.side.opposite, takes_profit, stops_loss, low, high)

    def short_of_margin(self, order: Order, already: Fraction) -> str | None:
        """A command that asks for no more margin than the order holds already is never refused for it."""
        need = self.margin_of_order(order)
        return "margin" if need > already and need > self.money().margin_available + already else None

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
        result = Fraction(0)
        for symbol, term in self.terms.items():
            position = self.held(symbol)
            if position.signed != 0:
                fx = self.rate(term.currency)
                assert fx is not None
                worth = self.prices[symbol].bid if position.signed > 0 else self.prices[symbol].ask
                gain = worth * position.signed - position.cost * (1 if position.signed > 0 else -1)
                result += gain * fx
        return rounded(result, self.currency)

    def margin_rate(self, symbol: str) -> Fraction:
        return max(self.terms[symbol].margin_rate, 1 / self.leverage)

    def margin_of_order(self, order: Order) -> Fraction:
        """What a working entry order holds, for the part of it that would open."""
        if order.bracket is not None or order.is_close:
            return Fraction(0)
        signed = self.held(order.symbol).signed
        opposite = signed * order.side.value < 0
        opening = max(Fraction(0), order.quantity - abs(signed)) if opposite else order.quantity
        return self.margin_of(order.symbol, opening * self.price_held_for(order))

    def price_held_for(self, order: Order) -> Fraction:
        if order.type is OrderType.MARKET:
            return self.prices[order.symbol].taken_by(order.side)
        return order_price(order)

    def margin_of(self, symbol: str, value: Fraction) -> Fraction:
        fx = self.rate(self.terms[symbol].currency)
        assert fx is not None
        return value * self.margin_rate(symbol) * fx

    def margin_used(self) -> Fraction:
        result = Fraction(0)
        for symbol in self.terms:
            if self.held(symbol).signed != 0:
                result += self.margin_of(symbol, self.held(symbol).cost)
        for order in self.orders:
            if order.status is OrderStatus.WORKING:
                result += self.margin_of_order(order)
        return result

    def money(self) -> MoneyView:
        balance, unrealised, used = self.balance(), self.unrealised(), self.margin_used()
        return MoneyView(balance, unrealised, balance + unrealised, used, balance + unrealised - used)

    # The view

    def view(self) -> AccountView:
        return AccountView(
            orders=tuple(self.order_view(order) for order in self.orders),
            executions=tuple(self.execution_view(number) for number in range(len(self.fills))),
            positions=tuple(self.position_view(symbol) for symbol in sorted(self.terms) if self.held(symbol).signed != 0),
            money=self.money(),
        )

    def order_view(self, order: Order) -> OrderView:
        fills = [fill for fill in self.fills if fill.order == order.number]
        filled = sum((fill.quantity for fill in fills), Fraction(0))
        value = sum((fill.quantity * fill.price for fill in fills), Fraction(0))
        names = OrderView.__dataclass_fields__.keys() & vars(order).keys() - {"parent"}
        return OrderView(
            **{name: getattr(order, name) for name in names},
            parent=order.symbol if order.parent_type is ParentType.POSITION else order.parent,
            filled=filled,
            average_price=value / filled if filled else None,
        )

    def execution_view(self, number: int) -> ExecutionView:
        fill = self.fills[number]
        terms = self.terms[fill.symbol]
        return ExecutionView(
            order=fill.order,
            symbol=fill.symbol,
            side=fill.side,
            quantity=fill.quantity,
            price=fill.price,
            time=fill.time,
            profit=profit(self.fills, number, terms, self.currency),
            commission=commission(fill, terms, self.currency),
        )

    def position_view(self, symbol: str) -> PositionView:
        position = self.held(symbol)
        return PositionView(
            symbol=symbol,
            side=Side.BUY if position.signed > 0 else Side.SELL,
            quantity=abs(position.signed),
            cost=position.cost,
            take_profit=self.protection(symbol, BracketKind.TAKE_PROFIT),
            stop_loss=self.protection(symbol, BracketKind.STOP_LOSS),
        )

    def protection(self, symbol: str, kind: BracketKind) -> Fraction | None:
        prices = [own_price(bracket) for bracket in self.protecting(symbol) if bracket.bracket is kind]
        return prices[0] if prices else None
