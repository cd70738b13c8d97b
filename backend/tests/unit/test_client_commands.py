"""`trading-api clients`: who may send users to our sign-in page, in the data folder, also beside a running server."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from trading_api import cli
from trading_api.core.broker_rest.oauth_clients import CLIENTS, OAuthClients
from trading_api.plugins.clock import WallClock
from trading_api.plugins.store_sqlite import SqliteStore

Run = Callable[..., tuple[int, str]]
BACK = "https://www.tradingview.com/trading/oauth-redirect/"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TRADING_DATA_DIR", str(tmp_path / "state"))

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["trading-api", "clients", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_a_client_is_added_listed_and_removed_and_its_secret_is_shown_once(run: Run, tmp_path: Path) -> None:
    code, said = run("add", "tradingview", "--redirect", BACK, "--redirect", "http://127.0.0.1:9000/x", "--name", "TradingView")
    assert code == 0
    secret = said.split()[-1]
    assert len(secret) > 40
    _, listed = run("list")
    assert f"tradingview  TradingView  with a secret  {BACK} http://127.0.0.1:9000/x" in listed and secret not in listed

    async def kept() -> tuple[str, bool]:
        store = SqliteStore(tmp_path / "state/store.sqlite")
        register = OAuthClients(store, WallClock(), lambda: "")
        known = await register.recognized(None, secret) is not None
        text = repr(await store.all(CLIENTS))
        await store.close()
        return text, known

    text, known = asyncio.run(kept())
    assert known and secret not in text

    assert run("remove", "tradingview")[1].startswith("Removed tradingview, and what it was given has ended.")
    assert run("list") == (0, "")


def test_a_public_client_has_no_secret(run: Run) -> None:
    assert run("add", "app", "--redirect", "http://localhost/back", "--public") == (0, "Added app.\n")
    assert "public" in run("list")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "x y", "--redirect", BACK), "id"),
        (("add", "x"), "redirect"),
        (("add", "x", "--redirect", "http://www.tradingview.com/"), "https"),
        (("add", "x", "--redirect", BACK + "#part"), "fragment"),
        (("add", "x", "--redirect", "javascript:alert(1)"), "https"),
        (("add", "x", "--redirect", "https:///nowhere"), "https"),
        (("add", "taken", "--redirect", BACK), "taken"),
        (("remove", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    run("add", "taken", "--redirect", BACK)
    code, told = run(*arguments)
    assert code != 0 and said in told and "Traceback" not in told
