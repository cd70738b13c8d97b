"""Leverage as the order ticket asks for it (contract 4.2). It holds for the whole account."""

from typing import Annotated

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.common import SymbolName
from trading_api.models.tradingview.orders import Form
from trading_api.models.tradingview.words import WireOrderType, WireSide


class LeverageForm(Form):
    instrument: SymbolName
    side: WireSide
    type: WireOrderType = Field(alias="orderType")


class SetLeverageForm(LeverageForm):
    leverage: Annotated[Number, Field(gt=0)]


class WireLeverage(Model):
    title: str
    leverage: Number
    min: int
    max: int
    step: int


class LeverageSet(Model):
    leverage: Number


class WireLeveragePreview(Model):
    infos: tuple[str, ...] | None = None
    warnings: tuple[str, ...] | None = None
    errors: tuple[str, ...] | None = None
