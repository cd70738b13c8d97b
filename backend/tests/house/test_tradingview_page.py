"""docs/topics/tradingview.md has a row for every flag, and what is announced names a test that there is."""

import ast
import re

import pytest
from tree import BACKEND, ROOT, text_of

from trading_api.core.outgoing import SILENCE_S
from trading_api.core.terminal import flags_of
from trading_api.models.broker.account import AccountProfile
from trading_api.models.broker.terminal import ConfigFlags

PAGE = text_of(ROOT / "docs/topics/tradingview.md")
DOORS = BACKEND / "tests/doors"
ROWS = {
    name: (announced, how, test)
    for name, announced, how, test in re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
}
FLAGS = [str(field.alias) for field in ConfigFlags.model_fields.values()]


def announced(mode: str, *, fifo: bool = False, has_depth: bool = True) -> dict[str, bool]:
    profile = AccountProfile.model_validate(
        {
            "id": "one",
            "name": "one",
            "currency": "USD",
            "leverage": 30,
            "markets": ["DEMO"],
            "opening_balance": 1,
            "position_mode": mode,
            "fifo": fifo,
        }
    )
    return flags_of(profile, has_depth=has_depth).model_dump(by_alias=True)


def known_tests() -> set[str]:
    found = set()
    for path in DOORS.glob("test_terminal_*.py"):
        functions = (one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.AsyncFunctionDef))
        found |= {f"{path.stem}::{one.name}" for one in functions if one.name.startswith("test_")}
    return found


def test_every_flag_has_one_row_in_the_order_of_the_model() -> None:
    assert list(ROWS) == FLAGS
    assert len(re.findall(r"^\| `(?:support|show|requires|close|position)\w+` \|", PAGE, re.MULTILINE)) == len(FLAGS)


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_is_announced_as_its_row_says(flag: str) -> None:
    netting, hedging = announced("netting")[flag], announced("hedging")[flag]
    fifo, blind = announced("hedging", fifo=True)[flag], announced("netting", has_depth=False)[flag]
    expected = {
        "yes": (True, True, True, True),
        "no": (False, False, False, False),
        "netting": (True, False, False, True),
        "hedging": (False, True, True, False),
        "hedging, fifo": (False, False, True, False),
        "where known": (True, True, True, False),
    }
    assert (netting, hedging, fifo, blind) == expected[ROWS[flag][0]]


@pytest.mark.parametrize("flag", FLAGS)
def test_what_is_announced_names_a_test_that_there_is(flag: str) -> None:
    said, how, test = ROWS[flag]
    assert len(how) > 4
    if test == "–":
        assert said == "no"
    else:
        assert test.strip("`") in known_tests()


def test_the_page_says_after_how_long_silence_is_told() -> None:
    assert f"after {SILENCE_S:g} s without an answer" in PAGE
