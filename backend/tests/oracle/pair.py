"""Oracle and engine side by side: each action is done to both, and both must say the same."""

import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Protocol

from oracle import invariants
from oracle.bench import (
    Bench,
    GuardedBench,
    a_profile,
    decimal,
    maybe,
    to_cancel,
    to_cancel_all,
    to_close,
    to_flatten,
    to_fund,
    to_modify,
    to_place,
    to_protect,
    to_reverse,
)
from oracle.books import Oracle
from oracle.money import Prices
from oracle.orders import Change, Order, Protection, Works
from oracle.show import show
from oracle.symbols import BEGIN, START, TERMS, day_end
from oracle.views import AccountView
from trading_api.core.admission import STALE_MS
from trading_api.core.ledger import Ledger
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import Duration, OrderChange, OrderRequest, Side
from trading_api.models.broker.positions import ProtectRequest
from trading_api.models.errors import TradingError
from trading_api.models.facts import Command, Fact, Removable
from trading_api.models.market.quotes import Quote

REMOVABLE: dict[str, Removable] = {
    "take_profit": "take_profit",
    "stop_loss": "stop_loss",
    "trail": "trailing_stop_pips",
}


class Differ(AssertionError):
    """Oracle and engine disagree."""


class Stand(Protocol):
    """Where an engine runs: alone (Bench), or in a desk (DeskBench)."""

    @property
    def ledger(self) -> Ledger: ...

    @property
    def facts(self) -> Sequence[Fact]: ...

    def ask(self, command: Command, at: int) -> TradingError | None:
        """None, or the refusal."""

    def tick(self, quote: Quote) -> None: ...

    def wake(self, at: int) -> None:
        """Time goes by."""

    def view(self) -> AccountView: ...

    @property
    def killed(self) -> bool:
        """What was asked last has not been answered, so there is nothing to compare."""


class Pair:
    def __init__(
        self,
        *,
        currency: str = "USD",
        deposit: Fraction = Fraction(10_000),
        leverage: Fraction = Fraction(30),
        hedging: bool = False,
        fifo: bool = False,
        guarded: bool = False,
        stand: Callable[[AccountProfile, int], Stand] | None = None,
    ) -> None:
        """`stand`: where the engine runs; by itself unless told otherwise."""
        self.oracle = Oracle(
            currency=currency,
            deposit=deposit,
            leverage=leverage,
            terms=list(TERMS.values()),
            stale_after=STALE_MS,
            hedging=hedging,
            fifo=fifo,
            guarded=guarded,
        )
        profile = a_profile(currency, deposit, leverage, hedging=hedging, fifo=fifo)
        self.bench = (stand or (GuardedBench if guarded else Bench))(profile, BEGIN)
        self.now = BEGIN
        self.begun = False
        self.market: dict[str, Prices] = {}
        self.before: AccountView | None = None
        self.moved_by_hand = False
        for symbol, prices in START.items():
            self.tick(symbol, prices.bid, prices.ask)
        self.begun = True
        self.compare()

    # Actions

    def place(self, order: Order) -> bool:
        if order.works == "DAY":
            order.expires = day_end(self.now)
        refused = self.bench.ask(to_place(self.bench.ledger, request_of(order)), self.now)
        return self.agree(self.oracle.place(order, self.now), refused)

    def modify(self, number: int, change: Change) -> bool:
        refused = self.bench.ask(to_modify(f"o{number}", *change_of(change)), self.now)
        return self.agree(self.oracle.modify(number, change, self.now), refused, by_hand=True)

    def cancel(self, number: int) -> bool:
        return self.agree(self.oracle.cancel(number, self.now), self.bench.ask(to_cancel(f"o{number}"), self.now))

    def close(
        self, target: str, amount: Fraction | None = None, *, symbol: str | None = None, side: Side | None = None
    ) -> bool:
        """A position; or with a symbol for target, that side of it, or of a netted position whichever it is."""
        self.pass_time()
        symbol = symbol or self.oracle.symbol_of(target)
        side = side or self.oracle.side_of(target)
        refused = self.bench.ask(to_close(self.bench.ledger, target, symbol, side, maybe(amount)), self.now)
        return self.agree(self.oracle.close(target, symbol, side, amount, self.now), refused)

    def reverse(self, position: str) -> bool:
        """An open one: of any other the service itself knows nothing."""
        self.pass_time()
        refused = self.bench.ask(to_reverse(self.bench.ledger, position), self.now)
        return self.agree(self.oracle.reverse(position, self.now), refused)

    def protect(self, position: str, protection: Protection) -> bool:
        request = ProtectRequest(
            take_profit=maybe(protection.take_profit),
            stop_loss=maybe(protection.stop_loss),
            trailing_stop_pips=maybe(protection.trail),
        )
        refused = self.bench.ask(to_protect(position, request), self.now)
        return self.agree(self.oracle.protect(position, protection, self.now), refused, by_hand=True)

    def cancel_all(self, symbol: str | None = None, side: Side | None = None) -> None:
        self.oracle.cancel_all(symbol, side, self.now)
        self.agree(None, self.bench.ask(to_cancel_all(symbol, side), self.now))

    def flatten(self, symbol: str | None = None) -> None:
        self.oracle.flatten(symbol, self.now)
        self.agree(None, self.bench.ask(to_flatten(symbol), self.now))

    def fund(self, amount: Fraction) -> None:
        self.oracle.fund(amount, self.now)
        self.agree(None, self.bench.ask(to_fund(amount), self.now))

    def tick(
        self, symbol: str, bid: Fraction, ask: Fraction, *, bid_size: Fraction | None = None, ask_size: Fraction | None = None
    ) -> None:
        prices = self.market[symbol] = Prices(bid, ask, self.now, bid_size, ask_size)
        self.oracle.tick(symbol, prices, self.now)
        self.bench.tick(quote_of(symbol, prices))
        self.compare()

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    def pass_time(self) -> None:
        """A command that reads the account before it asks sees what the alarms have done."""
        self.oracle.pass_time(self.now)
        self.bench.wake(self.now)

    # Comparison

    def agree(self, oracle_refuses: str | None, engine_refuses: TradingError | None, *, by_hand: bool = False) -> bool:
        """Both refuse, or both accept; answers whether they accepted."""
        if (oracle_refuses is None) != (engine_refuses is None):
            raise Differ(f"the oracle says {oracle_refuses}, the engine {engine_refuses}")
        self.moved_by_hand = by_hand
        self.compare()
        self.moved_by_hand = False
        return oracle_refuses is None

    def compare(self) -> None:
        if not self.begun or self.bench.killed:
            return
        expected, found = show(self.oracle), self.bench.view()
        if expected != found:
            raise Differ("\n".join(differences(expected, found)))
        self.hold(found)
        self.before = found

    def hold(self, view: AccountView) -> None:
        oracle, before = self.oracle, self.before or view
        invariants.hold(view, before, oracle.terms, moved_by_hand=self.moved_by_hand)
        invariants.cash_adds_up(view, oracle.deposits)
        invariants.equity_is_cash_and_unrealised_profit_at_the_marks(view, oracle.currency, oracle.terms, oracle.prices)
        invariants.margin_is_what_positions_and_working_orders_reserve(
            view, oracle.currency, oracle.leverage, oracle.terms, oracle.prices, hedging=oracle.hedging
        )
        for symbol, prices in oracle.prices.items():
            invariants.no_price_gives_more_than_its_size(view.executions[oracle.seen_fills[symbol] :], symbol, prices)
        invariants.time_never_goes_back([fact.time for fact in self.bench.facts])
        invariants.amounts_are_on_their_grids(view, oracle.currency, oracle.terms)


# The oracle's words on the wire


def request_of(order: Order) -> OrderRequest:
    return OrderRequest(
        symbol=order.symbol,
        type=order.type,
        side=order.side,
        quantity=decimal(order.quantity),
        limit_price=maybe(order.limit_price),
        stop_price=maybe(order.stop_price),
        take_profit=maybe(order.take_profit),
        stop_loss=maybe(order.stop_loss),
        trailing_stop_pips=maybe(order.trail),
        oco_group=order.group,
        is_close=order.is_close,
        duration=duration_of(order.works, order.expires),
    )


def duration_of(works: Works, expires: int | None) -> Duration:
    return Duration(type=works, datetime=expires if works == "GTD" else None)


def change_of(change: Change) -> tuple[OrderChange, tuple[Removable, ...]]:
    wire: dict[str, object] = {
        "trailing_stop_pips" if name == "trail" else name: decimal(value)
        for name, value in change.values.items()
        if isinstance(value, Fraction)
    }
    expires = change.values.get("expires")
    if "expires" in change.values:
        wire["duration"] = duration_of(change.works, expires if isinstance(expires, int) else None)
    removes = tuple(wired for name, wired in REMOVABLE.items() if change.values.get(name, 0) is None)
    return OrderChange.model_validate(wire), removes


def quote_of(symbol: str, prices: Prices) -> Quote:
    return Quote(
        symbol=symbol,
        time=prices.time,
        bid=decimal(prices.bid),
        ask=decimal(prices.ask),
        bid_size=maybe(prices.bid_size),
        ask_size=maybe(prices.ask_size),
    )


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


def in_short(error: Exception) -> str:
    """In a few words: what differs, or which invariant or assertion is broken."""
    if not isinstance(error, Differ):
        return f"broken: {traceback.extract_tb(error.__traceback__)[-1].name.strip('_').replace('_', ' ')}"
    if "\n" not in str(error) and ": " not in str(error):
        return str(error)
    what = (re.sub(r"(\w+), (\w+) of .*", r"\2 of \1", line.partition(": ")[0]) for line in str(error).splitlines())
    return ", ".join(dict.fromkeys(what))
