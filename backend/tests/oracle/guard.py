"""Margin call and stop-out, as docs/topics/accounts.md has them: looked at when a price or a moment has moved what it moves."""

from fractions import Fraction

from oracle.account import ZERO
from oracle.orders import Order
from oracle.turns import Turns
from trading_api.models.broker.orders import OrderType

CALL, RESTORED, STOP_OUT = 100, 105, 50


class Guarded(Turns):
    looked_at: tuple[int, int] = (0, 0)
    """How many fills and deposits there were when the level was last looked at."""

    def moves_the_level(self, symbol: str) -> bool:
        """A price of what is held or of its currency; any price, once something was filled or paid in."""
        held = {self.symbol_of(position) for position in self.positions()}
        moving = held | {pair for one in held for pair in self.pairs_of(one, self.prices)}
        return symbol in moving or self.looked_at != (len(self.fills), len(self.deposits))

    def look_at_the_level(self, at: int) -> None:
        self.judge_the_level(at)
        self.looked_at = len(self.fills), len(self.deposits)

    def judge_the_level(self, at: int) -> None:
        if not self.guarded or any(self.worth(position) is None for position in self.positions()):
            return
        while (level := self.level()) is not None:
            if level <= CALL:
                self.called = True
            if level > RESTORED:
                self.called = False
            if level > STOP_OUT or not self.close_the_largest_loss(at):
                return
        self.called = False

    def level(self) -> Fraction | None:
        """In percent; None while nothing is held."""
        margin = self.margin_of_positions(self.fills)
        return 100 * self.equity() / margin if margin else None

    def worth(self, position: str) -> Fraction | None:
        """What it has gained so far, in the account's currency; None while some price for that is unknown."""
        symbol = self.symbol_of(position)
        fx = self.rate(self.terms[symbol].currency)
        if symbol not in self.prices or fx is None:
            return None
        now, side = self.held(position), self.side_of(position)
        return (self.prices[symbol].taken_by(side.opposite) * now.signed - now.cost * side.value) * fx

    def close_the_largest_loss(self, at: int) -> bool:
        """Whether it was closed, so that the level is another."""
        tradable = [position for position in self.positions() if self.can_fill(self.symbol_of(position), at)]
        if not tradable or any(map(self.is_being_closed, tradable)):
            return False
        worst = min(tradable, key=lambda position: self.worth(position) or ZERO)
        symbol, side = self.symbol_of(worst), self.side_of(worst).opposite
        self.add(Order(symbol, OrderType.MARKET, side, self.size([worst]), is_close=True, closes=worst))
        self.match(symbol, at)
        return worst not in self.positions()

    def is_being_closed(self, position: str) -> bool:
        """A market order for all of it waits for more size."""
        symbol, side, size = self.symbol_of(position), self.side_of(position).opposite, self.size([position])
        waiting = [one for one in self.orders if one.open and one.type is OrderType.MARKET and one.side is side]
        return any(one.closes in (position, symbol) and self.remaining(one) >= size for one in waiting if one.symbol == symbol)
