"""`trading-api users` and `trading-api keys`: people in the store, also beside a server that is running."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from trading_api.core.accounts import ACCOUNTS, DEFAULT_ACCOUNTS, DEFAULTS_MADE, HOUSE
from trading_api.core.owners import Owners
from trading_api.core.people import People
from trading_api.core.wording import worded
from trading_api.models.errors import Stopped
from trading_api.models.people import EVERY_ACCOUNT, ApiKey, KeyChange, KeyRequest, UserChange, UserRequest
from trading_api.options import DataDir, Yes, ask_hidden
from trading_api.plugins.clock import WallClock
from trading_api.plugins.data_folder import PRIVATE, STORE
from trading_api.plugins.passwords_argon2 import Argon2Passwords
from trading_api.plugins.signer_jwt import JwtSigner
from trading_api.plugins.store_sqlite import SqliteStore
from trading_api.settings import Settings, load_settings

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
FOLLOWS = "A server that is running takes it up within a second."
EPILOG = f"They change the data folder itself, so whoever may write there needs no password. {FOLLOWS}"

users = typer.Typer(
    name="users", help="Who can sign in: add, list, disable, change passwords.", no_args_is_help=True, epilog=EPILOG
)
keys = typer.Typer(
    name="keys", help="API keys of users, for programs: add, list, change, revoke.", no_args_is_help=True, epilog=EPILOG
)

LoginArgument = Annotated[
    str, typer.Argument(metavar="LOGIN", help="Up to 32 of a-z, 0-9, . and _, beginning with a letter or digit.")
]
KeyArgument = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `trading-api keys list` shows it.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from the first line of the standard input."),
]
USUAL = "*:read"
SCOPE = "ACCOUNT:RIGHT"
SCOPE_HELP = (
    "Right (read, trade or admin; each includes the ones before) on an account, or on * for every other one. "
    "May be given several times."
)
Scope = Annotated[list[str] | None, typer.Option("--scope", metavar=SCOPE, help=SCOPE_HELP)]
ScopeOrUsual = Annotated[list[str] | None, typer.Option("--scope", metavar=SCOPE, help=f"{SCOPE_HELP} Without it: {USUAL}.")]


class _Place(NamedTuple):
    people: People
    owners: Owners
    store: SqliteStore


def store_in(folder: Path, *, making: bool = False) -> SqliteStore:
    """Only what adds makes a store: with a mistyped folder everything else would find it empty, and leave one behind."""
    if not making:
        expect_state(folder)
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return SqliteStore(folder / STORE)


def expect_state(folder: Path) -> None:
    if not (folder / STORE).exists():
        where = f"{folder.resolve()} (--data-dir, TRADING_DATA_DIR)"
        raise Stopped(f"expected a data folder at {where}, found none; `trading-api users add` or `serve` makes one")


@asynccontextmanager
async def _opened(settings: Settings, *, making: bool) -> AsyncIterator[_Place]:
    store = store_in(settings.data_dir, making=making)
    try:
        people = People(store, WallClock(), Argon2Passwords(), secrets.token_urlsafe)
        owners = Owners(store)
        await people.load()
        await owners.load()
        yield _Place(people, owners, store)
    finally:
        await store.close()


def _run(data_dir: object, work: Callable[[_Place], Coroutine[object, object, T]], *, making: bool = False) -> T:
    async def run() -> T:
        async with _opened(load_settings(data_dir=data_dir), making=making) as place:
            return await work(place)

    return asyncio.run(run())


@users.command(name="add")
def add_user(
    login: LoginArgument,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="May see every account, manage users and keys, and import prices.")
    ] = False,
    password_stdin: PasswordStdin = False,
    data_dir: DataDir = None,
) -> None:
    """Add a user. The password, of 8 characters at least, is asked for without echo."""
    request = _read(UserRequest, login=login, password=_password(password_stdin), administrator=administrator)
    user = _run(data_dir, lambda place: place.people.add_user(request), making=True)
    typer.echo(f"Added {user.login}{', an administrator' if user.administrator else ''}.")


@users.command(name="list")
def list_users(data_dir: DataDir = None) -> None:
    """Every user, with the accounts that are theirs."""

    async def rows(place: _Place) -> list[tuple[str, ...]]:
        return [
            (one.login, _role(one.administrator, one.disabled), _day(one.created), " ".join(place.owners.owned_by(one.login)))
            for one in place.people.users()
        ]

    _table(
        ("LOGIN", "ROLE", "SINCE", "ACCOUNTS"), _run(data_dir, rows), "Nobody yet: trading-api users add NAME --administrator"
    )


@users.command(name="password")
def change_password(login: LoginArgument, password_stdin: PasswordStdin = False, data_dir: DataDir = None) -> None:
    """Set a user's password. Whoever is signed in under the old one is signed out; API keys stay good."""
    change = _read(UserChange, password=_password(password_stdin))
    _run(data_dir, lambda place: place.people.change_user(login, change))
    typer.echo(f"The password of {login} is another. {FOLLOWS}")


@users.command()
def disable(login: LoginArgument, data_dir: DataDir = None) -> None:
    """Let a user in no more: tokens, keys and live connections end. Accounts and orders stay."""
    _run(data_dir, lambda place: place.people.change_user(login, UserChange(disabled=True)))
    typer.echo(f"{login} is disabled. {FOLLOWS}")


@users.command()
def enable(login: LoginArgument, data_dir: DataDir = None) -> None:
    """Let a disabled user in again; the keys are good again, sessions are not."""
    _run(data_dir, lambda place: place.people.change_user(login, UserChange(disabled=False)))
    typer.echo(f"{login} is enabled. {FOLLOWS}")


@users.command()
def role(
    login: LoginArgument,
    administrator: Annotated[bool, typer.Option("--administrator/--no-administrator", help="Whether to administer the house.")],
    data_dir: DataDir = None,
) -> None:
    """Give the right to administer the house, or take it away."""
    _run(data_dir, lambda place: place.people.change_user(login, UserChange(administrator=administrator)))
    typer.echo(f"{login} is {'an administrator' if administrator else 'no administrator'}. {FOLLOWS}")


@users.command()
def give(
    login: LoginArgument,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id; its owner until now loses it.")],
    data_dir: DataDir = None,
) -> None:
    """Make an account a user's own. Those opened without authentication belong to nobody until they are given."""

    async def work(place: _Place) -> None:
        place.people.user(login)
        if await place.store.get(ACCOUNTS, account) is None:
            raise Stopped(f"ACCOUNT: expected an account of this data folder, found '{account}', which is none")
        await place.owners.give(account, login)
        await place.people.changed()

    _run(data_dir, work)
    typer.echo(f"{account} belongs to {login}. {FOLLOWS}")


@users.command(name="sign-out")
def sign_out(yes: Yes = False, data_dir: DataDir = None) -> None:
    """Replace the secret that signs tokens: everybody is signed out. API keys stay good."""
    settings = load_settings(data_dir=data_dir)
    expect_state(settings.data_dir)
    if not yes:
        typer.confirm(f"Sign out everybody of {settings.data_dir.resolve()}?", abort=True)
    JwtSigner(settings.data_dir).replace()
    typer.echo(f"Everybody is signed out. {FOLLOWS}")


@keys.command(name="add")
def add_key(
    login: LoginArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for, for whoever reads the list.")],
    scope: ScopeOrUsual = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires; else never.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print its secret, alone on the standard output. It is shown this once."""
    expires = WallClock().now() + days * 86_400_000 if days else None
    request = _read(KeyRequest, name=name, scopes=_scopes(scope or [USUAL]), expires=expires)

    async def work(place: _Place) -> tuple[str, str]:
        place.people.user(login)
        await _expect_accounts(place, request.scopes)
        made = await place.people.add_key(login, request)
        return made.id, made.secret

    key_id, secret = _run(data_dir, work)
    why = "" if scope else ", because no --scope was given"
    typer.echo(f"Key {key_id} of {login}: {_told(request.scopes)}{why}. Its secret is shown only now:", err=True)
    typer.echo(secret)


@keys.command(name="list")
def list_keys(
    login: Annotated[str | None, typer.Option("--login", metavar="LOGIN", help="Only this user's.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Every key, without its secret, which nobody has but whoever was shown it."""

    async def rows(place: _Place) -> list[tuple[str, ...]]:
        return [_key_row(one) for one in place.people.keys(login)]

    columns = ("ID", "LOGIN", "NAME", "SCOPES", "MADE", "EXPIRES", "LAST USED")
    _table(columns, _run(data_dir, rows), "No keys yet: trading-api keys add LOGIN NAME --scope ACCOUNT:trade")


@keys.command()
def scopes(key_id: KeyArgument, scope: Scope = None, data_dir: DataDir = None) -> None:
    """State what a key may do, all of it: what is not named is taken away, also from connections that are open."""
    if not scope:
        raise Stopped("--scope: expected one at least, such as *:read, found none; `trading-api keys revoke` ends a key")
    scopes = _scopes(scope)
    change = _read(KeyChange, scopes=scopes)

    async def work(place: _Place) -> ApiKey:
        place.people.key(key_id)
        await _expect_accounts(place, scopes)
        return await place.people.change_key(key_id, change)

    key = _run(data_dir, work)
    typer.echo(f"Key {key.id} of {key.login}: {_told(key.scopes)}. {FOLLOWS}")


@keys.command()
def revoke(key_id: KeyArgument, data_dir: DataDir = None) -> None:
    """End a key for good: requests with it are refused and its live connections closed."""
    _run(data_dir, lambda place: place.people.revoke_key(key_id))
    typer.echo(f"Key {key_id} is revoked. {FOLLOWS}")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.buffer.readline().decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise Stopped("--password-stdin: expected text in UTF-8, found bytes that are none") from None
    return ask_hidden("Password", instead="it can come by --password-stdin", again=True)


def _read(kind: type[M], **given: object) -> M:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise Stopped(worded(error).message) from None


def _scopes(given: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        account, colon, right = one.rpartition(":")
        if not colon:
            raise Stopped(f"--scope: expected ACCOUNT:RIGHT, such as DEMO-ACCOUNT:trade or *:read, found '{one}'")
        found[account] = right
    return found


async def _expect_accounts(place: _Place, scopes: Iterable[str]) -> None:
    """A mistyped one would make a key that is good for nothing. Those that the first start makes count before it."""
    known = set(await place.store.all(ACCOUNTS))
    if await place.store.get(HOUSE, DEFAULTS_MADE) is None:
        known |= {one.id for one in DEFAULT_ACCOUNTS if one.id is not None}
    unknown = min(set(scopes) - known - {EVERY_ACCOUNT}, default=None)
    if unknown is not None:
        raise Stopped(f"--scope: expected accounts of this data folder, found '{unknown}', which is none; * is all others")


def _key_row(key: ApiKey) -> tuple[str, ...]:
    ends = _day(key.expires) if key.expires is not None else "never"
    used = _moment(key.last_used) if key.last_used is not None else "never"
    return key.id, key.login, key.name, _told(key.scopes), _day(key.created), ends, used


def _told(scopes: Mapping[str, str]) -> str:
    return " ".join(f"{account}:{right}" for account, right in sorted(scopes.items()))


def _role(administrator: bool, disabled: bool) -> str:
    return "disabled" if disabled else "administrator" if administrator else "user"


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d}"


def _moment(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    if not rows:
        typer.echo(empty)
        return
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    for row in (head, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
