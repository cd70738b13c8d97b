"""The pieces of TradingView's broker REST API that decide something by themselves."""

from decimal import Decimal

import pytest

from fakes_market import MONDAY, ScriptedMarket, an_instrument
from trading_api.core.access import READS, TRADES
from trading_api.core.broker_rest.flags import flags_of
from trading_api.core.broker_rest.lines import SymbolLines
from trading_api.core.broker_rest.market import columns_of, counts
from trading_api.core.broker_rest.naming import Names
from trading_api.core.broker_rest.orders_asked import change_of, order_of
from trading_api.core.broker_rest.outlet import Outlet
from trading_api.core.broker_rest.sessions import listed_since, session_column
from trading_api.core.broker_rest.words import KINDS, PARENTS, SIDES, STATUSES, TYPES, pip_size, to_our_pips, to_wire_pips
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.orders import (
    BracketKind,
    Duration,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
    StopType,
)
from trading_api.models.errors import NotFound
from trading_api.models.market.bars import Bar
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.models.market.quotes import Quote
from trading_api.models.tradingview.market import DayLine, QuoteLine, TradeLine
from trading_api.models.tradingview.orders import ChangeForm, OrderForm

HOUR_MS = 3_600_000


def markets() -> dict[str, ScriptedMarket]:
    own = [an_instrument("EURUSD"), an_instrument("BRK.B"), an_instrument("us/30"), an_instrument("R1.X")]
    replay = [an_instrument("EURUSD", market="R1"), an_instrument("gbp-usd", market="R1")]
    return {"DEMO": ScriptedMarket("DEMO", own), "R1": ScriptedMarket("R1", replay)}


@pytest.mark.parametrize(
    ("symbol", "wire"),
    [
        ("DEMO:EURUSD", "EURUSD"),
        ("DEMO:BRK.B", "BRK.B"),
        ("DEMO:us/30", "US_30"),
        ("DEMO:R1.X", "R1.X"),
        ("R1:EURUSD", "R1.EURUSD"),
        ("R1:gbp-usd", "R1.GBP_USD"),
    ],
)
def test_a_symbol_is_written_and_read_in_one_way(symbol: str, wire: str) -> None:
    names = Names(markets())
    assert names.wire(symbol) == wire
    assert names.instrument(wire).id == names.instrument(symbol).id == symbol


@pytest.mark.parametrize("text", ["", "NONE", "R9.EURUSD", "R1.", ".EURUSD", "DEMO:", "eurusd"])
def test_an_unknown_symbol_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotFound, match="such as EURUSD"):
        Names(markets()).instrument(text)


@pytest.mark.parametrize(
    ("session", "column"),
    [
        ("24x7", "24x7"),
        ("0930-1600", "0930-1600:23456"),
        ("1700-1700:23456", "1700-1700:23456"),
        ("0900-1130,1230-1500", "0900-1500:23456"),
        ("0900-1200,1300-1700:2345|0900-1200:6", "0900-1700:2345|0900-1200:6"),
        ("0000-0000:1234567", "0000-0000:1234567"),
        ("1800-1700", "1800-1700:23456"),
    ],
)
def test_a_session_has_one_range_a_day(session: str, column: str) -> None:
    assert session_column(an_instrument("X", session=session)) == column


def test_an_order_ended_in_the_session_is_listed_until_the_next_begins() -> None:
    share = an_instrument("X", kind="stock", session="0930-1600")
    tuesday = MONDAY + 24 * HOUR_MS
    opened = tuesday + 9 * HOUR_MS + HOUR_MS // 2
    for now in (opened + HOUR_MS, tuesday + 20 * HOUR_MS, tuesday + 33 * HOUR_MS):
        assert listed_since(share, now) == opened
    assert listed_since(share, opened + 24 * HOUR_MS) == opened + 24 * HOUR_MS - 60_000, "a minute at least"
    assert listed_since(an_instrument("EURUSD"), tuesday) == MONDAY
    assert listed_since(None, tuesday) == MONDAY


def test_every_word_has_its_word_on_the_wire() -> None:
    assert SIDES.keys() == set(Side) and TYPES.keys() == set(OrderType) and STATUSES.keys() == set(OrderStatus)
    assert PARENTS.keys() == set(ParentType) and KINDS.keys() == set(InstrumentKind)
    assert STATUSES[OrderStatus.CANCELED] == "cancelled"


@pytest.mark.parametrize(
    ("terms", "wire"),
    [
        ({}, "0.0001"),
        ({"pip_size": "0.00001"}, "0.00001"),
        ({"pip_size": "0.001"}, "0.00001"),
        ({"kind": "index", "tick_size": "0.1", "pip_size": "1"}, "0.1"),
    ],
)
def test_a_pip_is_a_tick_or_ten_in_foreign_exchange(terms: dict[str, str], wire: str) -> None:
    instrument = an_instrument("EURUSD", **terms)
    assert pip_size(instrument) == Decimal(wire)
    pips = to_our_pips(instrument, Decimal(50))
    assert pips is not None
    assert pips * instrument.pip_size == 50 * Decimal(wire)
    assert to_wire_pips(instrument, pips) == 50


def test_who_may_only_read_is_announced_nothing_that_trades() -> None:
    profile = AccountProfile(
        id="a",
        name="",
        currency="USD",
        leverage=Decimal(30),
        markets=("DEMO",),
        opening_balance=Decimal(1),
        position_mode="netting",
    )
    reads, trades = (flags_of(profile, rights, has_depth=False).model_dump(by_alias=False) for rights in (READS, TRADES))
    told = {name for name, flag in reads.items() if flag}
    assert not told & {
        name for name in reads if "brackets" in name or "_orders" in name and "history" not in name or "modify" in name
    }
    assert trades["support_order_brackets"] and not trades["support_leverage"] and not trades["support_level2_data"]


# Changes


def an_order(**terms: object) -> PlacedOrder:
    usual = {
        "id": "o1",
        "symbol": "DEMO:EURUSD",
        "type": OrderType.LIMIT,
        "side": Side.BUY,
        "quantity": Decimal(1000),
        "status": OrderStatus.WORKING,
        "limit_price": Decimal("1.1"),
    }
    return PlacedOrder.model_validate(usual | terms)


def change(order: PlacedOrder, **form: object) -> dict[str, object]:
    return change_of(order, ChangeForm.model_validate({"qty": order.quantity} | form), an_instrument("EURUSD"))


PROTECTED = {"take_profit": Decimal("1.2"), "stop_loss": Decimal("1.0")}
TRAILED = {"stop_type": StopType.TRAILING_STOP, "trailing_stop_pips": Decimal(50)}
BRACKET = {"bracket": BracketKind.STOP_LOSS, "type": OrderType.STOP, "limit_price": None, "stop_price": Decimal("1.05")}


@pytest.mark.parametrize(
    ("order", "form", "changes"),
    [
        ({}, {"qty": "1000.0", "limitPrice": "1.10"}, {}),
        ({}, {"qty": "2000", "limitPrice": "1.1"}, {"quantity": Decimal(2000)}),
        (PROTECTED, {"limitPrice": "1.1"}, {"take_profit": None, "stop_loss": None}),
        (PROTECTED, {"takeProfit": "1.2", "stopLoss": "1.01"}, {"stop_loss": Decimal("1.01")}),
        (PROTECTED, {"takeProfit": "1.2", "trailingStopPips": "50"}, {"trailing_stop_pips": Decimal(50)}),
        (TRAILED, {"trailingStopPips": "50"}, {}),
        ({**TRAILED, "stop_loss": Decimal("1.0")}, {"trailingStopPips": "50"}, {}),
        (TRAILED, {"stopLoss": "1.0"}, {"trailing_stop_pips": None, "stop_loss": Decimal("1.0")}),
        (TRAILED, {}, {"trailing_stop_pips": None}),
        (BRACKET, {"qty": "1000", "stopPrice": "1.06"}, {"stop_price": Decimal("1.06")}),
        (BRACKET | TRAILED, {"stopPrice": "1.06", "trailingStopPips": "50"}, {}),
        (BRACKET | TRAILED, {"stopPrice": "1.06"}, {"stop_price": Decimal("1.06"), "trailing_stop_pips": None}),
        (BRACKET | TRAILED, {"stopPrice": "1.05", "trailingStopPips": "60"}, {"trailing_stop_pips": Decimal(60)}),
        ({}, {"durationType": "GTC"}, {}),
        ({"duration": Duration(type="DAY", datetime=5)}, {"durationType": "DAY"}, {}),
        ({"duration": Duration(type="GTD", datetime=5_000)}, {"durationType": "GTD", "durationDateTime": 5}, {}),
        ({}, {"durationType": "GTD", "durationDateTime": 7}, {"duration": Duration(type="GTD", datetime=7_000)}),
    ],
)
def test_a_change_is_what_differs(order: dict[str, object], form: dict[str, object], changes: dict[str, object]) -> None:
    assert change(an_order(**order), **form) == changes


def test_an_order_form_becomes_an_order() -> None:
    form = OrderForm.model_validate(
        {"instrument": "EURUSD", "side": "sell", "type": "stoplimit", "qty": "0.10", "limitPrice": "1", "stopPrice": "2"}
        | {"trailingStopPips": "5", "currentAsk": "3", "currentBid": "2", "durationType": "GTD", "durationDateTime": "9"}
    )
    order = order_of(form, an_instrument("EURUSD"))
    assert (order.side, order.type, order.quantity) == (Side.SELL, OrderType.STOP_LIMIT, Decimal("0.1"))
    assert (order.stop_type, order.trailing_stop_pips) == (StopType.TRAILING_STOP, 5)
    assert order.duration == Duration(type="GTD", datetime=9_000)
    assert order.current_quotes is not None and order.current_quotes.ask == 3


# The stream


def a_quote(time: int, bid: str = "1.1", **terms: object) -> Quote:
    return Quote.model_validate({"symbol": "DEMO:X", "time": time, "bid": bid, "ask": "1.2", **terms})


def lines_of(instrument: Instrument, *quotes: Quote) -> list[object]:
    lines = SymbolLines(instrument, "X")
    return [line for quote in quotes for line in lines.of_tick(quote) if isinstance(line, TradeLine)]


def test_trades_are_told_at_the_price_bars_are_made_of() -> None:
    traded = an_instrument("X", bar_source="trade")
    assert lines_of(traded, a_quote(MONDAY), a_quote(MONDAY, last="1.15", volume=3)) == [
        TradeLine(id="X", p=Decimal("1.15"), s=Decimal(3), t=MONDAY // 1000)
    ]
    assert lines_of(an_instrument("X"), a_quote(MONDAY + 999)) == [TradeLine(id="X", p=Decimal("1.1"), t=MONDAY // 1000)]
    closed = an_instrument("X", session="0930-1600")
    assert lines_of(closed, a_quote(MONDAY)) == []
    assert [one.t for one in lines_of(an_instrument("X"), a_quote(9_000), a_quote(8_000), a_quote(9_500))] == [9, 9]  # type: ignore[attr-defined]  # all are TradeLines


async def test_prices_that_wait_are_replaced_and_trades_are_not() -> None:
    outlet = Outlet()
    for number in range(3):
        outlet.tell(TradeLine(id="X", p=Decimal(1), t=number), b"t%d\n" % number)
        quote = QuoteLine(id="X", t=number, ask=Decimal(2), ask_size=Decimal(0), bid=Decimal(1), bid_size=Decimal(0))
        outlet.tell(quote, b"q%d\n" % number)
        outlet.tell(quote.model_copy(update={"id": "Y"}), b"y%d\n" % number)
        outlet.tell(DayLine(id="X", o=1, h=1, l=1, c=1, v=0, t=0), b"d%d\n" % number)  # type: ignore[arg-type]  # read as Decimals
    assert await outlet.take() == b"t0\nt1\nt2\nq2\ny2\nd2\n"
    outlet.end()
    assert await outlet.take() is None


# Symbols and bars


def test_gold_is_a_cfd_and_an_index_has_no_volume() -> None:
    gold = an_instrument("XAUUSD", kind="commodity", exchange="metal", tick_size="0.25", pip_size="0.25")
    info = columns_of([gold, an_instrument("US500", kind="index", has_volume=False)], Names(markets()))
    assert (info.type[0], info.is_cfd[0], info.exchange_listed[0]) == ("cfd", True, "METAL")
    assert (info.price_scale[0], info.minimum_movement[0]) == (100, 25)
    assert info.base_currency == (None, None) and info.has_no_volume == (False, True)


def test_a_bar_made_of_trades_and_without_any_is_left_out() -> None:
    empty = Bar(time=0, open=Decimal(1), high=Decimal(1), low=Decimal(1), close=Decimal(1))
    assert not counts(an_instrument("X", bar_source="trade"), empty)
    assert counts(an_instrument("X", bar_source="trade", has_volume=False), empty)
    assert counts(an_instrument("X"), empty)
    assert counts(an_instrument("X", bar_source="trade"), empty.model_copy(update={"volume": Decimal(1)}))
