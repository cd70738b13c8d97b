"""`trading-api symbols`: what every market lists, and whether a file of instruments of one's own can be used."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from trading_api.interrupts import ended_at_once
from trading_api.models.market.instruments import Instrument
from trading_api.options import DataDir
from trading_api.plugins.clock import WallClock
from trading_api.plugins.synthetic.files import read_instruments
from trading_api.plugins.synthetic.instruments import Listing
from trading_api.settings import load_settings

UNUSABLE = 1
"""Exit code when a file of instruments has a fault."""


def symbols(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only symbols whose id or description contains this.")] = "",
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Read this file or folder of instruments of your own instead, and say what is in it."
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """List the instruments of every market, or check a file of your own.

    The first fault of each instrument is told, and the exit code is 1.
    """
    if check is not None:
        _check(check)
        return
    with ended_at_once():
        from trading_api.offline import instruments

    found = [
        one
        for one in asyncio.run(instruments(load_settings(data_dir=data_dir)))
        if text.lower() in f"{one.id} {one.description}".lower()
    ]
    rows = [("SYMBOL", "KIND", "CURRENCY", "TICK", "SESSION", "ZONE", "DESCRIPTION"), *map(_row, found)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(one: Instrument) -> tuple[str, ...]:
    return one.id, one.kind.value, one.currency, f"{one.tick_size:f}", one.session, one.timezone, one.description


def _check(path: Path) -> None:
    own = read_instruments([path], WallClock().now())
    for listings in own.listings.values():
        for listing in listings:
            typer.echo("\n".join(_understood(listing)))
    for fault in own.faults:
        typer.echo(f"trading-api: {fault}", err=True)
    if own.faults:
        sys.exit(UNUSABLE)


def _understood(listing: Listing) -> list[str]:
    one, (narrowest, widest) = listing.instrument, listing.spread
    size = f"usual size {one.book_size:f}" if one.book_size else "any size at every price"
    lines = {
        "kind": f"{one.kind.value} on {one.exchange}, "
        + (f"{one.base_currency} priced in {one.currency}" if one.base_currency else f"priced in {one.currency}"),
        "price": f"tick {one.tick_size:f}, pip {one.pip_size:f}, spread {narrowest} to {widest} ticks, bars of the "
        + ("bid" if one.bar_source == "bid" else "last trade"),
        "quantity": f"{one.quantity_min:f} to {one.quantity_max:f} in steps of {one.quantity_step:f}, "
        f"lot {one.lot_size:f}, {size}",
        "session": f"{one.session} in {one.timezone}, {len(one.holidays)} holidays"
        + (
            f", {sum(part.count(',') + 1 for part in one.corrections.split(';'))} days with other hours"
            if one.corrections
            else ""
        ),
        "costs": f"margin {one.margin_rate:f} of the value, {_commission(one)}",
        "swap": _swap(one),
        "dividend": _dividend(one),
        "synthetic": f"around {listing.typical_price:f}, a session moves {100 * listing.deviation:g} % of it, "
        + (f"a day's volume {listing.typical_volume:f}" if one.has_volume else "no volume")
        + (", gaps overnight" if listing.gaps else ", no gaps overnight"),
    }
    return [f"{one.id}  {one.description}", *(f"  {name:<10} {words}" for name, words in lines.items())]


def _commission(one: Instrument) -> str:
    given = one.commission
    parts = [f"{given.rate:f} of it"] if given.rate else []
    parts += [f"{given.per_unit:f} a unit"] if given.per_unit else []
    least = f", at least {given.minimum:f}" if given.minimum else ""
    return f"commission {' and '.join(parts)}{least} on each side" if parts or least else "no commission"


def _swap(one: Instrument) -> str:
    swap = one.swap
    if swap is None:
        return "none"
    unit = "in price" if swap.unit == "price" else "of the value"
    triple = f", three nights on {swap.triple.name.lower()}" if swap.triple else ""
    return f"long {swap.long:f}, short {swap.short:f} a night, {unit}, at {swap.time} {swap.timezone}{triple}"


def _dividend(one: Instrument) -> str:
    if one.dividend is None:
        return "none"
    months = ", ".join(map(str, one.dividend.months))
    return f"{one.dividend.amount:f} a unit, from day {one.dividend.day} of the months {months}"
