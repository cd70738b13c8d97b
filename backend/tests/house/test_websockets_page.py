"""docs/websockets.md names every topic, close code and bound as they are."""

from pathlib import Path

import pytest

from trading_api.models import sockets
from trading_api.models.topics import TOPICS, Topic

PAGE = (Path(__file__).resolve().parents[3] / "docs/websockets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_has_a_row_with_its_request(topic: Topic) -> None:
    fields = [str(field.alias or name) for name, field in topic.request.model_fields.items()]
    request = "{" + ",".join(f'"{field}"' for field in fields) + "}"
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{topic.name}` |"))
    assert f"| `{request}` |" in row
    assert row.split("|")[5].strip().startswith("yes") == topic.conflated


@pytest.mark.parametrize("code", sockets.CLOSE_CODES)
def test_every_close_code_has_a_row(code: int) -> None:
    assert f"\n| {code} | " in PAGE


def test_the_bounds_are_the_ones_in_force() -> None:
    assert (
        f"more than {sockets.MESSAGES_BURST_MAX} messages at once and then {sockets.MESSAGES_PER_SECOND_MAX} a second" in PAGE
    )
    assert f"longer than {sockets.MESSAGE_BYTES_MAX} bytes" in PAGE
    assert f"more than {sockets.OUTBOX_BYTES_MAX} bytes" in PAGE
    assert f"more than {sockets.FRAGMENTS_MAX} fragments" in PAGE
    assert f"more than {sockets.HIGH_MARK_BYTES} bytes" in PAGE
    assert f"below {sockets.LOW_MARK_BYTES}\nbytes" in PAGE
    assert f"an account's last {sockets.RESUME_FACTS_MAX}\nfacts" in PAGE
    assert f"at most {sockets.SUBSCRIPTIONS_MAX} topics" in PAGE
    assert f"at most {sockets.CONNECTIONS_MAX} connections" in PAGE
    assert f"pings after {sockets.PING_SECONDS:g} s and waits {sockets.PONG_SECONDS:g} s" in PAGE
    assert sockets.LAST_WORDS_SECONDS == 2 and "two seconds after" in PAGE
