"""Access tokens as JWTs, signed with a secret that lies in the data folder for its owner's eyes only.

The secret is made when the first token is, and read again when its file has been replaced: `trading-api users sign-out` does
that, and whatever was signed before counts no more. A backup leaves it out. pyjwt is imported when the first token is signed.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from trading_api.models.errors import Stopped

SECRET_NAME = "signing.key"
ALGORITHM = "HS256"
SECRET_SIZE = 32


class JwtSigner:
    def __init__(self, folder: Path) -> None:
        self._path = folder / SECRET_NAME
        self._secret: bytes | None = None
        self._seen: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        return hashlib.sha256(b"id of " + self._key()).hexdigest()[:16]

    def sign(self, claims: Mapping[str, object]) -> str:
        import jwt

        return jwt.encode(dict(claims), self._key(), algorithm=ALGORITHM)

    def read(self, token: str) -> Mapping[str, object] | None:
        import jwt

        # Its time is the caller's to check, who has the clock.
        options = {"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "sid", "turn", "exp"]}
        try:
            found = jwt.decode(token, self._key(), algorithms=[ALGORITHM], issuer="trading-api", options=options)  # type: ignore[arg-type]  # a TypedDict
        except jwt.InvalidTokenError:
            return None
        return dict(found)

    def has_changed(self) -> bool:
        """Another process has replaced the secret; from now on the new one counts."""
        if self._secret is None or self._stamp() == self._seen:
            return False
        self._secret = None
        return True

    def replace(self) -> None:
        """A new secret: whatever was signed before counts no more."""
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        _write(part)
        os.replace(part, self._path)
        self._secret = None

    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = self._read_or_make()
            self._seen = self._stamp()
        return self._secret

    def _read_or_make(self) -> bytes:
        try:
            if not self._path.exists():
                _write(self._path)
            secret = self._path.read_bytes()
        except OSError as error:
            raise Stopped(f"expected to keep the secret that signs tokens in {self._path}, found: {error.strerror}") from None
        if len(secret) != SECRET_SIZE:
            raise Stopped(
                f"expected {SECRET_SIZE} bytes in {self._path}, found {len(secret)}: remove it, and all sign in again"
            )
        return secret

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns


def _write(path: Path) -> None:
    """With its mode from the first moment on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(SECRET_SIZE))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
