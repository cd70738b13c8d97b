"""`trading-api users` and `trading-api keys`, on a folder of their own and beside a house that is running on it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fakes_people import PASSWORD, Guarded, guarded_house
from fakes_sockets import calling, serving
from trading_api.cli import commands
from trading_api.models.errors import Stopped, TradingError
from trading_api.models.sockets import SIGNED_OUT

OWN = "alice-1"
SEEN_SECONDS = 10.0
"""Generous: the house looks once a second."""


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(commands, [*words, "--data-dir", str(self.path)], input=typed)

    def does(self, *words: str, typed: str = "") -> str:
        found = self.run(*words, typed=typed)
        assert found.exit_code == 0, (found.output, found.exception)
        return found.stdout

    def refuses(self, *words: str, typed: str = "") -> str:
        found = self.run(*words, typed=typed)
        assert isinstance(found.exception, TradingError | Stopped), (found.output, found.exception)
        return str(found.exception)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data")


def test_a_password_is_asked_for_twice_without_echo(folder: Folder) -> None:
    said = folder.does("users", "add", "alice", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert PASSWORD not in said and said.endswith("Added alice.\n")
    assert folder.run("users", "add", "bob", typed=f"{PASSWORD}\nanother one\n").exit_code != 0
    assert "alice  user" in folder.does("users", "list") and "bob" not in folder.does("users", "list")


def test_users_live_their_life(folder: Folder) -> None:
    folder.does("users", "add", "root", "--administrator", "--password-stdin", typed=f"{PASSWORD}\n")
    folder.does("users", "add", "alice", "--password-stdin", typed=f"{PASSWORD}\n")
    assert "root   administrator" in folder.does("users", "list")
    assert "another administrator" in folder.refuses("users", "disable", "root")
    folder.does("users", "role", "alice", "--administrator")
    folder.does("users", "disable", "root")
    assert "root   disabled" in folder.does("users", "list")
    folder.does("users", "enable", "root")
    folder.does("users", "password", "root", "--password-stdin", typed="quite another\n")


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (("users", "add", "bob", "--password-stdin"), " " * 12 + "\n", "more than blanks"),
        (("users", "password", "alice", "--password-stdin"), "\t" * 9 + "\n", "more than blanks"),
        (("keys", "add", "alice", "night\nbot"), "", "one line"),
        (("keys", "add", "alice", "\x1b[31mred"), "", "without control characters"),
        (("keys", "add", "alice", "  "), "", "Expected name"),
        (("clients", "add", "tv", "--redirect", "https://a.example/", "--name", "a\nb"), "", "without control characters"),
        (("users", "add", "Alice!", "--password-stdin"), f"{PASSWORD}\n", "Expected login"),
        (("users", "add", "local", "--password-stdin"), f"{PASSWORD}\n", "other than local"),
        (("users", "add", "bob", "--password-stdin"), "short\n", "8 to 256 characters, found 5"),
        (("users", "add", "alice", "--password-stdin"), f"{PASSWORD}\n", "'alice' taken"),
        (("users", "disable", "nobody"), "", "found 'nobody'"),
        (("users", "give", "alice", "NOWHERE"), "", "found 'NOWHERE', which is none"),
        (("keys", "add", "nobody", "bot"), "", "found 'nobody'"),
        (("keys", "add", "alice", "bot", "--scope", "DEMO-EUR"), "", "ACCOUNT:RIGHT"),
        (("keys", "add", "alice", "bot", "--scope", "DEMO-EUR:own"), "", "'read', 'trade' or 'admin'"),
        (("keys", "add", "alice", "bot", "--scope", "DEMO-EURO:read"), "", "found 'DEMO-EURO', which is none"),
        (("keys", "scopes", "x"), "", "--scope"),
        (("keys", "revoke", "x"), "", "found 'x'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_without_the_password(
    folder: Folder, words: tuple[str, ...], typed: str, sentence: str
) -> None:
    folder.does("users", "add", "alice", "--password-stdin", typed=f"{PASSWORD}\n")
    said = folder.refuses(*words, typed=typed)
    assert sentence in said and "\n" not in said
    assert not typed.strip() or typed.strip() not in said


EVERY_OTHER = [
    "users list",
    "users password alice --password-stdin",
    "users disable alice",
    "users enable alice",
    "users role alice --administrator",
    "users give alice DEMO-EUR",
    "users sign-out --yes",
    "keys list",
    "keys add alice bot",
    "keys scopes x --scope *:read",
    "keys revoke x",
    "clients list",
    "clients remove x",
]


@pytest.mark.parametrize("words", EVERY_OTHER)
def test_a_mistyped_folder_is_named_and_nothing_is_made_there(folder: Folder, words: str) -> None:
    said = folder.refuses(*words.split(), typed=f"{PASSWORD}\n")
    assert f"expected a data folder at {folder.path.resolve()}" in said and "--data-dir" in said
    assert not folder.path.exists()
    folder.path.mkdir()
    assert folder.refuses(*words.split(), typed=f"{PASSWORD}\n") == said
    assert list(folder.path.iterdir()) == []


def test_a_password_that_is_no_text_is_refused_in_a_sentence(folder: Folder) -> None:
    words = ["users", "add", "bob", "--password-stdin", "--data-dir", str(folder.path)]
    found = CliRunner().invoke(commands, words, input=b"\xff\xfe secret \xe9\n")
    assert isinstance(found.exception, Stopped) and "UTF-8" in str(found.exception) and "\n" not in str(found.exception)
    folder.does("users", "add", "bob", "--password-stdin", typed="naïve 密码 gut\r\n")


def test_a_key_made_without_a_scope_says_what_it_may(folder: Folder) -> None:
    folder.does("users", "add", "alice", "--password-stdin", typed=f"{PASSWORD}\n")
    assert "*:read, because no --scope was given" in folder.run("keys", "add", "alice", "none").stderr
    assert "because" not in folder.run("keys", "add", "alice", "one", "--scope", "*:read").stderr
    told = CliRunner().invoke(commands, ["keys", "add", "--help"]).stdout.replace("│", "")
    assert "Without it: *:read." in " ".join(told.split())


def test_a_keys_secret_is_alone_on_the_output_and_never_shown_again(folder: Folder) -> None:
    folder.does("users", "add", "alice", "--password-stdin", typed=f"{PASSWORD}\n")
    scopes = ("--scope", "DEMO-EUR:trade", "--scope", "*:read")
    secret = folder.does("keys", "add", "alice", "night bot", *scopes, "--days", "9").strip()
    assert secret.startswith("tapi_") and len(secret) >= 40 and "\n" not in secret
    listed = folder.does("keys", "list")
    assert "night bot" in listed and "*:read DEMO-EUR:trade" in listed and secret not in listed
    folder.does("keys", "scopes", listed.splitlines()[1].split()[0], "--scope", "*:read")
    assert "trade" not in folder.does("keys", "list", "--login", "alice")
    folder.does("keys", "revoke", listed.splitlines()[1].split()[0])
    assert "keys add" in folder.does("keys", "list")


@pytest.mark.parametrize("group", ["users", "keys"])
def test_help_says_what_each_does(group: str) -> None:
    help_text = CliRunner().invoke(commands, [group, "--help"]).stdout
    every = {"users": ("add", "list", "disable", "password", "give", "sign-out"), "keys": ("add", "list", "scopes", "revoke")}
    for command in every[group]:
        assert f" {command} " in help_text
        assert len(CliRunner().invoke(commands, [group, command, "--help"]).stdout) > 200


# Beside a house that is running


class Beside(Folder):
    def __init__(self, path: Path, house: Guarded) -> None:
        super().__init__(path)
        self.house = house

    async def do(self, *words: str, typed: str = "") -> str:
        return await asyncio.to_thread(lambda: self.does(*words, typed=typed))

    async def status(self, who: str, path: str = f"/broker/accounts/{OWN}") -> int:
        return (await self.house.ask(who, "GET", path)).status_code

    async def until(self, happened: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(SEEN_SECONDS):
            while not await happened():
                await asyncio.sleep(0.05)


@pytest.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    async with guarded_house(tmp_path) as house, serving(house):  # type: ignore[arg-type]  # it has what is used of a house
        await house.add("alice")
        opened = await house.ask("alice", "POST", "/broker/accounts", json={"id": OWN, "currency": "USD", "balance": 1})
        assert opened.status_code == 201
        yield Beside(tmp_path, house)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (f"keys add alice bot --scope {OWN}:trade --scope *:read", False),
        ("keys add alice bot --scope alice-2:read", True),
        (f"keys scopes KEY --scope {OWN}:trade", False),
        ("keys scopes KEY --scope *:read --scope alice-2:trade", True),
        (f"users give alice {OWN}", False),
        ("users give alice alice-2", True),
    ],
)
async def test_an_account_that_is_none_is_named_and_nothing_is_changed(beside: Beside, words: str, refused: bool) -> None:
    await beside.do("keys", "add", "alice", "first")
    before = await beside.do("keys", "list")
    found = await asyncio.to_thread(beside.run, *words.replace("KEY", before.splitlines()[1].split()[0]).split())
    assert isinstance(found.exception, Stopped) is refused, (found.output, found.exception)
    if refused:
        assert "found 'alice-2', which is none" in str(found.exception)
        assert await beside.do("keys", "list") == before


async def test_a_key_revoked_on_the_command_line_ends_within_seconds_requests_and_sockets(beside: Beside) -> None:
    secret = (await beside.do("keys", "add", "alice", "bot", "--scope", "*:read")).strip()

    async def known() -> bool:
        return await beside.status(secret) == 200

    await beside.until(known)
    async with calling(beside.house, bearer=secret) as client:  # type: ignore[arg-type]  # as above
        assert (await client.ask("orders.subscribe", accountId=OWN))["status"] == "ok"
        key = (await beside.house.ask("alice", "GET", "/keys")).json()[0]["id"]
        await beside.do("keys", "revoke", key)
        assert (await client.hear())["payload"]["code"] == "access_ended"
        assert await client.closed() == SIGNED_OUT
    assert await beside.status(secret) == 401


async def test_a_new_secret_for_tokens_signs_everybody_out_and_leaves_keys(beside: Beside) -> None:
    _, secret = await beside.house.key("alice", {"*": "read"})
    async with calling(beside.house, bearer=beside.house.bearers["alice"]) as client:  # type: ignore[arg-type]  # as above
        await beside.do("users", "sign-out", "--yes")
        assert await client.closed() == SIGNED_OUT
    assert [await beside.status(one) for one in ("alice", "root", secret)] == [401, 401, 200]
    await beside.house.enter("alice")
    assert await beside.status("alice") == 200


async def test_an_account_given_on_the_command_line_changes_hands(beside: Beside) -> None:
    await beside.house.add("bob")
    assert [await beside.status(one) for one in ("alice", "bob")] == [200, 404]
    await beside.do("users", "give", "bob", OWN)

    async def given() -> bool:
        return [await beside.status(one) for one in ("alice", "bob")] == [404, 200]

    await beside.until(given)


def test_a_password_is_not_asked_for_where_there_is_no_terminal(folder: Folder) -> None:
    words = sys.executable, "-m", "trading_api.cli", "users", "add", "alice", "--data-dir", str(folder.path)
    found = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True, check=False)
    said = "trading-api: expected a terminal to ask for the password on, found none; it can come by --password-stdin"
    assert (found.returncode, found.stderr.splitlines()[-1]) == (2, said)
    assert "Warning" not in found.stderr
