"""How often a wrong password may be tried. Pure: the moment comes in, in seconds.

Each address, each login, and each login from one address has a bucket of tries that refills steadily. The last is small, so
that guessing is slow; the login's own is larger, so that strangers do not lock its user out by a handful of tries.
"""

import math
from collections import OrderedDict
from typing import NamedTuple

from trading_api.models.errors import TooOften

TRIES_MAX = 10
"""Wrong passwords for one login from one address, at once; one more may be tried each TRY_SECONDS."""
TRY_SECONDS = 30.0
ADDRESS_TRIES_MAX = 20
"""From one address, for whatever logins."""
ADDRESS_TRY_SECONDS = 15.0
LOGIN_TRIES_MAX = 50
"""For one login, from whatever addresses."""
LOGIN_TRY_SECONDS = 30.0
TRIED_MAX = 20_000
"""Remembered; beyond it the one that was tried least recently is forgotten."""


class _Bound(NamedTuple):
    tries: int
    seconds: float


_Asked = tuple[str, str]
_EACH = _Bound(TRIES_MAX, TRY_SECONDS)
_ADDRESS = _Bound(ADDRESS_TRIES_MAX, ADDRESS_TRY_SECONDS)
_LOGIN = _Bound(LOGIN_TRIES_MAX, LOGIN_TRY_SECONDS)


class FailedSignIns:
    """A bucket is kept as the moment at which it will be full again."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[_Asked, float] = OrderedDict()

    def expect_few(self, address: str, login: str, now: float) -> None:
        wait = max(self._wait(asked, bound, now) for asked, bound in _buckets(address, login))
        if wait > 0:
            seconds = math.ceil(wait)
            raise TooOften("too_many_sign_ins", f"Expected fewer wrong passwords: try again in {seconds} s", wait_s=wait)

    def note(self, address: str, login: str, now: float) -> None:
        for asked, bound in _buckets(address, login):
            self._full_at[asked] = max(now, self._full_at.get(asked, now)) + bound.seconds
            self._full_at.move_to_end(asked)
        while len(self._full_at) > TRIED_MAX:
            self._full_at.popitem(last=False)

    def forgive(self, address: str, login: str) -> None:
        """It was the right one: this try does not count, and the earlier ones for this login from here neither."""
        for asked, bound in _buckets(address, login):
            if asked in self._full_at:
                self._full_at[asked] -= bound.seconds
        self._full_at.pop((address, login), None)

    def _wait(self, asked: _Asked, bound: _Bound, now: float) -> float:
        missing = max(0.0, self._full_at.get(asked, now) - now)
        return max(0.0, missing + bound.seconds - bound.tries * bound.seconds)


def _buckets(address: str, login: str) -> tuple[tuple[_Asked, _Bound], ...]:
    return ((address, login), _EACH), ((address, ""), _ADDRESS), (("", login), _LOGIN)
