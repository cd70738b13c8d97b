"""What the oracle keeps of an account, and every sum that follows from it.

A list of deposits, a list of orders and a list of fills; positions, profit, balance and margin are worked out again from these
whenever they are asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from oracle.money import Fill, Held, Prices, Terms, commission, held, profit, rate, rounded, still_open
from oracle.orders import Order
from oracle.views import MoneyView
from trading_api.models.broker.orders import BracketKind, OrderStatus, Side

ZERO = Fraction(0)


class Account:
    def __init__(
        self,
        *,
        currency: str,
        deposit: Fraction,
        leverage: Fraction,
        terms: list[Terms],
        stale_after: int,
        hedging: bool = False,
        fifo: bool = False,
        guarded: bool = False,
    ) -> None:
        self.stale_after = stale_after
        self.currency = currency
        self.deposits = [deposit]
        self.leverage = leverage
        self.hedging = hedging
        self.fifo = fifo
        self.guarded = guarded
        self.called = False
        """For margin."""
        self.terms = {term.symbol: term for term in terms}
        self.prices: dict[str, Prices] = {}
        self.orders: list[Order] = []
        self.fills: list[Fill] = []
        self.seen_fills: dict[str, int] = {}
        """By symbol, how many fills there were when its last price came."""

    # Positions

    def held(self, position: str) -> Held:
        symbol = self.symbol_of(position)
        return held(self.fills, position, self.terms[symbol].currency) if symbol in self.terms else Held()

    def symbol_of(self, position: str) -> str:
        return next((fill.symbol for fill in self.fills if fill.position == position), position)

    def positions(self, symbol: str | None = None) -> list[str]:
        """Oldest first."""
        return [one for one in still_open(self.fills) if symbol in (None, self.symbol_of(one))]

    def side_of(self, position: str) -> Side:
        return Side.BUY if self.held(position).signed > 0 else Side.SELL

    def against(self, symbol: str, side: Side, named: str | None = None) -> list[str]:
        """What an order of this side would close: of the symbol, or only the position that is named."""
        return [one for one in self.positions(symbol) if self.side_of(one) is not side and named in (None, symbol, one)]

    def size(self, positions: Iterable[str]) -> Fraction:
        return sum((abs(self.held(one).signed) for one in positions), ZERO)

    # Orders

    def filled(self, order: Order) -> Fraction:
        return sum((fill.quantity for fill in self.fills if fill.order == order.number), ZERO)

    def remaining(self, order: Order) -> Fraction:
        return order.quantity - self.filled(order)

    def closed_by(self, order: Order) -> Fraction:
        """How much of what it filled closed something."""
        result, signed = ZERO, dict[str, Fraction]()
        for fill in self.fills:
            before = signed.get(fill.position, ZERO)
            signed[fill.position] = before + fill.side.value * fill.quantity
            if fill.order == order.number and before * fill.side.value < 0:
                result += min(abs(before), fill.quantity)
        return result

    def waiting(self, parent: Order) -> list[Order]:
        """The brackets that wait for this order's fill."""
        return [order for order in self.orders if order.origin == parent.number and order.status is OrderStatus.INACTIVE]

    def brought(self, parent: Order, kind: BracketKind) -> Order | None:
        """The order's open bracket of this kind, wherever it belongs by now."""
        return next((one for one in self.orders if one.open and one.origin == parent.number and one.bracket is kind), None)

    def protecting(self, position: str) -> list[Order]:
        """The working brackets of a position."""
        return [one for one in self.orders if one.position == position and one.status is OrderStatus.WORKING]

    # Money

    def pairs_of(self, symbol: str, market: Mapping[str, Prices]) -> list[str]:
        """The symbols whose prices convert this one's currency: without any of them there would be no rate."""

        def known(prices: Mapping[str, Prices]) -> bool:
            return rate(self.terms[symbol].currency, self.currency, list(self.terms.values()), prices) is not None

        return [one for one in market if known(market) and not known({name: market[name] for name in market if name != one})]

    def rate(self, currency: str) -> Fraction | None:
        return rate(currency, self.currency, list(self.terms.values()), self.prices)

    def converted(self, amount: Fraction, currency: str) -> Fraction:
        """Nothing while no rate is known."""
        return amount * (self.rate(currency) or ZERO)

    def balance(self) -> Fraction:
        result = sum(self.deposits, ZERO)
        for number, fill in enumerate(self.fills):
            result += profit(self.fills, number, self.terms[fill.symbol], self.currency)
            result -= commission(fill, self.terms[fill.symbol], self.currency)
        return result

    def unrealised(self) -> Fraction:
        """Exact."""
        result = ZERO
        for position in self.positions():
            symbol, now = self.symbol_of(position), self.held(position)
            if symbol in self.prices:
                worth = self.prices[symbol].taken_by(self.side_of(position).opposite)
                gain = worth * now.signed - now.cost * self.side_of(position).value
                result += self.converted(gain, self.terms[symbol].currency)
        return result

    def equity(self) -> Fraction:
        return self.balance() + self.unrealised()

    # Margin

    def margin_of(self, symbol: str, value: Fraction) -> Fraction:
        terms = self.terms[symbol]
        return self.converted(value * max(terms.margin_rate, 1 / self.leverage), terms.currency)

    def margin_of_positions(self, fills: Sequence[Fill]) -> Fraction:
        """What these fills leave; hedged longs and shorts of a symbol hold the larger side."""
        result = ZERO
        for symbol, terms in self.terms.items():
            costs = dict.fromkeys(Side, ZERO)
            for position in {fill.position for fill in fills if fill.symbol == symbol}:
                left = held(fills, position, terms.currency)
                costs[Side.BUY if left.signed > 0 else Side.SELL] += left.cost
            result += self.margin_of(symbol, max(costs.values()))
        return result

    def holding_margin(self) -> list[Order]:
        """Working orders that may open something."""
        working = [order for order in self.orders if order.status is OrderStatus.WORKING]
        return [order for order in working if order.bracket is None and order.closes is None]

    def margin_with(self, orders: Sequence[Order]) -> Fraction:
        """Of all positions and these orders."""
        value = self.hedged_value if self.hedging else self.netted_value
        return sum((self.margin_of(symbol, value(symbol, orders)) for symbol in self.terms), ZERO)

    def netted_value(self, symbol: str, orders: Sequence[Order]) -> Fraction:
        """Orders against the position close it one after another; each opens what is beyond that."""
        position = self.held(symbol)
        still_to_close = abs(position.signed)
        each = position.cost / still_to_close if still_to_close else ZERO
        value = position.cost
        for order in orders:
            if order.symbol != symbol:
                continue
            opposite = position.signed * order.side.value < 0
            closing = min(self.remaining(order), still_to_close) if opposite else ZERO
            still_to_close -= closing
            opened = (self.remaining(order) - closing) * self.price_held_for(order)
            value += max(ZERO, opened - closing * each)
        return value

    def hedged_value(self, symbol: str, orders: Sequence[Order]) -> Fraction:
        sides = dict.fromkeys(Side, ZERO)
        for position in self.positions(symbol):
            sides[self.side_of(position)] += self.held(position).cost
        for order in orders:
            if order.symbol == symbol:
                closing = self.size(self.against(symbol, order.side, order.reverses)) if order.reverses else ZERO
                opening = max(ZERO, self.remaining(order) - closing)
                sides[order.side] += opening * self.price_held_for(order)
        return max(sides.values())

    def price_held_for(self, order: Order) -> Fraction:
        """The highest it can fill at."""
        known = self.prices.get(order.symbol)
        market = known.taken_by(order.side) if known else ZERO
        if order.waits_for_stop:
            assert order.stop_price is not None
            market = order.stop_price
        if order.limit_price is None:
            return market
        return order.limit_price if order.side is Side.BUY else max(order.limit_price, market)

    def margin_used(self) -> Fraction:
        return self.margin_with(self.holding_margin())

    def money(self) -> MoneyView:
        """As it is shown: each sum rounded once."""
        balance, unrealised = self.balance(), rounded(self.unrealised(), self.currency)
        used = rounded(self.margin_used(), self.currency)
        held_by_positions = self.margin_of_positions(self.fills)
        level = rounded(100 * self.equity() / held_by_positions, "USD") if held_by_positions else None
        return MoneyView(balance, unrealised, balance + unrealised, used, balance + unrealised - used, level, self.called)
