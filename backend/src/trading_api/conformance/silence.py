"""What is not answered in time: it is asked for a few times, and then no more, so that a run against it ends soon."""

from trading_api.conformance.shapes import Broken

TRIES_MAX = 3
"""Requests in a row without an answer: of one path, it is not asked again; of all, the rest of the run is skipped."""
PATHS_MAX = 500
"""Paths of which it is remembered."""


class Silence:
    def __init__(self) -> None:
        self._in_a_row = 0
        self._tries: dict[str, int] = {}

    @property
    def lasts(self) -> bool:
        """Whether nothing at all was answered lately."""
        return self._in_a_row >= TRIES_MAX

    def heard(self, path: str) -> None:
        self._in_a_row = 0
        self._tries.pop(path, None)

    def unheard(self, path: str) -> None:
        self._in_a_row += 1
        if path in self._tries or len(self._tries) < PATHS_MAX:
            self._tries[path] = self._tries.get(path, 0) + 1

    def hold(self, method: str, path: str) -> None:
        """Raises Broken where asking again would only take time."""
        if self._tries.get(path, 0) >= TRIES_MAX:
            raise Broken(f"expected an answer to {method} {path}, found none in {TRIES_MAX} tries; it was not asked again")
