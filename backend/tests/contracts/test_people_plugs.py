"""What hashes passwords and what signs tokens keep the promises of their ports."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import jwt
import pytest

from trading_api.core.ports import Passwords, Signer
from trading_api.models.errors import Stopped, TryLater
from trading_api.plugins.data_folder import DataFolder
from trading_api.plugins.passwords_argon2 import HASHES_WAITING_MAX, Argon2Passwords
from trading_api.plugins.signer_jwt import SECRET_NAME, JwtSigner

CLAIMS = {"iss": "trading-api", "sub": "alice", "sid": "s1", "turn": 0, "exp": 1}


async def test_a_password_fits_its_own_hash_alone_and_nobodys_none() -> None:
    passwords: Passwords = Argon2Passwords(quick=True)
    kept = await passwords.hash("correct horse")
    assert kept.startswith("$argon2id$") and "correct horse" not in kept
    assert kept != await passwords.hash("correct horse")
    assert await passwords.verify(kept, "correct horse") is True
    assert await passwords.verify(kept, "wrong") is False
    assert await passwords.verify(None, "correct horse") is False


async def test_a_real_hash_is_argon2id_with_64_mib() -> None:
    assert (await Argon2Passwords().hash("correct horse")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_more_passwords_than_may_wait_are_asked_to_come_back() -> None:
    passwords = Argon2Passwords(quick=True)
    answers = await asyncio.gather(*(passwords.hash("x") for _ in range(HASHES_WAITING_MAX + 5)), return_exceptions=True)
    assert [type(one) for one in answers].count(TryLater) == 5
    await passwords.hash("x")


def test_a_token_is_read_by_who_signed_it_and_by_no_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    signer: Signer = JwtSigner(tmp_path / "a")
    token = signer.sign(CLAIMS)
    assert signer.read(token) == CLAIMS, "whatever its time"
    again, stranger = JwtSigner(tmp_path / "a"), JwtSigner(tmp_path / "b")
    assert again.read(token) == CLAIMS and again.id == signer.id
    assert stranger.read(token) is None and stranger.id != signer.id


def test_forged_tokens_are_not_read(tmp_path: Path) -> None:
    signer = JwtSigner(tmp_path)
    head, body, mark = signer.sign(CLAIMS).split(".")
    other = jwt.encode({**CLAIMS, "sub": "root"}, "x" * 32, algorithm="HS256").split(".")[1]
    unsigned = jwt.encode(CLAIMS, None, algorithm="none")
    partial = jwt.encode({"iss": "trading-api", "sub": "alice"}, (tmp_path / SECRET_NAME).read_bytes(), algorithm="HS256")
    foreign = jwt.encode({**CLAIMS, "iss": "another"}, (tmp_path / SECRET_NAME).read_bytes(), algorithm="HS256")
    for token in ("", "x", f"{head}.{other}.{mark}", f"{head}.{body}.", f"{head}.{body}", unsigned, partial, foreign):
        assert signer.read(token) is None


def test_the_secret_is_made_at_first_need_and_for_its_owner_only(tmp_path: Path) -> None:
    signer = JwtSigner(tmp_path)
    assert list(tmp_path.iterdir()) == []
    signer.sign(CLAIMS)
    assert (tmp_path / SECRET_NAME).stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / SECRET_NAME).read_bytes()) == 32


def test_a_replaced_secret_is_seen_and_ends_what_was_signed(tmp_path: Path) -> None:
    signer = JwtSigner(tmp_path)
    token = signer.sign(CLAIMS)
    assert not signer.has_changed()
    JwtSigner(tmp_path).replace()
    assert signer.has_changed() and signer.read(token) is None
    assert (tmp_path / SECRET_NAME).stat().st_mode & 0o777 == 0o600


def test_the_secret_goes_with_the_state_where_that_is_reset_or_restored_over(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as folder:
        JwtSigner(tmp_path).sign(CLAIMS)
        assert [path.name for path in folder.state()] == [SECRET_NAME]


def test_a_damaged_secret_stops_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / SECRET_NAME).write_bytes(b"short")
    with pytest.raises(Stopped, match="found 5: remove it"):
        JwtSigner(tmp_path).sign(CLAIMS)


def test_the_default_start_imports_neither_library() -> None:
    modules = "trading_api.app, trading_api.serving, trading_api.cli"
    program = f"import sys, {modules}; print(sorted({{'jwt', 'argon2'}} & sys.modules.keys()))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRADING_")}
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == "[]"
