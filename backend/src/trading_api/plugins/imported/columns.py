"""What a file's columns are: from their names in usual spellings or, without a header, from their number and values."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

Shape = Literal["bars", "both bars", "quotes", "trades"]

OHLC = ("open", "high", "low", "close")
_BOTH = tuple(f"{side}{price}" for side in ("bid", "ask") for price in OHLC)
SHAPES: dict[Shape, tuple[str, ...]] = {"both bars": _BOTH, "bars": OHLC, "quotes": ("bid", "ask"), "trades": ("price",)}
WANTED = "open, high, low, close; bid and ask of each of them; bid, ask; or price"

_SIZES = ("bid size", "ask size")

_SPELLINGS = {
    "stamp": "timestamp datetime ts tsevent epoch unix unixtime unixtimestamp gmttime localtime utctime utc opentime eventtime"
    " timestampms timems timestamputc timeutc datetimeutc",
    "date": "date day dateutc",
    "time": "time",
    "symbol": "symbol ticker pair instrument",
    "open": "open o openprice first",
    "high": "high h highprice max",
    "low": "low l lowprice min",
    "close": "close c closeprice",
    "volume": "volume v vol tickvolume tickvol basevolume qty quantity size amount volumeusdt",
    "bid": "bid bidprice bp b bestbid bestbidprice",
    "ask": "ask askprice ap a offer offerprice bestask bestaskprice",
    "price": "price p last lastprice trade tradeprice",
}
_ROLES = {spelling: role for role, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_SHORT = {"o": "open", "h": "high", "l": "low", "c": "close"}
_SIDED = re.compile(
    r"(?P<side>bid|ask)(?P<price>open|high|low|close|[ohlc])|(?P<late>open|high|low|close)(?P<late_side>bid|ask)"
)
_SIZE = re.compile(r"(?:best)?(?P<side>bid|ask)(?:size|sz|volume|vol|qty|quantity|amount)")
_NOISE = re.compile(r"\(.*?\)|[^a-z]")


class Columns(NamedTuple):
    """Where in a line things stand. `ignored` are names that mean nothing here."""

    shape: Shape
    time: tuple[int, ...]
    prices: tuple[int, ...]
    volume: int | None
    symbol: int | None
    ignored: tuple[str, ...] = ()
    sizes: tuple[int, int] | None = None
    """Of a quote's bid and ask."""


def from_header(names: Sequence[str]) -> Columns | None:
    """The columns by name; None when a time or every known set of prices is missing."""
    places: dict[str, int] = {}
    ignored = []
    for place, name in enumerate(names):
        role = _role(name)
        if role is None or role in places:
            ignored.append(name.strip())
        else:
            places[role] = place
    time = _time_places(places)
    shape = next((shape for shape, roles in SHAPES.items() if all(role in places for role in roles)), None)
    if not time or shape is None:
        return None
    prices = tuple(places[role] for role in SHAPES[shape])
    sized = shape == "quotes" and all(role in places for role in _SIZES)
    sizes = (places["bid size"], places["ask size"]) if sized else None
    return Columns(shape, time, prices, places.get("volume"), places.get("symbol"), tuple(ignored), sizes)


def is_header(names: Sequence[str]) -> bool:
    """Whether a line names columns, known or not."""
    return any(_role(name) in ("stamp", "date", "time") for name in names) and all(decimal(name) is None for name in names)


def from_values(values: Sequence[str], time: tuple[int, ...]) -> Columns | None:
    """The columns of a file without a header, from its first line."""
    before = tuple(range(time[0]))
    numbers = list(range(time[-1] + 1, len(values)))
    while numbers and not values[numbers[-1]].strip():
        numbers.pop()
    if len(before) > 1 or any(decimal(values[place]) is None for place in numbers):
        return None
    found = _shape_of([decimal(values[place]) or Decimal(0) for place in numbers])
    if found is None:
        return None
    shape, width = found
    volume = numbers[width] if len(numbers) > width else None
    return Columns(shape, time, tuple(numbers[:width]), volume, before[0] if before else None)


def decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shape_of(numbers: list[Decimal]) -> tuple[Shape, int] | None:
    match len(numbers):
        case 1:
            return "trades", 1
        case 2 | 3:
            close = numbers[0] > 0 and abs(numbers[1] - numbers[0]) <= numbers[0] / 20
            return ("quotes", 2) if close else ("trades", 1)
        case 4 | 5 | 6 | 7:
            return "bars", 4
        case 8 | 9:
            return "both bars", 8
    return None


def _role(name: str) -> str | None:
    plain = _NOISE.sub("", name.strip().lower())
    sided = _SIDED.fullmatch(plain)
    if sided:
        side, price = sided["side"] or sided["late_side"], sided["price"] or sided["late"]
        return side + _SHORT.get(price, price)
    if size := _SIZE.fullmatch(plain):
        return f"{size['side']} size"
    return "volume" if plain.startswith("volume") else _ROLES.get(plain)


def _time_places(places: dict[str, int]) -> tuple[int, ...]:
    if "stamp" in places:
        return (places["stamp"],)
    return tuple(places[role] for role in ("date", "time") if role in places)
