"""What every answer of TradingView's broker REST API is wrapped in (contract 4.1)."""

from typing import Generic, Literal, TypeVar

from pydantic import Field

from trading_api.models.base import Model

Payload = TypeVar("Payload")


class Answer(Model, Generic[Payload]):
    s: Literal["ok"] = "ok"
    d: Payload


class Done(Model):
    """A command that has nothing to tell."""

    s: Literal["ok"] = "ok"


class Failure(Model):
    """Every refusal; the text is shown to the trader. Sent with status 200, or with 401 where nobody knows who is calling."""

    s: Literal["error"] = "error"
    message: str = Field(alias="errmsg")
