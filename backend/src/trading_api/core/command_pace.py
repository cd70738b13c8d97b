"""How fast commands may come: a burst, refilled steadily, for each who sends them. Pure: the moment comes in, in seconds."""

from collections import OrderedDict

BURST_SECONDS = 2.0
"""A burst is what may come in this time."""
SENDERS_MAX = 20_000
"""Senders remembered; beyond it the one that was heard of least recently is forgotten, and with it what it has used up."""


class CommandPace:
    """One bucket per sender, kept as the moment at which it will be full again."""

    def __init__(self, per_second: int, senders_max: int = SENDERS_MAX) -> None:
        self._interval = 1 / per_second
        # The thousandth is for what sums of seconds lose to rounding.
        self._burst = max(BURST_SECONDS, self._interval) + self._interval / 1000
        self._senders_max = senders_max
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, sender: str, now: float) -> float:
        """Seconds until this sender's next command may come; 0 when it may now."""
        missing = max(0.0, self._full_at.get(sender, now) - now)
        return max(0.0, missing + self._interval - self._burst)

    def spend(self, sender: str, now: float) -> None:
        """A command has come."""
        self._full_at[sender] = max(now, self._full_at.get(sender, now)) + self._interval
        self._full_at.move_to_end(sender)
        if len(self._full_at) > self._senders_max:
            self._full_at.popitem(last=False)
