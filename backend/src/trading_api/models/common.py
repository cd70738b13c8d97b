"""Shapes that many doors share."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from trading_api.models.base import Model

CLIENT_ID = r"[!-~]{1,64}"
ACCOUNT_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"

ClientId = Annotated[str, StringConstraints(pattern=f"^{CLIENT_ID}$")]
AccountId = Annotated[str, StringConstraints(pattern=f"^{ACCOUNT_ID}$")]
SymbolName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CommandAnswer(Model):
    """What a command came to: everything up to `fact` has been announced on the topics, or is about to be."""

    status: Literal["ok"] = "ok"
    order_id: str | None = Field(default=None, alias="orderId")
    position_id: str | None = Field(default=None, alias="positionId")
    fact: int
