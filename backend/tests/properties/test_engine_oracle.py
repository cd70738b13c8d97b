"""The oracle itself, against sums done by hand."""

from fractions import Fraction

from oracle.books import Oracle
from oracle.money import Prices, rate, rounded
from oracle.orders import Change, Order
from oracle.symbols import ACME, BEGIN, EURUSD, START, TERMS, USDJPY
from trading_api.models.broker.orders import OrderStatus, OrderType, ParentType, Side

NOW = BEGIN + 1
EUR, YEN, SHARE = EURUSD.id, USDJPY.id, ACME.id


def an_oracle(currency: str = "USD", deposit: str = "10000", leverage: str = "30") -> Oracle:
    oracle = Oracle(
        currency=currency,
        deposit=Fraction(deposit),
        leverage=Fraction(leverage),
        terms=list(TERMS.values()),
        stale_after=60_000,
    )
    for symbol, prices in START.items():
        oracle.tick(symbol, prices, BEGIN)
    return oracle


def order(side: Side, symbol: str, quantity: str, type: OrderType, prices: dict[str, str]) -> Order:
    result = Order(symbol, type, side, Fraction(quantity))
    for name, text in prices.items():
        setattr(result, name, Fraction(text))
    return result


def buy(symbol: str, quantity: str, type: OrderType = OrderType.MARKET, **prices: str) -> Order:
    return order(Side.BUY, symbol, quantity, type, prices)


def sell(symbol: str, quantity: str, type: OrderType = OrderType.MARKET, **prices: str) -> Order:
    return order(Side.SELL, symbol, quantity, type, prices)


def quote(oracle: Oracle, symbol: str, bid: str, ask: str, at: int = NOW) -> None:
    oracle.tick(symbol, Prices(Fraction(bid), Fraction(ask), at), at)


def statuses(oracle: Oracle) -> list[str]:
    return [order.status.name for order in oracle.orders]


def test_rounding_is_half_to_even_on_the_currencys_grid() -> None:
    assert [rounded(Fraction(text), "USD") for text in ("0.005", "0.015", "-0.005")] == [0, Fraction("0.02"), 0]
    assert rounded(Fraction("2.5"), "JPY") == 2


def test_conversion_takes_the_mid_the_inverse_or_the_way_through_dollars() -> None:
    terms = list(TERMS.values())
    assert rate("USD", "JPY", terms, START) == 150
    assert rate("JPY", "USD", terms, START) == Fraction(1, 150)
    assert rate("EUR", "JPY", terms, START) == Fraction("1.08505") * 150
    assert rate("EUR", "GBP", terms, START) is None


def test_a_share_round_trip_pays_the_minimum_commission_twice() -> None:
    oracle = an_oracle()
    oracle.place(buy(SHARE, "10"), NOW)
    quote(oracle, SHARE, "101.00", "101.02")
    assert oracle.unrealised() == Fraction("9.8")
    oracle.close(SHARE, SHARE, Side.BUY, None, NOW)
    assert oracle.balance() == 10000 + Fraction("9.8") - 2


def test_a_yen_profit_is_rounded_to_yen_then_to_cents() -> None:
    oracle = an_oracle()
    oracle.place(buy(YEN, "101"), NOW)
    quote(oracle, YEN, "150.110", "150.130")
    oracle.close(YEN, YEN, Side.BUY, None, NOW)
    assert oracle.balance() == 10000 + rounded(Fraction(10) / Fraction("150.12"), "USD")


def test_closing_in_thirds_leaves_no_cost() -> None:
    oracle = an_oracle(deposit="100")
    oracle.place(buy(SHARE, "1"), NOW)
    oracle.place(buy(SHARE, "2"), NOW)
    for _ in range(3):
        oracle.close(SHARE, SHARE, Side.BUY, Fraction(1), NOW)
    assert oracle.held(SHARE).cost == 0
    assert oracle.balance() == 100 - Fraction("0.06") - 5


def test_a_filled_order_arms_its_brackets_and_one_cancels_the_other() -> None:
    oracle = an_oracle()
    oracle.place(buy(EUR, "10000", OrderType.LIMIT, limit_price="1.084", take_profit="1.09", stop_loss="1.083"), NOW)
    assert statuses(oracle) == ["WORKING", "INACTIVE", "INACTIVE"]
    quote(oracle, EUR, "1.08380", "1.08390")
    assert statuses(oracle) == ["FILLED", "WORKING", "WORKING"]
    assert oracle.fills[0].price == Fraction("1.0839")
    assert {order.parent_type(False) for order in oracle.orders[1:]} == {ParentType.POSITION}
    quote(oracle, EUR, "1.09100", "1.09110")
    assert statuses(oracle) == ["FILLED", "FILLED", "CANCELED"]
    assert oracle.fills[1].price == Fraction("1.091")


def test_a_stop_loss_may_fire_on_the_tick_that_fills_its_parent() -> None:
    oracle = an_oracle()
    oracle.place(buy(EUR, "1000", OrderType.LIMIT, limit_price="1.084", stop_loss="1.083"), NOW)
    quote(oracle, EUR, "1.08000", "1.08010")
    assert statuses(oracle) == ["FILLED", "FILLED"]


def test_a_flip_trades_the_old_brackets_for_the_new_ones() -> None:
    oracle = an_oracle()
    oracle.place(buy(EUR, "1000", stop_loss="1.08"), NOW)
    oracle.place(sell(EUR, "3000", stop_loss="1.09", take_profit="1.07"), NOW)
    assert statuses(oracle) == ["FILLED", "CANCELED", "FILLED", "WORKING", "WORKING"]
    assert [order.quantity for order in oracle.protecting(EUR)] == [2000, 2000]


def test_a_stop_exactly_at_the_market_is_refused() -> None:
    oracle = an_oracle()
    assert oracle.place(buy(EUR, "1000", OrderType.STOP, stop_price="1.0851"), NOW)
    assert oracle.place(buy(EUR, "1000", OrderType.STOP, stop_price="1.08511"), NOW) is None


def test_a_removed_bracket_is_cancelled_and_its_parent_forgets_the_price() -> None:
    oracle = an_oracle()
    oracle.place(buy(EUR, "1000", OrderType.LIMIT, limit_price="1.08", take_profit="1.09", stop_loss="1.07"), NOW)
    oracle.cancel(2, NOW)
    assert oracle.orders[0].take_profit is None
    oracle.modify(1, Change({"stop_loss": None, "take_profit": Fraction("1.1")}), NOW)
    assert statuses(oracle) == ["WORKING", "CANCELED", "CANCELED", "INACTIVE"]


def test_margin_exactly_equal_is_accepted_and_a_step_more_refused() -> None:
    oracle = an_oracle(deposit="2001")
    assert oracle.place(buy(SHARE, "101"), NOW) == "margin"
    assert oracle.place(buy(SHARE, "100", OrderType.LIMIT, limit_price="100.05"), NOW) is None
    oracle = an_oracle(deposit="2000.4")
    assert oracle.place(buy(SHARE, "100"), NOW) is None
    assert oracle.orders[0].status is OrderStatus.FILLED


def test_an_order_ends_before_the_tick_at_its_time_can_fill_it() -> None:
    oracle = an_oracle()
    ending = buy(EUR, "1000", OrderType.LIMIT, limit_price="1.08", stop_loss="1.07")
    ending.expires = NOW + 10
    oracle.place(ending, NOW)
    quote(oracle, EUR, "1.07900", "1.07910", at=NOW + 10)
    assert statuses(oracle) == ["CANCELED", "CANCELED"]


# Parts, durations, trails, groups


def sized(oracle: Oracle, symbol: str, bid: str, ask: str, size: str, at: int = NOW) -> None:
    oracle.tick(symbol, Prices(Fraction(bid), Fraction(ask), at, Fraction(size), Fraction(size)), at)


def filled(oracle: Oracle) -> list[Fraction]:
    return [oracle.filled(order) for order in oracle.orders]


def test_one_price_fills_its_size_once_and_the_rest_waits() -> None:
    oracle = an_oracle()
    sized(oracle, SHARE, "100", "100.02", "25.5")
    oracle.place(buy(SHARE, "20"), NOW)
    oracle.place(buy(SHARE, "20", stop_loss="90"), NOW)
    assert filled(oracle) == [20, 5, 0]
    assert oracle.orders[2].quantity == 25
    sized(oracle, SHARE, "100.10", "100.12", "10", at=NOW + 1)
    assert filled(oracle) == [20, 15, 0] and oracle.orders[2].quantity == 35
    assert oracle.held(SHARE).cost == 25 * Fraction("100.02") + 10 * Fraction("100.12")


def test_what_is_for_now_or_never_ends_at_once() -> None:
    oracle = an_oracle()
    sized(oracle, SHARE, "100", "100.02", "25")
    some, all_of_it = buy(SHARE, "10"), buy(SHARE, "16")
    some.works, all_of_it.works = "IOC", "FOK"
    oracle.place(all_of_it, NOW)
    oracle.place(buy(SHARE, "20"), NOW)
    oracle.place(some, NOW)
    assert statuses(oracle) == ["FILLED", "WORKING", "CANCELED"]
    assert filled(oracle) == [16, 9, 0]


def test_a_trail_starts_where_it_is_told_and_never_goes_back() -> None:
    oracle = an_oracle()
    oracle.place(buy(EUR, "1000", stop_loss="1.08", trail="10"), NOW)
    stop = oracle.orders[1]
    assert stop.stop_price == Fraction("1.08")
    quote(oracle, EUR, "1.08600", "1.08610")
    assert stop.stop_price == Fraction("1.085")
    quote(oracle, EUR, "1.08550", "1.08560")
    assert stop.stop_price == Fraction("1.085")
    quote(oracle, EUR, "1.08500", "1.08510")
    assert statuses(oracle) == ["FILLED", "FILLED"]


def test_the_first_fill_of_a_group_ends_the_others() -> None:
    oracle = an_oracle()
    for order in (buy(EUR, "1000", OrderType.LIMIT, limit_price="1.08"), buy(EUR, "1000", OrderType.STOP, stop_price="1.09")):
        order.group = "breakout"
        oracle.place(order, NOW)
    quote(oracle, EUR, "1.08990", "1.09000")
    assert statuses(oracle) == ["CANCELED", "FILLED"]


def test_a_bracket_that_closes_the_position_ends_the_rest_of_its_order() -> None:
    oracle = an_oracle()
    sized(oracle, SHARE, "100", "100.02", "5")
    oracle.place(buy(SHARE, "20", OrderType.LIMIT, limit_price="100.02", take_profit="101"), NOW)
    quote(oracle, SHARE, "101", "101.02", at=NOW + 1)
    assert statuses(oracle) == ["CANCELED", "FILLED"] and filled(oracle) == [5, 5]


# Reverse, margin, hedges


def test_a_reverse_opens_as_much_as_it_closed() -> None:
    oracle = an_oracle()
    oracle.place(buy(SHARE, "30", stop_loss="99.50"), NOW)
    sized(oracle, SHARE, "100", "100.02", "10")
    oracle.reverse(SHARE, NOW)
    assert oracle.held(SHARE).signed == 20
    quote(oracle, SHARE, "99.50", "99.52", at=NOW + 1)
    assert filled(oracle) == [30, 20, 20], "the stop loss had its turn first"
    assert oracle.held(SHARE).signed == -10


def test_an_order_opens_only_what_the_equity_carries() -> None:
    oracle = an_oracle(deposit="2101")
    oracle.place(buy(SHARE, "60"), NOW)
    oracle.place(buy(SHARE, "40", OrderType.LIMIT, limit_price="99"), NOW)
    quote(oracle, SHARE, "98.98", "99.00")
    assert statuses(oracle) == ["FILLED", "FILLED"], "1200.24 + 792 of 2037.6"
    oracle = an_oracle(deposit="2101")
    oracle.place(buy(SHARE, "60"), NOW)
    oracle.place(buy(SHARE, "40", OrderType.LIMIT, limit_price="99"), NOW)
    quote(oracle, SHARE, "97.00", "97.02")
    assert statuses(oracle) == ["FILLED", "REJECTED"], "1200.24 + 776.16 of 1918.8"


def test_hedged_longs_and_shorts_hold_the_larger_side_and_close_by_name() -> None:
    oracle = an_oracle()
    oracle.hedging = True
    oracle.place(buy(SHARE, "10"), NOW)
    oracle.place(sell(SHARE, "30"), NOW)
    oracle.place(buy(SHARE, "5"), NOW)
    assert oracle.positions() == ["p1", "p2", "p3"]
    assert oracle.margin_used() == 30 * 100 * Fraction("0.2")
    oracle.close(SHARE, SHARE, Side.BUY, Fraction(12), NOW)
    assert [(one, oracle.held(one).signed) for one in oracle.positions()] == [("p2", -30), ("p3", 3)]
    oracle.reverse("p3", NOW)
    assert [(one, oracle.held(one).signed) for one in oracle.positions()] == [("p2", -30), ("p5", -3)]


def test_the_largest_loss_is_stopped_out_first() -> None:
    oracle = an_oracle(deposit="1170")
    oracle.guarded = True
    oracle.place(buy(SHARE, "40"), NOW)
    oracle.place(buy(EUR, "10000"), NOW)
    quote(oracle, SHARE, "80.00", "80.02")
    assert oracle.called and oracle.positions() == [EUR], "of 1161.86 margin 367 are left, then of 361.70"
