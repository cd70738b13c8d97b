"""The time zones charts know (contract 1.11). A session in another zone is shown in one that keeps the same clock.

A zone of which charts know no such other can be given no instrument: its session would be shown at the wrong time.
"""

import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from trading_api.models.errors import FixRequest

UTC = "Etc/UTC"
ZONES_CACHED_MAX = 256

_KNOWN = {
    "Africa": "Cairo Casablanca Johannesburg Lagos Nairobi Tunis",
    "America": "Anchorage Argentina/Buenos_Aires Bogota Caracas Chicago El_Salvador Juneau Lima Los_Angeles Mexico_City "
    "New_York Phoenix Santiago Sao_Paulo Toronto Vancouver",
    "Asia": "Almaty Ashkhabad Bahrain Bangkok Chongqing Colombo Dhaka Dubai Ho_Chi_Minh Hong_Kong Jakarta Jerusalem "
    "Karachi Kathmandu Kolkata Kuala_Lumpur Kuwait Manila Muscat Nicosia Qatar Riyadh Seoul Shanghai Singapore Taipei "
    "Tehran Tokyo Yangon",
    "Atlantic": "Azores Reykjavik",
    "Australia": "Adelaide Brisbane Perth Sydney",
    "Europe": "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin Helsinki "
    "Istanbul Lisbon London Luxembourg Madrid Malta Moscow Oslo Paris Prague Riga Rome Stockholm Tallinn Vienna Vilnius "
    "Warsaw Zurich",
    "Pacific": "Auckland Chatham Fakaofo Honolulu Norfolk",
    "US": "Mountain",
}
CHART_ZONES = frozenset({UTC} | {f"{region}/{name}" for region, names in _KNOWN.items() for name in names.split()})

# Where several zones keep the same clock, the one traders name first.
_PREFERRED = (UTC, "America/New_York", "America/Chicago", "Europe/London", "Europe/Athens", "Asia/Kolkata", "Asia/Tokyo")
_YEARS = (2010, 2018, 2026)
_PROBES = tuple(
    datetime.datetime(year, month, day, tzinfo=datetime.UTC)
    for year in _YEARS
    for month in range(1, 13)
    for day in (3, 17, 30)
    if (month, day) != (2, 30)
)


def chart_zone(zone: str) -> str:
    """As charts are told it; UTC for what was given before such zones were refused."""
    return _same_clock(zone) or UTC


def check_chart_zone(zone: str) -> None:
    """Raise FixRequest unless charts know this IANA zone, or another that keeps the same clock."""
    if _same_clock(zone) is None:
        message = f"Expected a time zone whose clock charts know, such as America/New_York, found '{zone}'."
        raise FixRequest("bad_timezone", message, field="timezone")


@lru_cache(maxsize=ZONES_CACHED_MAX)
def _same_clock(zone: str) -> str | None:
    """The zone itself where charts know it, else one with the same offsets in the years probed."""
    if zone in CHART_ZONES:
        return zone
    offsets = _offsets(zone)
    choices = (*_PREFERRED, *sorted(CHART_ZONES))
    return next((known for known in choices if _offsets(known) == offsets), None)


@lru_cache(maxsize=ZONES_CACHED_MAX)
def _offsets(zone: str) -> tuple[datetime.timedelta | None, ...]:
    known = ZoneInfo(zone)
    return tuple(moment.astimezone(known).utcoffset() for moment in _PROBES)
