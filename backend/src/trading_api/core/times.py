"""Times as people read them."""

from datetime import UTC, datetime

FIRST, LAST = 0, 253_402_300_799_999
"""1970 to the end of 9999: what a calendar can show."""
NEVER = 2**63


def clock_text(time: int) -> str:
    """UTC milliseconds as ISO text to the second: 2026-01-02 03:04:05 UTC."""
    if not FIRST <= time <= LAST:
        return f"{time} ms"
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def moment_text(time: int) -> str:
    """The same to the millisecond: 2026-01-02 03:04:05.678 UTC."""
    if not FIRST <= time <= LAST:
        return f"{time} ms"
    return f"{datetime.fromtimestamp(time // 1000, UTC):%Y-%m-%d %H:%M:%S}.{time % 1000:03} UTC"
