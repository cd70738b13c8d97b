"""Every setting of the house: from the environment or `.env`, each named TRADING_… and described in docs/topics/settings.md."""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from trading_api.models.errors import Stopped

PREFIX = "TRADING_"
DELAY_SECONDS_MAX = 60
_DELAY = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)(?:-(\d{1,2}(?:\.\d{1,3})?))?")
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[^/\s*]+", re.IGNORECASE)


class Delay(NamedTuple):
    """Seconds between an order's arrival at the simulated venue and its execution: drawn between these two."""

    least: float
    most: float


def _delay(value: object) -> object:
    if isinstance(value, int | float | str):
        found = _DELAY.fullmatch(str(value).strip())
        if found is None:
            raise ValueError("seconds such as 0.5, or a range such as 1-2")
        least = float(found[1])
        most = float(found[2] or found[1])
        if not least <= most <= DELAY_SECONDS_MAX:
            raise ValueError(f"the smaller number first and at most {DELAY_SECONDS_MAX} seconds")
        return Delay(least, most)
    return value


def _each(pattern: re.Pattern[str], expected: str) -> BeforeValidator:
    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        entries = tuple(entry.strip().rstrip("/").lower() for entry in value.split(",") if entry.strip())
        if not all(pattern.fullmatch(entry) for entry in entries):
            raise ValueError(expected)
        return entries

    return BeforeValidator(split)


def _folder(value: object) -> object:
    if value == "":
        raise ValueError("the path of a folder")
    return value


Hosts = Annotated[tuple[str, ...], NoDecode, _each(_HOST, "host names with or without a port, separated by commas")]
Origins = Annotated[
    tuple[str, ...], NoDecode, _each(_ORIGIN, "origins such as http://localhost:5173, separated by commas (no * and no null)")
]


class Settings(BaseSettings):
    """The house as it was asked for."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    data_dir: Annotated[Path, BeforeValidator(_folder)] = Field(default=Path("var"), description="Folder that holds all state")
    allowed_hosts: Hosts = Field(default=(), description="Host names callers may use besides the loopback ones")
    allowed_origins: Origins = Field(default=(), description="Web pages of other origins that may trade")
    execution_delay: Annotated[Delay, BeforeValidator(_delay)] = Field(
        default=Delay(0, 0), validate_default=True, description="Seconds until the simulated venue executes: 0.5, or 1-2"
    )
    seed: int = Field(default=1, ge=0, lt=2**63, description="Seed of the synthetic prices")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much is logged")

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def load_settings(**given: object) -> Settings:
    """Read the settings; a bad one stops the program with one sentence. `given` comes from the command line and wins."""
    chosen = {name: value for name, value in given.items() if value is not None}
    _refuse_unknown([*os.environ, *dotenv_values(".env")])
    try:
        settings = Settings(**chosen)  # type: ignore[arg-type]  # validated by pydantic
    except ValidationError as error:
        raise Stopped(_sentence(error)) from None
    if not settings.loopback and not settings.allowed_hosts:
        raise Stopped(
            f"{PREFIX}HOST is {settings.host}, which other machines can reach: expected {PREFIX}ALLOWED_HOSTS "
            "to list the host names they will use, found none"
        )
    return settings


def _refuse_unknown(names: Iterable[str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            raise Stopped(
                f"{name} is not a setting"
                + (f"; did you mean {near[0]}?" if near else f": expected one of {', '.join(sorted(known))}")
            )


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper()
    cause = first.get("ctx", {}).get("error")
    expected = str(cause) if cause else first["msg"].removeprefix("Input should be ").replace("Input should be ", "")
    return f"{name}: expected {expected}, found '{first['input']}'"
