"""Everything a user can name is described, and everything described exists."""

import json
import re
from pathlib import Path

import pytest
from tree import BACKEND, ROOT, shown, text_of, tracked

from trading_api.core.versioning import API_VERSIONS
from trading_api.models.sockets import CLOSE_CODES
from trading_api.models.topics import TOPICS
from trading_api.settings import PREFIX, Settings

PAGES = sorted(path for path in tracked() if path.suffix == ".md")
MADE = ("vendor", "dist", "static/terminal", "trading_terminal")
"""Of folders that git ignores."""
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")


def page(name: str) -> str:
    return text_of(ROOT / name)


def make_targets() -> list[str]:
    """Every target of the Makefile that is not a file."""
    return sorted(set(re.findall(r"^([a-z][a-z-]*):(?!=)", page("Makefile"), re.MULTILINE)))


def test_every_make_target_has_a_line_in_help_and_in_the_guide() -> None:
    lines = dict(re.findall(r"^([a-z][a-z-]*):.*?## (.+)$", page("Makefile"), re.MULTILINE))
    assert make_targets() == sorted(lines)
    described = re.findall(r"^\| `make ([a-z-]+)` \|", page("MAKEFILE-GUIDE.md"), re.MULTILINE)
    assert sorted(described) == make_targets()


def test_every_target_of_the_seed_is_still_there() -> None:
    seed = (
        "install dev dev-no-debug test lint lint-check lint-response-models format ensure-python ensure-poetry export-openapi "
        "generate-openapi-client generate-asyncapi-types"
    )
    assert set(seed.split()) <= set(make_targets())


def test_every_setting_is_described_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(TRADING_[A-Z_]+)` \| (.+?) \|", page("docs/topics/settings.md"), re.MULTILINE))
    assert sorted(rows) == sorted(PREFIX + name.upper() for name in Settings.model_fields)
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, str | int | Path):
            assert rows[PREFIX + name.upper()] == f"`{default}`"


def test_no_page_names_a_setting_that_is_not_there() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for path in PAGES:
        assert set(re.findall(r"TRADING_[A-Z][A-Z_]*[A-Z]", text_of(path))) <= known, shown(path)


def test_every_endpoint_is_described() -> None:
    described = set(re.findall(r"^\| `([A-Z]+)` \| `(\S+)` \| \S", page("docs/topics/endpoints.md"), re.MULTILINE))
    paths = json.loads(text_of(BACKEND / "openapi.json"))["paths"]
    assert described == {(method.upper(), path) for path, methods in paths.items() for method in methods}


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_every_topic_is_described(topic: str) -> None:
    assert f"`{topic}`" in page("docs/websockets.md")


@pytest.mark.parametrize("code", sorted(CLOSE_CODES))
def test_every_close_code_is_described(code: int) -> None:
    assert str(code) in page("docs/websockets.md")


def test_every_version_is_described() -> None:
    for version in API_VERSIONS:
        assert f"`{version.version}`" in page("docs/versioning.md") or f"/{version.version}`" in page("docs/versioning.md")


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [target for target in LINK.findall(text_of(path)) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_files_and_targets_that_a_page_names_exist(path: Path) -> None:
    text = text_of(path)
    assert set(re.findall(r"`make ([a-z][a-z-]*)", text)) <= set(make_targets())
    named = re.findall(r"`((?:backend|docs|frontend|asyncapi|scripts)/[\w./-]+)`", text)
    assert [name for name in named if not (ROOT / name).exists() and not any(made in name for made in MADE)] == []


def test_the_first_thing_the_readme_says_is_how_to_start() -> None:
    heading, _, rest = page("README.md").partition("\n\n")
    assert heading.startswith("# ")
    assert "make run" in rest.partition("```\n")[0] + rest.split("```")[1]
