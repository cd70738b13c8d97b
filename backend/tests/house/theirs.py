"""What is TradingView's own and must not be passed on."""

from pathlib import Path

THEIRS = ("charting_library", "trading_terminal", "datafeed-api.d.ts", "broker-api.d.ts")
"""Names of files and folders of TradingView's library."""


def is_theirs(path: str) -> bool:
    if path.endswith(".py"):
        return False
    return any(part == name or part.startswith(f"{name}.") for part in Path(path).parts for name in THEIRS)
