"""Every setting of the house: from the environment or `.env`, each named TRADING_… and described in docs/topics/settings.md."""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from trading_api.core.fill_model import PRESETS, FillModel
from trading_api.core.standing import MarginLevels
from trading_api.models.errors import Stopped

PREFIX = "TRADING_"
DELAY_SECONDS_MAX = 60
MANUAL = "manual"
COMMANDS_MAX = 1_000_000
CONNECTION_COMMANDS = 50
ADDRESS_COMMANDS = 100
"""A second, where other machines can reach us: far more than a trader or a bot sends, far less than a flood."""
_DELAY = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)(?:-(\d{1,2}(?:\.\d{1,3})?))?")
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_ORIGIN = re.compile(r"https?://[^/\s*]+")


class Delay(NamedTuple):
    """Seconds between an order's arrival at the simulated venue and its execution: drawn between these two."""

    least: float
    most: float


def _delay(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip() == MANUAL:
        return None
    found = _DELAY.fullmatch(value.strip())
    if found is None:
        raise ValueError("not a delay")
    delay = Delay(float(found[1]), float(found[2] or found[1]))
    if not delay.least <= delay.most <= DELAY_SECONDS_MAX:
        raise ValueError("not in order, or too long")
    return delay


def _each(pattern: re.Pattern[str]) -> BeforeValidator:
    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        entries = tuple(entry.strip().rstrip("/").lower() for entry in value.split(",") if entry.strip())
        if not all(pattern.fullmatch(entry) for entry in entries):
            raise ValueError("one entry does not fit")
        return entries

    return BeforeValidator(split)


def _folder(value: object) -> object:
    if value == "":
        raise ValueError("empty")
    return value


def _paths(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(Path(entry.strip()) for entry in value.split(",") if entry.strip())


def setting(default: object, expected: str, description: str, **bounds: Any) -> Any:  # Any: as pydantic's own Field
    return Field(default=default, description=description, json_schema_extra={"expected": expected}, **bounds)


class Settings(BaseSettings):
    """The house as it was asked for."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    host: str = setting("127.0.0.1", "an address or a host name", "Address to listen on", min_length=1)
    port: int = setting(8000, "a number from 0 to 65535", "Port to listen on; 0 takes a free one", ge=0, le=65535)
    data_dir: Annotated[Path, BeforeValidator(_folder)] = setting(
        Path("var"), "the path of a folder", "Folder that holds all state"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, _each(_HOST)] = setting(
        (), "host names, with or without a port, separated by commas", "Host names callers may use besides the loopback ones"
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode, _each(_ORIGIN)] = setting(
        (),
        "origins such as http://localhost:5173, separated by commas, neither * nor null",
        "Web pages of other origins that may trade",
    )
    authentication: bool = setting(
        False, "true or false", "Whether callers must sign in; false: whoever reaches the server is the one local user"
    )
    access_token_seconds: int = setting(
        1200, "a whole number of seconds from 1 to 3600", "Life of an access token, which a page renews before", ge=1, le=3600
    )
    tradingview_prefix: str = setting(
        "TRADINGAPI",
        "2 to 20 capital letters, digits or underscores",
        "The broker's prefix on tradingview.com, which TradingView assigns",
        pattern=r"^[A-Z0-9_]{2,20}$",
    )
    tradingview_library: Path = setting(
        Path("frontend/trading_terminal"),
        "the path of a folder",
        "Folder with a copy of TradingView's Trading Terminal, offered to the page when it is there",
    )
    execution_delay: Annotated[Delay | None, NoDecode, BeforeValidator(_delay)] = setting(
        Delay(0, 0),
        f"seconds such as 0.5, or a range such as 1-2, at most {DELAY_SECONDS_MAX}, or {MANUAL}",
        "Seconds until the simulated venue executes an order: one number, a range, or only when told",
    )
    connection_commands: int | None = setting(
        None,
        f"a whole number from 1 to {COMMANDS_MAX}",
        "Commands a second from one connection; none: no limit on loopback, else 50",
        ge=1,
        le=COMMANDS_MAX,
    )
    address_commands: int | None = setting(
        None,
        f"a whole number from 1 to {COMMANDS_MAX}",
        "Commands a second from one client address; none: no limit on loopback, else 100",
        ge=1,
        le=COMMANDS_MAX,
    )
    instruments: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)] = setting(
        (),
        "files or folders, separated by commas",
        "Files of instruments of your own, besides those in the folder instruments of the data folder",
    )
    execution_model: Literal["ideal", "retail-fx", "crypto-spot", "us-equity"] = setting(
        "ideal", "ideal, retail-fx, crypto-spot or us-equity", "How the simulated venue executes: its latency and its slippage"
    )
    margin_call_level: Decimal = setting(
        Decimal(100), "a percentage from 0 to 1000", "Margin level at which a trader is called; 0: never", ge=0, le=1000
    )
    stop_out_level: Decimal = setting(
        Decimal(50), "a percentage from 0 to 1000", "Margin level at which positions are closed; 0: never", ge=0, le=1000
    )
    seed: int = setting(1, "a whole number from 0 to 2^63 - 1", "Seed of the synthetic prices and of execution", ge=0, lt=2**63)
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "debug, info, warning or error", "How much is logged"
    )

    @property
    def fill_model(self) -> FillModel:
        """The named model; an execution delay of one's own takes the place of its latency."""
        model = PRESETS[self.execution_model]
        return model._replace(delay=self.execution_delay) if self.execution_delay != (0, 0) else model

    @property
    def margin_levels(self) -> MarginLevels:
        return MarginLevels(call=self.margin_call_level, stop_out=self.stop_out_level)

    @property
    def instrument_paths(self) -> tuple[Path, ...]:
        """Where files of instruments are."""
        own = self.data_dir / "instruments"
        return (own, *self.instruments) if own.is_dir() else self.instruments

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def command_limits(self) -> tuple[int | None, int | None]:
        """Commands a second from one connection and from one address; None: no limit."""
        usual = (None, None) if self.loopback else (CONNECTION_COMMANDS, ADDRESS_COMMANDS)
        return self.connection_commands or usual[0], self.address_commands or usual[1]


def release() -> str:
    """The release of this software."""
    return version("trading-api")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def load_settings(**given: object) -> Settings:
    """Read the settings; a bad one stops the program with one sentence. `given` comes from the command line and wins."""
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    _refuse_unknown([*os.environ, *dotenv_values(".env")])
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        raise Stopped(_sentence(error)) from None
    if not settings.loopback and not settings.authentication:
        raise Stopped(
            f"{PREFIX}HOST is {settings.host}, which other machines can reach: expected {PREFIX}AUTHENTICATION=true, "
            "so that callers must sign in, found it false"
        )
    if not settings.loopback and not settings.allowed_hosts:
        raise Stopped(
            f"{PREFIX}HOST is {settings.host}, which other machines can reach: expected {PREFIX}ALLOWED_HOSTS "
            "to list the host names they will use, found none"
        )
    return settings


def _refuse_unknown(names: Iterable[str]) -> None:
    known = sorted(PREFIX + name.upper() for name in Settings.model_fields)
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
            raise Stopped(f"{name} is not a setting: {hint}")


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    extra = Settings.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return f"{PREFIX}{name.upper()}: expected {extra['expected']}, found '{first['input']}'"
