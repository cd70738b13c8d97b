"""What a file would be taken for, from its beginning; nothing is imported."""

import csv
import datetime
from collections.abc import Sequence
from itertools import islice
from typing import Literal

from trading_api.core.imports import UploadedFile
from trading_api.models.errors import FixRequest
from trading_api.models.market.imports import FilePreview, FileRow, ImportOptions
from trading_api.plugins.imported.columns import SHAPES
from trading_api.plugins.imported.guess import from_file_name, plain_symbol
from trading_api.plugins.imported.sniff import Layout, joined_time, sniff
from trading_api.plugins.imported.times import zone_of

PREVIEW_ROWS = 5
"""Enough to see that columns and times were understood."""
_NOWHERE = datetime.timezone(datetime.timedelta(hours=9, minutes=17))
"""No zone of today's: only times that say their own are the same in it."""

Side = Literal["bid", "ask", "both", "price"]


def preview_files(files: Sequence[UploadedFile], options: ImportOptions) -> list[FilePreview]:
    """Blocking, as it reads the files. Raises FixRequest where an option cannot be."""
    zone = zone_of(options.zone)
    return [_preview(file, options, zone) for file in files]


def _preview(file: UploadedFile, options: ImportOptions, zone: datetime.tzinfo) -> FilePreview:
    guess = from_file_name(file.name)
    try:
        layout, moved = sniff(file.path, file.name, zone), sniff(file.path, file.name, _NOWHERE)
        rows, others = _rows(file, layout), _rows(file, moved)
    except FixRequest as refused:
        return FilePreview(name=file.name, symbol=options.symbol or guess.symbol, message=refused.body.message)
    shape = layout.columns.shape
    written = plain_symbol(layout.symbol) if layout.symbol else None
    sided: Side = "both" if shape in ("both bars", "quotes") else "price"
    return FilePreview(
        name=file.name,
        symbol=options.symbol or written or guess.symbol,
        kind="bars" if "bars" in shape else "ticks",
        side=(options.side or guess.side or sided) if shape == "bars" else sided,
        delimiter=layout.delimiter,
        header=layout.skip > 0,
        zoned=rows == others,
        columns=SHAPES[shape] + (() if layout.columns.volume is None else ("volume",)),
        rows=tuple(rows),
    )


def _rows(file: UploadedFile, layout: Layout) -> list[FileRow]:
    """The first lines that have their columns; which later one is wrong the import says."""
    columns = layout.columns
    wanted = (*columns.prices, *(() if columns.volume is None else (columns.volume,)))
    width = max(*columns.time, *wanted)
    with file.path.open(encoding=layout.encoding, errors="replace", newline="") as text:
        reader = csv.reader(islice(text, layout.skip, None), delimiter=layout.delimiter)
        whole = islice((row for row in reader if len(row) > width), PREVIEW_ROWS)
        read = [(_time(row, layout), row) for row in whole]
    return [FileRow(time=time, values=tuple(row[place].strip() for place in wanted)) for time, row in read if time is not None]


def _time(row: list[str], layout: Layout) -> int | None:
    try:
        return layout.times.read(joined_time(row, layout.columns.time))
    except ValueError:
        return None
