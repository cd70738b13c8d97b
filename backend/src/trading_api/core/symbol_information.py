"""An instrument as a chart wants it described (contract 1.9)."""

from decimal import Decimal

from trading_api.core.bars import resolutions_of
from trading_api.core.chart_zones import chart_zone
from trading_api.core.conversion import converted_grid
from trading_api.core.grammar import newest_first
from trading_api.models.market.bars import SECOND_MS, Resolution
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.models.udf import SymbolInformation


def symbol_information(instrument: Instrument, currency: str | None = None) -> SymbolInformation:
    """With prices in `currency`, where it is another one than the instrument's own."""
    told_in = currency or instrument.currency
    converted = told_in != instrument.currency
    price_scale, minimum_movement = price_grid(converted_grid(instrument) if converted else instrument.tick_size)
    offered = resolutions_of(instrument)
    seconds, minutes = _multipliers(offered)
    return SymbolInformation(
        name=instrument.name,
        ticker=instrument.id,
        full_name=f"{instrument.exchange}:{instrument.name}",
        description=instrument.description,
        type=instrument.kind,
        exchange=instrument.exchange,
        listed_exchange=instrument.exchange,
        session=instrument.session,
        session_holidays=",".join(instrument.holidays) or None,
        corrections=newest_first(instrument.corrections) or None,
        timezone=chart_zone(instrument.timezone),
        currency_code=told_in,
        original_currency_code=instrument.currency,
        price_scale=price_scale,
        minimum_movement=minimum_movement,
        pip_ticks=0 if converted else _pip_ticks(instrument),
        has_intraday=bool(seconds or minutes),
        intraday_multipliers=minutes,
        has_seconds=bool(seconds),
        seconds_multipliers=seconds,
        supported_resolutions=offered,
        visible_plots_set="ohlcv" if instrument.has_volume else "ohlc",
        volume_precision=_decimals(instrument.quantity_step),
    )


def _multipliers(offered: tuple[Resolution, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Seconds and minutes, as numbers without a letter."""
    seconds = tuple(each.value[:-1] for each in offered if each.width_ms is not None and each.width_ms < 60 * SECOND_MS)
    return seconds, tuple(each.value for each in offered if each.value.isdigit())


def price_grid(tick_size: Decimal) -> tuple[int, int]:
    """(pricescale, minmov): 0.25 is 25 hundredths, 5 is 5 ones."""
    scale = 10 ** _decimals(tick_size)
    return scale, int(tick_size * scale)


def _pip_ticks(instrument: Instrument) -> int:
    ticks = instrument.pip_size / instrument.tick_size
    whole = ticks == ticks.to_integral_value()
    return int(ticks) if instrument.kind is InstrumentKind.FOREX and whole and ticks > 1 else 0


def _decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)
