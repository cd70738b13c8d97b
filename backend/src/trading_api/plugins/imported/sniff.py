"""Looking at the beginning of a file: its encoding, delimiter, header, columns and the way it writes times."""

import codecs
import csv
import datetime
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from trading_api.models.errors import FixRequest
from trading_api.plugins.imported.columns import WANTED, Columns, from_header, from_values, is_header
from trading_api.plugins.imported.times import TimeReader, reader_for

SNIFF_BYTES = 65_536
SNIFF_LINES = 500
PREFACE_LINES_MAX = 10
"""Lines of text that may stand above the header."""

_DELIMITERS = ",;\t|"


class Layout(NamedTuple):
    """How to read a file: `skip` lines come before the data."""

    encoding: str
    delimiter: str
    skip: int
    columns: Columns
    times: TimeReader
    symbol: str | None


def sniff(path: Path, name: str, zone: datetime.tzinfo) -> Layout:
    """Raises FixRequest naming the file and what was expected."""
    with path.open("rb") as file:
        beginning = file.read(SNIFF_BYTES)
    encoding = _encoding(beginning)
    lines = _whole_lines(beginning.decode(encoding, errors="replace"), len(beginning) == SNIFF_BYTES)
    if not any(line.strip() for line in lines):
        raise bad_file(name, "expected lines of prices, found an empty file")
    delimiter = _delimiter(lines)
    rows = list(csv.reader(lines, delimiter=delimiter))[:SNIFF_LINES]
    return _layout(name, encoding, delimiter, rows, zone)


def bad_file(name: str, sentence: str) -> FixRequest:
    return FixRequest("bad_file", f"{name}: {sentence}.", field="file")


def bad_line(name: str, line: int, sentence: str) -> FixRequest:
    return FixRequest("bad_line", f"{name}, line {line}: {sentence}.", field="file")


def joined_time(row: Sequence[str], places: tuple[int, ...]) -> str:
    return " ".join(row[place].strip() for place in places)


def _layout(name: str, encoding: str, delimiter: str, rows: list[list[str]], zone: datetime.tzinfo) -> Layout:
    for place, row in enumerate(rows[: PREFACE_LINES_MAX + 1]):
        columns = from_header(row)
        if columns is not None:
            samples = [one for one in rows[place + 1 :] if one and any(one)]
            return _complete(name, Layout(encoding, delimiter, place + 1, columns, _NO_TIMES, None), samples, zone)
        if is_header(row):
            raise _no_prices(name, row)
        columns = _headless(row, zone)
        if columns is not None:
            samples = [one for one in rows[place:] if one and any(one)]
            return _complete(name, Layout(encoding, delimiter, place, columns, _NO_TIMES, None), samples, zone)
    raise _no_prices(name, next(row for row in rows if any(row)))


def _no_prices(name: str, row: list[str]) -> FixRequest:
    found = ", ".join(f"'{value.strip()[:24]}'" for value in row[:10])
    return bad_file(name, f"expected a time column and {WANTED}; found {found}")


def _complete(name: str, layout: Layout, samples: list[list[str]], zone: datetime.tzinfo) -> Layout:
    """The time format from all samples that have their columns; bad ones are the parser's to name."""
    columns = layout.columns
    if not samples:
        raise bad_file(name, "expected lines of prices, found only a header")
    width = max(columns.time + columns.prices)
    texts = [joined_time(row, columns.time) for row in samples if len(row) > width]
    times = reader_for(texts, zone) or next(filter(None, (reader_for([text], zone) for text in texts)), None)
    if times is None:
        found = texts[0][:40] if texts else delimited(samples[0])
        raise bad_line(name, layout.skip + 1, f"expected a time such as 2013-02-01 00:00:00, found '{found}'")
    symbol = (
        next((row[columns.symbol].strip() for row in samples if len(row) > width), None) if columns.symbol is not None else None
    )
    return layout._replace(times=times, symbol=symbol)


def delimited(row: Sequence[str]) -> str:
    return ",".join(row)[:60]


def _headless(row: list[str], zone: datetime.tzinfo) -> Columns | None:
    for first in range(min(2, len(row))):
        for places in ((first, first + 1), (first,)):
            if places[-1] < len(row) and _is_time(row, places, zone):
                return from_values(row, places)
    return None


def _is_time(row: list[str], places: tuple[int, ...], zone: datetime.tzinfo) -> bool:
    if len(places) == 2 and ":" not in row[places[1]]:
        return False
    return reader_for([joined_time(row, places)], zone) is not None


def _encoding(beginning: bytes) -> str:
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _whole_lines(text: str, cut: bool) -> list[str]:
    lines = text.splitlines()
    return lines[:-1] if cut and len(lines) > 1 else lines


def _delimiter(lines: list[str]) -> str:
    """The one that splits most lines into the same number of columns, more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(line.count(delimiter) for line in lines[:SNIFF_LINES] if line.strip())
        width, count = max(widths.items(), key=lambda item: (item[0] > 0, item[1]))
        return (count if width else 0, width)

    return max(_DELIMITERS, key=score)


def _never(text: str) -> int:
    raise ValueError(text)


_NO_TIMES = TimeReader(_never, None)
