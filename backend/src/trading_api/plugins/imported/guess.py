"""What a file does not say about its instrument, guessed from its name, its prices and its times."""

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from trading_api.models.market.bars import SECOND_MS
from trading_api.models.market.imports import InstrumentChange
from trading_api.models.market.instruments import Instrument, InstrumentKind
from trading_api.plugins.imported.hours import exchange_hours
from trading_api.plugins.imported.parse import DECIMALS_MAX, Traits
from trading_api.plugins.imported.stage import HALF_HOUR_MS

MARKET = "IMPORT"
PRICES_ENOUGH = 1_000
"""From here on the prices' common divisor is believed to be the tick size; below it, the decimals as written are."""
EXCHANGE_SHARE = 0.99
"""How much of a file must lie inside an exchange's hours to be taken for that exchange's."""


def _words(text: str) -> list[str]:
    return text.split()


_FIAT = frozenset(
    _words("USD EUR JPY GBP CHF AUD NZD CAD SEK NOK DKK PLN HUF CZK TRY ZAR MXN SGD HKD CNH CNY THB INR KRW BRL ILS RUB RON")
)
_METALS = frozenset(_words("XAU XAG XPT XPD"))
_COINS = frozenset(_words("BTC XBT ETH SOL XRP ADA DOGE LTC BNB DOT AVAX LINK MATIC TRX BCH XLM UNI ATOM ETC FIL NEAR"))
_STABLE = ("USDT", "USDC", "BUSD", "TUSD")
_SIDES = {"bid": "bid", "bids": "bid", "ask": "ask", "asks": "ask", "offer": "ask"}
_NOISE = re.compile(
    r"\d{4,}|\d+|(m|h|d|w)\d{1,3}|\d{1,3}(s|sec|m|min|mins|minute|h|hr|hour|d|day|w)"
    r"|t|ticks?|quotes?|trades?|bars?|candles?|ohlcv?|ascii|dat|data|daily|hourly|minutes?|csv|generic|history|export|utc|gmt",
)
_STEP = re.compile(r"(?P<unit>[mhd])(?P<count>\d{1,3})|(?P<late_count>\d{1,3})(?P<late_unit>min|m|h|hour|d|day)")
_STEP_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_EXCHANGES = (
    ("America/New_York", "0930-1600"),
    ("Europe/London", "0800-1630"),
    ("Europe/Berlin", "0900-1730"),
    ("Asia/Tokyo", "0900-1530"),
    ("Asia/Hong_Kong", "0930-1600"),
    ("America/New_York", "0400-2000"),
)
_FX_SESSION = ("America/New_York", "1700-1700")
_ALWAYS = ("Etc/UTC", "24x7")
_WORKDAYS = ("Etc/UTC", "0000-0000")


class NameGuess(NamedTuple):
    """What a file's name says."""

    symbol: str | None
    side: Literal["bid", "ask"] | None
    step_ms: int | None


def from_file_name(name: str) -> NameGuess:
    stem = name.rsplit("/", 1)[-1].split(".")[0].lower()
    words = [word for word in re.split(r"[^a-z0-9]+", stem) if word]
    side = next((_SIDES[word] for word in words if word in _SIDES), None)
    step = next((_step(match) for word in words if (match := _STEP.fullmatch(word))), None)
    symbol = "".join(word for word in words if word not in _SIDES and not _NOISE.fullmatch(word)).upper()[:40]
    return NameGuess(symbol or None, "bid" if side == "bid" else "ask" if side == "ask" else None, step)


def plain_symbol(text: str) -> str | None:
    """A symbol as a column writes it (EUR/USD), as a name."""
    return re.sub(r"[^A-Za-z0-9._-]", "", text)[:40].lstrip("._-").upper() or None


def tick_size(traits: Traits) -> Decimal:
    """The finest decimals seen; a quarter or a half where all of many prices say so."""
    power = 0
    while power < 2 * DECIMALS_MAX and traits.common % 10 ** (power + 1) == 0:
        power += 1
    seen = Decimal(1).scaleb(power - DECIMALS_MAX)
    written = Decimal(1).scaleb(-traits.decimals)
    rounded = seen >= 1 and traits.decimals == 1  # a float's ".0" is no decimal
    if traits.prices < PRICES_ENOUGH:
        return min(Decimal(1) if rounded else written, Decimal(1))
    multiple = traits.common // 10**power
    return min(Decimal(1), seen) * (multiple if multiple in (2, 5, 25) and seen < 1 else 1)


class Money(NamedTuple):
    """What kind of thing a symbol is, and in which currencies."""

    kind: InstrumentKind
    base: str | None
    quote: str


def money_of(symbol: str) -> Money:
    plain = re.sub(r"[^A-Z]", "", symbol.upper())
    base, quote = plain[:3], plain[3:6]
    if len(plain) >= 6 and base in _FIAT and quote in _FIAT:
        return Money(InstrumentKind.FOREX, base, quote)
    if base in _METALS:
        return Money(InstrumentKind.COMMODITY, base, quote if quote in _FIAT else "USD")
    coin = next((plain[:length] for length in (5, 4, 3) if plain[:length] in _COINS), None)
    if coin is not None:
        rest = plain[len(coin) :]
        stable = next((one for one in _STABLE if rest.startswith(one)), None)
        return Money(InstrumentKind.CRYPTO, coin, stable or (rest[:3] if rest[:3] in _FIAT | _COINS else "USD"))
    return Money(InstrumentKind.STOCK, None, "USD")


def session_of(kind: InstrumentKind, half_hours: Sequence[int], step_ms: int) -> tuple[str, str]:
    """Zone and session from the half hours in which there are prices."""
    weekend = any(_weekday(time) == 5 for time in half_hours)
    if kind is InstrumentKind.CRYPTO or weekend:
        return _ALWAYS
    if step_ms >= _STEP_MS["d"]:
        return _WORKDAYS if all(_weekday(time) < 5 for time in half_hours) else _ALWAYS
    if kind in (InstrumentKind.FOREX, InstrumentKind.COMMODITY):
        return _FX_SESSION if _share(half_hours, *_FX_SESSION) >= EXCHANGE_SHARE else _around(half_hours)
    return next((one for one in _EXCHANGES if _share(half_hours, *one) >= EXCHANGE_SHARE), None) or _around(half_hours)


def instrument_for(
    symbol: str, *, half_hours: Sequence[int], step_ms: int, traits: Traits, traded: bool, has_volume: bool
) -> Instrument:
    """`traded`: its prices are trades, not one side of a quote."""
    money = money_of(symbol)
    zone, session = session_of(money.kind, half_hours, step_ms)
    tick = tick_size(traits)
    pips = 10 if money.kind is InstrumentKind.FOREX and tick.as_tuple().exponent in (-3, -5) else 1
    amounts = _AMOUNTS[money.kind]
    return Instrument(
        market=MARKET,
        name=symbol,
        description=f"{money.base} / {money.quote}" if money.base else symbol,
        kind=money.kind,
        exchange=MARKET,
        timezone=zone,
        session=session,
        currency=money.quote,
        base_currency=money.base,
        tick_size=tick,
        pip_size=tick * pips,
        quantity_min=amounts.step,
        quantity_max=amounts.most,
        quantity_step=amounts.step,
        lot_size=amounts.lot,
        margin_rate=amounts.margin,
        bar_source="trade" if traded else "bid",
        bar_step_ms=step_ms or SECOND_MS,
        has_volume=has_volume,
        tradable=False,
    )


def changed(instrument: Instrument, change: InstrumentChange) -> Instrument:
    """Raises pydantic's ValidationError when the whole does not hold together."""
    fields = {name: getattr(change, name) for name in change.model_fields_set if getattr(change, name) is not None}
    if change.calendar is not None:
        fields |= exchange_hours(fields.pop("calendar"))
    return Instrument.model_validate({name: getattr(instrument, name) for name in Instrument.model_fields} | fields)


class _Amounts(NamedTuple):
    step: Decimal
    most: Decimal
    lot: Decimal
    margin: Decimal


_SHARES = _Amounts(Decimal(1), Decimal(1_000_000), Decimal(1), Decimal("0.2"))
_AMOUNTS = {
    InstrumentKind.FOREX: _Amounts(Decimal(1), Decimal(100_000_000), Decimal(100_000), Decimal("0.0333")),
    InstrumentKind.COMMODITY: _Amounts(Decimal("0.01"), Decimal(100_000), Decimal(100), Decimal("0.05")),
    InstrumentKind.CRYPTO: _Amounts(Decimal("0.0001"), Decimal(100_000), Decimal(1), Decimal("0.1")),
    InstrumentKind.INDEX: _Amounts(Decimal("0.1"), Decimal(100_000), Decimal(1), Decimal("0.05")),
    InstrumentKind.STOCK: _SHARES,
}


def _step(match: re.Match[str]) -> int:
    unit, count = match["unit"] or match["late_unit"], match["count"] or match["late_count"]
    return int(count) * _STEP_MS[unit[0]]


def _weekday(time: int) -> int:
    return (time // 86_400_000 + 3) % 7


def _share(half_hours: Sequence[int], zone: str, session: str) -> float:
    """How many of the half hours lie inside a session of working days."""
    inside = sum(_inside(time, ZoneInfo(zone), session) for time in half_hours)
    return inside / max(1, len(half_hours))


def _inside(time: int, zone: ZoneInfo, session: str) -> bool:
    local = datetime.datetime.fromtimestamp(time // 1000, zone)
    minute = local.hour * 60 + local.minute
    start, end = (int(text[:2]) * 60 + int(text[2:]) for text in session.split("-"))
    if start < end:
        return local.weekday() < 5 and start // 30 * 30 <= minute < end
    ends = local + datetime.timedelta(days=1) if minute >= start else local
    return ends.weekday() < 5


def _around(half_hours: Sequence[int]) -> tuple[str, str]:
    """The hours observed, in UTC; the whole day where they go round the clock or over the weekend's edge."""
    if not half_hours or any(_weekday(time) > 4 for time in half_hours):
        return _ALWAYS
    minutes = [time % 86_400_000 // 60_000 for time in half_hours]
    start, end = min(minutes), max(minutes) + HALF_HOUR_MS // 60_000
    if end - start >= 1_380:
        return _WORKDAYS
    return "Etc/UTC", f"{start // 60:02}{start % 60:02}-{end // 60:02}{end % 60:02}"
