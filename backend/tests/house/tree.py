"""The tree as git knows it."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
BACKEND = ROOT / "backend"
SOURCE = BACKEND / "src/trading_api"


@cache
def tracked() -> tuple[Path, ...]:
    """Committed files, and new ones that nobody ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = listed.stdout.decode().split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def text_of(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))
