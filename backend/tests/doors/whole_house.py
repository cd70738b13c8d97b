"""The application as `trading-api serve` runs it, in this process, on a free port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from free_port import a_listener
from trading_api.app import create_app
from trading_api.serving import Server, server_config
from trading_api.settings import Settings


@asynccontextmanager
async def whole_house(folder: Path, **settings: object) -> AsyncIterator[str]:
    """Its place, `127.0.0.1:port`."""
    app = create_app(Settings.model_validate({"data_dir": folder, "seed": 7, **settings}))
    listening = a_listener()
    server = Server(server_config(app))
    app.state.stop = server.stop
    async with app.router.lifespan_context(app):
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield "{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = True
            await running
            listening.close()
