"""Imports: prices a user brings, from files to series."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from trading_api.models.base import Model, Number
from trading_api.models.broker.account import Currency
from trading_api.models.broker.orders import Price, Quantity
from trading_api.models.market.instruments import Commission, Dividend, Instrument, InstrumentKind, Swap

IMPORT_FILES_MAX = 16
"""Files of one import: two sides of several symbols."""

ImportedName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
ImportSide = Literal["bid", "ask"]


class InstrumentChange(Model):
    """What to set instead of what was guessed. An absent field stays as it is."""

    description: str | None = Field(default=None, min_length=1, max_length=200)
    kind: InstrumentKind | None = None
    exchange: str | None = Field(default=None, min_length=1, max_length=40)
    timezone: str | None = None
    session: str | None = None
    holidays: tuple[str, ...] | None = None
    corrections: str | None = Field(
        default=None, max_length=60_000, description="Days with hours of their own: 0930-1300:20241224,20241129"
    )
    calendar: str | None = Field(
        default=None,
        max_length=40,
        description="An exchange's code such as XNYS: its zone, session, holidays and half days, instead of the four above",
    )
    currency: Currency | None = None
    base_currency: Currency | None = Field(default=None, alias="baseCurrency")
    tick_size: Price | None = Field(default=None, alias="tickSize")
    pip_size: Price | None = Field(default=None, alias="pipSize")
    quantity_min: Quantity | None = Field(default=None, alias="quantityMin")
    quantity_max: Quantity | None = Field(default=None, alias="quantityMax")
    quantity_step: Quantity | None = Field(default=None, alias="quantityStep")
    lot_size: Quantity | None = Field(default=None, alias="lotSize")
    margin_rate: Price | None = Field(default=None, alias="marginRate")
    commission: Commission | None = None
    swap: Swap | None = None
    dividend: Dividend | None = None
    book_size: Quantity | None = Field(
        default=None, alias="bookSize", description="Offered on both sides where the file has no sizes"
    )


class ImportOptions(Model):
    """What a user knows better than the file. Whatever is absent is detected."""

    symbol: ImportedName | None = None
    side: ImportSide | None = None
    spread: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="In price, for files that have one side only; one tick when absent"
    )
    zone: str = Field(default="UTC", description="IANA zone of times that carry none")
    size_unit: Quantity | None = Field(
        default=None, alias="sizeUnit", description="What 1 in the file's size columns means; guessed when absent"
    )
    instrument: InstrumentChange = InstrumentChange()


class FileRow(Model):
    """A line of prices as it would be read."""

    time: int = Field(description="UTC milliseconds")
    values: tuple[str, ...] = Field(description="As the file writes them, one per column")


class FilePreview(Model):
    """What a file's beginning would be taken for."""

    name: str
    symbol: str | None = Field(default=None, description="As it would be called; absent: neither named nor given")
    kind: Literal["bars", "ticks"] | None = None
    side: Literal["bid", "ask", "both", "price"] | None = None
    delimiter: str | None = None
    header: bool = False
    zoned: bool = Field(default=False, description="Its times say their zone, so none has to be given")
    columns: tuple[str, ...] = Field(default=(), description="What the values of a row are")
    rows: tuple[FileRow, ...] = ()
    message: str | None = Field(default=None, description="Why it would be refused: the line, what was expected")


class SeriesReport(Model):
    """What an import made of one symbol's files."""

    symbol: str
    kind: Literal["bars", "ticks"]
    files: tuple[str, ...]
    sides: Literal["bid", "ask", "both", "price"]
    step_ms: int = Field(alias="stepMs", description="Width of a bar; 0 for ticks")
    first: int = Field(description="UTC milliseconds")
    last: int = Field(description="UTC milliseconds")
    rows: int = Field(description="Bars or ticks in the series")
    lines_read: int = Field(alias="linesRead")
    duplicates: int = Field(description="Identical repeats left out")
    conflicts: int = Field(description="Repeats of a time with other prices, the last one kept")
    disordered: int = Field(description="Lines earlier than the line before them, sorted in")
    lifted: int = Field(description="Where the bid lay above the ask, the ask lifted to it")
    one_sided: int = Field(alias="oneSided", description="Bars with one side, given the last known spread")
    spread: Number = Field(description="In price, for what has one side only")
    instrument: Instrument
    notes: tuple[str, ...] = ()


class ImportReport(Model):
    """What an import came to, one report per symbol."""

    series: tuple[SeriesReport, ...]


class ImportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportJob(Model):
    """An import from its upload on."""

    id: str
    status: ImportStatus
    files: tuple[str, ...]
    created_at: int = Field(alias="createdAt", description="UTC milliseconds of wall time")
    bytes_read: int = Field(default=0, alias="bytesRead")
    bytes_total: int = Field(default=0, alias="bytesTotal")
    series: tuple[SeriesReport, ...] = ()
    message: str | None = Field(default=None, description="Why it failed: the file, the line, what was expected")
