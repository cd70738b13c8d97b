"""The page about performance shows the bench's table. Nothing is timed here."""

import re

from tree import ROOT, text_of

from bench.rows import ROWS
from bench.table import COLUMNS, Figure, Limit, cells

PAGE = text_of(ROOT / "docs/topics/performance.md")
SHOWN = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.partition("<!-- measured -->")[2].partition("<!-- /measured -->")[0].splitlines()
    if line.startswith("| ")
]


def test_the_page_shows_every_row_of_the_bench_in_its_order() -> None:
    head, _, *rows = SHOWN
    assert head == COLUMNS
    assert [row[:2] for row in rows] == [(row.name, row.measure) for row in ROWS]


def test_the_page_shows_what_each_row_must_reach() -> None:
    shown = {row[0]: row[3:5] for row in SHOWN[2:]}
    for row in ROWS:
        assert shown[row.name] == (row.limit.shown(row.limit.least), row.limit.shown(row.limit.aim))


def test_the_page_says_how_it_was_measured() -> None:
    assert re.search(r"^`make bench`, \d{4}-\d\d-\d\d\.", PAGE, re.MULTILINE)
    assert re.search(r"^\d+ cores .*fastapi \d.*fastws 0\.1\.7$", PAGE, re.MULTILINE)


def test_a_row_that_falls_short_has_a_note() -> None:
    notes = PAGE.partition("## What falls short")[2]
    for row in SHOWN[2:]:
        if row[5] not in ("met", "aim"):
            assert f"`{row[0]}`" in notes, row[0]


def test_a_figure_of_a_busy_client_is_void() -> None:
    row = ROWS[0]
    assert cells(row, Figure(9, "", share=0.81))[5] == "void"
    assert cells(row, Figure(9, "", share=0.79))[5] == "aim"


def test_a_figure_is_judged_from_its_own_side() -> None:
    assert [Limit(4, 5).verdict(figure) for figure in (3.99, 4, 5)] == ["short", "met", "aim"]
    assert [Limit(4, 2, up=False).verdict(figure) for figure in (4.01, 4, 2)] == ["short", "met", "aim"]
