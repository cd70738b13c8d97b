"""The AsyncAPI document says what the sockets do, and what is committed is what would be written now."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trading_api.models.sockets import CLOSE_CODES, Unsubscribed
from trading_api.models.topics import TOPICS
from trading_api.ws.asyncapi import asyncapi_document, asyncapi_text
from trading_api.ws.codegen import generate
from trading_api.ws.generated import MESSAGES

BACKEND = Path(__file__).resolve().parents[2]
ROOT = BACKEND.parent
DOCUMENT: dict[str, Any] = asyncapi_document()


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from references(entry)


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_topic_has_a_channel_with_its_five_messages() -> None:
    assert set(DOCUMENT["channels"]) == {topic.name for topic in TOPICS}
    kinds = {"subscribe", "subscribe.response", "unsubscribe", "unsubscribe.response", "update", "error"}
    for channel in DOCUMENT["channels"].values():
        assert channel["address"] == "/api/v1/ws"
        assert set(channel["messages"]) == kinds


def test_the_server_receives_what_clients_ask_and_sends_updates() -> None:
    for name, operation in DOCUMENT["operations"].items():
        assert operation["action"] == ("send" if name.startswith("update") else "receive")
        assert ("reply" in operation) == (operation["action"] == "receive")
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")


def test_every_example_is_a_message_our_models_read() -> None:
    for topic in TOPICS:
        own = MESSAGES[topic.name]
        models = {
            "subscribe": own.subscribe,
            "subscribe.response": own.subscribed,
            "unsubscribe": own.unsubscribe,
            "unsubscribe.response": Unsubscribed,
            "update": own.update,
        }
        for kind, model in models.items():
            for shown in DOCUMENT["channels"][topic.name]["messages"][kind]["examples"]:
                example = shown["payload"]
                assert example["type"] == f"{topic.name}.{kind}"
                read = model.model_validate(example["payload"])
                assert json.loads(read.model_dump_json(exclude_none=True)) == example["payload"]


def test_no_schema_names_its_fields_twice() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        assert not any("title" in field for field in schema.get("properties", {}).values())


def test_every_close_code_is_told() -> None:
    assert all(f"- {code}: " in DOCUMENT["info"]["description"] for code in CLOSE_CODES)


def test_the_committed_routers_are_current() -> None:
    folder = BACKEND / "src/trading_api/ws/generated"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")} == generate()


def test_the_committed_document_is_current() -> None:
    assert (ROOT / "asyncapi/asyncapi.json").read_text(encoding="utf-8") == asyncapi_text()


def test_the_official_parser_finds_the_document_valid() -> None:
    node = shutil.which("node")
    if node is None or not (ROOT / "frontend/node_modules/@asyncapi/parser").is_dir():
        pytest.skip("needs Node and `npm ci` in frontend/")
    documents = [ROOT / "asyncapi/asyncapi.json", ROOT / "asyncapi/asyncapi.yaml"]
    outcome = subprocess.run(
        [node, ROOT / "frontend/scripts/check-asyncapi.mjs", *documents],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.count(f": valid, {3 * len(TOPICS)} operations on {len(TOPICS)} channels") == 2
