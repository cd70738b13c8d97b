"""One server per data folder, seen from the command line."""

import subprocess
import sys
from pathlib import Path

from server_process import REAL, START_S_MAX, ServerProcess


async def test_a_second_server_on_the_same_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    data = tmp_path / "var"
    server = await ServerProcess.start(data)
    try:
        second = subprocess.run(
            [sys.executable, *REAL, "serve", "--port", "0", "--data-dir", str(data)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=START_S_MAX,
            check=False,
        )
        assert second.returncode == 2
        assert second.stdout == ""
        assert second.stderr == (
            f"trading-api: another server (process {server.pid}) is using the data folder {data}: "
            "stop it, or set TRADING_DATA_DIR to another folder\n"
        )
    finally:
        server.kill()
        await server.gone()
    third = await ServerProcess.start(data)
    third.kill()
    await third.gone()
