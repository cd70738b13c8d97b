"""The command: it helps, it stops with one sentence, and it works on the data folder."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from own_instruments import PLAIN
from trading_api import cli
from trading_api.plugins.data_folder import DataFolder

COMMANDS = ("serve", "import", "symbols", "reset", "verify", "backup", "restore", "export-openapi", "export-asyncapi")
LINES = "2013-02-01 00:0{minute}:00,91.700,91.710,91.690,91.705,10\n"


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TRADING_DATA_DIR", str(tmp_path / "state"))

    def run(*arguments: str) -> Result:
        monkeypatch.setattr("sys.argv", ["trading-api", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return run


def bars_file(folder: Path, *, bad: bool = False) -> Path:
    file = folder / "EURUSD_M1_bid.csv"
    lines = ["time,open,high,low,close,volume\n", *(LINES.format(minute=minute) for minute in range(9))]
    if bad:
        lines[5] = "2013-02-01 00:04:00,91.700,ninety,91.690,91.705,10\n"
    file.write_text("".join(lines))
    return file


def test_help_lists_every_command_and_every_option_is_explained(run: Run) -> None:
    overview = run("--help").out
    for command in COMMANDS:
        assert re.search(rf"│ {command} +\S", overview), command
        page = run(command, "--help").out
        for option in re.findall(r"│ +\*? +(--[a-z-]+)(?: +-\w)? *(.*?)│", page):
            assert len(option[1].split()) > 2, f"{command} {option[0]} is not explained"


def test_version_names_the_release(run: Run) -> None:
    assert re.fullmatch(r"trading-api \d+\.\d+\.\d+\n", run("--version").out)


def test_a_bad_setting_stops_with_one_sentence_and_code_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_PORT", "eight")
    result = run("serve")
    assert result.code == 2
    assert result.err == "trading-api: TRADING_PORT: expected a number from 0 to 65535, found 'eight'\n"


def test_symbols_lists_every_market_and_can_be_narrowed(run: Run) -> None:
    everything = run("symbols").out.splitlines()
    assert everything[0].split()[:2] == ["SYMBOL", "KIND"]
    assert len(everything) > 8
    narrowed = run("symbols", "bitcoin").out.splitlines()
    assert [line.split()[0] for line in narrowed[1:]] == ["DEMO:BTCUSD"]


def test_imported_bars_are_listed_until_a_reset(run: Run, tmp_path: Path) -> None:
    imported = run("import", str(bars_file(tmp_path)), "--symbol", "MINE")
    assert imported.code == 0, imported.err
    assert imported.out.startswith("IMPORT:MINE: 9 bars")
    assert "IMPORT:MINE" in run("symbols").out
    assert run("reset", "--yes").out.startswith("Removed: archive.sqlite")
    assert "IMPORT:MINE" not in run("symbols").out


def test_a_bad_line_is_named_and_nothing_is_imported(run: Run, tmp_path: Path) -> None:
    refused = run("import", str(bars_file(tmp_path, bad=True)))
    assert refused.code == 1
    assert "6" in refused.err and "ninety" in refused.err
    assert "IMPORT" not in run("symbols").out


@pytest.mark.parametrize("content", ["{not json", '{"tickSise": 1}'])
def test_an_instrument_file_that_does_not_fit_is_told(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "instrument.json").write_text(content)
    refused = run("import", str(bars_file(tmp_path)), "--instrument", str(tmp_path / "instrument.json"))
    assert refused.code == 2
    assert refused.err.count("\n") == 1 and refused.err.startswith("trading-api: ")


@pytest.mark.parametrize("arguments", [("reset", "--yes"), ("reset", "--yes", "--account", "DEMO-ACCOUNT")])
def test_reset_is_refused_while_a_server_runs_on_the_folder(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with DataFolder(tmp_path / "state"):
        result = run(*arguments)
    assert result.code == 2
    assert "another server" in result.err and result.err.count("\n") == 1


def test_reset_removes_our_files_only(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "journal.sqlite").write_text("")
    run("reset", "--yes")
    assert [path.name for path in sorted(folder.iterdir())] == ["notes.txt", "server.lock"]


def test_reset_asks_and_does_nothing_without_a_yes(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "journal.sqlite").write_text("")
    monkeypatch.setattr("typer.confirm", lambda *_, **__: (_ for _ in ()).throw(cli.typer.Abort()))
    assert run("reset").code == 1
    assert (folder / "journal.sqlite").exists()


def test_one_account_can_be_reset_and_an_unknown_one_is_named(run: Run) -> None:
    assert run("reset", "--yes", "--account", "DEMO-ACCOUNT").out == "Account DEMO-ACCOUNT starts anew.\n"
    unknown = run("reset", "--yes", "--account", "NOBODY")
    assert unknown.code == 1 and "NOBODY" in unknown.err


def test_documents_are_written_to_the_output_or_a_file(run: Run, tmp_path: Path) -> None:
    assert json.loads(run("export-openapi").out)["openapi"].startswith("3.")
    assert run("export-asyncapi", "asyncapi.json").code == 0
    assert json.loads((tmp_path / "asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert "TRADING" not in run("export-openapi", str(tmp_path / "nowhere/openapi.json")).err


def test_instruments_of_ones_own_are_listed_with_the_others(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state" / "instruments").mkdir(parents=True)
    (tmp_path / "state" / "instruments" / "oil.toml").write_text(PLAIN)
    (tmp_path / "mine.toml").write_text('market = "MINE"\n' + PLAIN.replace("WTI", "BRENT"))
    monkeypatch.setenv("TRADING_INSTRUMENTS", "mine.toml")
    listed = [line.split()[0] for line in run("symbols").out.splitlines()]
    assert {"DEMO:WTI", "MINE:BRENT", "DEMO:EURUSD"} <= set(listed)


def test_a_file_of_instruments_is_checked_and_told_as_it_is_understood(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAIN)
    checked = run("symbols", "--check", "mine.toml")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.startswith("DEMO:WTI  WTI\n  kind       commodity on DEMO, priced in USD\n")
    assert "quantity   10 to 1000 in steps of 10, lot 1, any size" in checked.out and "no commission" in checked.out


def test_every_mistake_in_a_file_of_instruments_is_a_line_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAIN + PLAIN.replace("0.01", "0") + PLAIN.replace("margin", "margn"))
    checked = run("symbols", "--check", "mine.toml")
    assert checked.code == 1 and checked.out.startswith("DEMO:WTI")
    assert checked.err.splitlines() == [
        "trading-api: mine.toml: instrument 2 (WTI), tick: expected a number above 0, found 0",
        "trading-api: mine.toml: instrument 3 (WTI): margn is not a field here: did you mean margin?",
    ]
    assert run("symbols", "--check", "none.toml").code == 1


def test_a_server_does_not_start_with_a_bad_file_of_instruments(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text(PLAIN.replace("0.01", "0"))
    monkeypatch.setenv("TRADING_INSTRUMENTS", "mine.toml")
    refused = run("serve", "--port", "0")
    assert refused.code == 2
    assert refused.err == "trading-api: mine.toml: instrument 1 (WTI), tick: expected a number above 0, found 0\n"
