"""An import, in two halves: `read_files` turns files into drafts and touches nothing, `write_draft` a draft into a series.

Every file of an import is read to its end before anything is written, so a bad line leaves the archive as it was. Both halves
are blocking and may run in another process: what passes between them can be pickled.

Memory: a stage's page cache and one batch of lines, whatever the size of the files.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from trading_api.core.imports import UploadedFile
from trading_api.core.ports import Archive, ArchivedBar
from trading_api.core.sessions import sessions_of
from trading_api.models.errors import FixRequest
from trading_api.models.market.imports import ImportOptions, SeriesReport
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.plugins.imported.grid import check_tick_size
from trading_api.plugins.imported.guess import MARKET, changed, from_file_name, instrument_for, plain_symbol
from trading_api.plugins.imported.join import Counts, Sides, bars_of, ticks_of
from trading_api.plugins.imported.parse import Parser, Tally, side_of
from trading_api.plugins.imported.sniff import Layout, bad_file, bad_line, sniff
from trading_api.plugins.imported.stage import ASK, BID, PRICE, Line, Stage
from trading_api.plugins.imported.times import zone_of

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
CLOCK_CHANGE_MS = 2 * HOUR_MS
"""How much shorter than a day the day of a clock change may be."""
MERGE_WINDOW_BARS = 5_000
MILLION = Decimal(1_000_000)
SIZES_IN_MILLIONS_BELOW = 1_000
"""Nobody quotes a currency for less than a thousand units, and nobody for a thousand million."""

Kind = Literal["bars", "ticks"]
Progress = Callable[[int, int], None]
"""Told bytes read so far and in all. It may raise to end the import."""


class Known(NamedTuple):
    """What is already there under a symbol's name."""

    kind: Kind
    sides: Sides
    step_ms: int


class Draft(NamedTuple):
    """A symbol's files, read and checked, and what was guessed about them."""

    symbol: str
    kind: Kind
    stage: Path
    sides: Sides
    joins: bool
    """Its side joins the other one, which is in the archive."""
    step_ms: int
    spread: Decimal
    size_unit: Decimal
    instrument: Instrument
    files: tuple[str, ...]
    tally: Tally
    notes: tuple[str, ...]


class _Source(NamedTuple):
    file: UploadedFile
    layout: Layout
    side: Literal["bid", "ask"] | None


def read_files(
    files: Sequence[UploadedFile], options: ImportOptions, known: Mapping[str, Known], folder: Path, progress: Progress
) -> list[Draft]:
    """Raises FixRequest at the first thing that is wrong."""
    zone = zone_of(options.zone)
    groups: dict[tuple[str, Kind], list[_Source]] = {}
    for file in files:
        source, symbol = _source(file, options, zone)
        kind: Kind = "bars" if "bars" in source.layout.columns.shape else "ticks"
        groups.setdefault((symbol, kind), []).append(source)
    total = sum(file.path.stat().st_size for file in files)
    names = _Names(known, explicit=options.symbol is not None)
    # Bars before ticks, whatever the order of the files: of one symbol, they keep its bare name.
    named = [(*names.take(symbol, kind), kind, groups[symbol, kind]) for symbol, kind in sorted(groups, key=_kind_of)]
    reading = _Reading(options, known, folder, progress, total)
    return [reading.draft(name, notes, kind, sources) for name, notes, kind, sources in named]


def _kind_of(group: tuple[str, Kind]) -> Kind:
    return group[1]


def _source(file: UploadedFile, options: ImportOptions, zone: datetime.tzinfo) -> tuple[_Source, str]:
    layout = sniff(file.path, file.name, zone)
    guess = from_file_name(file.name)
    written = plain_symbol(layout.symbol) if layout.symbol else None
    symbol = options.symbol or written or guess.symbol
    if symbol is None:
        raise FixRequest(
            "unknown_symbol",
            f"{file.name}: expected a symbol in the file's name or with --symbol, found neither.",
            field="symbol",
        )
    return _Source(file, layout, options.side or guess.side), symbol


class _Names:
    """Bars and ticks of one symbol are two series; the later to come takes a name of its own."""

    def __init__(self, known: Mapping[str, Known], *, explicit: bool) -> None:
        self._known, self._explicit = known, explicit
        self._taken: dict[str, Kind] = {}

    def take(self, symbol: str, kind: Kind) -> tuple[str, list[str]]:
        """The series' name, and a note where it is not the symbol."""
        found = self._found(symbol)
        if found is None or (found == kind and symbol not in self._taken):
            self._taken[symbol] = kind
            return symbol, []
        other = f"{symbol}-{kind.upper()}"
        if self._explicit or found == kind or other in self._taken or self._found(other) not in (None, kind):
            raise FixRequest(
                "symbol_taken",
                f"Expected another name than '{symbol}' for these {kind}, found {found} under it: choose another symbol.",
                field="symbol",
            )
        self._taken[other] = kind
        return other, [f"{symbol} has {found} already, so these {kind} are {other}."]

    def _found(self, name: str) -> Kind | None:
        known = self._known.get(name)
        return self._taken.get(name) or (known.kind if known else None)


class _Reading:
    def __init__(
        self, options: ImportOptions, known: Mapping[str, Known], folder: Path, progress: Progress, total: int
    ) -> None:
        self._options, self._known, self._folder = options, known, folder
        self._progress, self._total, self._done = progress, total, 0
        self._drafts = 0

    def draft(self, name: str, notes: list[str], kind: Kind, sources: list[_Source]) -> Draft:
        self._drafts += 1
        stage, tally = Stage(self._folder / f"stage-{self._drafts}.sqlite"), Tally()
        try:
            for number, source in enumerate(sources):
                self._read(stage, number, source, tally)
                notes += _notes(source)
            sides, joins = self._sides(name, kind, stage, sources)
            step = 0 if kind == "ticks" else _step(stage, sources)
            instrument = self._instrument(name, stage, step, tally, traded=sides == "price")
        finally:
            stage.close()
        notes += self._about_known(name, sides, joins, step)
        size_unit = self._size_unit(instrument, tally, notes)
        spread = instrument.tick_size if self._options.spread is None else self._options.spread
        files = tuple(source.file.name for source in sources)
        return Draft(name, kind, stage.path, sides, joins, step, spread, size_unit, instrument, files, tally, tuple(notes))

    def _read(self, stage: Stage, number: int, source: _Source, tally: Tally) -> None:
        side = side_of(source.layout.columns.shape, source.side)
        parser = Parser(source.file.path, source.file.name, number, source.layout, side, tally)
        done = self._done
        stage.add(parser.lines(lambda read: self._progress(done + read, self._total)))
        self._done += source.file.path.stat().st_size

    def _sides(self, name: str, kind: Kind, stage: Stage, sources: list[_Source]) -> tuple[Sides, bool]:
        """What the series will be made of, and whether one of its sides comes from the archive."""
        if kind == "ticks":
            return ("both" if all(one.layout.columns.shape == "quotes" for one in sources) else "price"), False
        found = stage.sides()
        if found == {PRICE}:
            return "price", False
        if PRICE in found:
            stage.turn(PRICE, BID if BID not in found else ASK)
            found = stage.sides()
        if found == {BID, ASK}:
            return "both", False
        known = self._known.get(name)
        side: Literal["bid", "ask"] = "bid" if BID in found else "ask"
        missing = "ask" if side == "bid" else "bid"
        joins = known is not None and known.sides in (missing, "both")
        return ("both" if joins else side), joins

    def _about_known(self, name: str, sides: Sides, joins: bool, step: int) -> list[str]:
        known = self._known.get(name)
        if joins:
            assert known is not None, "what is joined was there"
            return _joined_to(name, known, step)
        return [] if known is None else [_replaced(name, known, sides)]

    def _size_unit(self, instrument: Instrument, tally: Tally, notes: list[str]) -> Decimal:
        """Units in one of the file's sizes."""
        if self._options.size_unit is not None:
            return self._options.size_unit
        largest = tally.largest_size
        if instrument.kind is InstrumentKind.FOREX and 0 < largest < SIZES_IN_MILLIONS_BELOW:
            notes.append(f"No size is larger than {largest:f}, so they are taken for millions; sizeUnit says otherwise.")
            return MILLION
        return Decimal(1)

    def _instrument(self, name: str, stage: Stage, step: int, tally: Tally, *, traded: bool) -> Instrument:
        guessed = instrument_for(
            name,
            half_hours=stage.half_hours(),
            step_ms=step,
            traits=tally.traits,
            traded=traded,
            has_volume=tally.has_volume,
        )
        instrument = changed(guessed, self._options.instrument)
        sessions_of(instrument)
        check_tick_size(instrument, tally.traits.common)
        return instrument


def _notes(source: _Source) -> list[str]:
    notes = []
    if source.layout.times.note:
        notes.append(f"{source.file.name}: {source.layout.times.note}")
    if source.layout.columns.ignored:
        notes.append(f"{source.file.name}: columns not used: {', '.join(source.layout.columns.ignored)}.")
    return notes


def _joined_to(name: str, known: Known, step: int) -> list[str]:
    """What there is to say about the side in the archive. Raises FixRequest where the new one does not fit it."""
    if known.step_ms != step:
        raise FixRequest(
            "other_bars",
            f"Expected bars of {_width(known.step_ms)}, as {name} has, found {_width(step)}:"
            " choose another symbol, or import both sides together.",
            field="symbol",
        )
    if known.sides != "both":
        return []
    return [f"{name} had both sides: this one is replaced, the other kept as it was, with the bars filled in for it."]


def _replaced(name: str, known: Known, sides: Sides) -> str:
    made_of = {"both": "of bid and ask", "price": "of one price"}.get(known.sides, f"of the {known.sides} alone")
    sided = known.kind == "bars" and known.sides != "price" and sides == "price"
    hint = "; if the file holds a side of them, say which one" if sided else ""
    return f"{name} had {known.kind} {made_of} already: these replace them{hint}."


def _step(stage: Stage, sources: list[_Source]) -> int:
    """The width of a bar: the commonest gap between times, which every other gap must respect."""
    gap = stage.usual_gap()
    names = [source.file.name for source in sources]
    if gap is None:
        gap = from_file_name(names[0]).step_ms or MINUTE_MS
    step = DAY_MS if DAY_MS - CLOCK_CHANGE_MS < gap <= DAY_MS + CLOCK_CHANGE_MS else gap
    if step > DAY_MS or step < 1000:
        raise bad_file(names[0], f"expected bars of one second to one day, found {step / 1000:g} seconds between most lines")
    line = stage.too_close(step - CLOCK_CHANGE_MS if step == DAY_MS else step)
    line = line or (stage.off_grid(step) if step < HOUR_MS else None)
    if line is not None:
        raise bad_line(
            names[line.file], line.line, f"expected a time that fits bars of {_width(step)}, found {_shown(line.time)}"
        )
    return step


def _width(step: int) -> str:
    return f"{step // MINUTE_MS} min" if step % MINUTE_MS == 0 else f"{step / 1000:g} s"


def _shown(time: int) -> str:
    return datetime.datetime.fromtimestamp(time / 1000, datetime.UTC).isoformat(sep=" ")


async def write_draft(draft: Draft, archive: Archive) -> SeriesReport:
    """Replace the symbol's series. The draft's stage is used up."""
    stage, counts = Stage(draft.stage), Counts()
    try:
        if draft.joins:
            await _stage_archived_side(archive, draft, stage)
        if draft.kind == "bars":
            bars = bars_of(stage, draft.step_ms, draft.sides, draft.spread, counts)
            series = await archive.write_bars(draft.symbol, draft.step_ms, bars)
        else:
            ticks = ticks_of(stage, f"{MARKET}:{draft.symbol}", draft.spread, counts, draft.size_unit)
            series = await archive.write_ticks(draft.symbol, ticks)
    finally:
        stage.close()
    tally = draft.tally
    return SeriesReport(
        symbol=draft.symbol,
        kind=draft.kind,
        files=draft.files,
        sides=draft.sides,
        step_ms=draft.step_ms,
        first=series.first,
        last=series.last,
        rows=series.rows,
        lines_read=tally.lines,
        duplicates=counts.duplicates,
        conflicts=counts.conflicts,
        disordered=tally.disordered,
        lifted=counts.lifted + tally.lifted,
        one_sided=counts.one_sided,
        spread=draft.spread,
        instrument=draft.instrument,
        notes=draft.notes,
    )


async def _stage_archived_side(archive: Archive, draft: Draft, stage: Stage) -> None:
    """Put the side that was imported before beside the new one."""
    series = next(one for one in await archive.series() if one.name == draft.symbol)
    side = ASK if stage.sides() == {BID} else BID
    window = MERGE_WINDOW_BARS * draft.step_ms
    for since in range(series.first, series.last + 1, window):
        bars = await archive.bars(draft.symbol, since=since, before=since + window)
        stage.add(_lines(bars, side))


def _lines(bars: Sequence[ArchivedBar], side: int) -> Iterator[Line]:
    for archived in bars:
        bar = archived.ask if side == ASK else archived.bid
        assert bar is not None, "a series of the ask alone has one"
        prices = (str(bar.open), str(bar.high), str(bar.low), str(bar.close), str(bar.volume))
        yield Line(bar.time, side, -1, -1, 0, *prices)
