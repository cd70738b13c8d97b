"""Oracle and engine side by side: each action is done to both, and both must say the same."""

from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from oracle import invariants
from oracle.bench import Bench, decimal, duration
from oracle.books import Oracle
from oracle.money import Prices
from oracle.orders import Change, Order
from oracle.show import show
from oracle.symbols import BEGIN, START, TERMS, day_end
from oracle.views import AccountView
from trading_api.core.admission import STALE_MS
from trading_api.core.engine import Engine
from trading_api.core.ledger import Ledger
from trading_api.models.broker.orders import OrderChange, OrderRequest
from trading_api.models.errors import TradingError
from trading_api.models.market.quotes import Quote

REMOVABLE: tuple[Literal["take_profit"], Literal["stop_loss"]] = ("take_profit", "stop_loss")


class Differ(AssertionError):
    """Oracle and engine disagree."""


class Pair:
    def __init__(
        self,
        *,
        currency: str = "USD",
        deposit: Fraction = Fraction(10_000),
        leverage: Fraction = Fraction(30),
        engine: type[Engine] = Engine,
        ledger: type[Ledger] = Ledger,
    ) -> None:
        self.oracle = Oracle(
            currency=currency, deposit=deposit, leverage=leverage, terms=list(TERMS.values()), stale_after=STALE_MS
        )
        self.bench = Bench(currency=currency, deposit=deposit, leverage=leverage, begin=BEGIN, engine=engine, ledger=ledger)
        self.now = BEGIN
        self.before: AccountView | None = None
        for symbol, prices in START.items():
            self.tick(symbol, prices.bid, prices.ask)

    # Actions

    def place(self, order: Order, *, day: bool = False) -> bool:
        order.expires = day_end(self.now) if day else None
        request = OrderRequest(
            symbol=order.symbol,
            type=order.type,
            side=order.side,
            quantity=decimal(order.quantity),
            limit_price=maybe(order.limit_price),
            stop_price=maybe(order.stop_price),
            take_profit=maybe(order.take_profit),
            stop_loss=maybe(order.stop_loss),
            duration=duration(day),
        )
        return self.agree(self.oracle.place(order, self.now), self.bench.place(request, self.now))

    def modify(self, number: int, change: Change) -> bool:
        values = {name: decimal(value) for name, value in change.values.items() if isinstance(value, Fraction)}
        wire: dict[str, object] = {**values}
        if "expires" in change.values:
            wire["duration"] = duration(change.values["expires"] is not None)
        removes = tuple(name for name in REMOVABLE if change.values.get(name, 0) is None)
        refused = self.bench.modify(f"o{number}", OrderChange.model_validate(wire), removes, self.now)
        return self.agree(self.oracle.modify(number, change, self.now), refused)

    def cancel(self, number: int) -> bool:
        return self.agree(self.oracle.cancel(number, self.now), self.bench.cancel(f"o{number}", self.now))

    def close(self, symbol: str, amount: Fraction | None = None) -> bool:
        refused = self.bench.close(symbol, maybe(amount), self.now)
        return self.agree(self.oracle.close(symbol, amount, self.now), refused)

    def fund(self, amount: Fraction) -> None:
        self.oracle.expire(self.now)
        self.oracle.fund(amount)
        self.agree(None, self.bench.fund(decimal(amount), self.now))

    def tick(self, symbol: str, bid: Fraction, ask: Fraction) -> None:
        self.oracle.tick(symbol, Prices(bid, ask, self.now), self.now)
        self.bench.tick(Quote(symbol=symbol, time=self.now, bid=decimal(bid), ask=decimal(ask)))
        self.compare()

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    # Comparison

    def agree(self, oracle_refuses: str | None, engine_refuses: TradingError | None) -> bool:
        """Both refuse, or both accept; answers whether they accepted."""
        if (oracle_refuses is None) != (engine_refuses is None):
            raise Differ(f"the oracle says {oracle_refuses}, the engine {engine_refuses}")
        self.compare()
        return oracle_refuses is None

    def compare(self) -> None:
        if not len(self.bench.engine.quotes) == len(self.oracle.prices) == len(START):
            return
        expected, found = show(self.oracle), self.bench.view()
        if expected != found:
            raise Differ("\n".join(differences(expected, found)))
        self.hold(found)
        self.before = found

    def hold(self, view: AccountView) -> None:
        oracle = self.oracle
        invariants.positions_are_the_sum_of_executions(view)
        invariants.cash_adds_up(view, oracle.deposits)
        invariants.equity_is_cash_and_unrealised_profit_at_the_marks(view, oracle.currency, oracle.terms, oracle.prices)
        invariants.filled_is_the_sum_of_an_orders_executions(view)
        invariants.orders_move_only_forward(self.before or view, view)
        invariants.margin_is_what_positions_and_working_orders_reserve(
            view, oracle.currency, oracle.leverage, oracle.terms, oracle.prices
        )
        invariants.brackets_protect_the_whole_position_once(view)
        invariants.waiting_brackets_follow_their_parent(view)
        invariants.reducing_orders_never_flip(view)
        invariants.time_never_goes_back([fact.time for fact in self.bench.facts])
        invariants.amounts_are_on_their_grids(view, oracle.currency, oracle.terms)


def differences(expected: AccountView, found: AccountView) -> list[str]:
    """Each line names one thing that differs."""
    lines: list[str] = []
    if expected.money != found.money:
        lines.append(f"money: the oracle says {expected.money}, the engine {found.money}")
    for field in fields(AccountView):
        if field.name == "money":
            continue
        wanted, given = getattr(expected, field.name), getattr(found, field.name)
        if len(wanted) != len(given):
            lines.append(f"{field.name}: the oracle has {len(wanted)}, the engine {len(given)}")
        for one, other in zip(wanted, given, strict=False):
            for name in (each.name for each in fields(one)):
                if getattr(one, name) != getattr(other, name):
                    told = f"the oracle says {getattr(one, name)}, the engine {getattr(other, name)}"
                    lines.append(f"{field.name}, {name} of {one}: {told}")
    return lines


def maybe(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal(value)
