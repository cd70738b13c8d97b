"""From a file to staged lines. Every line is checked; the first bad one ends the import, named with its file and number."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from io import TextIOWrapper
from math import gcd
from pathlib import Path
from typing import NoReturn, TextIO

from trading_api.models.base import FLOAT_DIGITS_MAX, on_the_wire
from trading_api.plugins.imported.sniff import Layout, bad_line, joined_time
from trading_api.plugins.imported.stage import ASK, BID, PRICE, TICK, Line

PROGRESS_LINES = 2_000
"""Lines between two words of progress."""
LINE_CHARACTERS_MAX = 4_096
DECIMALS_MAX = 12

_GRID = 10**DECIMALS_MAX


@dataclass
class Traits:
    """What was seen of a symbol's prices, to guess its tick size from."""

    common: int = 0
    """Greatest common divisor of all prices, in units of 10^-12."""
    decimals: int = 0
    prices: int = 0

    def see(self, price: Decimal, text: str) -> None:
        self.common = gcd(self.common, int(price * _GRID))
        self.prices += 1
        decimals = len(text) - text.find(".") - 1 if "." in text else 0
        self.decimals = max(self.decimals, decimals)


@dataclass
class Tally:
    """What was counted on the way."""

    lines: int = 0
    disordered: int = 0
    lifted: int = 0
    has_volume: bool = False
    largest_size: Decimal = Decimal(0)
    """Of what a quote offers, as it is written; 0 where no sizes are."""
    traits: Traits = field(default_factory=Traits)


class Parser:
    """One file. `told(bytes)` hears how far the reading is; it may raise to end it."""

    def __init__(self, path: Path, name: str, number: int, layout: Layout, side: int, tally: Tally) -> None:
        self._path, self._name, self._number = path, name, number
        self._layout, self._side, self._tally = layout, side, tally
        self._comma = layout.delimiter != ","
        self._line = 0

    def lines(self, told: Callable[[int], None]) -> Iterator[Line]:
        columns = self._layout.columns
        width = max((*columns.time, *columns.prices))
        previous = 0
        for row in self._rows(told):
            if len(row) <= width:
                self._refuse(f"expected at least {width + 1} columns, found {len(row)}")
            time = self._time(joined_time(row, columns.time))
            self._same_symbol(row)
            self._tally.lines += 1
            self._tally.disordered += time < previous
            previous = time
            yield from self._staged(time, row)

    def _rows(self, told: Callable[[int], None]) -> Iterator[list[str]]:
        with self._path.open("rb") as binary:
            text = TextIOWrapper(binary, encoding=self._layout.encoding, errors="replace", newline="")
            reader = csv.reader(self._short_lines(text), delimiter=self._layout.delimiter)
            while (row := self._next(reader)) is not None:
                if self._line % PROGRESS_LINES == 0:
                    told(binary.tell())
                if self._line > self._layout.skip and any(row):
                    yield row
            told(binary.tell())

    def _next(self, reader: Iterator[list[str]]) -> list[str] | None:
        try:
            row = next(reader, None)
        except csv.Error as error:
            self._refuse(f"expected columns of text, found: {error}")
        return row

    def _short_lines(self, text: TextIO) -> Iterator[str]:
        while line := text.readline(LINE_CHARACTERS_MAX + 1):
            self._line += 1
            if len(line) > LINE_CHARACTERS_MAX:
                self._refuse(f"expected at most {LINE_CHARACTERS_MAX} characters")
            yield line

    def _staged(self, time: int, row: list[str]) -> Iterator[Line]:
        columns = self._layout.columns
        volume = self._volume(row)
        prices = [self._price(row[place]) for place in columns.prices]
        match columns.shape:
            case "bars":
                yield self._bar(time, self._side, prices, volume)
            case "both bars":
                yield self._bar(time, BID, prices[:4], volume)
                yield self._bar(time, ASK, prices[4:], volume)
            case "quotes":
                yield self._tick(time, self._lift(prices), "", volume, self._sizes(row))
            case "trades":
                yield self._tick(time, [prices[0], ""], prices[0], volume)

    def _bar(self, time: int, side: int, prices: list[str], volume: str) -> Line:
        opening, high, low, close = map(Decimal, prices)
        if not (low <= opening <= high and low <= close <= high):
            found = ", ".join(prices)
            self._refuse(f"expected the high to be the highest and the low the lowest of open, high, low, close; found {found}")
        return Line(time, side, self._place(), self._number, self._line, prices[0], prices[1], prices[2], prices[3], volume)

    def _tick(self, time: int, prices: list[str], last: str, volume: str, sizes: tuple[str, str] = ("", "")) -> Line:
        bid, ask = prices
        return Line(time, TICK, self._place(), self._number, self._line, bid, ask, last, sizes[0], volume, sizes[1])

    def _lift(self, prices: list[str]) -> list[str]:
        bid, ask = prices
        if Decimal(ask) < Decimal(bid):
            self._tally.lifted += 1
            return [bid, bid]
        return prices

    def _place(self) -> int:
        return self._number * 1_000_000_000 + self._line

    def _time(self, text: str) -> int:
        try:
            return self._layout.times.read(text)
        except (ValueError, OverflowError):
            self._refuse(f"expected a time written as in the lines before, found '{text[:40]}'")

    def _same_symbol(self, row: list[str]) -> None:
        place, symbol = self._layout.columns.symbol, self._layout.symbol
        if place is not None and row[place].strip() != symbol:
            self._refuse(f"expected one symbol in a file, '{symbol}' as in the first line, found '{row[place][:24]}'")

    def _price(self, text: str) -> str:
        number = self._number_of(text, "price")
        if number <= 0:
            self._refuse(f"expected a price above 0, found '{text[:24]}'")
        if len(number.as_tuple().digits) > FLOAT_DIGITS_MAX:
            number = number.normalize()
        plain = _plain(number)
        if number * _GRID % 1 or len(number.as_tuple().digits) > FLOAT_DIGITS_MAX:
            self._refuse(f"expected a price of at most {FLOAT_DIGITS_MAX} digits, {DECIMALS_MAX} decimals, found '{text[:40]}'")
        self._tally.traits.see(number, plain)
        return plain

    def _volume(self, row: list[str]) -> str:
        place = self._layout.columns.volume
        if place is None or place >= len(row) or not row[place].strip():
            return "0"
        number = self._number_of(row[place], "volume")
        if number < 0:
            self._refuse(f"expected a volume of 0 or more, found '{row[place][:24]}'")
        if number:
            self._tally.has_volume = True
        # Volumes come out of sums of floats; a JSON number carries no more digits than this.
        return _plain(on_the_wire(number))

    def _sizes(self, row: list[str]) -> tuple[str, str]:
        places = self._layout.columns.sizes
        return (self._size(row, places[0]), self._size(row, places[1])) if places else ("", "")

    def _size(self, row: list[str], place: int) -> str:
        """Empty where it is unknown, which some write as 0."""
        if place >= len(row) or not row[place].strip():
            return ""
        number = self._number_of(row[place], "size")
        if number < 0:
            self._refuse(f"expected a size of 0 or more, found '{row[place][:24]}'")
        self._tally.largest_size = max(self._tally.largest_size, number)
        return _plain(on_the_wire(number)) if number else ""

    def _number_of(self, text: str, what: str) -> Decimal:
        text = text.strip()
        if self._comma:
            text = text.replace(",", ".")
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or "_" in text:
            self._refuse(f"expected a {what}, found '{text[:40]}'")
        return number

    def _refuse(self, sentence: str) -> NoReturn:
        raise bad_line(self._name, self._line, sentence)


def _plain(number: Decimal) -> str:
    return format(number, "f")


def side_of(shape: str, side: str | None) -> int:
    """What a file's bars are staged as."""
    if shape != "bars":
        return TICK
    return {"bid": BID, "ask": ASK}.get(side or "", PRICE)
