"""The whole application behind a real socket on a free port, with its state in a folder of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn

from free_port import a_listener
from trading_api.app import create_app
from trading_api.settings import Settings

BROKER = "/api/v1/broker"


@asynccontextmanager
async def serving(folder: Path, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the broker's endpoints."""
    app = create_app(Settings.model_validate({"data_dir": folder, "seed": 7, **settings}))
    listening = a_listener()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    async with app.router.lifespan_context(app):
        running = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{BROKER}"
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            yield client
        server.should_exit = True
        await running
    listening.close()
