"""Each check finds the fault it is for, on servers that keep every other rule, and nothing where there is none."""

from collections.abc import AsyncIterator

import httpx
import pytest
from faults import Fault
from faults_broker import broker_faults
from faults_datafeed import datafeed_faults, group_faults
from reference_broker import BrokerServer
from reference_datafeed import Datafeed
from reference_oauth import CLIENT, REDIRECT, SECRET
from reference_wire import Asked, FakeClock, Reply, Server

from trading_api.conformance.broker import NO_ACCOUNT, Broker
from trading_api.conformance.catalogue import Protocol
from trading_api.conformance.lines import LINE_BYTES_MAX, lines_of
from trading_api.conformance.runner import Finding, Outcome, run
from trading_api.conformance.table import CHECKS
from trading_api.conformance.terms import OAuthTerms, Terms
from trading_api.conformance.udf import Udf
from trading_api.conformance.wire import Wire

OAUTH = OAuthTerms(CLIENT, SECRET, "http://server/oauth2/authorize", "http://server/oauth2/token", REDIRECT)
TERMS = Terms(login="demo", password="demo", oauth=OAUTH, allow_orders=True, allow_fills=True, streaming=130)
KINDS = {"datafeed": datafeed_faults, "groups": group_faults, "broker": broker_faults}
FAULTS = [
    pytest.param(kind, number, fault, id=f"{kind}-{number}-{fault.check}", marks=[pytest.mark.long] * (kind == "broker"))
    for kind, faults in KINDS.items()
    for number, fault in enumerate(faults())
]


async def findings(kind: str, fault: Fault | None = None, terms: Terms = TERMS) -> dict[str, Finding]:
    clock = FakeClock()
    answer = BrokerServer(clock) if kind == "broker" else Datafeed(clock, grouped=kind == "groups")
    server = Server(answer, clock, [fault.change] if fault else [])
    async with httpx.AsyncClient(transport=server) as client:
        wire = Wire(client, "http://server")
        subject = Broker(wire, terms, clock) if kind == "broker" else Udf(wire, terms, clock)
        if isinstance(subject, Broker):
            await subject.sign_in()
        protocol = Protocol.BROKER if kind == "broker" else Protocol.UDF
        checks = [check for check in CHECKS if protocol in check.protocols]
        return {finding.check.name: finding async for finding in run(subject, checks)}


def complaints(found: dict[str, Finding]) -> dict[str, str]:
    return {name: one.why for name, one in found.items() if one.outcome in (Outcome.FAILED, Outcome.WARNED)}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_keeps_every_rule_passes(kind: str) -> None:
    found = await findings(kind)
    assert complaints(found) == {}
    skipped = {name for name, one in found.items() if one.outcome is Outcome.SKIPPED}
    of_groups = {"groupColumns", "groupRows", "groupUnknown", "groupEqualsSymbols"}
    one_by_one = {"symbolWithoutStatus", "symbolLookups", "symbolUnknown"} | {
        name for name in found if name.startswith("search")
    }
    assert skipped == {"datafeed": of_groups, "groups": one_by_one, "broker": set()}[kind]


@pytest.mark.parametrize(("kind", "number", "fault"), FAULTS)
async def test_a_broken_rule_is_found_by_its_check_and_those_it_breaks_too(kind: str, number: int, fault: Fault) -> None:
    found = await findings(kind, fault)
    assert complaints(found).keys() == {fault.check, *fault.also}, complaints(found)
    assert found[fault.check].outcome is (Outcome.WARNED if fault.warns else Outcome.FAILED)


JUNK = [
    *("", "<html>", "null", "42", '"text"', "[]", "[[]]", "[null]", "{}", "[" * 100_000),
    *('{"s":"ok"}', '{"s":"ok","d":[]}', '{"s":"ok","d":{}}'),
    '{"s":"ok","symbol":[1],"t":[1e400],"d":[{"id":"a"}],"session":7,"timezone":"../x","supports_group_request":true}',
    '{"s":"ok","symbol":["A"],"t":[9999999999999999],"c":[1],"timezone":"Etc/UTC","session-regular":"24x7","supports_time":true}',
    '{"name":"A","session":"24x7","timezone":"Etc/UTC","has_intraday":true,"supports_search":true,"d":null,"t":null}',
]


@pytest.mark.parametrize("kind", ["datafeed", "broker"])
@pytest.mark.parametrize("text", JUNK, ids=range(len(JUNK)))
async def test_whatever_a_server_answers_is_judged(kind: str, text: str) -> None:
    def junk(asked: Asked, reply: Reply) -> None:
        reply.body, reply.lines = text, None

    found = await findings(kind, Fault("", junk), Terms(token="t", allow_orders=True, streaming=1))
    assert Outcome.FAILED in {one.outcome for one in found.values()}
    assert {name: why for name, why in complaints(found).items() if "cannot be read" in why} == {}


async def test_whoever_has_no_account_breaks_no_rule() -> None:
    def none(asked: Asked, reply: Reply) -> None:
        if asked.path == "/accounts" and reply.status == 200:
            reply.body = {"s": "ok", "d": []}

    found = await findings("broker", Fault("", none))
    assert complaints(found) == {}
    for name in ("accountsFields", "accountFlags", "envelopeOfSuccess", "instrumentsFields"):
        assert (found[name].outcome, found[name].why) == (Outcome.SKIPPED, NO_ACCOUNT), name


async def pieces(*told: bytes) -> AsyncIterator[bytes]:
    for piece in told:
        yield piece


async def test_a_line_of_a_stream_is_told_whole_or_cut_and_the_next_one_is_not_lost() -> None:
    long = b"x" * (LINE_BYTES_MAX + 1)
    cut = ("x" * LINE_BYTES_MAX, False)
    for told in (pieces(b"a\nb", b"c\r\n", long, long, b"\nd\n\ne"), pieces(b"a\nbc\r\n" + long + long + b"\nd\n\ne")):
        assert [tuple(line) async for line in lines_of(told)] == [
            ("a", True),
            ("bc", True),
            cut,
            ("d", True),
            ("", True),
            ("e", True),
        ]


async def test_a_stream_may_be_silent_for_longer_than_an_answer_may_take() -> None:
    waits: dict[str, float | None] = {}

    def seen(request: httpx.Request) -> httpx.Response:
        waits[request.url.path] = request.extensions["timeout"]["read"]
        return httpx.Response(200, json={"s": "ok", "d": []})

    async with httpx.AsyncClient(transport=httpx.MockTransport(seen), timeout=3) as client:
        broker = Broker(Wire(client, "http://server"), Terms(streaming=0.01), FakeClock())
        await broker.recording()
        await broker.wire.get("/accounts")
    assert waits == {"/streaming": None, "/accounts": 3}


def test_every_check_has_a_broken_server_in_each_protocol_it_is_for() -> None:
    broken = {
        Protocol.UDF: {one.check for one in (*datafeed_faults(), *group_faults())},
        Protocol.BROKER: {one.check for one in broker_faults()},
    }
    for protocol, names in broken.items():
        assert {check.name for check in CHECKS if protocol in check.protocols} == names


def test_checks_have_names_of_their_own() -> None:
    for protocol in Protocol:
        names = [check.name for check in CHECKS if protocol in check.protocols]
        assert len(set(names)) == len(names)
