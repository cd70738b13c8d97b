"""What a start imports, it waits for: heavy packages that only some requests or settings need come when they are needed."""

import subprocess
import sys

HEAVY = ("argon2", "jwt", "cryptography", "httpx", "redis", "asyncpg", "exchange_calendars", "pandas", "numpy")
START = "import sys, trading_api.cli, trading_api.serving, trading_api.app; print(*sys.modules, sep=chr(10))"


def test_a_start_imports_nothing_heavy() -> None:
    said = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, timeout=60, check=True)
    found = {name.partition(".")[0] for name in said.stdout.split()}
    assert "trading_api" in found
    assert found.isdisjoint(HEAVY), f"import these where they are used: {sorted(found.intersection(HEAVY))}"
