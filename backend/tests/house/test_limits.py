"""The page of limits says what the source says: every limit with its value, and why nothing grows for ever."""

import ast
import re

from bounds import Collection, collections, constants, unbounded_caches
from tree import ROOT, text_of

PAGE = ROOT / "docs/topics/limits.md"


def rows(columns: int) -> dict[str, tuple[str, ...]]:
    """The tables of this width: what stands first, in backticks, to what follows."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text_of(PAGE).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        named = re.fullmatch(r"`([\w.]+)`", cells[0])
        if line.startswith("| `") and len(cells) == columns and named:
            assert named[1] not in found, f"{named[1]} has two rows"
            found[named[1]] = tuple(cells[1:])
    return found


def test_every_limit_has_a_row_with_its_value() -> None:
    described = {name: value for name, (value, _) in rows(3).items()}
    limits = {str(one): one.text for one in constants()}
    assert limits.keys() - described.keys() == set(), "add to docs/topics/limits.md, with what happens there: " + "; ".join(
        f"| `{name}` | {limits[name]} |" for name in sorted(limits.keys() - described.keys())
    )
    assert described.keys() - limits.keys() == set(), "rows of docs/topics/limits.md that no constant of the source has"
    assert {name: value for name, value in described.items() if value != limits[name]} == {}


def test_every_row_says_what_is_bounded() -> None:
    assert [name for name, (_, what) in rows(3).items() if len(what) < 12] == []


def test_whatever_is_made_to_be_filled_has_a_row_that_names_its_bound() -> None:
    described, growing = rows(2), {str(one) for one in collections()}
    assert growing - described.keys() == set(), "add to docs/topics/limits.md, with what bounds them"
    assert described.keys() - growing == set(), "rows of docs/topics/limits.md that nothing in the source has"
    assert [name for name, (bound,) in described.items() if not bound] == []


def test_limits_named_as_bounds_exist() -> None:
    names = {one.name for one in constants()}
    for name, (bound,) in rows(2).items():
        assert set(re.findall(r"`([A-Z][A-Z_]+)`", bound)) <= names, name


def test_a_collection_with_a_size_of_its_own_is_described_by_that_size() -> None:
    sized = [one for one in collections() if one.limit is not None]
    assert {"Desk._queue", "Announcer._past"} <= {str(one) for one in sized}
    assert [str(one) for one in sized if not _names(one)] == []


def _names(one: Collection) -> bool:
    (bound,) = rows(2)[str(one)]
    return any(limit in bound for limit in re.findall(r"[A-Z][A-Z_]+", one.limit or ""))


def test_no_cache_is_without_a_named_size() -> None:
    assert list(unbounded_caches()) == []


PLANTED = """
seen = {}
LISTED = []

@lru_cache
def one(): ...

@functools.cache
def two(): ...

@lru_cache(maxsize=None)
def three(): ...

@lru_cache(maxsize=SHAPES_MAX)
def four(): ...

class Table:
    names: list[str] = field(default_factory=list)
    fixed: tuple[str, ...] = ()

    def __init__(self, rows):
        self._rows: dict[str, int] = {}
        self._last: deque[int] = deque(maxlen=LAST_MAX)
        self._all = deque()
        self._queue = asyncio.Queue()
        self._rows_given = list(rows)

    def later(self):
        self._rows = {}
        self._late = collections.Counter[str]()
"""


def test_the_reader_of_the_source_finds_what_grows() -> None:
    source = {"planted": ast.parse(PLANTED)}
    assert sorted(map(str, collections(source))) == [
        "Table._all",
        "Table._last",
        "Table._late",
        "Table._queue",
        "Table._rows",
        "Table.names",
        "planted.seen",
    ]
    assert {str(one): one.limit for one in collections(source)}["Table._last"] == "LAST_MAX"
    assert len(list(unbounded_caches(source))) == 3
