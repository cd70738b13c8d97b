import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading_api.core.ports import Frame
from trading_api.core.publisher import Publisher, encode
from trading_api.core.routes import Update
from trading_api.models.base import Model, Number
from trading_api.models.market.bars import Bar
from trading_api.plugins.bus_memory import MemoryBus
from trading_api.ws.examples import VALUES
from trading_api.ws.generated import MESSAGES

BAR = Bar(time=60_000, open=Decimal("1.10"), high=2, low=1, close=Decimal("1.5"), volume=0)


def published(*updates: Update) -> list[Frame]:
    heard: list[Frame] = []
    bus = MemoryBus()
    bus.listen(heard.append)
    for update in updates:
        Publisher(bus).publish(update)
    return heard


def test_an_update_is_written_as_the_wire_wants_it() -> None:
    (frame,) = published(Update('bars:{"symbol":"X"}', "e1", 7, BAR))
    assert frame == Frame(
        'bars:{"symbol":"X"}',
        "60000",
        b'{"type":"bars.update","payload":{"topic":"bars:{\\"symbol\\":\\"X\\"}","epoch":"e1","seq":7,'
        b'"payload":{"time":60000,"open":1.10,"high":2,"low":1,"close":1.5,"volume":0}}}',
    )


def test_a_fact_and_its_frame_counts_travel_with_the_update() -> None:
    (frame,) = published(Update("orders:{}", "e1", 7, VALUES["orders"], fact=5, of={"executions": 1, "orders": 3}))
    assert b'"seq":7,"fact":5,"of":{"executions":1,"orders":3},"payload":{"id":"o1",' in frame.body
    assert frame.key is None


def test_what_is_unknown_is_left_out_and_zero_is_not() -> None:
    (frame,) = published(Update("orders:{}", "e1", 0, VALUES["orders"], fact=0))
    assert b"null" not in frame.body
    assert b'"seq":0,"fact":0' in frame.body
    assert b'"filledQty":0' in frame.body


class Value(Model):
    text: str
    number: Number


@given(topic=st.text(max_size=20), epoch=st.text(max_size=9), seq=st.integers(0, 2**53), text=st.text(max_size=20))
def test_whatever_is_written_reads_back_as_what_was_meant(topic: str, epoch: str, seq: int, text: str) -> None:
    name = f"quotes:{topic}"
    read = json.loads(encode(Update(name, epoch, seq, Value(text=text, number=Decimal("0.1")), of={"quotes": 1})))
    value = {"text": text, "number": 0.1}
    assert read == {
        "type": "quotes.update",
        "payload": {"topic": name, "epoch": epoch, "seq": seq, "of": {"quotes": 1}, "payload": value},
    }


def test_every_topics_update_is_what_its_generated_message_describes() -> None:
    for name, value in VALUES.items():
        read = json.loads(encode(Update(f"{name}:{{}}", "e1", 1, value, fact=2, of={name: 1})))
        message = MESSAGES[name].update.model_validate(read["payload"])
        assert json.loads(message.model_dump_json(by_alias=True, exclude_none=True)) == read["payload"]
