"""The container image: built as an operator builds it, on a small Debian, and traded with from outside."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from theirs import is_theirs
from tree import ROOT

pytestmark = [pytest.mark.long, pytest.mark.image]

PACKAGES = "python3-venv,libc-bin,coreutils,dash,ca-certificates,base-files"
AUTHORITIES = Path("/etc/ssl/certs")


class Builder:
    """buildah with a store of its own, in a chroot: it needs no engine, only root."""

    def __init__(self, folder: Path) -> None:
        self.command = folder / "buildah"
        self.command.write_text(f'#!/bin/sh\nexec buildah --root {folder}/store --runroot {folder}/run "$@"\n')
        self.command.chmod(0o755)
        self.environment = os.environ | {
            "STORAGE_DRIVER": "vfs",
            "BUILDAH_ISOLATION": "chroot",
            "CONTAINER_BUILDER": str(self.command),
        }

    def __call__(self, *arguments: str | Path, told: str | None = None) -> str:
        run = subprocess.run(
            (self.command, *arguments), env=self.environment, input=told, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()

    def serve(self, container: str) -> subprocess.Popen[str]:
        """As the image does by itself, on a free port."""
        return subprocess.Popen(
            (
                *(self.command, "run", "--env", "TRADING_ALLOWED_HOSTS=localhost", container, "--"),
                *("trading-api", "serve", "--host", "0.0.0.0", "--port", "0"),
            ),
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def trusted(folder: Path) -> tuple[str, ...]:
    """Lets pip in the image trust the registry this machine trusts; nothing of it stays in the image."""
    settings = folder / "pip.conf"
    settings.write_text(f"[global]\ncert = {AUTHORITIES / 'ca-certificates.crt'}\n")
    return ("--volume", f"{AUTHORITIES}:{AUTHORITIES}:ro", "--volume", f"{settings}:/etc/pip.conf:ro")


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    folder = tmp_path_factory.mktemp("image")
    builder = Builder(folder)
    debian = folder / "debian.tar"
    subprocess.run(("mmdebstrap", "--quiet", "--variant=extract", f"--include={PACKAGES}", "bookworm", debian), check=True)
    base = builder("from", "scratch")
    builder("add", "--quiet", base, debian, "/")
    builder("commit", "--quiet", "--format", "docker", base, "localhost/small-debian")
    build = (ROOT / "scripts/image", "localhost/trading-api", "--build-arg", "BASE=localhost/small-debian", *trusted(folder))
    subprocess.run(build, env=builder.environment, check=True)
    yield builder
    builder("rm", "--all")
    shutil.rmtree(folder / "store")


def test_the_image_has_the_page_and_nothing_of_tradingviews_library(builder: Builder) -> None:
    root = Path(builder("mount", builder("from", "localhost/trading-api")))
    added = [str(path.relative_to(root)) for path in (root / "opt/trading-api").rglob("*")]
    assert any(name.endswith("trading_api/static/terminal/index.html") for name in added)
    assert [name for name in added if is_theirs(name)] == []
    assert not (root / "build").exists()


def test_its_server_lets_in_who_signs_in_and_nobody_else(builder: Builder) -> None:
    container = builder("from", "localhost/trading-api")
    builder("run", container, "--", "trading-api", "users", "add", "alice", "--password-stdin", told="correct horse battery\n")
    server = builder.serve(container)
    try:
        assert server.stdout is not None
        port = re.search(r":(\d+)", server.stdout.readline())
        assert port is not None
        with httpx.Client(base_url=f"http://localhost:{port[1]}", timeout=30) as client:
            assert client.get("/", headers={"Accept": "text/html"}).status_code == 200
            assert client.get("/api/v1/broker/accounts").status_code == 401
            token = client.post("/api/v1/auth/token", json={"login": "alice", "password": "correct horse battery"}).json()
            mine = client.get("/api/v1/broker/accounts", headers={"Authorization": f"Bearer {token['accessToken']}"})
            assert mine.status_code == 200
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
