"""A client of the public API in plain Python, and a server of its own to try it on. For the scripts beside it.

Only what `make run` installs: the standard library and websockets.
"""

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

PREFIX = "/api/v1"
START_SECONDS = 60
"""How long a server may take until it prints its address."""
STOP_SECONDS = 15
ANSWER_SECONDS = 60
FRAME_SECONDS = 20
"""How long a frame that must come may take."""


class Trouble(Exception):
    """What the server said when it should have said something else; a sentence."""


class Answer(NamedTuple):
    status: int
    text: str

    @property
    def value(self) -> Any:  # Any: JSON
        return json.loads(self.text)

    @property
    def sentence(self) -> str:
        """Why it was refused."""
        try:
            return str(json.loads(self.text)["message"])
        except (ValueError, KeyError, TypeError):
            return f"{self.status} {self.text[:500]}"

    def expect(self, *statuses: int) -> "Answer":
        if self.status not in statuses:
            raise Trouble(self.sentence)
        return self


class Api:
    """One keep-alive connection to one server."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        place = urlsplit(self.url)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(place.netloc, timeout=ANSWER_SECONDS)

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """`body` is sent as JSON; a string is sent as it stands."""
        text = body if isinstance(body, str) else None if body is None else compact(body)
        return self._send(method, path, text.encode() if text is not None else None, "application/json")

    def get(self, path: str) -> Any:  # Any: JSON
        return self.ask("GET", path).expect(200).value

    def upload(self, path: str, files: Sequence[Path], fields: dict[str, str]) -> Answer:
        boundary = uuid.uuid4().hex
        parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items()]
        parts += [_part(boundary, f'name="files"; filename="{one.name}"', one.read_bytes()) for one in files]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._send("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def socket(self) -> "Socket":
        return Socket(connect(f"{self.url.replace('http', 'ws', 1)}{PREFIX}/ws", max_size=None, compression=None))

    def _send(self, method: str, path: str, body: bytes | None, kind: str) -> Answer:
        headers = {"Content-Type": kind} if body is not None else {}
        try:
            self._connection.request(method, PREFIX + path, body, headers)
            response = self._connection.getresponse()
            return Answer(response.status, response.read().decode())
        except OSError as error:
            raise Trouble(f"Expected a server at {self.url}, found none: {error}") from None


class Socket:
    """Topics of one connection, frames in the order of their arrival."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def send(self, kind: str, payload: object) -> str:
        text = compact({"type": kind, "payload": payload})
        self._connection.send(text)
        return text

    def receive(self) -> str:
        try:
            frame = self._connection.recv(timeout=FRAME_SECONDS)
        except TimeoutError:
            raise Trouble(f"Expected a frame on the socket within {FRAME_SECONDS} s, found none") from None
        return frame if isinstance(frame, str) else frame.decode()

    def receive_until(self, kind: str) -> list[str]:
        """Every frame up to the first of this type, which is the last of them."""
        frames = [self.receive()]
        while type_of(frames[-1]) != kind:
            frames.append(self.receive())
        return frames

    def subscribe(self, topic: str, payload: object) -> tuple[str, list[str]]:
        """What was sent, and what came up to the answer."""
        sent = self.send(f"{topic}.subscribe", payload)
        frames = self.receive_until(f"{topic}.subscribe.response")
        answer = json.loads(frames[-1])["payload"]
        if answer["status"] != "ok":
            raise Trouble(answer["message"])
        return sent, frames

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def own_server() -> Iterator[str]:
    """A server on a free port and an empty folder, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="trading-api-") as folder:
        errors = Path(folder) / "errors.txt"
        with errors.open("w") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "trading_api.cli", "serve", "--port", "0", "--data-dir", str(Path(folder) / "state")],
                cwd=folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("TRADING_")},
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
            )
        try:
            yield _address(process, errors)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def type_of(frame: str) -> str:
    return str(json.loads(frame)["type"])


def _address(process: "subprocess.Popen[str]", errors: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://[^\s/]+", line):
            return found[0]
    process.wait(START_SECONDS)
    raise Trouble(f"Expected the server to print its address, found that it ended: {errors.read_text().strip()}")


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"
