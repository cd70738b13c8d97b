"""An account's leverage, asked for and set (contract 3.6)."""

from typing import Annotated

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.broker.account import LEVERAGE_MAX, LEVERAGE_MIN, LEVERAGE_STEP, Leverage
from trading_api.models.broker.orders import OrderType, Side
from trading_api.models.common import ClientId, SymbolName


class LeverageInfo(Model):
    title: str
    leverage: Number
    min: int = LEVERAGE_MIN
    max: int = LEVERAGE_MAX
    step: int = LEVERAGE_STEP


class LeverageRequest(Model):
    """What is out of bounds or off the step becomes the nearest that is not. It holds for the whole account."""

    leverage: Annotated[Number, Field(gt=0)]
    symbol: SymbolName | None = Field(default=None, description="Whose terms a preview speaks of")
    order_type: OrderType | None = Field(default=None, alias="orderType")
    side: Side | None = None
    client_id: ClientId | None = Field(default=None, alias="clientId")


class LeverageAnswer(Model):
    leverage: Leverage
    fact: int


class LeveragePreview(Model):
    """What setting it would do; with `errors` it would be refused."""

    leverage: Leverage
    infos: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
