"""Closed trades, open positions and the rest together are exactly the money the account booked, whatever was traded."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes_market import MONDAY, an_instrument
from trading_api.core.account_history import Past
from trading_api.core.engine import Engine
from trading_api.core.fill_model import PRESETS
from trading_api.core.history_rows import Keep, Row, Rows, Wanted
from trading_api.core.ids import CountedIds
from trading_api.core.ledger import Ledger
from trading_api.core.money import Leg, conversion_path
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import OrderRequest, OrderType, Side
from trading_api.models.errors import TradingError
from trading_api.models.facts import Adjusted, Command, Configured, Executed, Fact, Requested
from trading_api.models.market.quotes import Quote

KEEP = Keep(1_000_000)
TRADED = ("trade", "commission")
COSTS = {"commission": {"perUnit": "0.000037"}, "swap": {"long": "-0.000083", "short": "0.000041", "triple": 4}}
INSTRUMENTS = (
    an_instrument("EURUSD", **COSTS),
    an_instrument(
        "USDJPY", tick_size="0.001", pip_size="0.01", commission={"rate": "0.00002"}, swap={"long": "0.009", "short": "-0.013"}
    ),
)
LISTED = {one.id: one for one in INSTRUMENTS}
FIRST = {"DEMO:EURUSD": Decimal("1.08500"), "DEMO:USDJPY": Decimal("150.000")}


def path(source: str, target: str) -> tuple[Leg, ...] | None:
    return conversion_path(source, target, INSTRUMENTS)


@dataclass(frozen=True)
class Step:
    """Time passes, a price moves, and something is asked."""

    action: Literal["buy", "sell", "close", "wait"]
    symbol: str
    quantity: int
    move: int
    pick: int
    wait: int


steps = st.builds(
    Step,
    action=st.sampled_from(("buy", "sell", "close", "close", "wait")),
    symbol=st.sampled_from(sorted(LISTED)),
    quantity=st.integers(1, 7_000),
    move=st.integers(-150, 150),
    pick=st.integers(0, 5),
    wait=st.sampled_from((0, 7, 120, 1_000, 50_000, 40_000_000, 90_000_000)),
)


def folded(facts: list[Fact]) -> Past:
    past = Past("A1", KEEP)
    for fact in facts:
        past.fold(fact)
    return past


def every(rows: Rows[Row]) -> list[Row]:
    return rows.at(rows.find(Wanted(), end=rows.end, limit=rows.end))


def check_trades(past: Past, facts: list[Fact]) -> None:
    trades = every(past.trades)
    closing = [one for one in facts if isinstance(one, Executed) and one.closed_quantity]
    assert [one.id for one in trades] == [one.execution_id for one in closing]
    for trade, fact in zip(trades, closing, strict=True):
        assert trade.quantity == fact.closed_quantity and trade.side == -fact.side
        assert trade.net_profit == trade.gross_profit - trade.fees + trade.swap
        assert trade.holding_time >= 0
        assert trade.mae_price is not None and trade.mae_price >= 0
        assert trade.mfe_price is not None and trade.mfe_price >= 0
    held = past.ledger.positions.values()
    carried = sum((one.swap - one.commission for one in held), Decimal(0))
    beside = [one for one in facts if isinstance(one, Adjusted) and (one.reason != "swap" or one.position_id is None)]
    other = sum((one.amount for one in beside), Decimal(0))
    assert sum((one.net_profit for one in trades), Decimal(0)) + carried + other == past.ledger.realized


def check_lines(past: Past) -> None:
    assert past.ledger.profile is not None
    balance = past.ledger.profile.opening_balance
    lines = every(past.lines)
    for line in lines:
        balance += line.amount
        assert line.balance == balance
    assert balance == past.ledger.balance
    fills = every(past.executions)
    assert sum((one.amount for one in lines if one.kind in TRADED), Decimal(0)) == sum(
        (one.profit - one.commission for one in fills), Decimal(0)
    )


class Floor:
    """One account on the engine, told what to do; `facts` is what came of it."""

    def __init__(self, currency: str, mode: Literal["netting", "hedging"], fifo: bool) -> None:
        self.now = MONDAY
        self.facts: list[Fact] = []
        self.ledger = Ledger("A1")
        self._ids = CountedIds(self.ledger)
        self.engine = Engine(
            Ledger("A1"), instrument=LISTED.__getitem__, path=path, ids=self._ids, random=Random(1), model=PRESETS["retail-fx"]
        )
        profile = AccountProfile(
            id="A1",
            name="",
            currency=currency,
            leverage=Decimal(30),
            markets=("DEMO",),
            opening_balance=Decimal(2_000_000 if currency == "JPY" else 20_000),
            position_mode=mode,
            fifo=fifo,
        )
        self.send(Configured(time=self.now, profile=profile))
        for symbol in LISTED:
            self.tick(symbol, 0)

    def send(self, command: Command) -> None:
        try:
            self.engine.admission.check(command, self.now)
        except TradingError:
            return
        self.tell((command, *self.engine.submit(command, self.now)))

    def tell(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.facts.append(fact)
            self.ledger.apply(fact)

    def tick(self, symbol: str, move: int) -> None:
        known = self.engine.quotes.get(symbol)
        bid = (known.bid if known else FIRST[symbol]) + move * LISTED[symbol].tick_size
        ask = bid + 8 * LISTED[symbol].tick_size
        self.tell(self.engine.tick(Quote(symbol=symbol, time=self.now, bid=bid, ask=ask, ask_size=Decimal(2_500))))

    def place(self, symbol: str, side: Side, quantity: int) -> None:
        order = OrderRequest(symbol=symbol, type=OrderType.MARKET, side=side, quantity=Decimal(quantity))
        self.send(Requested(time=self.now, action="place", order_id=self._ids.order(), order=order))

    def close(self, pick: int, quantity: int) -> None:
        held = list(self.ledger.positions.values())
        if held:
            one = held[pick % len(held)]
            amount = min(Decimal(quantity), abs(one.quantity))
            order = OrderRequest(
                symbol=one.symbol, type=OrderType.MARKET, side=one.side.opposite, quantity=amount, is_close=True
            )
            wanted = Requested(time=self.now, action="close", order_id=self._ids.order(), position_id=one.id, order=order)
            self.send(wanted)

    def play(self, step: Step) -> None:
        self.now += step.wait
        for due in sorted(self.engine.due(), key=lambda one: one.time):
            if due.time <= self.now:
                self.tell(self.engine.wake(due.time))
        for symbol in LISTED:
            self.tick(symbol, step.move if symbol == step.symbol else 0)
        if step.action == "close":
            self.close(step.pick, step.quantity)
        elif step.action != "wait":
            self.place(step.symbol, Side.BUY if step.action == "buy" else Side.SELL, step.quantity)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    steps=st.lists(steps, min_size=10, max_size=60),
    currency=st.sampled_from(("USD", "EUR", "JPY")),
    mode=st.sampled_from(("netting", "hedging")),
    fifo=st.booleans(),
)
def test_trades_and_lines_add_up_to_the_cent(
    steps: list[Step], currency: str, mode: Literal["netting", "hedging"], fifo: bool
) -> None:
    floor = Floor(currency, mode, fifo)
    for step in steps:
        floor.play(step)
    past = folded(floor.facts)
    check_trades(past, floor.facts)
    check_lines(past)
    assert every(past.orders) == list(floor.ledger.ended), "nothing that ended is missing"
    assert every(past.executions) == list(floor.ledger.executions)
