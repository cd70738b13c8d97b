"""Files of every usual shape become series; the first bad line ends an import, and nothing is half imported."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from fakes_imported import MINUTE, MemoryArchive, MemoryStore
from trading_api.core.imports import UploadedFile
from trading_api.models.errors import FixRequest
from trading_api.models.market.imports import ImportOptions, SeriesReport
from trading_api.plugins.imported.jobs import run_import

FIRST = 1_359_676_800_000  # 2013-02-01 00:00 UTC, a Friday
BID = """timestamp,open,high,low,close
2013-02-01 00:00:00+00:00,91.715,91.715,91.653,91.653
2013-02-01 00:01:00+00:00,91.653,91.707,91.653,91.661
2013-02-01 00:02:00+00:00,91.661,91.707,91.659,91.694
"""
ASK = """timestamp,open,high,low,close
2013-02-01 00:00:00+00:00,91.717,91.717,91.655,91.655
2013-02-01 00:01:00+00:00,91.655,91.699,91.654,91.666
2013-02-01 00:03:00+00:00,91.666,91.707,91.663,91.697
"""


class Desk:
    """An archive, a store, and files to import into them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = MemoryArchive()
        self.store = MemoryStore()
        self.told: list[tuple[int, int]] = []

    def file(self, name: str, text: str | bytes) -> UploadedFile:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return UploadedFile(name, path)

    async def load(self, files: dict[str, str | bytes], **options: object) -> Sequence[SeriesReport]:
        uploaded = [self.file(name, text) for name, text in files.items()]
        chosen = ImportOptions.model_validate(options)
        for stage in self.folder.glob("stage*"):
            stage.unlink()
        report = await run_import(
            self.archive,
            self.store,
            uploaded,
            chosen,
            lambda read, total: self.told.append((read, total)),
            folder=self.folder,
            now=1,
        )
        return report.series

    async def one(self, name: str, text: str | bytes, **options: object) -> SeriesReport:
        (series,) = await self.load({name: text}, **options)
        return series

    async def bids(self, symbol: str) -> list[tuple[int, str, str, str, str]]:
        bars = await self.archive.bars(symbol, since=0, before=FIRST * 2)
        return [(bid.time, str(bid.open), str(bid.high), str(bid.low), str(bid.close)) for bid, _ in bars]

    async def asks(self, symbol: str) -> list[str | None]:
        bars = await self.archive.bars(symbol, since=0, before=FIRST * 2)
        return [None if row.ask is None else str(row.ask.close) for row in bars]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


SHAPES = {
    "header and zone": BID.split("00:02:00")[0].rsplit("\n", 1)[0] + "\n",
    "no header": "2013-02-01 00:00:00,91.715,91.715,91.653,91.653\n2013-02-01 00:01:00,91.653,91.707,91.653,91.661\n",
    "semicolons, decimal commas": (
        "Time;Open;High;Low;Close\n"
        "01.02.2013 00:00:00;91,715;91,715;91,653;91,653\n"
        "01.02.2013 00:01:00;91,653;91,707;91,653;91,661\n"
    ),
    "HistData": "20130201 000000;91.715;91.715;91.653;91.653;0\n20130201 000100;91.653;91.707;91.653;91.661;0\n",
    "MetaTrader": (
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
        "2013.02.01\t00:00:00\t91.715\t91.715\t91.653\t91.653\t12\t0\t2\r\n"
        "2013.02.01\t00:01:00\t91.653\t91.707\t91.653\t91.661\t9\t0\t2\r\n"
    ),
    "MetaTrader without header": (
        "2013.02.01,00:00,91.715,91.715,91.653,91.653,12\n2013.02.01,00:01,91.653,91.707,91.653,91.661,9\n"
    ),
    "epoch milliseconds, other order": (
        "close,low,high,open,time\n91.653,91.653,91.715,91.715,1359676800000\n91.661,91.653,91.707,91.653,1359676860000\n"
    ),
    "short names, quotes, upper case": (
        '"T","x"\n"TS","O","H","L","C","V"\n"2013-02-01T00:00Z","91.715","91.715","91.653","91.653","1"\n'
        '"2013-02-01T00:01Z","91.653","91.707","91.653","91.661","1"\n'
    ),
    "newest first, a link above the header": (
        "https://www.example.com\nunix,date,symbol,open,high,low,close,Volume USD\n"
        "1359676860,2013-02-01 00:01:00,USD/JPY,91.653,91.707,91.653,91.661,4\n"
        "1359676800,2013-02-01 00:00:00,USD/JPY,91.715,91.715,91.653,91.653,4\n"
    ),
    "a mark, carriage returns, an empty last line": (
        "\ufefftimestamp,open,high,low,close\r\n2013-02-01 00:00:00,91.715,91.715,91.653,91.653\r\n"
        "2013-02-01 00:01:00,91.653,91.707,91.653,91.661\r\n\r\n"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_bars_of_every_usual_shape_are_read(desk: Desk, shape: str) -> None:
    report = await desk.one("usdjpy-m1.csv", SHAPES[shape])
    assert (report.symbol, report.kind, report.step_ms, report.rows) == ("USDJPY", "bars", MINUTE, 2)
    assert await desk.bids("USDJPY") == [
        (FIRST, "91.715", "91.715", "91.653", "91.653"),
        (FIRST + MINUTE, "91.653", "91.707", "91.653", "91.661"),
    ]
    assert str(report.instrument.tick_size) == "0.001"


async def test_utf_16_is_read(desk: Desk) -> None:
    assert (await desk.one("usdjpy.csv", SHAPES["no header"].encode("utf-16"))).rows == 2


async def test_a_zone_moves_times_that_carry_none(desk: Desk) -> None:
    report = await desk.one("usdjpy.csv", SHAPES["no header"], zone="America/New_York")
    assert report.first == FIRST + 5 * 3_600_000


async def test_two_sides_given_together_are_joined(desk: Desk) -> None:
    (report,) = await desk.load({"usdjpy-m1-bid-2013.csv": BID, "usdjpy-m1-ask-2013.csv": ASK})
    assert (report.symbol, report.sides, report.rows, report.lines_read) == ("USDJPY", "both", 4, 6)
    assert (report.lifted, report.one_sided) == (1, 2), "the high of minute two; minutes three and four have one side"
    assert await desk.asks("USDJPY") == ["91.655", "91.666", "91.699", "91.697"]
    assert (await desk.bids("USDJPY"))[3] == (FIRST + 3 * MINUTE, "91.661", "91.702", "91.658", "91.692")


@pytest.mark.parametrize("order", [("bid", "ask"), ("ask", "bid")])
async def test_two_sides_given_one_after_the_other_are_joined_the_same(desk: Desk, order: tuple[str, str]) -> None:
    texts = {"bid": BID, "ask": ASK}
    first, second = order
    assert (await desk.one("usdjpy-m1.csv", texts[first], side=first)).sides == first
    report = await desk.one("usdjpy-m1.csv", texts[second], side=second)
    assert (report.sides, report.rows, report.lifted, report.one_sided) == ("both", 4, 1, 2)
    assert await desk.asks("USDJPY") == ["91.655", "91.666", "91.699", "91.697"]
    assert (await desk.bids("USDJPY"))[0] == (FIRST, "91.715", "91.715", "91.653", "91.653")


async def test_the_bid_alone_has_no_ask_and_the_ask_alone_a_bid_below(desk: Desk) -> None:
    assert (await desk.one("usdjpy-bid.csv", BID)).sides == "bid"
    assert await desk.asks("USDJPY") == [None] * 3
    report = await desk.one("eurjpy-ask.csv", ASK, spread="0.010")
    assert (report.sides, report.spread) == ("ask", Decimal("0.010"))
    assert (await desk.bids("EURJPY"))[0] == (FIRST, "91.707", "91.707", "91.645", "91.645")


async def test_both_sides_in_one_file(desk: Desk) -> None:
    text = (
        "Date,BidOpen,BidHigh,BidLow,BidClose,AskOpen,AskHigh,AskLow,AskClose,Volume\n"
        "2013-02-01 00:00:00,91.715,91.715,91.653,91.653,91.717,91.717,91.655,91.655,3\n"
    )
    report = await desk.one("USDJPY_m1.csv", text)
    assert (report.sides, report.step_ms, await desk.asks("USDJPY")) == ("both", MINUTE, ["91.655"])


TICKS = """timestamp,bid,ask
2013-01-01 22:00:00.295000+00:00,86.655,86.728
2013-01-01 22:02:35.907000+00:00,86.657,86.728
2013-01-01 22:02:35.907000+00:00,86.658,86.728
2013-01-01 22:02:35.907000+00:00,86.658,86.728
2013-01-01 22:02:36.197000+00:00,86.730,86.728
"""


async def test_quotes_are_ticks(desk: Desk) -> None:
    report = await desk.one("usdjpy-ticks.csv", TICKS)
    assert (report.symbol, report.kind, report.sides, report.rows) == ("USDJPY", "ticks", "both", 4)
    assert (report.duplicates, report.lifted) == (1, 1)
    ticks = await desk.archive.ticks("USDJPY", since=0, before=FIRST)
    assert [(tick.time % 100_000, str(tick.bid), str(tick.ask)) for tick in ticks] == [
        (600_295 % 100_000, "86.655", "86.728"),
        (755_907 % 100_000, "86.657", "86.728"),
        (755_907 % 100_000, "86.658", "86.728"),
        (756_197 % 100_000, "86.730", "86.730"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "EUR/USD,20130201 00:00:00.295,1.3001,1.3003\nEUR/USD,20130201 00:00:01.000,1.3002,1.3003\n",
        "20130201 000000295,1.3001,1.3003,0\n20130201 000001000,1.3002,1.3003,0\n",
        "Gmt time,Ask,Bid,AskVolume,BidVolume\n"
        "01.02.2013 00:00:00.295,1.3003,1.3001,1,2\n01.02.2013 00:00:01.000,1.3003,1.3002,1,2\n",
    ],
    ids=["TrueFX", "HistData", "Dukascopy"],
)
async def test_quotes_of_other_shapes(desk: Desk, text: str) -> None:
    report = await desk.one("eurusd_ticks_201302.csv", text)
    ticks = await desk.archive.ticks("EURUSD", since=0, before=FIRST * 2)
    assert report.symbol == "EURUSD"
    assert [(tick.time - FIRST, str(tick.bid), str(tick.ask)) for tick in ticks] == [
        (295, "1.3001", "1.3003"),
        (1000, "1.3002", "1.3003"),
    ]


@pytest.mark.parametrize(
    ("header", "sizes"),
    [
        ("Gmt time,Ask,Bid,AskVolume,BidVolume", ("1.5", "0.75")),
        ("time,ask,bid,ask_size,bid_size", ("1.5", "0.75")),
        ("event_time,best_ask_price,best_bid_price,best_ask_qty,best_bid_qty", ("1.5", "0.75")),
    ],
)
async def test_sizes_of_quotes_are_kept(desk: Desk, header: str, sizes: tuple[str, str]) -> None:
    lines = f"{header}\n2013-02-01 00:00:01,20.03,20.01,1.5,0.75\n2013-02-01 00:00:02,20.03,20.01,0,\n"
    report = await desk.one("btcusd-ticks.csv", lines)
    first, second = await desk.archive.ticks("BTCUSD", since=0, before=FIRST * 2)
    assert (str(first.ask_size), str(first.bid_size)) == sizes
    assert (second.ask_size, second.bid_size) == (None, None), "a size of 0 is one that is not known"
    assert report.notes == ()


@pytest.mark.parametrize(
    ("size", "options", "kept", "said"),
    [
        ("0.75", {}, "750000", ["No size is larger than 0.75, so they are taken for millions; sizeUnit says otherwise."]),
        ("0.75", {"sizeUnit": 100_000}, "75000", []),
        ("500000", {}, "500000", []),
    ],
)
async def test_small_sizes_of_a_currency_are_millions(
    desk: Desk, size: str, options: dict[str, object], kept: str, said: list[str]
) -> None:
    text = f"time,bid,ask,bid size,ask size\n2013-02-01 00:00:01,1.3001,1.3003,{size},{size}\n"
    report = await desk.one("eurusd-ticks.csv", text, **options)
    (tick,) = await desk.archive.ticks("EURUSD", since=0, before=FIRST * 2)
    assert tick.bid_size == tick.ask_size == Decimal(kept) and list(report.notes) == said


async def test_a_size_below_zero_is_refused_with_its_line(desk: Desk) -> None:
    text = "time,bid,ask,bid size,ask size\n2013-02-01 00:00:01,1.3001,1.3003,1,-2\n"
    with pytest.raises(FixRequest, match="line 2: expected a size of 0 or more, found '-2'"):
        await desk.one("eurusd-ticks.csv", text)


async def test_trades_have_a_last_price_and_a_spread(desk: Desk) -> None:
    text = "time,price,qty\n1359676800123,20.5,3\n1359676800124,20.0,1\n"
    report = await desk.one("btcusd-trades.csv", text, spread="0.5")
    first, _ = await desk.archive.ticks("BTCUSD", since=0, before=FIRST * 2)
    assert (first.last, first.bid, first.ask, first.volume) == tuple(map(Decimal, ("20.5", "20.5", "21.0", "3")))
    assert report.instrument.bar_source == "trade"


async def test_bars_and_ticks_of_one_symbol_live_side_by_side(desk: Desk) -> None:
    await desk.one("usdjpy-m1.csv", BID)
    report = await desk.one("usdjpy-ticks.csv", TICKS)
    assert report.symbol == "USDJPY-TICKS" and "USDJPY has bars already" in report.notes[0]
    with pytest.raises(FixRequest, match="choose another symbol"):
        await desk.one("usdjpy-ticks.csv", TICKS, symbol="USDJPY")


async def test_repeats_and_disorder_are_sorted_out_and_counted(desk: Desk) -> None:
    lines = BID.splitlines()
    other = "2013-02-01 00:01:00+00:00,91.653,91.707,91.653,91.700"
    text = "\n".join([lines[0], lines[3], lines[1], lines[2], lines[1], other])
    report = await desk.one("usdjpy-m1-bid.csv", text)
    assert (report.rows, report.duplicates, report.conflicts, report.disordered) == (3, 1, 1, 2)
    assert [bar[4] for bar in await desk.bids("USDJPY")] == ["91.653", "91.700", "91.694"], "the last one wins"


BAD = {
    "2013-02-01 00:03:00+00:00,91.7,91.6,91.5,91.6": "line 5: expected the high to be the highest",
    "2013-02-01 00:03:00+00:00,91.7,91.7,-1,91.6": "line 5: expected a price above 0, found '-1'",
    "2013-02-01 00:03:00+00:00,91.7,abc,91.5,91.6": "line 5: expected a price, found 'abc'",
    "2013-02-01 00:03:00+00:00,91.7,nan,91.5,91.6": "line 5: expected a price, found 'nan'",
    "2013-02-01 00:03:00+00:00,91.7,91.7": "line 5: expected at least 5 columns, found 3",
    "yesterday,91.7,91.7,91.5,91.6": "line 5: expected a time written as in the lines before, found 'yesterday'",
    "2013-02-01 00:03:30+00:00,91.7,91.7,91.5,91.6": "line 5: expected a time that fits bars of 1 min",
    "2013-02-01 00:03:00+00:00,91.7,91.7,91.5,91.6123456789012345": "line 5: expected a price of at most 15 digits",
    "x" * 5_000: "line 5: expected at most 4096 characters",
}


@pytest.mark.parametrize("line", BAD, ids=list(BAD.values()))
async def test_a_bad_line_is_named_and_nothing_is_imported(desk: Desk, line: str) -> None:
    with pytest.raises(FixRequest) as refused:
        await desk.load({"eurjpy-m1.csv": SHAPES["no header"], "usdjpy-m1-bid.csv": BID + line + "\n"})
    assert refused.value.body.message.startswith("usdjpy-m1-bid.csv, " + BAD[line])
    assert await desk.archive.series() == [] and desk.store.documents == {}


async def test_a_failed_import_leaves_the_series_there_was(desk: Desk) -> None:
    await desk.one("usdjpy-m1-bid.csv", BID)
    before = await desk.bids("USDJPY")
    with pytest.raises(FixRequest):
        await desk.one("usdjpy-m1-bid.csv", BID + "rubbish\n")
    assert await desk.bids("USDJPY") == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected lines of prices, found an empty file"),
        ("timestamp,open,high,low,close\n", "expected lines of prices, found only a header"),
        ("name,colour\nanna,red\n", "expected a time column and open, high, low, close"),
        ("timestamp,open,high\n2013-02-01,1,2\n", "expected a time column and open, high, low, close"),
        ("timestamp,open,high,low,close\n2013-02-01,1,2,1,2\n2013-02-08,1,2,1,2\n", "expected bars of one second to one day"),
    ],
)
async def test_a_file_that_holds_no_prices_is_refused_in_a_sentence(desk: Desk, text: str, sentence: str) -> None:
    with pytest.raises(FixRequest) as refused:
        await desk.one("usdjpy.csv", text)
    assert sentence in refused.value.body.message and refused.value.body.message.startswith("usdjpy.csv")


async def test_days_carry_the_date_of_their_day(desk: Desk) -> None:
    text = "Date,Open,High,Low,Close\n" + "".join(f"2013-03-{day:02} 00:00:00,9,9,9,9\n" for day in (7, 8, 11, 12))
    report = await desk.one("acme_1d.csv", text, zone="America/New_York")
    days = [bar[0] for bar in await desk.bids("ACME")]
    assert report.step_ms == 86_400_000 and all(day % 86_400_000 == 0 for day in days)
    assert (days[2] - days[1]) // 86_400_000 == 3, "over the weekend in which the clocks changed"


async def test_the_user_knows_better(desk: Desk) -> None:
    report = await desk.one(
        "prices.csv", BID, symbol="MYPAIR", instrument={"tickSize": "0.0005", "currency": "EUR", "session": "0930-1600"}
    )
    instrument = report.instrument
    assert (instrument.id, instrument.currency, instrument.session) == ("IMPORT:MYPAIR", "EUR", "0930-1600")
    with pytest.raises(FixRequest) as refused:
        await desk.one("prices.csv", BID, symbol="MYPAIR", instrument={"tickSize": "0.01"})
    assert refused.value.body.field == "tickSize" and refused.value.body.nearest == Decimal("0.001")


async def test_progress_goes_from_nothing_to_all(desk: Desk) -> None:
    lines = [f"{FIRST + place * MINUTE},9.5,9.5,9.5,9.5" for place in range(30_000)]
    await desk.one("usdjpy.csv", "\n".join(lines))
    read = [done for done, _ in desk.told]
    assert len(read) > 10 and read == sorted(read) and desk.told[-1][0] == desk.told[-1][1]
