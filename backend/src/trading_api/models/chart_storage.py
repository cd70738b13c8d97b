"""Saved charts and templates, as the charting library's storage contract has them (version 1.1)."""

from typing import Literal

from pydantic import Field

from trading_api.models.base import Model


class StorageError(Model):
    """Every failure but a missing sign-in. Sent with status 200: the library reads the body."""

    status: Literal["error"] = "error"
    message: str


class StorageDone(Model):
    status: Literal["ok"] = "ok"


class ChartSaved(StorageDone):
    id: str


class ChartRow(Model):
    """A chart in the list of charts."""

    id: str
    name: str
    timestamp: int = Field(description="UTC seconds of the last save")
    symbol: str
    resolution: str


class SavedChart(Model):
    id: str
    name: str
    timestamp: int
    content: str = Field(description="As it was saved; only the library knows what it means")


class SavedTemplate(Model):
    name: str
    content: str


class TemplateName(Model):
    name: str


class Charts(StorageDone):
    data: tuple[ChartRow, ...]


class OneChart(StorageDone):
    data: SavedChart


class StudyTemplates(StorageDone):
    data: tuple[TemplateName, ...]


class DrawingTemplates(StorageDone):
    data: tuple[str, ...]


class OneTemplate(StorageDone):
    data: SavedTemplate


class ChartForm(Model):
    """What is sent to save a chart."""

    name: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1)
    symbol: str = Field(default="", max_length=128)
    resolution: str = Field(default="", max_length=16)


class StudyTemplateForm(Model):
    name: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1)


class DrawingTemplateForm(Model):
    """Its name and tool stand in the query."""

    content: str = Field(min_length=1)


class KeptItem(Model):
    """What is known of a saved thing without reading it; the store's own form."""

    client: str
    user: str
    kind: Literal["chart", "study", "drawing"]
    parts: tuple[str, ...] = Field(description="A chart's id; a study template's name; a drawing template's tool and name")
    name: str
    symbol: str = ""
    resolution: str = ""
    time: int = Field(description="UTC milliseconds of the last save")
    size: int = Field(description="Bytes of its content")
