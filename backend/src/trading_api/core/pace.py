"""How fast somebody may ask: a burst, refilled steadily. Pure: the moment comes in, in seconds."""


class Pace:
    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, now: float, *, burst: int, per_second: int) -> None:
        self._burst, self._per_second = burst, per_second
        self._left, self._at = float(burst), now

    def spend(self, now: float) -> bool:
        """Take one; False when nothing was left. What is asked too early is not counted again later."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
