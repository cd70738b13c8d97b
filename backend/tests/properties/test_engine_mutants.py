"""Wrong engines, planted one at a time: the comparison with the oracle must catch each. `make mutants` shows the list."""

from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from oracle.actions import Action, Opening, play
from oracle.chances import openings, sequences
from oracle.pair import in_short
from trading_api.core import brackets, ledger, matching, valuation
from trading_api.core.allocation import Part
from trading_api.core.books import Books
from trading_api.core.engine import Engine
from trading_api.core.filling import Filling
from trading_api.core.gauge import Gauge
from trading_api.core.guard import Guard
from trading_api.core.holdings import Holding
from trading_api.core.ledger import Ledger
from trading_api.core.matching import Matching
from trading_api.core.money import Rates, booked_down
from trading_api.core.valuation import Entry, Valuation
from trading_api.models.broker.orders import BracketKind, Duration, OrderStatus, PlacedOrder
from trading_api.models.facts import Executed, Fact, OrderPatch
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

Plant = Callable[[pytest.MonkeyPatch], None]

HUNT = settings(max_examples=2_000, deadline=None, derandomize=True, database=None, phases=[Phase.generate])


def profit_has_the_wrong_sign(patch: pytest.MonkeyPatch) -> None:
    right = Filling._close

    def wrong(self: Filling, order: PlacedOrder, part: Part, price: Decimal) -> tuple[Decimal, Decimal]:
        profit, cost = right(self, order, part, price)
        return -profit, cost

    patch.setattr(Filling, "_close", wrong)


def a_fill_is_counted_twice(patch: pytest.MonkeyPatch) -> None:
    right = ledger.after_fill

    def wrong(before: Holding | None, fact: Executed, currency: str) -> Holding | None:
        once = right(before, fact, currency)
        return right(once, fact, currency) if once and not fact.closed_quantity else once

    patch.setattr(ledger, "after_fill", wrong)


def after_fill_without(patch: pytest.MonkeyPatch, keep: Callable[[OrderPatch], bool]) -> None:
    right = brackets.after_fill

    def wrong(*asked: Any, **named: Any) -> tuple[OrderPatch, ...]:
        return tuple(one for one in right(*asked, **named) if keep(one))

    patch.setattr(brackets, "after_fill", wrong)


def a_bracket_is_left_alive(patch: pytest.MonkeyPatch) -> None:
    after_fill_without(patch, lambda one: one.status is not OrderStatus.CANCELED)


def a_bracket_is_not_resized(patch: pytest.MonkeyPatch) -> None:
    after_fill_without(patch, lambda one: one.status is not None)


def a_bracket_is_not_activated(patch: pytest.MonkeyPatch) -> None:
    after_fill_without(patch, lambda one: one.status is not OrderStatus.WORKING)


def a_cancelled_parent_leaves_its_brackets(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(brackets, "fallen_with", lambda books, order: ())


def orders_fill_at_the_price_before(patch: pytest.MonkeyPatch) -> None:
    right = Engine.tick

    def wrong(self: Engine, quote: Quote) -> tuple[Fact, ...]:
        before = self.quotes.get(quote.symbol, quote)
        told = right(self, before.model_copy(update={"time": quote.time}))
        self.quotes[quote.symbol] = quote
        return told

    patch.setattr(Engine, "tick", wrong)


def old_prices_are_traded_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Books, "can_fill", lambda self, symbol, at: True)


def a_buy_hits_the_bid(patch: pytest.MonkeyPatch) -> None:
    right = Matching._try

    def wrong(self: Matching, order_id: str, quote: Quote, at: int, request_id: str | None) -> bool:
        return right(self, order_id, quote.model_copy(update={"bid": quote.ask, "ask": quote.bid}), at, request_id)

    patch.setattr(Matching, "_try", wrong)


def a_stop_must_be_passed(patch: pytest.MonkeyPatch) -> None:
    right = Matching._trigger

    def wrong(self: Matching, order: PlacedOrder, price: Decimal, at: int, request_id: str | None) -> bool:
        return price != order.stop_price and right(self, order, price, at, request_id)

    patch.setattr(Matching, "_trigger", wrong)


def fill_at(patch: pytest.MonkeyPatch, price_of: Callable[[PlacedOrder], Decimal | None]) -> None:
    right = Filling.fill

    def wrong(self: Filling, order: PlacedOrder, quantity: Decimal, quote: Quote, at: int, **named: Any) -> None:
        price = price_of(order)
        told = quote if price is None else quote.model_copy(update={"bid": price, "ask": price})
        right(self, order, quantity, told, at, **named)

    patch.setattr(Filling, "fill", wrong)


def a_stop_fills_at_its_own_price(patch: pytest.MonkeyPatch) -> None:
    fill_at(patch, lambda order: order.stop_price)


def a_limit_gets_no_improvement(patch: pytest.MonkeyPatch) -> None:
    fill_at(patch, lambda order: order.limit_price)


def the_cost_falls_by_its_share(patch: pytest.MonkeyPatch) -> None:
    right = Filling._close

    def wrong(self: Filling, order: PlacedOrder, part: Part, price: Decimal) -> tuple[Decimal, Decimal]:
        profit, cost = right(self, order, part, price)
        holding = self._books.ledger.positions.get(part.position_id)
        return profit, holding.cost * part.closes / abs(holding.quantity) if holding and part.closes else cost

    patch.setattr(Filling, "_close", wrong)


def the_minimum_commission_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def wrong(self: Filling, order: PlacedOrder, quantity: Decimal, price: Decimal) -> Decimal:
        instrument = self._books.instrument(order.symbol)
        amount = instrument.commission.rate * quantity * price + instrument.commission.per_unit * quantity
        return self._books.to_account(amount, instrument.currency)

    patch.setattr(Filling, "_commission", wrong)


def money_is_converted_at_the_bid(patch: pytest.MonkeyPatch) -> None:
    right = Rates.convert

    def wrong(self: Rates, amount: Decimal | Fraction, source: str, target: str) -> Fraction:
        bids = {one.symbol: one.model_copy(update={"ask": one.bid}) for one in self._quotes.values()}
        return right(Rates(self._path, bids), amount, source, target)

    patch.setattr(Rates, "convert", wrong)


def amounts_are_rounded_down(patch: pytest.MonkeyPatch) -> None:
    def wrong(self: Books, amount: Decimal, currency: str) -> Decimal:
        return booked_down(self.rates.convert(amount, currency, self.ledger.currency), self.ledger.currency)

    patch.setattr(Books, "to_account", wrong)


def working_orders_hold_no_margin(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Valuation, "_entries", lambda self, symbol: {})


def hedged_margin_is_summed(patch: pytest.MonkeyPatch) -> None:
    def wrong(held: Sequence[Holding], entries: Collection[Entry]) -> Fraction:
        orders = sum((Fraction(one.quantity * one.price) for one in entries), Fraction(0))
        return sum((Fraction(one.cost) for one in held), orders)

    patch.setattr(valuation, "_larger_side", wrong)


def a_fill_need_not_be_carried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Filling, "_carried", lambda *asked: True)


def the_size_of_a_tick_is_used_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Books, "take", lambda self, symbol, side, quantity: None)


def all_or_none_fills_in_part(patch: pytest.MonkeyPatch) -> None:
    right = Matching._fill

    def wrong(self: Matching, order: PlacedOrder, quote: Quote, at: int, request_id: str | None) -> bool:
        return right(self, order.model_copy(update={"duration": Duration(type="IOC")}), quote, at, request_id)

    patch.setattr(Matching, "_fill", wrong)


def the_rest_of_an_ioc_works_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(matching, "AT_ONCE", ("FOK",))


def a_trail_moves_away(patch: pytest.MonkeyPatch) -> None:
    def wrong(orders: Iterable[PlacedOrder], instrument: Instrument, quote: Quote) -> tuple[OrderPatch, ...]:
        return tuple(
            OrderPatch(order_id=one.id, stop_price=brackets.trailing_level(one.side, one.trailing_stop_pips, instrument, quote))
            for one in orders
            if one.trailing_stop_pips and one.status is OrderStatus.WORKING and one.bracket and not one.triggered
        )

    patch.setattr(brackets, "trailed", wrong)


def a_trail_stands_still(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(brackets, "trailed", lambda orders, instrument, quote: ())


def the_others_of_a_group_live_on(patch: pytest.MonkeyPatch) -> None:
    right = Filling._moved

    def wrong(self: Filling, order: PlacedOrder, part: Part, quote: Quote) -> tuple[OrderPatch, ...]:
        return right(self, order.model_copy(update={"oco_group": None}), part, quote)

    patch.setattr(Filling, "_moved", wrong)


def a_stop_loss_keeps_its_size(patch: pytest.MonkeyPatch) -> None:
    right = brackets._resized

    def wrong(orders: Iterable[PlacedOrder], quantity: Decimal) -> tuple[OrderPatch, ...]:
        return right([one for one in orders if one.bracket is not BracketKind.STOP_LOSS or not quantity], quantity)

    patch.setattr(brackets, "_resized", wrong)


def closing_opens(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Filling, "_fitted", lambda self, order, at, request_id: order)


def a_filled_order_works_on(patch: pytest.MonkeyPatch) -> None:
    right = Ledger._fill

    def wrong(self: Ledger, fact: Executed) -> PlacedOrder:
        before, after = self.orders[fact.order_id], right(self, fact)
        if after.final:
            self.ended.pop()
            self._put(before)
        return after

    patch.setattr(Ledger, "_fill", wrong)
    patch.setattr(Ledger, "twin", Ledger.fork)  # what it tells is not what it keeps, so there is nothing to take over


def the_rest_of_a_bracketed_order_works_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(brackets, "_orphaned", lambda ledger, bracket: ())


def nobody_is_stopped_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Guard, "_stop_out_one", lambda *asked: False)


def the_margin_level_is_not_looked_at_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gauge, "stirs", lambda self, symbol=None: False)


def nothing_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Engine, "_expire", lambda self, at: None)


def longs_are_marked_at_the_ask(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Valuation, "mark", lambda self, holding: self._quotes[holding.symbol].ask)


PLANTS = (
    profit_has_the_wrong_sign,
    a_fill_is_counted_twice,
    a_bracket_is_left_alive,
    a_bracket_is_not_resized,
    a_bracket_is_not_activated,
    a_cancelled_parent_leaves_its_brackets,
    orders_fill_at_the_price_before,
    old_prices_are_traded_on,
    a_buy_hits_the_bid,
    a_stop_must_be_passed,
    a_stop_fills_at_its_own_price,
    a_limit_gets_no_improvement,
    the_cost_falls_by_its_share,
    the_minimum_commission_is_forgotten,
    money_is_converted_at_the_bid,
    amounts_are_rounded_down,
    working_orders_hold_no_margin,
    hedged_margin_is_summed,
    a_fill_need_not_be_carried,
    the_size_of_a_tick_is_used_twice,
    all_or_none_fills_in_part,
    pytest.param(the_rest_of_an_ioc_works_on, marks=pytest.mark.long),
    a_trail_moves_away,
    a_trail_stands_still,
    the_others_of_a_group_live_on,
    a_stop_loss_keeps_its_size,
    closing_opens,
    a_filled_order_works_on,
    the_rest_of_a_bracketed_order_works_on,
    nobody_is_stopped_out,
    the_margin_level_is_not_looked_at_again,
    nothing_ends,
    longs_are_marked_at_the_ask,
)


def difference(opening: Opening, sequence: list[Action]) -> str | None:
    """What the comparison says against this engine, if anything."""
    try:
        play(opening.pair(), sequence)
    except AssertionError as error:
        return in_short(error)
    return None


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_wrong_engine_is_caught(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    plant(monkeypatch)
    case = find(st.tuples(openings, sequences(40)), lambda case: difference(*case) is not None, settings=HUNT)
    record_property("caught", difference(*case))
    monkeypatch.undo()
    assert difference(*case) is None, "the same sequence passes on the right engine"
