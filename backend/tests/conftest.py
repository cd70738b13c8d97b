"""What all tests share: a real browser where there is one, and a loud word where there is none."""

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_BROWSER = "no Chromium found: install one, or name it in CHROMIUM"


def find_browser() -> str | None:
    candidates = (os.environ.get("CHROMIUM"), *BROWSERS)
    return next((found for name in candidates if name and (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_browser() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = [report for report in terminalreporter.stats.get("skipped", ()) if NO_BROWSER in str(report.longrepr)]
    if left_out:
        terminalreporter.write_sep("!", f"LEFT OUT: {len(left_out)} browser tests, {NO_BROWSER}", red=True)


@pytest.fixture(scope="session")
def browser_path() -> str:
    found = find_browser()
    assert found is not None, NO_BROWSER
    return found
