import json
from pathlib import Path

import pytest
from pydantic import Field

from trading_api.models.base import Model
from trading_api.models.market.bars import Bar
from trading_api.models.topics import TOPIC, TOPICS, topic_string
from trading_api.ws.examples import VALUES

VECTORS = json.loads((Path(__file__).parent.parent / "topic_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["topic"])
def test_a_topic_string_is_the_one_every_client_builds(vector: dict[str, object]) -> None:
    kind = TOPIC[str(vector["type"])]
    assert kind.address(kind.request.model_validate(vector["request"])) == vector["topic"]


def test_the_vectors_cover_every_topic() -> None:
    assert {vector["type"] for vector in VECTORS} == set(TOPIC)


def test_nulls_are_left_out_and_keys_sorted_by_their_wire_names() -> None:
    class Request(Model):
        first: int = Field(alias="zulu")
        second: int | None = None
        third: bool = Field(alias="alpha")

    assert topic_string("x", Request(first=1, third=True)) == 'x:{"alpha":true,"zulu":1}'


def test_only_what_conflates_has_a_key() -> None:
    keys = {topic.name: topic.key(VALUES[topic.name]) for topic in TOPICS}
    assert {name for name, key in keys.items() if key is not None} == {
        "bars",
        "quotes",
        "depth",
        "equity",
        "risk",
        "pip-values",
    }


def test_a_newer_bar_does_not_replace_the_last_word_about_the_one_before() -> None:
    first, second = (Bar(time=time, open=1, high=1, low=1, close=1) for time in (60_000, 120_000))
    assert TOPIC["bars"].key(first) != TOPIC["bars"].key(second)
