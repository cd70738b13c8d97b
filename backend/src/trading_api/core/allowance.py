"""What an account may still open: its lock, and its limits for orders, positions and their number.

Whatever only closes is always allowed. An order counts against a position's limit together with what works already on its side,
so that all of them can fill.
"""

from decimal import Decimal

from trading_api.core.books import Books
from trading_api.core.holdings import ZERO
from trading_api.models.broker.account import SymbolLimit
from trading_api.models.broker.orders import PlacedOrder, Side
from trading_api.models.errors import Refused

ALL_OTHERS = "*"
NO_LIMIT = SymbolLimit()


class Allowance:
    """Asks one account's books how much may be opened."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._ledger = books.ledger

    def check(
        self,
        symbol: str,
        side: Side,
        quantity: Decimal,
        at: int,
        *,
        order: PlacedOrder | None = None,
        closes: Decimal | None = None,
    ) -> None:
        """Raise the refusal of an order of this size. `order`: one that works and grows; `closes`: what it surely closes."""
        standing = self._ledger.standing
        if standing.lock is None and not standing.limits.symbols and standing.limits.open_positions is None:
            return
        sure = self._closes(symbol, side, quantity, order) if closes is None else closes
        if quantity <= sure:
            return
        locked = self._ledger.standing.locked(at)
        if locked is not None:
            raise Refused("account_locked", locked, field="qty" if sure else "symbol", nearest=sure or None)
        limits = self._ledger.standing.limits
        limit = limits.symbols.get(symbol) or limits.symbols.get(ALL_OTHERS) or NO_LIMIT
        filled = order.filled_quantity if order else ZERO
        opens = quantity + filled - sure
        if limit.order is not None and opens > limit.order:
            text = f"Expected an order that opens at most {limit.order} {symbol} on this account, found {opens}"
            raise self._refusal("order_above_limit", text, symbol, limit.order + sure)
        self._check_position(symbol, side, quantity, filled, sure, limit, order)
        self._check_count(symbol, order, turned=closes is not None)

    def _working(self, symbol: str, order: PlacedOrder | None) -> list[PlacedOrder]:
        """The entry orders of the symbol beside this one."""
        beside = self._ledger.orders_in(symbol)
        return [one for one in beside if not one.bracket and not one.closes and (order is None or one.id != order.id)]

    def _closes(self, symbol: str, side: Side, quantity: Decimal, order: PlacedOrder | None) -> Decimal:
        """What it closes of a netted position, after the orders that take their turns before it."""
        if self._ledger.hedging:
            return ZERO
        left = sum((abs(one.quantity) for one in self._ledger.held_in(symbol) if one.side is not side), ZERO)
        for one in self._ledger.orders_in(symbol):
            if order is not None and one.id == order.id:
                break
            if one.side is side and not one.bracket and not one.closes:
                left -= one.remaining
        return max(ZERO, min(left, quantity))

    def _check_position(
        self,
        symbol: str,
        side: Side,
        quantity: Decimal,
        filled: Decimal,
        closes: Decimal,
        limit: SymbolLimit,
        order: PlacedOrder | None,
    ) -> None:
        if limit.position is None:
            return
        held = self._ledger.held_in(symbol)
        if self._ledger.hedging:
            before = sum((abs(one.quantity) for one in held if one.side is side), ZERO)
            opens = quantity - closes
        else:
            before, opens = sum((side * one.quantity for one in held), ZERO), quantity
        before += sum((one.remaining for one in self._working(symbol, order) if one.side is side), ZERO)
        if before + opens <= limit.position:
            return
        text = (
            f"Expected a position of at most {limit.position} {symbol} on this account, found {before + opens} with this order"
        )
        raise self._refusal("position_above_limit", text, symbol, max(limit.position - before, closes) + filled)

    def _check_count(self, symbol: str, order: PlacedOrder | None, *, turned: bool) -> None:
        most, ledger = self._ledger.standing.limits.open_positions, self._ledger
        if most is None or order is not None or turned:
            return
        entries = [one for one in ledger.orders.values() if not one.bracket and not one.closes and not one.reverses]
        if ledger.hedging:
            there = len(ledger.positions) + sum(1 for one in entries if not one.filled_quantity)
        else:
            symbols = {one.symbol for one in entries} | {one.symbol for one in ledger.positions.values()}
            if symbol in symbols:
                return
            there = len(symbols)
        if there >= most:
            text = f"Expected at most {most} open positions on this account, found {there} with the orders that work"
            raise Refused("too_many_positions", text, field="symbol")

    def _refusal(self, code: str, text: str, symbol: str, most: Decimal) -> Refused:
        """The nearest legal quantity is on the symbol's grid."""
        instrument = self._books.instrument(symbol)
        nearest = most - most % instrument.quantity_step
        return Refused(code, text, field="qty", nearest=nearest if nearest >= instrument.quantity_min else None)
