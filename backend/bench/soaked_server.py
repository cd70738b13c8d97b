"""The whole server as `make run` starts it, which also answers SIGUSR1 with the number of its tasks."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

from trading_api import serving
from trading_api.settings import Settings


class Told(serving.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
        await super().startup(sockets)


def tell() -> None:
    sys.stdout.write(f"{len(asyncio.all_tasks())}\n")
    sys.stdout.flush()


def main() -> None:
    serving.Server = Told  # type: ignore[misc]
    serving.serve(Settings(port=0, data_dir=Path(sys.argv[1]), log_level="warning"))


if __name__ == "__main__":
    main()
