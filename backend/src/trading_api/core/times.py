"""Times as people read them."""

from datetime import UTC, datetime


def clock_text(time: int) -> str:
    """UTC milliseconds as ISO text to the second: 2026-01-02 03:04:05 UTC."""
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
