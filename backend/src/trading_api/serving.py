"""Runs the application: binds the address, starts the house, serves, and stops it in the opposite order.

The house's lifespan runs here and not in uvicorn, so that whatever stops it is one sentence and not a traceback.
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import ChangeReload

from trading_api.interrupts import ended_at_once
from trading_api.log_format import SecretsHidden
from trading_api.models.errors import Stopped
from trading_api.models.sockets import MESSAGE_BYTES_MAX, PING_SECONDS, PONG_SECONDS
from trading_api.plugins.bounded_http import CONNECTIONS_OPEN_MAX, BoundedHttp
from trading_api.plugins.open_files import room_for
from trading_api.plugins.transport import TransportProtocol
from trading_api.settings import PREFIX, Settings

GRACE_SECONDS = 5
"""How long open connections may take to end after a signal; a trader's socket comes back by itself."""
BACKLOG = 1024
KEEP_ALIVE_SECONDS = 30

_log = logging.getLogger("trading_api")


def serve(settings: Settings, *, reload: bool = False) -> None:
    listener = listen(settings)
    if reload:
        watched = uvicorn.Config("trading_api.main:app", reload=True, reload_dirs=[str(Path(__file__).parent)])
        ChangeReload(watched, target=partial(_serve_in_child, settings), sockets=[listener]).run()
    else:
        run(settings, listener)


def run(settings: Settings, listener: socket.socket) -> None:
    gc.disable()  # until everything stands; see `collect_seldom`
    with ended_at_once():
        from trading_api.app import create_app

    start_log(settings.log_level)
    BoundedHttp.connections_max = room_for(CONNECTIONS_OPEN_MAX)
    app = create_app(settings)
    server = Server(server_config(app))
    app.state.stop = server.stop
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_live(app, server, settings, listener))


COLLECT_AFTER = 50_000
"""Objects made, less objects gone, between two looks at the young: at Python's usual 700 that is a sixth of an order's time."""


async def _live(app: FastAPI, server: "Server", settings: Settings, listener: socket.socket) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        collect_seldom()
        server.greeting = greeting(settings, listener)
        await server.serve(sockets=[listener])
    if server.stopped is not None:
        raise server.stopped


def collect_seldom() -> None:
    """Nothing is garbage while a house starts, and a long history makes many objects: looking for it takes a fifth of the time.

    What is there afterwards stays, so the collector need not look at it even once; the few objects that starting has left in
    circles stay with it. And trading makes many objects but few circles, so that it looks seldom.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(COLLECT_AFTER)


class Server(uvicorn.Server):
    """uvicorn, which tells the addresses once it answers, and leaves the closing of the house to us."""

    greeting = ""
    stopped: Stopped | None = None

    def stop(self, why: Stopped) -> None:
        """For what cannot be survived: end now, without waiting for anyone, and say why."""
        self.stopped = self.stopped or why
        self.should_exit = self.force_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self.greeting)
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers without end are ended first: waiting for them would take all of the grace."""
        for end in getattr(getattr(self.config.app, "state", None), "endings", ()):
            end()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again once it has stopped serving, which would end the process before the house has closed.
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self.handle_exit, each, None)
        yield


def listen(settings: Settings) -> socket.socket:
    """The bound socket; a taken or unknown address stops the program with one sentence."""
    host = settings.host.strip("[]")
    with ExitStack() as stack:
        try:
            # With the protocol named, asyncio, where there is no uvloop, sends small answers at once instead of after 40 ms.
            family, kind, protocol, _, address = socket.getaddrinfo(host, settings.port, type=socket.SOCK_STREAM)[0]
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            raise Stopped(
                f"expected an address to listen on ({PREFIX}HOST, {PREFIX}PORT), "
                f"found that {settings.host}:{settings.port} cannot be used: {error.strerror}"
            ) from None
        stack.pop_all()
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def greeting(settings: Settings, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    host = settings.host if settings.loopback else settings.allowed_hosts[0].partition(":")[0]
    place = f"{f'[{host}]' if ':' in host.strip('[]') and not host.startswith('[') else host}:{port}"
    rows = (
        ("Trading API", f"http://{place}/"),
        ("Swagger UI", f"http://{place}/api/v1/docs"),
        ("ReDoc", f"http://{place}/api/v1/redoc"),
        ("Topics", f"http://{place}/api/v1/ws/asyncapi"),
        ("WebSocket", f"ws://{place}/api/v1/ws"),
        ("State", str(settings.data_dir.resolve())),
    )
    return "".join(f"{name:<12} {value}\n" for name, value in rows)


def start_log(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SecretsHidden())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if level != "debug":
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        logging.getLogger("asyncio").setLevel(logging.WARNING)


def server_config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="auto",
        http=BoundedHttp,
        ws=TransportProtocol,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _serve_in_child(settings: Settings, sockets: list[socket.socket]) -> None:
    """A reloaded server. It fails on its own: the next change of the source starts another."""
    try:
        run(settings, sockets[0])
    except Stopped as stopped:
        _log.error("%s", stopped)
