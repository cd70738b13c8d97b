"""Replays: the past, traded through the same API."""

import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from trading_api.models.base import WHOLE, Model, Number
from trading_api.models.broker.account import BALANCE_MAX, Leverage, PositionMode
from trading_api.models.common import SymbolName
from trading_api.models.market.bars import Resolution

REPLAY_SYMBOLS_MAX = 8
STEP_TICKS_MAX = 10_000
"""Most ticks one step tells: a caller waits for all of them."""
STEP_BARS_MAX = 500
SPEED_MIN = 0.1
SPEED_MAX = 3_600
"""An hour a second: some 240 ticks a second per symbol of minute bars."""


def _moment(value: object) -> object:
    """ISO 8601 as UTC milliseconds; without a zone it is UTC."""
    if not isinstance(value, str) or value.lstrip("-").isdigit():
        return value
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "moment", "expected UTC milliseconds or a time such as 2013-02-04T08:00:00Z, found '{text}'", {"text": value[:40]}
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return round(moment.timestamp() * 1000)


Moment = Annotated[
    int,
    Field(ge=0, le=253_402_300_799_999),
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}]}),
]
"""UTC milliseconds; ISO 8601 is read as well."""
Speed = Annotated[Number, Field(ge=SPEED_MIN, le=SPEED_MAX)]


class ReplayState(StrEnum):
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"


class ReplayRequest(Model):
    """A new replay. Symbols are imported ones, `IMPORT:USDJPY` or the bare name."""

    symbols: tuple[SymbolName, ...] = Field(min_length=1, max_length=REPLAY_SYMBOLS_MAX)
    start: Moment | None = Field(default=None, description="Where to begin; absent: where the first symbol's data begin")
    speed: Speed = Field(default=Decimal(1), description="Market time over wall time")
    balance: Annotated[Number, Field(ge=0, le=BALANCE_MAX)] | None = Field(
        default=None, description="In the first symbol's currency; absent: 100,000, or 10,000,000 where there are no decimals"
    )
    leverage: Leverage = Decimal(30)
    position_mode: PositionMode = Field(default="netting", alias="positionMode", description="Of the replay's account")
    fifo: StrictBool = Field(default=False, description="With hedging: positions of a symbol are closed oldest first")


class Replay(Model):
    """A replay as it stands. It is a market with its id as prefix and has an account of the same id."""

    id: str
    account_id: str = Field(alias="accountId")
    symbols: tuple[str, ...] = Field(description="As they are traded: R1:USDJPY")
    state: ReplayState
    speed: Number
    now: int = Field(description="Market time, UTC milliseconds")
    start: int = Field(description="Where it began")
    first: int = Field(description="Where its data begin")
    last: int = Field(description="Where its data end")
    message: str | None = None


class StepRequest(Model):
    """Go on by ticks or by bars: a bar is told to its end."""

    ticks: Annotated[int, Field(ge=1, le=STEP_TICKS_MAX), WHOLE] | None = None
    bars: Annotated[int, Field(ge=1, le=STEP_BARS_MAX), WHOLE] | None = None
    resolution: Resolution = Field(default=Resolution.M1, description="Of the bars to step by")

    @model_validator(mode="after")
    def _one_of_them(self) -> "StepRequest":
        if self.ticks is not None and self.bars is not None:
            raise ValueError("expected ticks or bars, found both")
        return self


class SeekRequest(Model):
    """Go to a moment. Forward skips what lies between; back restarts the account."""

    time: Moment


class SpeedRequest(Model):
    speed: Speed
