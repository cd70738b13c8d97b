"""Prices that were imported as days are kept by their date, whatever the session says."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from test_import_jobs import House
from test_replay import Stage

from fakes_imported import DAY, HOUR, a_library, add_bars
from trading_api.core.ports import ArchivedBar
from trading_api.core.sessions import sessions_of
from trading_api.models.market.bars import Bar, Resolution
from trading_api.models.market.imports import InstrumentChange
from trading_api.plugins.imported.charts import Charts
from trading_api.plugins.imported.guess import changed
from trading_api.plugins.imported.library import Library

MONDAY = 1_732_492_800_000
"""2024-11-25 00:00 UTC, the week of Thanksgiving."""
LATER = MONDAY + 60 * DAY
DATES = [MONDAY + day * DAY for day in (0, 1, 2, 3, 4, 7, 8, 9, 10)]
NEW_YORK = {"timezone": "America/New_York", "session": "0930-1600"}
EVENINGS = {"timezone": "America/New_York", "session": "1700-1700:23456"}
LUNCH = {"timezone": "Asia/Hong_Kong", "session": "0930-1200,1300-1600"}
PAST_MIDNIGHT = {"timezone": "America/New_York", "session": "0930-2730"}
CLOSED_ON_THANKSGIVING = NEW_YORK | {"holidays": ("20241128",)}
CLOSED_ALL_WEEK = NEW_YORK | {"holidays": ("20241125", "20241126", "20241127", "20241128", "20241129")}
SESSIONS = (NEW_YORK, EVENINGS, LUNCH, PAST_MIDNIGHT, CLOSED_ON_THANKSGIVING, CLOSED_ALL_WEEK)


def days(dates: Sequence[int] = DATES) -> list[ArchivedBar]:
    bars = []
    for place, date in enumerate(dates):
        low = Decimal(100 + place)
        prices = {"open": low + 1, "high": low + 4, "low": low, "close": low + 2, "volume": 40}
        bars.append(ArchivedBar(Bar.model_validate({"time": date, **prices}), None))
    return bars


async def a_library_of_days(hours: dict[str, object]) -> Library:
    library = await a_library()
    await add_bars(library, "ACME", days(), step_ms=DAY)
    report = library.get("ACME").report
    instrument = changed(report.instrument, InstrumentChange.model_validate(hours))
    await library.put(report.model_copy(update={"instrument": instrument}), "I1", 0)
    return library


async def told(library: Library, resolution: Resolution, *, before: int = LATER, count: int = 100) -> list[Bar]:
    answer = await Charts(library).bars(library.get("ACME"), resolution, before=before, count=count, since=None, now=LATER)
    return list(answer.bars)


@pytest.mark.parametrize("hours", SESSIONS)
async def test_days_are_kept_by_their_date(hours: dict[str, object]) -> None:
    library = await a_library_of_days(hours)
    assert await told(library, Resolution.D1) == [bar.bid for bar in days()]
    assert [bar.time for bar in await told(library, Resolution.D1, before=DATES[5], count=2)] == DATES[3:5]
    weeks = await told(library, Resolution.W1)
    assert [(bar.open, bar.close, bar.volume) for bar in weeks] == [(101, 106, 200), (106, 110, 160)]
    months = await told(library, Resolution.MN1)
    assert [(bar.open, bar.close) for bar in months] == [(101, 106), (106, 110)]
    assert (await told(library, Resolution.W1, before=weeks[1].time))[-1] == weeks[0]
    assert (await told(library, Resolution.W1, count=1))[0] == weeks[1]
    assert await told(library, Resolution.H1) == []


async def test_weeks_and_months_begin_on_their_first_trading_day() -> None:
    library = await a_library_of_days(NEW_YORK)
    assert [bar.time for bar in await told(library, Resolution.W1)] == [MONDAY, MONDAY + 7 * DAY]
    # The 1st of November 2024 was a Friday and of December a Sunday.
    assert [bar.time for bar in await told(library, Resolution.MN1)] == [MONDAY - 24 * DAY, MONDAY + 7 * DAY]


@pytest.mark.parametrize("hours", SESSIONS)
async def test_a_replay_shows_each_day_in_its_session_and_nothing_earlier(hours: dict[str, object]) -> None:
    library = await a_library_of_days(hours)
    stage = Stage(library, symbols=("ACME",), at=library.get("ACME").first - 1)
    await stage.start()
    sessions = sessions_of(library.get("ACME").instrument)
    while not stage.told or stage.told[-1].time < stage.market.last:
        await stage.market.step_ticks(1)
        now = stage.market.now()
        answer = await stage.market.bars("ACME", Resolution.D1, before=now + 8 * DAY, count=20)
        assert (answer.bars[-1].close, answer.through) == (stage.told[-1].last, stage.told[-1].time)
        assert sum(bar.volume for bar in answer.bars) == sum(tick.volume for tick in stage.told)
    assert [tick.time for tick in stage.told] == sorted(tick.time for tick in stage.told)
    assert len(stage.told) == 4 * len(DATES)
    open_days = {sessions.trading_day(tick.time) for tick in stage.told} - {None}
    calendar = {datetime.datetime.fromtimestamp(date / 1000, datetime.UTC).date() for date in DATES}
    assert open_days == {day for day in calendar if sessions.windows(day)}
    await stage.close()


async def test_the_last_price_is_that_of_the_day_reached() -> None:
    library = await a_library_of_days(NEW_YORK)
    holding = library.get("ACME")
    assert await library.last_tick(holding, "R1", MONDAY + 14 * HOUR) is None
    opening = await library.last_tick(holding, "R1", MONDAY + 14 * HOUR + HOUR // 2)
    closing = await library.last_tick(holding, "R1", MONDAY + DAY)
    assert opening is not None and closing is not None and (opening.last, closing.last) == (101, 102)
    assert closing.time == MONDAY + 21 * HOUR - 1


async def test_a_session_set_with_the_files_or_afterwards_keeps_the_days(tmp_path: Path) -> None:
    house = House(tmp_path)
    text = "date,open,high,low,close,volume\n" + "".join(f"2024-11-{day},9,9,9,9,1\n" for day in (25, 26, 27, 29))
    await house.done(await house.submit({"acme_1d.csv": text}, instrument=NEW_YORK))
    for hours in (NEW_YORK, EVENINGS, LUNCH):
        await house.imports.change("ACME", InstrumentChange.model_validate(hours))
        holding = house.library.get("ACME")
        found = await Charts(house.library).bars(holding, Resolution.D1, before=LATER, count=9, since=None, now=LATER)
        assert [bar.time for bar in found.bars] == [MONDAY + day * DAY for day in (0, 1, 2, 4)]
    await house.close()
