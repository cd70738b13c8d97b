"""What imported quotes offer: the file's sizes, else the instrument's usual size, else whatever is asked for."""

from decimal import Decimal

from fakes_imported import HOUR, MONDAY, a_library, add_ticks, wavy_bars
from trading_api.models.market.imports import InstrumentChange
from trading_api.models.market.quotes import Quote
from trading_api.plugins.imported.guess import changed
from trading_api.plugins.imported.library import Library

USUAL = Decimal(250_000)
PRICES = {"symbol": "IMPORT:EURUSD", "bid": "1.3", "ask": "1.301"}


async def with_usual_size(library: Library, name: str) -> None:
    holding = library.get(name)
    instrument = changed(holding.instrument, InstrumentChange(book_size=USUAL))
    await library.put(holding.report.model_copy(update={"instrument": instrument}), holding.import_id, 0)


async def sizes(library: Library, name: str) -> set[tuple[Decimal | None, Decimal | None]]:
    ticks = await library.ticks(library.get(name), "R1", since=MONDAY, before=MONDAY + HOUR)
    last = await library.last_tick(library.get(name), "R1", MONDAY + HOUR)
    assert last is not None and ticks
    return {(one.bid_size, one.ask_size) for one in [*ticks, last]}


async def test_quotes_of_bars_offer_any_size_until_a_usual_one_is_given() -> None:
    library = await a_library(USDJPY=wavy_bars(minutes=30))
    assert await sizes(library, "USDJPY") == {(None, None)}
    await with_usual_size(library, "USDJPY")
    assert await sizes(library, "USDJPY") == {(USUAL, USUAL)}


async def test_the_files_own_sizes_come_first() -> None:
    library = await a_library()
    own = Quote.model_validate(PRICES | {"time": MONDAY, "bidSize": 5, "askSize": 7})
    await add_ticks(library, "EURUSD", [own, Quote.model_validate(PRICES | {"time": MONDAY + 5})])
    assert await sizes(library, "EURUSD") == {(5, 7), (None, None)}
    await with_usual_size(library, "EURUSD")
    assert await sizes(library, "EURUSD") == {(5, 7), (USUAL, USUAL)}
