"""What a run is told: its waits, its symbol, whether it may trade."""

from typing import NamedTuple

TIMEOUT_SECONDS = 10.0
"""For one answer, unless --timeout says otherwise."""
WAIT_SECONDS = 10.0
"""Between the two readings of bars that must not change, unless --wait says otherwise; the published text waits two minutes."""
STREAMING_SECONDS = 35.0
"""How long the stream is read, unless --streaming-seconds says otherwise; the published text asks that it stay open for 30."""


class Terms(NamedTuple):
    symbol: str | None = None
    beside: str | None = None
    """Of a group-mode datafeed: where the same symbols are resolved one by one."""
    account: str | None = None
    login: str | None = None
    password: str | None = None
    token: str | None = None
    public_data: bool = False
    allow_orders: bool = False
    timeout: float = TIMEOUT_SECONDS
    wait: float = WAIT_SECONDS
    streaming: float = STREAMING_SECONDS
