"""The short way to JSON text says what the general encoder says."""

import json
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import field_serializer

from trading_api.core.json_text import Dialect
from trading_api.core.publisher import WIRE, to_wire
from trading_api.models.base import Exact, Model, Number
from trading_api.models.topics import TOPICS, Topic
from trading_api.ws.examples import VALUES

QUOTED = Dialect(lambda amount: f'"{amount}"')


class Colour(Enum):
    RED = "red"


class Part(Model):
    label: str | None = None
    count: int = 0


class Whole(Model):
    name: str
    paid: bool
    price: Number
    cost: Exact
    colour: Colour | None = None
    parts: tuple[Part, ...] = ()
    notes: dict[str, str | None] | None = None


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topics_update_reads_as_the_general_encoder_writes_it(topic: Topic) -> None:
    value = VALUES[topic.name]
    assert json.loads(WIRE.text(value)) == json.loads(to_wire(value))


WHOLES = st.builds(
    Whole,
    name=st.text(),
    paid=st.booleans(),
    price=st.decimals(-1_000_000, 1_000_000, places=4),
    cost=st.decimals(-1_000_000, 1_000_000, places=4),
    colour=st.none() | st.sampled_from(Colour),
    parts=st.lists(st.builds(Part, label=st.none() | st.text(), count=st.integers(-5, 5))).map(tuple),
    notes=st.none() | st.dictionaries(st.text(), st.none() | st.text()),
)


@given(WHOLES)
def test_names_order_and_what_is_left_out_are_the_general_encoders(whole: Whole) -> None:
    general = whole.model_dump(exclude_none=True)
    assert QUOTED.text(whole) == json.dumps(general, default=_plain, ensure_ascii=False, separators=(",", ":"))


def test_an_amount_keeps_its_digits() -> None:
    assert WIRE.text(Decimal("1.10")) == "1.10"
    assert QUOTED.text(Decimal("100000000000000000000.10")) == '"100000000000000000000.10"'


def test_what_is_no_value_of_a_model_is_an_error() -> None:
    with pytest.raises(AssertionError, match="found one of PosixPath|found one of WindowsPath"):
        WIRE.text(Path())


def test_a_model_that_says_itself_how_it_is_written_is_an_error() -> None:
    class Own(Model):
        name: str

        @field_serializer("name")
        def shouted(self, name: str) -> str:
            return name.upper()

    with pytest.raises(AssertionError, match="Own writes itself"):
        WIRE.text(Own(name="x"))


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else str(value)
