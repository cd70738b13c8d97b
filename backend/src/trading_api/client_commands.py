"""`trading-api clients`: programs that may send their users to our sign-in page, in the store, also beside a running server."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from trading_api.core.broker_rest.oauth_clients import OAuthClients
from trading_api.core.wording import worded
from trading_api.models.errors import Stopped
from trading_api.models.tradingview.clients import OAuthClientRequest
from trading_api.options import DataDir
from trading_api.people_commands import FOLLOWS, store_in
from trading_api.plugins.clock import WallClock
from trading_api.settings import load_settings

T = TypeVar("T")

clients = typer.Typer(
    name="clients",
    help="OAuth clients, such as TradingView: add, list, remove. A running server sees a change at once.",
    no_args_is_help=True,
)

ClientArgument = Annotated[str, typer.Argument(metavar="ID", help="The client's id.")]


@clients.command(name="add")
def add(
    client_id: ClientArgument,
    redirect: Annotated[
        list[str],
        typer.Option(metavar="URL", help="Where its users may be sent back to, exactly so. May be given several times."),
    ],
    name: Annotated[str, typer.Option(help="What the sign-in page calls it.")] = "",
    public: Annotated[bool, typer.Option("--public", help="It cannot keep a secret: a proof key (PKCE) is asked for.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Register a client. Its secret is shown this once."""
    try:
        request = OAuthClientRequest.model_validate(
            {"id": client_id, "name": name, "redirect_uris": tuple(redirect), "public": public}
        )
    except ValidationError as error:
        raise Stopped(worded(error, whole="the client").message) from None
    secret = _run(data_dir, lambda register: register.add(request), making=True)
    typer.echo(f"Added {client_id}." if secret is None else f"Added {client_id}. Its secret, shown this once:\n{secret}")


@clients.command(name="list")
def show(data_dir: DataDir = None) -> None:
    """Every client, and where its users are sent back to."""
    for one in _run(data_dir, lambda register: register.all()):
        kind = "public" if one.digest is None else "with a secret"
        typer.echo(f"{one.id}  {one.name}  {kind}  {' '.join(one.redirect_uris)}")


@clients.command(name="remove")
def remove(client_id: ClientArgument, data_dir: DataDir = None) -> None:
    """Forget a client. What it was given ends with it: tokens, streams, connections."""
    _run(data_dir, lambda register: register.remove(client_id))
    typer.echo(f"Removed {client_id}, and what it was given has ended. {FOLLOWS}")


def _run(data_dir: object, work: Callable[[OAuthClients], Awaitable[T]], *, making: bool = False) -> T:
    async def run() -> T:
        store = store_in(load_settings(data_dir=data_dir).data_dir, making=making)
        try:
            return await work(OAuthClients(store, WallClock(), secrets.token_urlsafe))
        finally:
            await store.close()

    return asyncio.run(run())
