"""Every route and every topic has a row in the table of policies, and every row its route."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from trading_api.api.policies import ROUTES, TOPIC_ROWS, install_policies, missing_rows, missing_topics, routes_of
from trading_api.app import create_app, open_plugs
from trading_api.core.access import Policy
from trading_api.models.errors import Stopped
from trading_api.models.topics import TOPICS
from trading_api.settings import Settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    plugs = open_plugs(settings)
    yield create_app(settings, plugs)
    plugs.folder.close()


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    assert missing_rows(app) == []
    assert ROUTES.keys() - {name for name, _ in routes_of(app)} == set()


def test_every_topic_has_a_row_and_every_row_a_topic() -> None:
    assert missing_topics() == []
    assert missing_topics(["orders", "forgotten"]) == ["forgotten"]
    assert TOPIC_ROWS.keys() - {topic.name for topic in TOPICS} == set()


def test_what_an_account_has_is_for_those_who_may_read_it_at_least() -> None:
    of_accounts = {name: policy for name, policy in ROUTES.items() if "{accountId}" in name[1] or "{replayId}" in name[1]}
    assert set(of_accounts.values()) <= {Policy.READ, Policy.TRADE, Policy.ADMIN, Policy.HOUSE}
    changing = {policy for (method, _), policy in of_accounts.items() if method not in ("GET", "POST")}
    assert Policy.READ not in changing
    for topic in TOPICS:
        assert (TOPIC_ROWS[topic.name] is Policy.READ) == ("account_id" in topic.request.model_fields)


def test_a_route_without_a_row_keeps_the_house_from_starting(app: FastAPI) -> None:
    @app.get("/api/v1/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(Stopped, match="GET /api/v1/forgotten"):
        install_policies(app)


FORGOTTEN = """
from fastapi import FastAPI
from trading_api.api.policies import install_policies

app = FastAPI(openapi_url=None)
app.get("/api/v1/forgotten")(lambda: None)
install_policies(app)
"""


def test_it_is_kept_from_starting_also_where_nothing_is_asserted() -> None:
    ended = subprocess.run([sys.executable, "-O", "-c", FORGOTTEN], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0 and "GET /api/v1/forgotten" in ended.stderr
