"""Symbols as a chart's UDF adapter reads them: contract 1.4 from `/symbols`, contract 1.5 from the columns of `/symbol_info`.

Written from those two tables alone, so that what the server means and what a chart understands are compared.
"""

from collections.abc import Iterator, Mapping
from typing import Any

GROUPS = ("NYSE", "FOREX", "AMEX")
"""What the adapter asks for, and nothing else."""

Answer = Mapping[str, Any]

# Where each field is looked for, first found first: in one symbol, and in the columns of a group.
ONE: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "ticker": ("ticker",),
    "description": ("description",),
    "type": ("type",),
    "timezone": ("timezone",),
    "pricescale": ("pricescale",),
    "fractional": ("fractional",),
    "corrections": ("corrections",),
    "listed_exchange": ("listed_exchange", "exchange-listed"),
    "exchange": ("exchange", "exchange-traded"),
    "currency_code": ("currency_code", "currency-code"),
    "original_currency_code": ("original_currency_code", "original-currency-code"),
    "unit_id": ("unit_id", "unit-id"),
    "has_intraday": ("has_intraday", "has-intraday"),
    "has_daily": ("has_daily", "has-daily"),
    "has_weekly_and_monthly": ("has_weekly_and_monthly", "has-weekly-and-monthly"),
    "has_empty_bars": ("has_empty_bars", "has-empty-bars"),
    "minmov": ("minmovement", "minmov"),
    "minmove2": ("minmovement2", "minmove2"),
    "session": ("session", "session-regular"),
    "session_holidays": ("session_holidays", "session-holidays"),
    "supported_resolutions": ("supported_resolutions", "supported-resolutions"),
    "intraday_multipliers": ("intraday_multipliers", "intraday-multipliers"),
    "visible_plots_set": ("visible_plots_set", "visible-plots-set"),
    "volume_precision": ("volume_precision", "volume-precision"),
}
GROUP: dict[str, tuple[str, ...]] = {
    **{name: tuple(sorted(places, key=lambda place: "-" not in place)) for name, places in ONE.items()},
    "name": ("symbol",),
    "listed_exchange": ("exchange-listed",),
    "exchange": ("exchange-traded",),
    "session": ("session-regular",),
    "minmov": ("minmovement", "minmov"),
    "minmove2": ("minmove2", "minmov2"),
}
LISTS = ("supported_resolutions", "intraday_multipliers")
DEFAULTS: dict[str, Any] = {"has_intraday": False, "has_daily": True, "intraday_multipliers": ["1", "5", "15", "30", "60"]}


def one_symbol(answer: Answer, config: Answer) -> dict[str, Any]:
    """What `/symbols` describes; an answer with `s` is an unknown symbol."""
    assert "s" not in answer, answer
    return _completed({name: _first(answer, places) for name, places in ONE.items()}, config)


def group_of_symbols(table: Answer, config: Answer) -> Iterator[dict[str, Any]]:
    """What the rows of `/symbol_info` describe."""
    for row in range(len(table["symbol"])):
        found = {name: _cell(_first(table, places), row, listed=name in LISTS) for name, places in GROUP.items()}
        yield _completed(found, config)


def _first(answer: Answer, places: tuple[str, ...]) -> Any:
    return next((answer[place] for place in places if place in answer), None)


def _cell(column: Any, row: int, *, listed: bool) -> Any:
    """A column is one value for all rows, or a value for each; one of lists is for each when its first entry is a list."""
    if not isinstance(column, list) or (listed and not (column and isinstance(column[0], list))):
        return column
    return column[row]


def _completed(found: dict[str, Any], config: Answer) -> dict[str, Any]:
    usual = {**DEFAULTS, "ticker": found["name"], "supported_resolutions": config.get("supported_resolutions", [])}
    symbol = {name: usual.get(name) if value is None else value for name, value in found.items()}
    return {**symbol, "base_name": [f"{symbol['listed_exchange']}:{symbol['name']}"], "format": "price"}
