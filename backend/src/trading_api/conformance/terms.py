"""What a run is told: its waits, its symbol, who signs in, whether it may trade."""

from typing import NamedTuple

TIMEOUT_SECONDS = 10.0
"""For one answer, unless --timeout says otherwise."""
WAIT_SECONDS = 10.0
"""Between the two readings of bars that must not change, unless --wait says otherwise; the published text waits two minutes."""
SIGN_IN_SECONDS = 120.0
"""For a person to sign in; TradingView closes its tab then."""
STREAMING_SECONDS = 35.0
"""How long the stream is read, unless --streaming-seconds says otherwise; the published text asks that it stay open for 30."""


class OAuthTerms(NamedTuple):
    """A client that the broker knows."""

    client: str
    secret: str | None
    authorize: str
    token: str
    redirect: str
    by_hand: bool = False
    """A person signs in, not this program."""


class Terms(NamedTuple):
    symbol: str | None = None
    beside: str | None = None
    """Of a group-mode datafeed: where the same symbols are resolved one by one."""
    account: str | None = None
    login: str | None = None
    password: str | None = None
    token: str | None = None
    oauth: OAuthTerms | None = None
    public_data: bool = False
    allow_orders: bool = False
    allow_fills: bool = False
    timeout: float = TIMEOUT_SECONDS
    wait: float = WAIT_SECONDS
    streaming: float = STREAMING_SECONDS

    @property
    def by_hand(self) -> float:
        """Seconds a check may take longer because a person signs in, twice at most."""
        return 2 * SIGN_IN_SECONDS if self.oauth is not None and self.oauth.by_hand else 0
