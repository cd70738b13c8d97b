"""The terminal in a real browser, which `frontend/tests/measure.mjs` drives."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.processes import ServerFailed
from bench.table import Pending

MEASURE = Path(__file__).parents[2] / "frontend/tests/measure.mjs"
BUILT = Path(__file__).parents[1] / "src/trading_api/static/terminal/index.html"
DRIVER = MEASURE.parents[1] / "node_modules/playwright-core"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def measured(port: int, what: str, rounds: int, seconds: float = 0) -> Iterator[dict[str, float]]:
    """What each round found, as soon as it is there."""
    browser = found_browser()
    if browser is None or not DRIVER.is_dir() or not BUILT.is_file():
        raise Pending(f"expected {_missing(browser)}, found none")
    command = ("node", str(MEASURE), browser, f"http://127.0.0.1:{port}/", what, str(rounds), str(seconds))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        for line in running.stdout:
            yield json.loads(line)
        trouble = running.stderr.read()
    if running.returncode:
        raise ServerFailed(f"Expected the browser to measure the page, found {trouble.strip()[-2000:]}")


def found_browser() -> str | None:
    candidates = (os.environ.get("CHROMIUM"), *BROWSERS)
    return next((found for name in candidates if name and (found := shutil.which(name))), None)


def _missing(browser: str | None) -> str:
    if browser is None:
        return "a Chromium (CHROMIUM names one)"
    return "the browser's driver (make install-dev)" if not DRIVER.is_dir() else "the built page (make install)"
