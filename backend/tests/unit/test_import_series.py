"""Which series files become: bars beside ticks, a side beside the other; what was imported before is not lost unsaid."""

from itertools import permutations
from pathlib import Path

import pytest
from test_import_files import ASK, BID, FIRST, TICKS, Desk

from trading_api.models.errors import FixRequest

FILES: dict[str, str | bytes] = {"usdjpy-m1-bid.csv": BID, "usdjpy-m1-ask.csv": ASK, "usdjpy-ticks.csv": TICKS}
TRADES = "time,price,qty\n1359676800123,20.5,3\n1359676800124,20.0,1\n"
HOURS = "timestamp,open,high,low,close\n" + "".join(f"2013-02-01 0{hour}:00:00,91,91,91,91\n" for hour in range(4))
COLUMN = (
    "symbol,timestamp,bid,ask\nUSDJPY-TICKS,2013-02-01 00:00:00.295,91.1,91.2\nUSDJPY-TICKS,2013-02-01 00:00:01,91.1,91.2\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def names(desk: Desk) -> dict[str, tuple[str, int]]:
    return {one.name: (one.kind, one.rows) for one in await desk.archive.series()}


@pytest.mark.parametrize("order", list(permutations(FILES)), ids="+".join)
async def test_bars_and_ticks_imported_together_are_two_series_in_any_order(desk: Desk, order: tuple[str, ...]) -> None:
    trades: dict[str, str | bytes] = {"btcusd-trades.csv": TRADES}
    files: dict[str, str | bytes] = {name: FILES[name] for name in order}
    reports = await desk.load(trades | files)
    expected = {"USDJPY": ("bars", 4), "USDJPY-TICKS": ("ticks", 4), "BTCUSD": ("ticks", 2)}
    assert await names(desk) == expected
    assert {one.symbol: one.sides for one in reports} == {"USDJPY": "both", "USDJPY-TICKS": "both", "BTCUSD": "price"}
    assert [one.notes for one in reports if one.symbol == "USDJPY-TICKS"] == [
        ("USDJPY has bars already, so these ticks are USDJPY-TICKS.",)
    ]
    await desk.load(files)
    assert await names(desk) == expected, "importing them again replaces each"


async def test_ticks_that_were_first_keep_the_bare_name(desk: Desk) -> None:
    await desk.one("usdjpy-ticks.csv", TICKS)
    await desk.load(FILES)
    assert await names(desk) == {"USDJPY": ("ticks", 4), "USDJPY-BARS": ("bars", 4)}


async def test_bars_and_ticks_under_one_name_that_was_asked_for_are_refused(desk: Desk) -> None:
    with pytest.raises(FixRequest, match="'PAIR' for these ticks, found bars under it: choose another symbol"):
        await desk.load(FILES, symbol="PAIR")
    assert await names(desk) == {}


@pytest.mark.parametrize("order", [("column.csv", "usdjpy-ticks.csv"), ("usdjpy-ticks.csv", "column.csv")])
async def test_a_name_that_another_file_of_the_import_has_is_refused(desk: Desk, order: tuple[str, str]) -> None:
    await desk.one("usdjpy-m1-bid.csv", BID)
    texts = {"column.csv": COLUMN, "usdjpy-ticks.csv": TICKS}
    with pytest.raises(FixRequest, match="choose another symbol"):
        await desk.load({name: texts[name] for name in order})
    assert await names(desk) == {"USDJPY": ("bars", 3)}


@pytest.mark.parametrize(("side", "text"), [("bid", BID), ("ask", ASK)])
async def test_importing_a_side_again_changes_nothing(desk: Desk, side: str, text: str) -> None:
    await desk.load({"usdjpy-m1-bid.csv": BID, "usdjpy-m1-ask.csv": ASK})
    before = await desk.archive.bars("USDJPY", since=0, before=FIRST * 2)
    for _ in range(2):
        report = await desk.one(f"usdjpy-m1-{side}.csv", text)
        assert (report.sides, report.rows) == ("both", 4) and "the other kept" in report.notes[0]
        assert await desk.archive.bars("USDJPY", since=0, before=FIRST * 2) == before


async def test_a_file_of_no_side_says_that_it_replaces_both(desk: Desk) -> None:
    await desk.load({"usdjpy-m1-bid.csv": BID, "usdjpy-m1-ask.csv": ASK})
    report = await desk.one("usdjpy.csv", BID)
    assert report.sides == "price" and report.notes == (
        "USDJPY had bars of bid and ask already: these replace them; if the file holds a side of them, say which one.",
    )
    again = await desk.one("usdjpy.csv", BID)
    assert again.notes == ("USDJPY had bars of one price already: these replace them.",)


@pytest.mark.parametrize(("side", "text"), [("bid", BID), ("ask", ASK)])
async def test_a_side_twice_is_a_side_once(desk: Desk, side: str, text: str) -> None:
    assert (await desk.one(f"usdjpy-{side}.csv", text)).sides == side
    before = await desk.archive.bars("USDJPY", since=0, before=FIRST * 2)
    assert (await desk.one(f"usdjpy-{side}.csv", text)).sides == side
    await desk.load({f"usdjpy-m1-{side}.csv": text, f"usdjpy-{side}.csv": text})
    assert await desk.archive.bars("USDJPY", since=0, before=FIRST * 2) == before


async def test_a_side_imported_again_replaces_that_side_and_keeps_the_other(desk: Desk) -> None:
    await desk.load({"usdjpy-m1-bid.csv": BID, "usdjpy-m1-ask.csv": ASK})
    bids = await desk.bids("USDJPY")
    assert (await desk.one("usdjpy-m1-ask.csv", ASK.replace("91.", "92."))).sides == "both"
    assert await desk.bids("USDJPY") == bids
    assert await desk.asks("USDJPY") == ["92.655", "92.666", "92.699", "92.697"]
    asks = await desk.asks("USDJPY")
    assert (await desk.one("usdjpy-m1-bid.csv", BID.replace("91.", "90."))).sides == "both"
    assert await desk.asks("USDJPY") == asks
    assert [bar[4] for bar in (await desk.bids("USDJPY"))[:3]] == ["90.653", "90.661", "90.694"]


async def test_a_side_in_bars_of_another_width_is_refused(desk: Desk) -> None:
    await desk.one("usdjpy-m1-bid.csv", BID)
    before = await desk.bids("USDJPY")
    with pytest.raises(FixRequest, match="Expected bars of 1 min, as USDJPY has, found 60 min"):
        await desk.one("usdjpy-ask.csv", HOURS)
    assert await desk.bids("USDJPY") == before
