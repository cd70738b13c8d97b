"""The command around the checks: options, what it writes, its exit code; and how sessions are read."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import quote_plus
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import httpx
import pytest
from faults import bars
from reference_broker import BrokerServer
from reference_datafeed import Datafeed
from reference_wire import Change, FakeClock, Reply, Server
from typer.testing import CliRunner

from trading_api import cli
from trading_api.conformance import session
from trading_api.conformance.sessions import schedule
from trading_api.conformance.shapes import Broken
from trading_api.conformance.table import CHECKS
from trading_api.conformance.wire import Wire
from trading_api.models.errors import Stopped

PASSWORD = "a-password-to-keep"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Sequence[Change]:
    """Every address is a datafeed, or a broker where it says so; what is appended breaks them."""
    changes: list[Change] = []
    clock = FakeClock()
    servers = {"broker": BrokerServer(clock), "datafeed": Datafeed(clock, grouped=False)}
    client = httpx.AsyncClient

    def made(**terms: object) -> httpx.AsyncClient:
        def answer(asked):  # type: ignore[no-untyped-def]  # as Server calls it
            host = asked.headers["host"]
            if host not in servers:
                raise httpx.ConnectError("nobody is there")
            return servers[host](asked)

        return client(transport=Server(answer, clock, changes))

    # Another test may have left a log that writes to a stream which has ended since; that would stand in the output here.
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(session.httpx, "AsyncClient", made)
    monkeypatch.setattr(session, "SystemClock", lambda: clock)
    return changes


def run(*arguments: str, input: str = "", env: dict[str, str] | None = None) -> tuple[int, str]:
    from trading_api.cli import commands

    result = CliRunner().invoke(commands, ["conformance", *arguments], input=input, env={"COLUMNS": "200", **(env or {})})
    if isinstance(result.exception, Stopped):
        raise result.exception
    return result.exit_code, result.output


def test_a_datafeed_that_keeps_the_rules_ends_with_0(served: Sequence[Change]) -> None:
    code, output = run("http://datafeed")
    assert code == 0, output
    assert "0 failed, 0 warned, 4 skipped" in output
    assert "the datafeed resolves symbols one by one" in output


def test_a_broken_rule_ends_with_1_and_says_what_was_asked_and_answered(served: list[Change], tmp_path: Path) -> None:
    def two_clocks(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        if asked.path == "/time":
            reply.body = {"time\x00": 1}

    served.append(two_clocks)
    junit, told = tmp_path / "found.xml", tmp_path / "found.json"
    code, output = run("http://datafeed", "--junit", str(junit), "--json", str(told))
    assert code == 1
    for words in ("timeBareInteger failed", "rule: /time is a bare whole number", "> GET http://datafeed/time", "< 200 {"):
        assert words in output
    suite = ElementTree.parse(junit).getroot()
    assert (suite.get("failures"), suite.get("skipped"), suite.get("tests")) == ("1", "4", str(len(suite)))
    failed = [case for case in suite if case.find("failure") is not None]
    assert [case.get("name") for case in failed] == ["timeBareInteger"]
    document = json.loads(told.read_text())
    assert document["counts"]["failed"] == 1
    (row,) = [check for check in document["checks"] if check["outcome"] == "failed"]
    assert row["exchanges"][-1]["url"] == "http://datafeed/time"
    assert {"rule", "section", "why"} <= row.keys()


def test_of_a_page_that_is_not_let_in_the_headers_of_both_sides_are_told(served: list[Change]) -> None:
    def wildcard(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        reply.headers["access-control-allow-origin"] = "*"

    served.append(wildcard)
    options = ("--login", "demo", "--only", "corsOriginEchoed", "--only", "corsPreflight")
    code, output = run("http://broker", "--protocol", "broker", *options, env={"CONFORMANCE_PASSWORD": "demo"})
    assert code == 1
    for words in (
        ">   origin: https://www.tradingview.com",
        ">   authorization: …",
        ">   access-control-request-method: POST",
        "<   access-control-allow-origin: *",
        "<   access-control-allow-methods: GET, POST, PUT, DELETE",
    ):
        assert words in output, words


@pytest.mark.parametrize(
    "minutes",
    [
        lambda told: told.update(c=[str(one) for one in told["c"]]),
        lambda told: (told.clear(), told.update(s="no_data")),
    ],
    ids=["strings", "none"],
)
def test_a_feed_whose_minutes_nobody_can_read_does_not_conform(
    served: list[Change], minutes: Callable[[dict[str, object]], object]
) -> None:
    served.append(bars(lambda told, asked: minutes(told), lambda asked: asked.query.get("resolution") == "1"))
    code, output = run("http://datafeed", "--wait", "0")
    assert code == 1
    assert "historyColumns failed" in output


def test_what_a_server_repeats_of_a_token_stands_in_no_report(served: list[Change], tmp_path: Path) -> None:
    def repeats(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        reply.body = {"s": "error", "errmsg": f"was sent {PASSWORD}"}

    served.append(repeats)
    junit, told = tmp_path / "found.xml", tmp_path / "found.json"
    only = ("--only", "groupsResponseFieldsCorrectness", "--junit", str(junit), "--json", str(told))
    code, output = run("http://broker", "--protocol", "broker", "--token", *only, env={"CONFORMANCE_TOKEN": PASSWORD})
    assert code == 1 and "was sent …" in told.read_text()
    for text in (output, junit.read_text(), told.read_text()):
        assert PASSWORD not in text


def test_a_password_in_the_url_is_refused_because_reports_would_repeat_it(served: Sequence[Change]) -> None:
    with pytest.raises(Stopped, match="a URL without a name and a password in it"):
        run(f"http://demo:{PASSWORD}@datafeed")


@pytest.mark.parametrize("repeat", [quote_plus, str, lambda secret: secret[:90]])
def test_a_secret_is_known_again_in_a_form_in_json_and_where_it_was_cut(
    served: list[Change], tmp_path: Path, repeat: Callable[[str], str]
) -> None:
    secret = PASSWORD + '+"\\' + "x" * 90
    served.append(lambda asked, reply: setattr(reply, "body", {"s": "error", "errmsg": repeat(secret)}))
    told = tmp_path / "found.json"
    only = ("--only", "groupsResponseFieldsCorrectness", "--json", str(told))
    code, output = run("http://broker", "--protocol", "broker", "--token", *only, env={"CONFORMANCE_TOKEN": secret})
    assert code == 1 and "…" in told.read_text()
    assert PASSWORD not in told.read_text() + output


@pytest.mark.parametrize(
    "url", ["datafeed", "ftp://datafeed", "http://", "http://datafeed:99999", "http://datafeed:no", "http://["]
)
def test_what_is_no_url_is_said_to_be_none(url: str) -> None:
    with pytest.raises(Stopped, match="a URL such as"):
        run(url)


def test_who_refuses_its_configuration_is_a_broker(served: list[Change]) -> None:
    def forbidden(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        reply.status = 403

    served.append(forbidden)
    code, output = run("http://broker", "--only", "groupsUnauthorizedRequest")
    assert code == 1 and "groupsUnauthorizedRequest failed" in output


def test_on_a_narrow_console_sentences_stand_below_the_names(served: Sequence[Change]) -> None:
    _, listed = run("--list", env={"COLUMNS": "80"})
    assert "Times strictly increase" in listed and max(map(len, listed.splitlines())) <= 80
    _, output = run("http://datafeed", "--only", "groupColumns", env={"COLUMNS": "80"})
    assert "the datafeed resolves symbols one by one" in output


async def test_an_answer_that_drips_ends_with_the_time_for_one_answer() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(timeout=0.2) as client:
        with pytest.raises(Broken, match="expected a whole answer within 0.2 s, found [0-9]+ bytes of it"):
            await Wire(client, f"http://127.0.0.1:{port}").get("/config")
    server.close()


def test_only_and_skip_choose_checks(served: Sequence[Change]) -> None:
    assert "1 passed, 0 failed" in run("http://datafeed", "--only", "timeBareInteger")[1]
    assert "timeBareInteger" not in run("http://datafeed", "--skip", "timeBareInteger")[1]
    with pytest.raises(Stopped, match="name of a check, found 'time'"):
        run("http://datafeed", "--only", "time")


def test_a_broker_is_recognised_and_without_leave_no_order_is_sent(served: list[Change]) -> None:
    sent: list[str] = []
    served.append(lambda asked, reply: sent.append(f"{asked.method} {asked.path}"))
    code, output = run("http://broker", "--login", "demo", "--streaming-seconds", "40", env={"CONFORMANCE_PASSWORD": "demo"})
    assert code == 0, output
    assert "places an order: give --allow-orders" in output
    assert "POST /accounts/A1/orders" not in sent
    assert not [one for one in sent if one.startswith("PUT")]


@pytest.mark.parametrize("options", [["--password-stdin"], []])
def test_a_password_is_read_and_stands_in_no_report(served: Sequence[Change], tmp_path: Path, options: list[str]) -> None:
    junit, told = tmp_path / "found.xml", tmp_path / "found.json"
    arguments = ("http://broker", "--login", "demo", "--junit", str(junit), "--json", str(told), "--streaming-seconds", "5")
    code, output = run(*arguments, *options, input=f"{PASSWORD}\n")
    assert code == 1
    assert "authBasicFieldsFormat" in junit.read_text()
    for text in (output, junit.read_text(), told.read_text()):
        assert PASSWORD not in text


def test_a_token_stands_in_no_report(served: list[Change], tmp_path: Path) -> None:
    def refuse(asked, reply: Reply) -> None:  # type: ignore[no-untyped-def]  # as Server calls it
        reply.status = 403

    served.append(refuse)
    told = tmp_path / "found.json"
    url = ("http://broker", "--protocol", "broker")
    code, output = run(*url, "--token", "--json", str(told), env={"CONFORMANCE_TOKEN": PASSWORD})
    assert code == 1
    assert PASSWORD not in output + told.read_text()


def test_nobody_at_the_address_is_one_sentence(served: Sequence[Change]) -> None:
    with pytest.raises(Stopped, match="expected a datafeed or a broker at http://nowhere"):
        run("http://nowhere")
    with pytest.raises(Stopped, match="--protocol: expected auto, udf or broker, found 'fix'"):
        run("http://datafeed", "--protocol", "fix")
    with pytest.raises(Stopped, match="expected the URL"):
        run()


def test_nothing_that_passes_is_no_success(served: Sequence[Change]) -> None:
    assert run("http://datafeed", "--only", "groupRows")[0] == 1


def test_the_list_names_every_check_with_its_rule() -> None:
    code, output = run("--list")
    assert code == 0
    assert [check.name for check in CHECKS if check.name not in output] == []


@pytest.mark.parametrize(
    "text",
    [
        "24x7",
        "0930-1600",
        "0930-1400,1430-1700",
        "1700-1700:23456",
        "0900-1630|0900-1400:2",
        "1;0900-1630",
        "1700F-2200",
        "1900F3-1900",
        "0930-2730",
        "0900-1500#20241105/0900-1530",
        "0000-0000",
    ],
)
def test_sessions_of_the_grammar_are_read(text: str) -> None:
    assert schedule(text).days


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9:30-16:00",
        "0930-1600:8",
        "0930-1600:",
        "0930-1660",
        "0930-1200,1100-1600",
        "0930-1600:23|1000-1100:3",
        "x",
        "0930",
    ],
)
def test_other_sessions_are_refused(text: str) -> None:
    with pytest.raises(Broken):
        schedule(text)


def test_an_evening_session_begins_the_day_before() -> None:
    monday = date(2024, 6, 3)
    ((start, end),) = schedule("1700-1700:23456").spans(monday, ZoneInfo("America/New_York"))
    assert end - start == 86_400
    assert schedule("1700-1700:23456").span_at(start, ZoneInfo("America/New_York")) == (monday, start, end)
    assert schedule("1700-1700:23456").span_at(start - 1, ZoneInfo("America/New_York")) is None
    (hours,) = schedule("1900F3-1900:2").spans(monday, ZoneInfo("Etc/UTC"))
    assert hours[1] - hours[0] == 3 * 86_400


WHILE_READ = """
import os, signal, sys

class Slow:
    def find_spec(self, name, *rest):
        if name == MODULE:
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                raise ImportError("Ctrl-C, as some modules tell it") from None
            raise ImportError("read on after Ctrl-C")

sys.meta_path.insert(0, Slow())
sys.argv = ["trading-api", *WORDS]
from trading_api.cli import main
main()
"""


@pytest.mark.parametrize(
    ("words", "module"),
    [
        ("conformance --list", "typer"),
        ("conformance --list", "trading_api.models.errors"),
        ("conformance --list", "trading_api.conformance.table"),
        ("serve --port 0", "trading_api.serving"),
        ("serve --port 0", "trading_api.app"),
        (f"import {__file__}", "trading_api.offline"),
        ("reset --yes", "trading_api.offline"),
        ("symbols", "trading_api.offline"),
        ("export-openapi", "trading_api.offline"),
        ("export-asyncapi", "trading_api.ws.asyncapi"),
    ],
)
def test_ctrl_c_while_the_program_is_read_is_one_sentence(words: str, module: str, tmp_path: Path) -> None:
    program = WHILE_READ.replace("MODULE", repr(module)).replace("WORDS", repr(words.split()))
    of_none = {**os.environ, "TRADING_DATA_DIR": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=of_none)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "trading-api: stopped before its end\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_in_order_and_ends_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    left = []

    async def stopped(*given: object) -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            left.append(number)

    monkeypatch.setattr(session, "findings_of", stopped)
    monkeypatch.setattr(sys, "argv", ["trading-api", "conformance", "http://datafeed"])
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (ended.value.code, left) == (130, [number])
    assert capsys.readouterr().err == "trading-api: stopped before its end\n"
