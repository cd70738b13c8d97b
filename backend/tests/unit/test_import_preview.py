"""What a file would be taken for is said before it is imported, and is what the import then makes of it."""

from pathlib import Path

import pytest

from trading_api.core.imports import UploadedFile
from trading_api.models.errors import FixRequest
from trading_api.models.market.imports import FilePreview, ImportOptions
from trading_api.plugins.imported.preview import PREVIEW_ROWS, preview_files

BARS = "timestamp,open,high,low,close\n" + "".join(
    f"2013-02-01 00:{minute:02}:00,91.7,91.8,91.6,91.75\n" for minute in range(9)
)
FIRST = 1_359_676_800_000
HOUR = 3_600_000


def preview(folder: Path, name: str, text: str, **options: object) -> FilePreview:
    path = folder / "upload"
    path.write_text(text)
    [found] = preview_files([UploadedFile(name, path)], ImportOptions.model_validate(options))
    return found


def test_bars_are_named_and_their_first_lines_shown(tmp_path: Path) -> None:
    found = preview(tmp_path, "usdjpy-m1-bid.csv", BARS)
    assert (found.symbol, found.kind, found.side, found.header, found.zoned) == ("USDJPY", "bars", "bid", True, False)
    assert found.columns == ("open", "high", "low", "close") and len(found.rows) == PREVIEW_ROWS
    assert found.rows[0].time == FIRST and found.rows[0].values == ("91.7", "91.8", "91.6", "91.75")


def test_ticks_of_a_column_symbol_without_a_header(tmp_path: Path) -> None:
    found = preview(tmp_path, "x.csv", "EUR/USD;20130201 000000123;1.3570;1.3571\n" * 3)
    assert (found.symbol, found.kind, found.side, found.delimiter, found.header) == ("EURUSD", "ticks", "both", ";", False)
    assert [row.values for row in found.rows] == [("1.3570", "1.3571")] * 3


def test_a_zone_moves_only_times_that_say_none(tmp_path: Path) -> None:
    plain = preview(tmp_path, "usdjpy.csv", BARS, zone="Asia/Tokyo")
    zoned = preview(tmp_path, "usdjpy.csv", BARS.replace(":00,", ":00+00:00,"), zone="Asia/Tokyo")
    assert (plain.zoned, plain.rows[0].time) == (False, FIRST - 9 * HOUR)
    assert (zoned.zoned, zoned.rows[0].time) == (True, FIRST)


def test_what_the_user_says_counts(tmp_path: Path) -> None:
    found = preview(tmp_path, "2013.csv", BARS, symbol="MINE", side="ask")
    assert (found.symbol, found.side) == ("MINE", "ask")
    assert preview(tmp_path, "2013.csv", BARS).symbol is None


def test_a_file_without_prices_says_what_was_expected(tmp_path: Path) -> None:
    found = preview(tmp_path, "notes.csv", "time,words\n1,hello\n")
    assert found.rows == () and found.message is not None and found.message.startswith("notes.csv: expected a time column")


def test_a_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixRequest) as refused:
        preview(tmp_path, "usdjpy.csv", BARS, zone="Mars")
    assert refused.value.body.field == "zone"
