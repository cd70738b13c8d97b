"""The lane for placing orders answers exactly as the usual endpoint does, and takes only what is plainly right."""

from functools import cache

import httpx
import pytest
from fastapi import FastAPI

from trading_api.api.broker import broker_router
from trading_api.api.errors import install_errors
from trading_api.api.guards import Doors, Guard
from trading_api.api.order_lane import OrderLane
from trading_api.core.access import Credentials, Principal
from trading_api.core.versioning import API_PREFIX
from trading_api.models.broker.orders import OrderRequest
from trading_api.models.common import CommandAnswer
from trading_api.models.errors import NotAllowed, Refused, Stopped, TryLater

PATH = f"{API_PREFIX}/broker/accounts/A1/orders"
GOOD = '{"symbol":"EURUSD","type":1,"side":1,"qty":1000,"limitPrice":1.1,"duration":{"type":"DAY"}}'
LANE = "application/json"


class Service:
    """Remembers what it was asked; refuses the symbols NONE and LATER, and has stopped for DISK."""

    def __init__(self) -> None:
        self.asked: list[tuple[Principal, str, OrderRequest, str | None]] = []

    async def place(self, caller: Principal, account_id: str, order: OrderRequest, *, client_id: str | None) -> CommandAnswer:
        self.asked.append((caller, account_id, order, client_id))
        match order.symbol:
            case "NONE":
                raise Refused("no_margin", "Expected margin, found none", field="qty")
            case "LATER":
                raise TryLater("busy", "Expected room, found none")
            case "DISK":
                raise Stopped("expected to write the journal, found no room")
        return CommandAnswer(order_id="o1", fact=7)


class Doorman:
    async def admit(self, credentials: Credentials) -> Principal:
        if credentials.bearer == "bad":
            raise NotAllowed("bad_token", "Expected a token of ours, found another")
        return Principal(credentials.bearer or "local", frozenset(("trade",)))


class House:
    def __init__(self, *, lane: bool = True) -> None:
        self.service, self.app = Service(), FastAPI()
        self.app.state.doorman = Doorman()
        install_errors(self.app)
        if lane:
            self.app.add_middleware(OrderLane, service=self.service)  # type: ignore[arg-type]
        self.app.add_middleware(Guard, doors=Doors(loopback=True))
        self.app.include_router(broker_router(self.service, None), prefix=API_PREFIX)  # type: ignore[arg-type]

    async def post(self, body: str, path: str = PATH, kind: str = LANE, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost") as client:
            given = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
            return await client.post(path, content=body, headers=given)


@cache
def a_house(*, lane: bool) -> House:
    return House(lane=lane)


BODIES = (
    GOOD,
    GOOD.replace("1000", '"1000.5"'),
    GOOD.replace("1000", "0.1234567890123456789"),
    GOOD.replace("1000", "true"),
    GOOD.replace("1000", "NaN"),
    GOOD.replace('"side":1', '"side":"1"'),
    GOOD.replace('"side":1', '"side":2'),
    GOOD.replace("EURUSD", "NONE"),
    GOOD.replace("EURUSD", "LATER"),
    GOOD.replace("EURUSD", "DISK"),
    GOOD.replace('"type":1', '"more":1,"type":1'),
    GOOD.replace('"type":1', '"type":1,"type":2'),
    GOOD.replace('"type":1', '"clientOrderId":"c 1","type":1'),
    GOOD.replace('"type":1', '"clientOrderId":"c1","type":1'),
    GOOD[:-1],
    "[" * 100_000,
    "[]",
    "null",
    "",
)


async def assert_same(body: str = GOOD, path: str = PATH, kind: str = LANE, **headers: str) -> None:
    """Asks both ways; answers and what the service heard must not differ."""
    house, usual = a_house(lane=True), a_house(lane=False)
    by_lane, as_usual = await house.post(body, path, kind, **headers), await usual.post(body, path, kind, **headers)
    assert (by_lane.status_code, by_lane.content) == (as_usual.status_code, as_usual.content)
    assert by_lane.headers == as_usual.headers
    assert house.service.asked == usual.service.asked
    house.service.asked.clear()
    usual.service.asked.clear()


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("key", ["", "k1", "c1", "two words", "x" * 65])
async def test_every_body_is_answered_alike(body: str, key: str) -> None:
    await assert_same(body, **({"Idempotency_Key": key} if key else {}))


@pytest.mark.parametrize("authorization", ["Bearer T1", "bearer T1", "Bearer bad", "Basic T1", ""])
async def test_the_same_caller_is_seen(authorization: str) -> None:
    await assert_same(Authorization=authorization)


@pytest.mark.parametrize("account", ["A1", "A%31", "A%2F1", "-A1", "A" * 41, "A1%0A", "Ä1"])
async def test_the_same_accounts_can_be_named(account: str) -> None:
    await assert_same(path=PATH.replace("A1", account))


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/plain", "application/vnd.order+json"])
async def test_every_kind_of_body_is_answered_alike(kind: str) -> None:
    await assert_same(kind=kind)


async def test_a_plain_order_takes_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    monkeypatch.setattr("fastapi.routing.APIRoute.handle", _never)
    assert (await house.post(GOOD)).json() == {"status": "ok", "orderId": "o1", "fact": 7}


async def test_other_methods_of_the_path_are_as_they_were() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(House().app), base_url="http://localhost") as client:
        assert (await client.put(PATH)).status_code == 405


async def _never(*_: object) -> None:
    raise AssertionError("expected the lane, found the usual endpoint")
