"""Everything that can go wrong and be told, sorted by what the caller can do about it.

    TradingError
    ├── FixRequest            the request is wrong: change it and send it again
    │   ├── NotFound          it names something that is not there (or not yours)
    │   ├── TooLarge          it sends more than may be sent
    │   └── Conflict          it contradicts what was said before under the same id
    ├── NotSignedIn           nobody knows who is calling: sign in
    ├── NotAllowed            this caller may not do this
    ├── TryLater              nothing is wrong with the request, but not now
    │   └── TooOften          it has been tried too often: wait as long as the error says
    └── Refused               the account or the venue says no: margin, session, price side

A message is a sentence for a trader: what was expected, what was found.
"""

from decimal import Decimal

from trading_api.models.base import Model, Number


class ErrorBody(Model):
    """The one body of every refusal, on REST and on the socket."""

    code: str
    field: str | None = None
    message: str
    nearest: Number | None = None


class TradingError(Exception):
    """The root. `field` is the field as the order ticket names it; `nearest` the closest legal value where there is one."""

    def __init__(self, code: str, message: str, *, field: str | None = None, nearest: Decimal | None = None) -> None:
        super().__init__(message)
        self.body = ErrorBody(code=code, field=field, message=message, nearest=nearest)


class FixRequest(TradingError):
    """Change the request and send it again."""


class NotFound(FixRequest):
    """The request names something that is not there, or not visible to this caller."""


class TooLarge(FixRequest):
    """Send less."""


class Conflict(FixRequest):
    """The same client id was used before with another body."""


class NotSignedIn(TradingError):
    """What the caller showed, if anything, lets nobody in."""


class NotAllowed(TradingError):
    """This caller may not do this."""


class TryLater(TradingError):
    """Nothing is wrong with the request; the house cannot do it now."""


class TooOften(TryLater):
    """Tried too often. `wait_s` says when the next try may come."""

    def __init__(self, code: str, message: str, *, wait_s: float) -> None:
        super().__init__(code, message)
        self.wait_s = wait_s


class Refused(TradingError):
    """The account's state or the venue says no."""


class Stopped(Exception):
    """The process must stop, with this one sentence: going on could lose what was promised."""
