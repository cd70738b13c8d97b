"""Files of instruments of one's own: what they may say, and the one sentence each mistake gets."""

from decimal import Decimal
from pathlib import Path

import pytest

from fakes import FakeClock
from own_instruments import ODD, PLAIN
from trading_api.conformance.sessions import hold_corrections
from trading_api.core.chart_zones import CHART_ZONES, chart_zone, check_chart_zone
from trading_api.core.exchange_calendars import EXCHANGES, exchange_calendar
from trading_api.core.symbol_information import symbol_information
from trading_api.models.errors import Stopped
from trading_api.models.market.bars import Resolution
from trading_api.models.market.instruments import Commission, Weekday
from trading_api.plugins.synthetic.files import INSTRUMENTS_MAX, OwnInstruments, listings_of, read_instruments
from trading_api.plugins.synthetic.instruments import demo_listings
from trading_api.plugins.synthetic.market import SyntheticMarket

EXAMPLE = Path(__file__).parents[3] / "docs" / "how-to" / "instruments-of-your-own.toml"
NOW = 1_790_000_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def read(file: Path, text: str) -> OwnInstruments:
    file.write_text(text)
    return read_instruments([file], NOW)


def test_the_example_can_be_used_as_it_stands() -> None:
    own = read_instruments([EXAMPLE], NOW)
    assert own.faults == ()
    assert [listing.instrument.id for listing in own.listings["DEMO"]] == ["DEMO:WTI", "DEMO:USDNOK", "DEMO:INITECH"]


def test_every_field_is_understood(file: Path) -> None:
    own = read(file, 'market = "MINE"\n[[instrument]]\n' + EVERYTHING)
    (listing,) = own.listings["MINE"]
    one = listing.instrument
    assert own.faults == () and one.id == "MINE:NIFTY.X"
    assert (one.description, one.kind.value, one.exchange) == ("Nifty, near month", "index", "NSE 50")
    assert (one.currency, one.base_currency) == ("INR", "NIF")
    assert (str(one.tick_size), str(one.pip_size), one.lot_size) == ("0.05", "0.1", 75)
    assert (str(one.quantity_min), str(one.quantity_max), str(one.quantity_step)) == ("75", "7500", "25")
    assert (one.session, one.timezone, one.holidays) == ("0915-1530", "Asia/Kolkata", ("20260126", "20261225"))
    assert (listing.spread, one.book_size, one.margin_rate) == ((1, 4), 150, Decimal("0.12"))
    assert one.commission == Commission(rate=Decimal("0.0001"), per_unit=Decimal("0.5"), minimum=Decimal(2))
    assert one.swap is not None and (one.swap.long, one.swap.short, one.swap.unit) == (
        Decimal("-0.0002"),
        Decimal("0.0001"),
        "rate",
    )
    assert (one.swap.time, one.swap.timezone, one.swap.triple) == ("15:30", "Asia/Kolkata", Weekday.FRIDAY)
    assert one.dividend is not None and (one.dividend.amount, one.dividend.months, one.dividend.day) == (3, (3, 9), 20)
    assert (one.bar_source, one.has_volume, listing.typical_volume) == ("trade", True, 250_000)
    assert (listing.typical_price, listing.deviation, listing.gaps) == (22_000, 0.011, False)


def test_what_may_be_left_out_has_a_plain_value(file: Path) -> None:
    (listing,) = read(file, PLAIN).listings["DEMO"]
    one = listing.instrument
    assert (one.description, one.exchange, one.pip_size, one.lot_size, one.holidays) == ("WTI", "DEMO", one.tick_size, 1, ())
    assert (one.swap, one.dividend, one.book_size, one.base_currency, one.has_volume) == (None, None, None, None, False)
    assert one.commission.rate == one.commission.per_unit == one.commission.minimum == 0 and not listing.gaps


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ('kind = "commodity"', 'kind = "oil"', "kind: expected one of stock, index, forex, crypto, commodity, found 'oil'"),
        ('kind = "commodity"', "", "kind: expected one of stock, index, forex, crypto, commodity, found none"),
        ('kind = "commodity"', 'kind = "forex"', "base: expected the currency that is priced in USD, such as EUR, found none"),
        ('currency = "USD"', 'currency = "dollars"', "currency: expected a currency such as USD, found 'dollars'"),
        ("tick = 0.01", "tick = 0", "tick: expected a number above 0, found 0"),
        ("tick = 0.01", 'tick = "0.01"', "tick: expected a number above 0, found '0.01'"),
        ("tick = 0.01", "tick = true", "tick: expected a number above 0, found true"),
        ("tick = 0.01", "tick = inf", "tick: expected a number above 0, of at most 15 digits and 12 decimals, found Infinity"),
        ("tick = 0.01", "tick = 0.03", "prices, typical: expected a multiple of the tick, 0.03, found 72.5"),
        ("tick = 0.01", "tik = 0.01", "tik is not a field here: did you mean tick?"),
        (
            "tick = 0.01",
            "tick = 0.01\nleverage = 3",
            "leverage is not a field here: expected one of symbol, description,",
        ),
        ("tick = 0.01", "tick = 0.01\npip = 0.015", "pip: expected a multiple of 0.01, found 0.015"),
        ("step = 10", "step = 4", "quantity, min: expected a multiple of 4, found 10"),
        ("max = 1000", "max = 5", "quantity, max: expected a multiple of 10, found 5"),
        ("min = 10", "min = 2000", "quantity, max: expected at least the min, 2000, found 1000"),
        ("quantity = {", "quantity = 5 #", "quantity: expected a table with min, max, step, found 5"),
        ("1800-1700", "18-17", "session: expected a session such as 24x7, 0930-1600 or 1700-1700:23456, found '18-17': "),
        ('"America/New_York"', '"New York"', "zone: expected an IANA time zone such as America/New_York, found 'New York'"),
        ("spread = ", "holidays = [20261225]\nspread = ", "holidays: expected a list of dates such as 2026-12-25, or one of "),
        ("spread = ", 'holidays = "london"\nspread = ', "or one of new-york, frankfurt, found 'london'"),
        ("narrowest = 2", "narrowest = 7", "spread, widest: expected ticks, a whole number from 7 to 725, found 6"),
        ("narrowest = 2", "narrowest = 1.5", "spread, narrowest: expected ticks, a whole number from 0 to 725, found 1.5"),
        (", widest = 6", "", "spread, widest: expected ticks, a whole number from 2 to 725, found none"),
        ("margin = 0.1", "margin = 10", "margin: expected a share of the value above 0, at most 1, found 10"),
        ("margin = 0.1", "margin = 0.1\nsize = 15", "size: expected a multiple of 10, found 15"),
        ("margin = 0.1", "margin = 0.1\nswap = { long = 1 }", "swap, short: expected what a night earns, or costs below 0"),
        (
            "margin = 0.1",
            'margin = 0.1\nswap = { long = 1, short = 1, triple = "midweek" }',
            "swap, triple: expected one of none, sunday, monday, tuesday, wednesday",
        ),
        (
            "margin = 0.1",
            "margin = 1\nswap = { long = 1, short = 1, time = 17 }",
            "swap, time: expected a time of day such as 17:00",
        ),
        ("margin = 0.1", "margin = 0.1\ndividend = { amount = 1, months = [13] }", "in a list, each once, found [13]"),
        ("margin = 0.1", "margin = 0.1\ncommission = { rat = 1 }", "commission: rat is not a field here: did you mean rate?"),
        ('bars = "bid"', 'bars = "mid"', "bars: expected one of bid, trade, found 'mid'"),
        (
            "typical = 72.5",
            "typical = 0.5",
            "prices, typical: expected a price from 1 to 100000000 (at least ",
        ),
        (
            "deviation = 0.02",
            "deviation = 2",
            "prices, deviation: expected a session's usual move, 0.0001 to 0.1",
        ),
        ("deviation = 0.02", "deviation = 0.02\ngaps = 1", "prices, gaps: expected true or false, found 1"),
    ],
)
def test_a_mistake_is_told_with_file_instrument_and_field(file: Path, line: str, instead: str, sentence: str) -> None:
    own = read(file, PLAIN.replace(line, instead))
    (fault,) = own.faults
    assert own.listings == {}
    start = f"{file}: instrument 1 (WTI)"
    assert fault.startswith(start) and sentence in fault, fault
    assert "\n" not in fault


def test_every_instrument_of_every_file_is_judged(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(PLAIN.replace("tick = 0.01", "tick = -1") + PLAIN + PLAIN.replace("margin", "marign"))
    (tmp_path / "b.toml").write_text("market = ")
    (tmp_path / "c.toml").write_text(PLAIN)
    (tmp_path / "notes.txt").write_text("not read")
    own = read_instruments([tmp_path, tmp_path / "none.toml"], NOW)
    assert [listing.instrument.name for listing in own.listings["DEMO"]] == ["WTI"]
    assert [fault.removeprefix(f"{tmp_path}/").partition(", found")[0] for fault in own.faults] == [
        "a.toml: instrument 1 (WTI), tick: expected a number above 0",
        "a.toml: instrument 3 (WTI): marign is not a field here: did you mean margin?",
        "b.toml: expected TOML",
        "c.toml: instrument 1 (WTI), symbol: expected one that DEMO does not list",
        "none.toml: expected a file of instruments, or a folder of them",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected at least one [[instrument]], found none"),
        ('instrument = "WTI"', "expected at least one [[instrument]], found 'WTI'"),
        ("[[instruments]]", "instruments is not a field here: did you mean instrument?"),
        (
            'market = "IMPORT"\n' + PLAIN,
            "market: expected 2 to 16 capital letters and digits, neither IMPORT nor R with a number",
        ),
        ('market = "R7"\n' + PLAIN, "found 'R7'"),
        ("market = 5\n" + PLAIN, "found 5"),
        (PLAIN.replace("WTI", "EURUSD"), "expected one that DEMO does not list, found it in the demo market"),
        ("a = '\xff'".encode("latin-1").decode("latin-1"), "a is not a field here"),
        ("tick = 0x", "expected TOML, found: "),
        ("a = 2026-13-45", "expected TOML, found"),
        ("#" * 1_048_577, "expected at most 1048576 bytes, found more"),
    ],
)
def test_a_file_that_is_none_is_told(file: Path, text: str, sentence: str) -> None:
    (fault,) = read(file, text).faults
    assert fault.startswith(str(file)) and sentence in fault, fault


def test_bytes_that_are_no_text_are_told(file: Path) -> None:
    file.write_bytes(b"a = '\xff'")
    (fault,) = read_instruments([file], NOW).faults
    assert fault == f"{file}: expected UTF-8, found another byte at 5"


def test_only_so_many_are_listed(file: Path) -> None:
    each = PLAIN.replace("WTI", "N{number}").replace("{ ", "{{ ").replace(" }", " }}")
    own = read(file, "".join(each.format(number=number) for number in range(INSTRUMENTS_MAX + 1)))
    assert len(own.listings["DEMO"]) == INSTRUMENTS_MAX
    assert own.faults[0].endswith(f"expected at most {INSTRUMENTS_MAX} instruments in all, found more")


def test_a_house_with_a_bad_file_does_not_start_and_says_why_in_one_sentence(file: Path) -> None:
    file.write_text(PLAIN.replace("0.01", "0") + PLAIN.replace("margin", "marg"))
    with pytest.raises(Stopped) as stopped:
        listings_of([file], NOW)
    assert str(stopped.value).endswith("found 0 (1 more: see trading-api symbols --check FILE)")


def test_the_demo_market_keeps_its_own_and_another_market_stands_beside_it(file: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('market = "MINE"\n' + PLAIN.replace("WTI", "EURUSD"))
    file.write_text(PLAIN)
    listed = listings_of([file, mine], NOW)
    assert {market: [each.instrument.name for each in listings] for market, listings in listed.items()} == {
        "DEMO": [*(each.instrument.name for each in demo_listings("DEMO")), "WTI"],
        "MINE": ["EURUSD"],
    }
    assert list(listings_of([], NOW)) == ["DEMO"]


def test_an_exchange_s_calendar_says_when_it_is_open(file: Path) -> None:
    hours = 'session = "1800-1700"\nzone = "America/New_York"\n'
    (listing,) = read(file, PLAIN.replace(hours, 'calendar = "XLON"\n')).listings["DEMO"]
    one = listing.instrument
    assert (one.session, one.timezone) == ("0800-1630", "Europe/London")
    assert "20241225" in one.holidays and one.corrections.startswith("0800-1230:2049")
    (fault,) = read(file, PLAIN.replace(hours, 'calendar = "XLON"\nsession = "24x7"\n')).faults
    assert fault.endswith("session: expected none beside calendar, which says when XLON is open, found '24x7'")
    (fault,) = read(file, PLAIN.replace(hours, 'calendar = "London"\n')).faults
    assert "calendar: expected one of BVMF, CMES, " in fault


@pytest.mark.parametrize("session", ["24x7", "0930-1600:7", "1000-1001:4", "0000-0000:12345", "0930-1200,1300-2730:23"])
async def test_whatever_the_session_prices_are_there(file: Path, session: str) -> None:
    (listing,) = read(file, PLAIN.replace("1800-1700", session)).listings["DEMO"]
    market = SyntheticMarket(FakeClock(NOW), 1, [listing])
    quote = await market.quote("WTI")
    assert quote is not None and quote.bid_size is None and quote.ask - quote.bid >= Decimal("0.02")
    for resolution in Resolution:
        bars = (await market.bars("WTI", resolution, before=NOW, count=50)).bars
        assert len(bars) == 50 and bars[-1].close == quote.bid
    first = (await market.bars("WTI", Resolution.D1, before=NOW, count=20_000)).bars[0]
    assert first.time < 948_000_000_000, "prices begin in January 2000"


def test_a_session_that_is_never_open_where_prices_begin_is_refused(file: Path) -> None:
    closed = ", ".join(f"2000-01-{day:02}" for day in range(3, 32))
    own = read(file, PLAIN.replace("spread", f"holidays = [{closed}]\nspread"))
    assert (
        "holidays: expected at least 3 open days in the month from 2000-01-03 on, where prices begin, found 2" in own.faults[0]
    )


def test_a_book_may_be_as_small_as_a_step(file: Path) -> None:
    (listing,) = read(file, "[[instrument]]" + ODD).listings["DEMO"]
    market = SyntheticMarket(FakeClock(NOW), 1, [listing])
    quotes = market._quotes_after("ODD", NOW)
    sizes = {next(quotes).bid_size for _ in range(500)}
    assert sizes == {Decimal("0.5") * times for times in (1, 2, 3, 4)}


EVERYTHING = """
symbol = "NIFTY.X"
description = "Nifty, near month"
kind = "index"
exchange = "NSE 50"
currency = "INR"
base = "NIF"
tick = 0.05
pip = 0.1
lot = 75
quantity = { min = 75, max = 7500, step = 25 }
session = "0915-1530"
zone = "Asia/Kolkata"
holidays = [2026-12-25, 2026-01-26, 2026-12-25]
spread = { narrowest = 1, widest = 4 }
size = 150
commission = { rate = 1e-4, per_unit = 0.50, minimum = 2 }
margin = 0.12
swap = { long = -0.0002, short = 0.0001, unit = "rate", time = "15:30", zone = "Asia/Kolkata", triple = "friday" }
dividend = { amount = 3, months = [9, 3], day = 20 }
bars = "trade"

[instrument.prices]
typical = 22_000
deviation = 0.011
volume = 250_000
gaps = false
"""


def test_days_with_hours_of_their_own_are_kept(file: Path) -> None:
    (listing,) = read(file, PLAIN.replace("spread", 'corrections = "1800F-1300:20261127"\nspread')).listings["DEMO"]
    assert listing.instrument.corrections == "1800F-1300:20261127"
    (fault,) = read(file, PLAIN.replace("spread", 'corrections = "1300:20261127"\nspread')).faults
    assert "corrections: expected" in fault and "1300" in fault


def test_days_with_hours_of_their_own_are_told_newest_first_in_whatever_order_they_were_given(file: Path) -> None:
    given = 'corrections = "0930-1300:20241129,20241224;1000-1200:20250102"\nspread'
    (listing,) = read(file, PLAIN.replace("spread", given)).listings["DEMO"]
    told = symbol_information(listing.instrument).corrections
    assert told == "0930-1300:20241224,20241129;1000-1200:20250102"
    hold_corrections(told)


@pytest.mark.parametrize("zone", ["UTC", "EST", "Europe/Kyiv", "America/Detroit", "Asia/Calcutta"])
def test_a_zone_that_keeps_the_clock_of_one_charts_know_is_told_as_that_one(file: Path, zone: str) -> None:
    (listing,) = read(file, PLAIN.replace("America/New_York", zone)).listings["DEMO"]
    told = chart_zone(listing.instrument.timezone)
    assert told in CHART_ZONES and (told == "Etc/UTC") is (zone == "UTC")


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/St_Johns"])
def test_a_zone_that_charts_cannot_show_is_refused(file: Path, zone: str) -> None:
    (fault,) = read(file, PLAIN.replace("America/New_York", zone)).faults
    assert fault.endswith(f"zone: expected a time zone whose clock charts know, such as America/New_York, found '{zone}'")


def test_charts_know_the_zones_of_every_exchange() -> None:
    for code in EXCHANGES:
        check_chart_zone(exchange_calendar(code).timezone)


def test_a_session_that_changes_in_the_future_is_refused(file: Path) -> None:
    own = read(file, PLAIN.replace("1800-1700", "0900-1700#20990101/1800-1700"))
    assert own.faults[0].endswith(
        "session: expected a session whose change lies in the past, found one that changes on 2098-12-29"
    )
    assert read(file, PLAIN.replace("1800-1700", "0900-1700#20200101/1800-1700")).faults == ()
