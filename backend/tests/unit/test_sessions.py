"""When markets are open, and where their bars begin. Times are written as UTC."""

import datetime
from itertools import islice, pairwise

import pytest

from trading_api.core.sessions import DAYS_CACHED_MAX, Sessions
from trading_api.models.errors import FixRequest
from trading_api.models.market.bars import Resolution

NEW_YORK = "America/New_York"
HOUR = 3_600_000


def at(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def share() -> Sessions:
    return Sessions("0930-1600", NEW_YORK, ("20240704",))


def forex() -> Sessions:
    return Sessions("1700-1700:23456", NEW_YORK)


def test_exchange_hours_follow_the_clock_changes() -> None:
    assert share().windows(day("2024-03-08")) == ((at("2024-03-08 14:30"), at("2024-03-08 21:00")),)
    assert share().windows(day("2024-03-11")) == ((at("2024-03-11 13:30"), at("2024-03-11 20:00")),)
    assert share().windows(day("2024-11-01")) == ((at("2024-11-01 13:30"), at("2024-11-01 20:00")),)
    assert share().windows(day("2024-11-04")) == ((at("2024-11-04 14:30"), at("2024-11-04 21:00")),)


def test_the_end_of_a_session_is_closed() -> None:
    assert share().is_open(at("2024-03-11 13:30"))
    assert share().is_open(at("2024-03-11 20:00") - 1)
    assert not share().is_open(at("2024-03-11 20:00"))


def test_holidays_and_weekends_are_closed() -> None:
    assert share().windows(day("2024-07-04")) == ()
    assert share().windows(day("2024-07-06")) == ()
    assert share().next_day(day("2024-07-03")) == day("2024-07-05")
    assert share().previous_day(day("2024-07-08")) == day("2024-07-05")
    assert share().next_open(at("2024-07-03 20:00")) == at("2024-07-05 13:30")
    assert share().day_end(at("2024-07-04 15:00")) == at("2024-07-05 20:00")


def test_an_evening_belongs_to_the_next_day() -> None:
    sunday_evening = at("2024-03-10 21:00")
    assert not forex().is_open(sunday_evening - 1)
    assert forex().trading_day(sunday_evening) == day("2024-03-11")
    assert forex().bar_start(sunday_evening, Resolution.D1) == at("2024-03-11 00:00")
    assert forex().day_end(sunday_evening) == at("2024-03-11 21:00")
    assert forex().trading_day(at("2024-03-15 21:00")) is None


def test_next_open_is_the_next_opening_also_while_open() -> None:
    assert forex().next_open(at("2024-03-12 12:00")) == at("2024-03-12 21:00")
    assert forex().next_open(at("2024-03-16 12:00")) == at("2024-03-17 21:00")


def test_the_next_change_is_the_close_after_windows_without_a_gap_or_the_next_opening() -> None:
    assert forex().next_change(at("2024-03-12 12:00")) == at("2024-03-15 21:00")
    assert forex().next_change(at("2024-03-16 12:00")) == at("2024-03-17 21:00")
    assert Sessions("24x7", "Etc/UTC").next_change(at("2024-03-12 12:00")) is None
    lunch = Sessions("0900-1130,1230-1500", "Etc/UTC")
    assert lunch.next_change(at("2024-03-12 09:00")) == at("2024-03-12 11:30")
    assert lunch.next_change(at("2024-03-12 11:30")) == at("2024-03-12 12:30")


def test_round_the_clock_days_are_whole_days() -> None:
    crypto = Sessions("24x7", "Etc/UTC")
    assert crypto.windows(day("2024-03-10")) == ((at("2024-03-10"), at("2024-03-11")),)
    assert crypto.trading_day(at("2024-03-10 23:59")) == day("2024-03-10")


@pytest.mark.parametrize(("text", "hours"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-03-11", 24)])
def test_a_round_the_clock_day_has_as_many_hours_as_its_zone_gives_it(text: str, hours: int) -> None:
    always = Sessions("24x7", NEW_YORK)
    ((start, end),) = always.windows(day(text))
    assert end - start == hours * HOUR
    assert always.windows(day(text) + datetime.timedelta(1))[0][0] == end
    spans = islice(always.spans_back(end, Resolution.H1), 40)
    assert len([span for span in spans if span.start >= start]) == hours


def test_a_local_time_that_a_clock_change_skips_is_the_moment_of_the_change() -> None:
    night = Sessions("0130-0230,0230-0310:1", NEW_YORK)
    change = at("2024-03-10 07:00")
    assert night.windows(day("2024-03-10")) == ((at("2024-03-10 06:30"), change), (change, at("2024-03-10 07:10")))


def test_a_day_whose_midnight_comes_twice_has_no_hole() -> None:
    # Newfoundland went back from 00:01 to 23:01 the day before.
    always = Sessions("24x7", "America/St_Johns")
    start = always.windows(day("2010-11-06"))[0][0]
    assert all(always.is_open(start + minutes * 60_000) for minutes in range(0, 3 * 1440, 7))


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ("0000-0000", [("2024-03-12 00:00", "2024-03-13 00:00")]),
        ("0930-1400,1430-1700", [("2024-03-12 09:30", "2024-03-12 14:00"), ("2024-03-12 14:30", "2024-03-12 17:00")]),
        ("1800-1700", [("2024-03-11 18:00", "2024-03-12 17:00")]),
        ("1700F-2200:3", [("2024-03-11 17:00", "2024-03-12 22:00")]),
        ("1900F-2350F,1000-1845", [("2024-03-11 19:00", "2024-03-11 23:50"), ("2024-03-12 10:00", "2024-03-12 18:45")]),
        ("0930-2730", [("2024-03-12 09:30", "2024-03-13 03:30")]),
        ("1900F3-1900:3", [("2024-03-09 19:00", "2024-03-12 19:00")]),
        ("0900-1000|1100-1200:3", [("2024-03-12 11:00", "2024-03-12 12:00")]),
        ("0900-1000:2|1100-1200", [("2024-03-12 11:00", "2024-03-12 12:00")]),
    ],
)
def test_the_grammar(session: str, expected: list[tuple[str, str]]) -> None:
    tuesday = Sessions(session, "Etc/UTC").windows(day("2024-03-12"))
    assert tuesday == tuple((at(start), at(end)) for start, end in expected)


def test_a_corrected_day_has_its_own_hours_also_on_a_holiday_or_a_weekend() -> None:
    corrected = Sessions("0930-1600", NEW_YORK, ("20240704",), "0930-1300:20240704,20240703;1000-1100,1200-1230:20240706")
    assert corrected.windows(day("2024-07-03")) == ((at("2024-07-03 13:30"), at("2024-07-03 17:00")),)
    assert corrected.windows(day("2024-07-04")) == ((at("2024-07-04 13:30"), at("2024-07-04 17:00")),)
    assert len(corrected.windows(day("2024-07-06"))) == 2
    assert corrected.day_end(at("2024-07-03 14:00")) == at("2024-07-03 17:00")
    assert not corrected.is_open(at("2024-07-03 17:00")) and corrected.is_open(at("2024-07-05 19:00"))
    assert corrected.bar_span(at("2024-07-03 13:30"), Resolution.H4) == (at("2024-07-03 13:30"), at("2024-07-03 17:00"))


def test_a_correction_may_begin_days_before_its_trading_day() -> None:
    moscow = Sessions("1000-1845", "Europe/Moscow", ("20181112",), "1900F4-2350F4,1000-1845:20181113")
    assert moscow.windows(day("2018-11-13"))[0] == (at("2018-11-09 16:00"), at("2018-11-09 20:50"))
    assert moscow.trading_day(at("2018-11-09 17:00")) == day("2018-11-13")


def test_a_session_that_has_changed_keeps_its_old_hours_in_the_past() -> None:
    longer = Sessions("0900-1500#20241105/0900-1530", "Asia/Tokyo")
    assert longer.windows(day("2024-11-01"))[0][1] == at("2024-11-01 06:00")
    assert longer.windows(day("2024-11-04"))[0][1] == at("2024-11-04 06:30")  # the Monday of that week
    assert longer.windows(day("2024-11-05"))[0][1] == at("2024-11-05 06:30")


@pytest.mark.parametrize(
    "corrections",
    ["0930-1300", "0930-1300:", "0930-1300:2024-07-03", "0930-1300:20240732", "0930-1300:20240703,20240703", ";",
     "0930-1300:20240703;0930-1200:20240703", "1600F-1300:20240703"],
)  # fmt: skip
def test_bad_corrections_are_refused_in_a_sentence(corrections: str) -> None:
    with pytest.raises(FixRequest, match="Expected"):
        Sessions("0930-2300", NEW_YORK, (), corrections)


@pytest.mark.parametrize(
    "session", ["0900-1500#", "0900-1500#20241332/0900-1530", "0900-1500#20241105", "a#20241105/b#20241105/c"]
)
def test_a_bad_change_is_refused(session: str) -> None:
    with pytest.raises(FixRequest, match="Expected a session"):
        Sessions(session, NEW_YORK)


def test_hours_above_24_stay_with_their_trading_day() -> None:
    late = Sessions("0930-2730", "Etc/UTC")
    assert late.trading_day(at("2024-03-13 03:00")) == day("2024-03-12")


@pytest.mark.parametrize(
    "session",
    ["", "24x5", "0930", "0930-1660", "0930-4800", "0930-1600:8", "0930-1600:", "0930-1600,", "0900-1200,1100-1300",
     "1700-1800F", "0930-1600|", "1;0930-1600", "2350F7-1000", "1800-1700:2|1630-1800:2", "٠٩٣٠-1600", "x" * 500],
)  # fmt: skip
def test_a_bad_session_is_refused_in_a_sentence(session: str) -> None:
    with pytest.raises(FixRequest) as refused:
        Sessions(session, "Etc/UTC")
    assert refused.value.body.code == "bad_session"
    assert refused.value.body.field == "session"


def test_bad_zones_and_holidays_are_refused() -> None:
    for zone in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(FixRequest, match="IANA"):
            Sessions("24x7", zone)
    for holiday in ("2024-07-04", "20240732", "july"):
        with pytest.raises(FixRequest, match="YYYYMMDD"):
            Sessions("24x7", "Etc/UTC", (holiday,))


def test_intraday_bars_count_from_the_opening() -> None:
    assert share().bar_start(at("2024-03-11 14:29"), Resolution.H1) == at("2024-03-11 13:30")
    last = share().bar_start(at("2024-03-11 19:59"), Resolution.H4)
    assert last == at("2024-03-11 17:30")
    assert share().bar_span(last, Resolution.H4) == (last, at("2024-03-11 20:00"))
    assert share().bar_start(at("2024-03-11 20:00"), Resolution.M1) is None


def test_weeks_and_months_are_stamped_with_their_first_trading_day() -> None:
    calendar = Sessions("0930-1600", NEW_YORK, ("20240101",))
    tuesday = calendar.bar_start(at("2024-01-05 15:00"), Resolution.W1)
    assert tuesday == at("2024-01-02 00:00")
    assert calendar.bar_start(at("2024-01-05 15:00"), Resolution.MN1) == at("2024-01-02 00:00")
    assert calendar.bar_span(tuesday, Resolution.W1) == (at("2024-01-02 14:30"), at("2024-01-05 21:00"))


def test_the_month_of_an_evening_is_that_of_its_trading_day() -> None:
    assert forex().bar_start(at("2024-04-30 22:00"), Resolution.MN1) == at("2024-05-01")


@pytest.mark.parametrize("resolution", list(Resolution))
@pytest.mark.parametrize("calendar", [share(), forex(), Sessions("24x7", "Europe/London")], ids=["share", "forex", "crypto"])
def test_stepping_back_meets_every_bar_once(calendar: Sessions, resolution: Resolution) -> None:
    before = at("2024-04-02 12:00")
    spans = list(islice(calendar.spans_back(before, resolution), 600))
    assert spans[0].stamp < before
    for later, earlier in pairwise(spans):
        assert earlier.stamp < later.stamp and earlier.end <= later.start < later.end
        assert calendar.bar_start(later.start, resolution) == calendar.bar_start(later.end - 1, resolution) == later.stamp
        assert calendar.bar_span(later.stamp, resolution) == (later.start, later.end)
        assert later.start == earlier.end or not calendar.is_open(later.start - 1)


def test_what_is_remembered_is_bounded() -> None:
    calendar = Sessions("24x7", "Etc/UTC")
    for ordinal in range(700_000, 700_000 + DAYS_CACHED_MAX + 10):
        calendar.windows(datetime.date.fromordinal(ordinal))
    assert len(calendar._windows) <= DAYS_CACHED_MAX
