"""Rows packed by pages come back digit for digit, are found by what they are, and are let go when there are too many."""

from decimal import Decimal

from trading_api.core.history_rows import PAGE_ROWS, Keep, Rows, Tag, Wanted
from trading_api.models.broker.history import StatementLine
from trading_api.models.broker.orders import (
    BracketKind,
    Duration,
    OrderMessage,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
    StopType,
)

EUR, BTC = "DEMO:EURUSD", "DEMO:BTCUSD"
NOW = 1_704_067_200_000
ANY = Wanted()


def a_line(number: int) -> StatementLine:
    symbol = BTC if number % 5 == 0 else EUR
    side = Side.BUY if number % 2 else Side.SELL
    return StatementLine(
        fact=number,
        time=NOW + number,
        kind="trade",
        symbol=symbol,
        side=side,
        price=Decimal("1.08500"),
        amount=Decimal(number).scaleb(-18),
        balance=Decimal("10000.00"),
        open_positions=0,
    )


def some_rows(count: int, keep: Keep | None = None) -> Rows[StatementLine]:
    rows = Rows(StatementLine, keep or Keep(1_000_000))
    for number in range(count):
        line = a_line(number)
        rows.add(line, id=f"x{number}", time=line.time, fact=number, tag=Tag(line.symbol, line.side))
    return rows


def numbers(rows: Rows[StatementLine], wanted: Wanted = ANY, *, end: int | None = None, limit: int = 10**9) -> list[int]:
    positions = rows.find(wanted, end=rows.end if end is None else end, limit=limit)
    assert positions == [rows.fact(one) for one in positions] == [one.fact for one in rows.at(positions)]
    return positions


def test_rows_come_back_digit_for_digit() -> None:
    rows = some_rows(3 * PAGE_ROWS + 7)
    found = rows.at(range(rows.end))
    assert found == [a_line(number) for number in range(rows.end)]
    assert [str(one.amount) for one in found] == [str(a_line(number).amount) for number in range(rows.end)]
    assert str(found[0].price) == "1.08500"


def test_rows_are_found_by_symbol_side_and_time() -> None:
    rows, count = some_rows(1_000), range(1_000)
    assert numbers(rows, Wanted(Tag(symbol=BTC))) == [one for one in count if one % 5 == 0]
    assert numbers(rows, Wanted(Tag(BTC, Side.SELL))) == [one for one in count if one % 10 == 0]
    assert numbers(rows, Wanted(Tag("DEMO:NONE"))) == []
    assert numbers(rows, Wanted(since=NOW + 300, until=NOW + 303)) == [300, 301, 302]
    assert numbers(rows, Wanted(Tag(symbol=BTC), since=NOW + 300, until=NOW + 311)) == [300, 305, 310]
    assert numbers(rows, Wanted(since=NOW + 2_000)) == numbers(rows, Wanted(until=NOW)) == []


def test_a_page_is_the_last_ones_before_a_row() -> None:
    rows = some_rows(1_000)
    assert numbers(rows, limit=3) == [997, 998, 999]
    end = rows.position("x500")
    assert end == 500 and numbers(rows, end=end, limit=2) == [498, 499]
    assert numbers(rows, Wanted(Tag(symbol=BTC)), end=end, limit=2) == [490, 495]
    assert numbers(rows, Wanted(id="x77")) == [77]
    assert rows.position("x1000") is None and numbers(rows, Wanted(id="x1000")) == []


def test_only_the_newest_are_held_and_positions_stay() -> None:
    rows = some_rows(1_000, Keep(200))
    assert 200 <= len(rows) < 200 + 2 * PAGE_ROWS
    assert rows.first + len(rows) == rows.end == 1_000
    assert rows.first % PAGE_ROWS == 0 and rows.position("x1") is None
    assert numbers(rows, limit=200) == list(range(800, 1_000))
    assert rows.before(NOW) == rows.first, "older ones cannot be told apart any more"


def test_what_is_not_wanted_is_not_held() -> None:
    rows = some_rows(1_000, Keep(10, Wanted(Tag(symbol=BTC), until=NOW + 900), until_id="x600"))
    assert rows.stopped
    assert [one.fact for one in rows.at(rows.find(Wanted(), end=rows.end, limit=3))] == [585, 590, 595]


def test_an_order_comes_back_with_all_it_has() -> None:
    order = PlacedOrder(
        id="o1",
        symbol=EUR,
        type=OrderType.STOP_LIMIT,
        side=Side.SELL,
        quantity=Decimal("1000.50"),
        status=OrderStatus.CANCELED,
        limit_price=Decimal("1.08500"),
        filled_quantity=Decimal("0"),
        average_price=Decimal("1.085003333333333"),
        duration=Duration(type="GTD", datetime=NOW),
        parent_id="o0",
        parent_type=ParentType.ORDER,
        bracket=BracketKind.STOP_LOSS,
        stop_type=StopType.TRAILING_STOP,
        trailing_stop_pips=Decimal("2.5"),
        message=OrderMessage(type="error", text='It said "no",\nand ended'),
    )
    rows = Rows(PlacedOrder, Keep(1_000))
    for number in range(PAGE_ROWS):
        rows.add(order, id=f"o{number}", time=NOW, fact=number, tag=Tag(EUR))
    (found,) = rows.at([5])
    assert found == order
    assert str(found) == str(order), "digit for digit"
