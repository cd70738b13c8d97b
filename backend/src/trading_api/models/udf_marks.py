"""Marks on a chart: own executions on bars, money and dividends on the time scale (contract 1.8). Times are UTC seconds."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model

Colour = Literal["red", "green", "blue", "yellow"]


class Marks(Model):
    """In columns; `id` says how many there are. `time` is that of a bar, with at most ten marks each."""

    id: tuple[str, ...]
    time: tuple[int, ...]
    color: tuple[Colour, ...]
    text: tuple[str, ...] = Field(description="Side, quantity, price and account")
    label: tuple[str, ...] = Field(description="B or S")
    label_font_colour: tuple[str, ...] = Field(alias="labelFontColor")
    size: tuple[int, ...] = Field(alias="minSize")


class TimescaleMark(Model):
    """Below a bar: D for a dividend, S for what nights have cost or earned."""

    id: str
    time: int
    color: Colour
    label: str
    tooltip: tuple[str, ...]
    shape: Literal["circle"] = "circle"
