"""Times are read as files write them."""

import datetime

import pytest

from trading_api.models.errors import FixRequest
from trading_api.plugins.imported.times import reader_for, zone_of

UTC = datetime.UTC
NOON = 1_359_720_000_000  # 2013-02-01 12:00 UTC


@pytest.mark.parametrize(
    "text",
    [
        "2013-02-01 12:00:00+00:00",
        "2013-02-01T12:00:00Z",
        "2013-02-01 12:00:00.000000",
        "2013-02-01 14:00:00+02:00",
        "20130201 12:00:00.000",
        "20130201 120000",
        "20130201 120000000",
        "20130201120000",
        "201302011200",
        "2013.02.01 12:00",
        "2013/02/01 12:00:00",
        "01.02.2013 12:00:00.000 GMT+0000",
        "02/01/2013 12:00 PM",
        "1359720000",
        "1359720000.0",
        "1359720000000",
        "1359720000000000",
        "1359720000000000000",
    ],
)
def test_the_usual_spellings_are_read(text: str) -> None:
    reader = reader_for([text], UTC)
    assert reader is not None and reader.read(text) == NOON


def test_milliseconds_are_kept_and_finer_parts_cut() -> None:
    reader = reader_for(["2013-01-01 22:00:00.295999+00:00"], UTC)
    assert reader is not None and reader.read("2013-01-01 22:00:00.295999+00:00") % 1000 == 295


def test_a_time_without_a_zone_is_in_the_zone_named_clock_changes_included() -> None:
    reader = reader_for(["2013-02-01 07:00:00"], zone_of("America/New_York"))
    assert reader is not None
    assert reader.read("2013-02-01 07:00:00") == NOON
    assert reader.read("2013-07-01 08:00:00") == 1_372_680_000_000


def test_a_date_alone_is_that_day_whatever_the_zone() -> None:
    reader = reader_for(["2013-02-01"], zone_of("America/New_York"))
    assert reader is not None and reader.read("2013-02-01") == NOON - 12 * 3_600_000


def test_the_samples_settle_which_number_is_the_day() -> None:
    month_first = reader_for(["02/01/2013 12:00", "02/13/2013 12:00"], UTC)
    day_first = reader_for(["01/02/2013 12:00", "13/02/2013 12:00"], UTC)
    assert month_first is not None and month_first.read("02/01/2013 12:00") == NOON and month_first.note is None
    assert day_first is not None and day_first.read("01/02/2013 12:00") == NOON


def test_an_unsettled_order_of_day_and_month_is_said() -> None:
    reader = reader_for(["02/01/2013 12:00"], UTC)
    assert reader is not None and reader.note is not None and "month before day" in reader.note


@pytest.mark.parametrize("text", ["", "open", "91.715", "2013-13-45", "99999999999999999999"])
def test_what_is_no_time_has_no_reader(text: str) -> None:
    assert reader_for([text], UTC) is None


def test_an_unknown_zone_is_refused_in_a_sentence() -> None:
    with pytest.raises(FixRequest, match="Expected an IANA time zone .* found 'Mars/Olympus'"):
        zone_of("Mars/Olympus")
