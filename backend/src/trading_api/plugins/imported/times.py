"""Times as files write them, into UTC milliseconds.

Read: epoch seconds, milliseconds, microseconds and nanoseconds; ISO 8601; 20130201 000000; 2013.02.01 00:00; 01.02.2013 and
02/01/2013 with a time; each with a zone of its own or in the zone the user names.
"""

import datetime
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trading_api.models.errors import FixRequest

DAY_MS = 86_400_000
LATEST_MS = 4_102_444_800_000
"""The year 2100: what lies beyond was read in the wrong unit."""

_EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()
_NUMBER = re.compile(r"\d+(\.\d*)?", re.ASCII)
_EPOCH_UNITS = {9: 0, 10: 0, 12: 3, 13: 3, 15: 6, 16: 6, 18: 9, 19: 9}
_DATE_DIGITS = (8, 14)
_WRITTEN = re.compile(
    r"(?:(?P<year>\d{4})[-./]?(?P<month>\d\d)[-./]?(?P<day>\d\d)|(?P<one>\d\d?)[-./](?P<two>\d\d?)[-./](?P<late_year>\d{4}))"
    r"(?:[T ]*(?P<hour>\d\d?):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?(?:[.,]?(?P<fraction>\d+))?(?: ?(?P<half>[AaPp][Mm]))?)?"
    r" ?(?P<zone>Z|UTC|GMT)?(?:(?P<sign>[+-])(?P<off_hour>\d\d):?(?P<off_minute>\d\d)?)?",
    re.ASCII,
)

Read = Callable[[str], int]


class TimeReader(NamedTuple):
    """How this file writes its times. `read` raises ValueError at anything else."""

    read: Read
    note: str | None


def zone_of(name: str) -> datetime.tzinfo:
    if name.upper() in ("UTC", "ETC/UTC", "GMT", "Z"):
        return datetime.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FixRequest(
            "bad_timezone", f"Expected an IANA time zone such as America/New_York, found '{name}'.", field="zone"
        ) from None


def reader_for(samples: Iterable[str], zone: datetime.tzinfo) -> TimeReader | None:
    """The reader that takes these samples; None when no one does."""
    texts = [text.strip() for text in samples]
    for reader in (_epoch(texts), _iso(zone), _written(texts, zone)):
        if reader is not None and texts and all(_reads(reader, text) for text in texts):
            return reader
    return None


def _reads(reader: TimeReader, text: str) -> bool:
    try:
        return reader.read(text) >= 0
    except ValueError:
        return False


def _epoch(texts: list[str]) -> TimeReader | None:
    whole = texts[0].partition(".")[0] if texts else ""
    if not _NUMBER.fullmatch(texts[0] if texts else "") or len(whole) in _DATE_DIGITS:
        return None
    if len(whole) == 12 and whole[:2] in ("19", "20"):
        return None
    power = _EPOCH_UNITS.get(len(whole))
    if power is None:
        return None

    def read(text: str) -> int:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        seconds, _, fraction = text.partition(".")
        return _in_range(int(seconds + fraction[:3].ljust(3, "0")) // 10**power)

    return TimeReader(read, None)


def _iso(zone: datetime.tzinfo) -> TimeReader:
    def read(text: str) -> int:
        if len(text) == 10:  # a date alone is a day, whatever the zone
            return _in_range(_utc_ms(datetime.datetime.fromisoformat(text), datetime.UTC))
        return _in_range(_utc_ms(datetime.datetime.fromisoformat(text), zone))

    return TimeReader(read, None)


def _written(texts: list[str], zone: datetime.tzinfo) -> TimeReader:
    day_first, note = _day_first(texts)

    def read(text: str) -> int:
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return _in_range(_utc_ms(*_moment(match, day_first, zone)))

    return TimeReader(read, note)


def _moment(match: re.Match[str], day_first: bool, zone: datetime.tzinfo) -> tuple[datetime.datetime, datetime.tzinfo]:
    part = match.groupdict()
    one, two = (part["one"], part["two"]) if day_first else (part["two"], part["one"])
    year, month, day = part["year"] or part["late_year"], part["month"] or two, part["day"] or one
    hour = int(part["hour"] or 0)
    if part["half"]:
        hour = hour % 12 + (12 if part["half"].upper() == "PM" else 0)
    micro = int((part["fraction"] or "0")[:6].ljust(6, "0"))
    moment = datetime.datetime(int(year), int(month), int(day), hour, int(part["minute"] or 0), int(part["second"] or 0), micro)
    if part["sign"]:
        offset = datetime.timedelta(hours=int(part["off_hour"]), minutes=int(part["off_minute"] or 0))
        return moment, datetime.timezone(offset if part["sign"] == "+" else -offset)
    return moment, datetime.UTC if part["zone"] or part["hour"] is None else zone


def _day_first(texts: list[str]) -> tuple[bool, str | None]:
    """Which of two small numbers is the day, and what to say when the file does not settle it."""
    pairs = [(int(match["one"]), int(match["two"]), text) for text in texts if (match := _WRITTEN.match(text)) and match["one"]]
    if not pairs or any(one > 12 for one, _, _ in pairs):
        return True, None
    if any(two > 12 for _, two, _ in pairs):
        return False, None
    day_first = "." in pairs[0][2][:3]
    order = "day before month" if day_first else "month before day"
    return day_first, f"Dates such as {pairs[0][2]} were read with the {order}."


def _utc_ms(moment: datetime.datetime, zone: datetime.tzinfo) -> int:
    if moment.tzinfo is None and zone is not datetime.UTC:
        moment = moment.replace(tzinfo=zone)
    time = (moment.toordinal() - _EPOCH_ORDINAL) * DAY_MS + ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1000
    offset = moment.utcoffset()
    return time + moment.microsecond // 1000 - (0 if offset is None else round(offset.total_seconds() * 1000))


def _in_range(time: int) -> int:
    if not 0 <= time < LATEST_MS:
        raise ValueError(time)
    return time
