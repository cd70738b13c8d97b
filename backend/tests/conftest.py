"""What all tests share: a real browser and other parts where they are, and a loud word where they are not."""

import os
import shutil

import pytest
from hypothesis import settings

from trading_api.serving import collect_seldom

settings.register_profile("house", deadline=None)
settings.load_profile("house")  # no test is timed

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_BROWSER = "no Chromium found: install one, or name it in CHROMIUM"
NO_STRACE = "no strace found: install it, without it nothing is known about power cuts and failing disks"
NO_BUILDER = "no buildah and mmdebstrap found, or not root: without them no container image is built"


def find_browser() -> str | None:
    candidates = (os.environ.get("CHROMIUM"), *BROWSERS)
    return next((found for name in candidates if name and (found := shutil.which(name))), None)


def cannot_build() -> bool:
    return os.geteuid() != 0 or any(shutil.which(tool) is None for tool in ("buildah", "mmdebstrap"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for mark, missing, reason in (
        ("browser", find_browser() is None, NO_BROWSER),
        ("strace", shutil.which("strace") is None, NO_STRACE),
        ("image", cannot_build(), NO_BUILDER),
    ):
        for item in items if missing else ():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """As a server does: tests make and leave many whole houses."""
    collect_seldom()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in (NO_BROWSER, NO_STRACE, NO_BUILDER):
        left_out = [report for report in terminalreporter.stats.get("skipped", ()) if reason in str(report.longrepr)]
        if left_out:
            terminalreporter.write_sep("!", f"LEFT OUT: {len(left_out)} tests, {reason}", red=True)


@pytest.fixture(scope="session")
def browser_path() -> str:
    found = find_browser()
    assert found is not None, NO_BROWSER
    return found
