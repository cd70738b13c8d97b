"""Nothing generated is stale, and every endpoint says what it answers."""

import subprocess
import sys

import pytest
from tree import BACKEND, text_of


@pytest.mark.parametrize(
    "script", [pytest.param(("generate.py", "--check"), marks=pytest.mark.long), ("lint_response_models.py",)]
)
def test_a_generated_file_matches_its_source(script: tuple[str, ...]) -> None:
    name, *arguments = script
    result = subprocess.run(
        [sys.executable, str(BACKEND / "scripts" / name), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr


def test_generated_python_says_where_to_edit_in_its_first_line() -> None:
    for path in (BACKEND / "src/trading_api/ws/generated").glob("*.py"):
        assert "enerated" in text_of(path).splitlines()[0], path
