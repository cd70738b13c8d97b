"""Why the oracle refuses a command: None, or a word."""

from fractions import Fraction

from oracle.account import ZERO
from oracle.guard import Guarded
from oracle.orders import AT_ONCE, HAS_STOP, Change, Order, Protection, changeable, order_price, own_price, wrong_bracket
from trading_api.models.broker.orders import BracketKind, OrderStatus, OrderType

GROUP_MAX = 10


class Checks(Guarded):
    def why_not_place(self, order: Order, at: int) -> str | None:
        if order.closes and order.quantity > self.size(self.against(order.symbol, order.side)):
            return "more than held"
        if self.rate(self.terms[order.symbol].currency) is None:
            return "no rate"
        at_once = order.works in AT_ONCE
        if (order.type is OrderType.MARKET or at_once) and not self.can_fill(order.symbol, at):
            return "closed or stale"
        if order.type in HAS_STOP and (at_once or self.would_touch(order)):
            return "stop with what fills at once, or on the wrong side"
        if order.works == "GTD" and (order.expires is None or order.expires <= at):
            return "ends before now"
        if order.group is not None and sum(one.open and one.group == order.group for one in self.orders) >= GROUP_MAX:
            return "group is full"
        if order.group is not None and any(one.group == order.group and self.filled(one) for one in self.orders):
            return "group is decided"
        return self.brackets_on_wrong_side(order) or self.short_of_margin(order) or self.not_carried_now(order, at)

    def not_carried_now(self, order: Order, at: int) -> str | None:
        """What a market order would open at once must be carried, all of it."""
        if order.type is not OrderType.MARKET or order.closes:
            return None
        return None if self.carried(order, self.split(order, order.quantity, at)) else "margin"

    def why_not_close(self, target: str, symbol: str, order: Order, at: int) -> str | None:
        closed = self.against(symbol, order.side, target)
        if not closed:
            return "no position"
        if self.fifo and target != symbol and closed[0] != self.against(symbol, order.side)[0]:
            return "not the oldest"
        if order.quantity > self.size(closed):
            return "more than held"
        return None if self.can_fill(symbol, at) else "closed or stale"

    def why_not_reverse(self, order: Order, at: int) -> str | None:
        if self.fifo and order.reverses != self.against(order.symbol, order.side)[0]:
            return "not the oldest"
        if not self.can_fill(order.symbol, at):
            return "closed or stale"
        return self.short_of_margin(order) or self.not_carried_now(order, at)

    def why_not_modify(self, order: Order, change: Change, at: int) -> str | None:
        if not order.open:
            return "ended"
        if not set(change.values) <= changeable(order):
            return "not its own"
        wanted = Order(**vars(order))
        for name, value in change.values.items():
            setattr(wanted, name, value)
        if wanted.bracket is not None:
            if "trail" in change.values and wanted.trail is None and order.trail is None:
                return "does not trail"
            return self.moved_to_wrong_side(wanted) if change.values.keys() & {"limit_price", "stop_price"} else None
        stop = self.brought(order, BracketKind.STOP_LOSS)
        if stop and stop.triggered and any(change.values.get(name) is not None for name in ("stop_loss", "trail")):
            return "its stop has been touched"
        if wanted.quantity <= self.filled(order):
            return "filled already"
        if isinstance(wanted.expires, int) and wanted.expires <= at:
            return "ends before now"
        if "stop_price" in change.values and self.would_touch(wanted):
            return "stop on the wrong side"
        return self.brackets_on_wrong_side(wanted) or self.short_of_margin(wanted)

    def why_not_protect(self, position: str, protection: Protection) -> str | None:
        if position not in self.positions():
            return "no position"
        symbol = self.symbol_of(position)
        if symbol not in self.prices:
            return "no price"
        now = {one.bracket: one for one in self.protecting(position)}
        stop = now.get(BracketKind.STOP_LOSS)
        if (
            stop
            and stop.triggered
            and (protection.stop_loss, protection.trail)
            not in (
                (None, None),
                (stop.stop_price, stop.trail),
                (None, stop.trail),
            )
        ):
            return "its stop has been touched"
        prices = dict.fromkeys(BracketKind, ZERO) | {kind: own_price(one) for kind, one in now.items() if kind}
        moved = (
            None if price == prices[kind] else price
            for kind, price in zip(BracketKind, (protection.take_profit, protection.stop_loss), strict=True)
        )
        return wrong_bracket(self.side_of(position), *moved, self.prices[symbol].bid, self.prices[symbol].ask)

    def would_touch(self, order: Order) -> bool:
        return order.symbol in self.prices and self.touched(order)

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
            assert bracket.origin is not None
            low, high = self.entry(self.orders[bracket.origin - 1])
        else:
            low, high = self.prices[bracket.symbol].bid, self.prices[bracket.symbol].ask
        return wrong_bracket(bracket.side.opposite, takes_profit, stops_loss, low, high)

    def short_of_margin(self, wanted: Order) -> str | None:
        """A command that asks for no more margin than is held already is never refused for it."""
        if wanted.closes:
            return None
        others = [wanted if order.number == wanted.number else order for order in self.holding_margin()]
        known = any(order.number == wanted.number for order in self.holding_margin())
        after = self.margin_with(others if known else [*others, wanted])
        return "margin" if after > self.margin_used() and after > self.equity() else None
