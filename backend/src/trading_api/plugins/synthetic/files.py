"""Files of instruments of one's own: found, read and checked as a whole, so that every fault is known at once.

They are read when the house starts; a change is seen at the next start.
"""

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from trading_api.core.sessions import day_of
from trading_api.models.errors import Stopped
from trading_api.plugins.synthetic.instruments import DEMO, Listing, demo_listings
from trading_api.plugins.synthetic.own import KEYS, listing_of
from trading_api.plugins.synthetic.table import Fault, Table, shown

FILE_BYTES_MAX: Final = 1_048_576
INSTRUMENTS_MAX: Final = 300
"""Over all files: the caches of each may grow to a few megabytes."""
MARKETS_MAX: Final = 16

_MARKET: Final = re.compile(r"(?!IMPORT$|R\d+$)[A-Z][A-Z0-9]{1,15}")


class OwnInstruments(NamedTuple):
    """What the files list, by market, and what is wrong with them: a sentence each."""

    listings: Mapping[str, tuple[Listing, ...]]
    faults: tuple[str, ...]


def listings_of(paths: Iterable[Path], now: int) -> Mapping[str, tuple[Listing, ...]]:
    """Every synthetic market's listings: the demo market's own first. Raises Stopped when a file has a fault."""
    own = read_instruments(paths, now)
    if own.faults:
        more = f" ({len(own.faults) - 1} more: see trading-api symbols --check FILE)" if len(own.faults) > 1 else ""
        raise Stopped(own.faults[0] + more)
    return {DEMO: (*demo_listings(DEMO), *own.listings.get(DEMO, ())), **_others(own.listings)}


def read_instruments(paths: Iterable[Path], now: int) -> OwnInstruments:
    """`paths` are files, or folders of which every *.toml is read; a session may not change later than `now`."""
    found = _Found(day_of(now))
    for file in (file for path in paths for file in _files(path)):
        try:
            found.read(file)
        except Fault as fault:
            found.faults.append(str(fault))
    return OwnInstruments({market: tuple(listed) for market, listed in found.listings.items()}, tuple(found.faults))


def _others(listings: Mapping[str, tuple[Listing, ...]]) -> dict[str, tuple[Listing, ...]]:
    return {market: listed for market, listed in listings.items() if market != DEMO}


class _Found:
    """What has been read so far; a symbol is listed once."""

    def __init__(self, today: datetime.date) -> None:
        self._today = today
        self.listings: dict[str, list[Listing]] = {}
        self.faults: list[str] = []
        self._listed_by = {each.instrument.id: "the demo market" for each in demo_listings(DEMO)}
        self._count = 0

    def read(self, file: Path) -> None:
        """Raises Fault where the file as a whole cannot be read."""
        document = _document(file)
        top = Table(document, str(file), ("market", "instrument"))
        market = str(document.get("market", DEMO))
        if not _MARKET.fullmatch(market):
            top.refuse("market", "2 to 16 capital letters and digits, neither IMPORT nor R with a number")
        if len({*self.listings, market, DEMO}) > MARKETS_MAX:
            raise Fault(f"{file}, market: expected at most {MARKETS_MAX} markets in all, found more")
        tables = document.get("instrument")
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            raise Fault(f"{file}: expected at least one [[instrument]], found {'none' if tables is None else shown(tables)}")
        for number, values in enumerate(tables, 1):
            try:
                self._add(file, market, number, values)
            except Fault as fault:
                self.faults.append(str(fault))

    def _add(self, file: Path, market: str, number: int, values: Mapping[str, object]) -> None:
        symbol = values.get("symbol")
        where = f"{file}: instrument {number}" + (f" ({symbol})" if isinstance(symbol, str) else "")
        listing = listing_of(Table(values, where, KEYS), market, self._today)
        name = listing.instrument.id
        if name in self._listed_by:
            raise Fault(f"{where}, symbol: expected one that {market} does not list, found it in {self._listed_by[name]}")
        self._count += 1
        if self._count > INSTRUMENTS_MAX:
            raise Fault(f"{where}: expected at most {INSTRUMENTS_MAX} instruments in all, found more")
        self._listed_by[name] = str(file)
        self.listings.setdefault(market, []).append(listing)


def _files(path: Path) -> Sequence[Path]:
    return sorted(path.glob("*.toml")) if path.is_dir() else (path,)


def _document(file: Path) -> dict[str, object]:
    if not file.is_file():
        raise Fault(f"{file}: expected a file of instruments, or a folder of them, found none")
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise Fault(f"{file}: expected at most {FILE_BYTES_MAX} bytes, found more")
        return tomllib.loads(content.decode(), parse_float=Decimal)
    except OSError as error:
        raise Fault(f"{file}: expected a file that can be read, found: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Fault(f"{file}: expected UTF-8, found another byte at {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise Fault(f"{file}: expected TOML, found: {error}") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Fault(f"{file}: expected TOML, found a value that cannot be read: {error}") from None
