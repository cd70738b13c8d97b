"""A server that does not answer: the run ends soon, and says why."""

import asyncio

import httpx
from reference_broker import BrokerServer
from reference_wire import FakeClock, Server

from trading_api.conformance.broker import Broker
from trading_api.conformance.catalogue import Protocol
from trading_api.conformance.runner import Finding, Outcome, run
from trading_api.conformance.silence import TRIES_MAX
from trading_api.conformance.table import CHECKS
from trading_api.conformance.terms import Terms
from trading_api.conformance.udf import Udf
from trading_api.conformance.wire import Wire

ANSWER_SECONDS = 0.2


class Hanging(httpx.AsyncBaseTransport):
    """Takes every request of these paths and never answers; `beside` answers the others."""

    def __init__(self, path: str, beside: httpx.AsyncBaseTransport | None = None) -> None:
        self._path, self._beside = path, beside
        self.waited = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._beside is not None and not request.url.path.startswith(self._path):
            return await self._beside.handle_async_request(request)
        self.waited += 1
        return await asyncio.get_running_loop().create_future()


async def findings(server: httpx.AsyncBaseTransport, protocol: Protocol, clock: FakeClock) -> list[Finding]:
    terms = Terms(login="demo", password="demo", allow_orders=True, streaming=130)
    async with httpx.AsyncClient(transport=server, timeout=ANSWER_SECONDS) as client:
        wire = Wire(client, "http://server")
        subject = Broker(wire, terms, clock) if protocol is Protocol.BROKER else Udf(wire, terms, clock)
        if isinstance(subject, Broker):
            await subject.sign_in()
        return [one async for one in run(subject, [check for check in CHECKS if protocol in check.protocols])]


async def test_a_server_that_answers_nothing_is_given_up_after_a_few_requests() -> None:
    for protocol in Protocol:
        server = Hanging("/")
        found = await findings(server, protocol, FakeClock())
        assert found[0].outcome is Outcome.FAILED and "no answer within 0.2 s" in found[0].why
        assert {one.outcome for one in found[TRIES_MAX:]} == {Outcome.SKIPPED}
        assert found[-1].why.startswith("the server stopped answering")
        assert server.waited <= TRIES_MAX + 2


async def test_one_path_that_is_not_answered_is_given_up_and_the_others_are_judged() -> None:
    clock = FakeClock()
    server = Hanging("/history", Server(BrokerServer(clock), clock))
    found = {one.check.name: one for one in await findings(server, Protocol.BROKER, clock)}
    assert server.waited == TRIES_MAX
    assert "it was not asked again" in found["historyRepeatability"].why
    assert found["streamingTimeGrow"].outcome is Outcome.PASSED
    assert not [one for one in found.values() if "stopped answering" in one.why]


async def test_a_stream_that_does_not_begin_is_not_waited_for_longer_than_an_answer() -> None:
    clock = FakeClock()
    server = Hanging("/streaming", Server(BrokerServer(clock), clock))
    found = {one.check.name: one for one in await findings(server, Protocol.BROKER, clock)}
    assert "no answer within 0.2 s" in found["streamingFieldsFormat"].why
    assert server.waited == TRIES_MAX
