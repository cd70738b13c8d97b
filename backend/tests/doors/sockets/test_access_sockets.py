"""Who hears what on the sockets of a house that asks who is calling, and how it ends when access is taken away."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import websockets

from fakes_people import PASSWORD, Guarded, guarded_house
from fakes_sockets import Caller, calling, serving
from trading_api.api.policies import TOPIC_ROWS
from trading_api.core.access import Policy
from trading_api.models.sockets import SIGNED_OUT
from trading_api.models.topics import TOPIC
from trading_api.plugins.signer_jwt import JwtSigner

OWN, ABSENT = "alice-1", "nobody-1"
VALUES = {"account_id": OWN, "symbol": "DEMO:EURUSD", "resolution": "1"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded_house(tmp_path) as house, serving(house):  # type: ignore[arg-type]  # it has what is used of a house
        for login in ("alice", "bob"):
            await house.add(login)
        opened = await house.ask("alice", "POST", "/broker/accounts", json={"id": OWN, "currency": "USD", "balance": 100_000})
        assert opened.status_code == 201
        yield house


def call(house: Guarded, who: str | None = None, *, ticket: str | None = None) -> Any:  # Any: a context of the fakes
    bearer = house.bearers.get(who, who) if who is not None else None
    if ticket is None:
        return calling(house, bearer=bearer)  # type: ignore[arg-type]  # as above
    return websockets.connect(f"{house.url}?ticket={ticket}")


def asked(topic: str, account: str = OWN) -> dict[str, str]:
    fields = TOPIC[topic].request.model_fields
    return {fields[name].alias or name: value for name, value in {**VALUES, "account_id": account}.items() if name in fields}


async def status_of(handshake: Any) -> int:  # Any: a context of the fakes
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with handshake:
            pass
    return refusal.value.response.status_code


async def test_nobody_gets_a_socket(house: Guarded, tmp_path: Path) -> None:
    revoked_id, revoked = await house.key("alice", {"*": "admin"})
    _, expired = await house.key("alice", {"*": "admin"}, expires=1)
    assert (await house.ask("alice", "DELETE", f"/keys/{revoked_id}")).status_code == 204
    signer = JwtSigner(tmp_path)
    claims = signer.read(house.bearers["alice"])
    assert claims is not None
    late = signer.sign({**claims, "exp": int(time.time()) - 1})
    for nobody in (None, revoked, expired, late, "nonsense"):
        assert await status_of(call(house, nobody)) == 401
    assert await status_of(websockets.connect(f"{house.url}?token={house.bearers['alice']}")) == 401
    assert await status_of(websockets.connect(f"{house.url}?ticket={house.bearers['alice']}")) == 401


@pytest.mark.parametrize("caller", ["read key", "trade key", "alice", "root"])
async def test_whoever_may_read_the_account_hears_every_topic(house: Guarded, caller: str) -> None:
    who = (await house.key("alice", {"*": caller.split()[0]}))[1] if "key" in caller else caller
    async with call(house, who) as client:
        for topic in TOPIC_ROWS:
            await client.say(f"{topic}.subscribe", **asked(topic))
            assert (await answer_to(client, topic))["status"] == "ok", topic


async def test_to_another_user_a_foreign_accounts_topics_look_exactly_like_absent_ones(house: Guarded) -> None:
    async with call(house, "bob") as client:
        for topic, policy in TOPIC_ROWS.items():
            told = []
            for account in (OWN, ABSENT):
                await client.say(f"{topic}.subscribe", **asked(topic, account))
                told.append(str(await answer_to(client, topic)).replace(ABSENT, OWN))
            assert ("'code': 'unknown_account'" in told[0]) == (policy is Policy.READ), topic
            if policy is Policy.READ:
                assert told[0] == told[1], topic


async def answer_to(client: Caller, topic: str) -> dict[str, Any]:
    while (heard := await client.hear())["type"] != f"{topic}.subscribe.response":
        pass
    answer: dict[str, Any] = heard["payload"]
    return answer


async def refusal(client: Caller) -> dict[str, Any]:
    """The next error, whatever is told before it."""
    while (heard := await client.hear())["type"] != "error":
        pass
    payload: dict[str, Any] = heard["payload"]
    return payload


# Tickets


async def test_a_ticket_opens_one_socket_as_whom_it_was_given_to(house: Guarded) -> None:
    ticket = (await house.ask("alice", "POST", "/auth/ticket")).json()["ticket"]
    async with call(house, ticket=ticket) as connection:
        assert (await Caller(connection).ask("orders.subscribe", accountId=OWN))["status"] == "ok"
    assert await status_of(call(house, ticket=ticket)) == 401


async def test_a_ticket_of_a_session_that_ended_opens_nothing(house: Guarded) -> None:
    ticket = (await house.ask("alice", "POST", "/auth/ticket")).json()["ticket"]
    await house.ask("alice", "POST", "/auth/logout")
    assert await status_of(call(house, ticket=ticket)) == 401


# What ends a connection

End = Callable[[Guarded, str], Awaitable[object]]
ENDS: dict[str, End] = {
    "the key is revoked": lambda house, key: house.ask("alice", "DELETE", f"/keys/{key}"),
    "the user is disabled": lambda house, _: house.ask("root", "PATCH", "/users/alice", json={"disabled": True}),
    "the user is removed": lambda house, _: remove(house),
}


async def remove(house: Guarded) -> None:
    assert (await house.ask("root", "DELETE", "/users/alice")).status_code == 409
    assert (await house.ask("root", "PUT", f"/users/bob/accounts/{OWN}")).status_code == 200
    assert (await house.ask("root", "DELETE", "/users/alice")).status_code == 204


@pytest.mark.parametrize("how", ENDS)
async def test_a_key_that_is_good_no_more_ends_its_connection(house: Guarded, how: str) -> None:
    key, secret = await house.key("alice", {"*": "read"})
    async with call(house, secret) as client, call(house, "bob") as other:
        assert (await client.ask("orders.subscribe", accountId=OWN))["status"] == "ok"
        await ENDS[how](house, key)
        assert (await refusal(client))["code"] == "access_ended"
        assert await client.closed() == SIGNED_OUT
        assert (await other.ask("quotes.subscribe", symbol="DEMO:EURUSD"))["status"] == "ok", "others stay"


@pytest.mark.parametrize("how", ["signs out", "changes the password", "is given another", "shows a refresh token twice"])
async def test_a_session_that_ends_takes_its_connections_with_it(house: Guarded, how: str) -> None:
    signed_in = (await house.http.post("/auth/token", json={"login": "alice", "password": PASSWORD})).json()
    async with call(house, signed_in["accessToken"]) as client:
        assert (await client.ask("equity.subscribe", accountId=OWN))["status"] == "ok"
        if how == "signs out":
            await house.ask(signed_in["accessToken"], "POST", "/auth/logout")
        elif how == "changes the password":
            body = {"current": PASSWORD, "password": "another password"}
            assert (await house.ask("alice", "POST", "/auth/password", json=body)).status_code == 204
        elif how == "is given another":
            await house.ask("root", "PATCH", "/users/alice", json={"password": "another password"})
        else:
            first = {"refreshToken": signed_in["refreshToken"]}
            second = (await house.http.post("/auth/refresh", json=first)).json()["refreshToken"]
            await house.http.post("/auth/refresh", json={"refreshToken": second})
            assert (await house.http.post("/auth/refresh", json=first)).status_code == 401
        assert (await refusal(client))["code"] == "access_ended"
        assert await client.closed() == SIGNED_OUT


async def test_a_scope_that_is_taken_away_ends_its_topics_and_leaves_the_others(house: Guarded) -> None:
    opened = await house.ask("alice", "POST", "/broker/accounts", json={"id": "alice-2", "currency": "USD", "balance": 1})
    assert opened.status_code == 201
    key, secret = await house.key("alice", {"*": "read"})
    async with call(house, secret) as client:
        for account in (OWN, "alice-2"):
            assert (await client.ask("orders.subscribe", accountId=account))["status"] == "ok"
        changed = await house.ask("alice", "PATCH", f"/keys/{key}", json={"scopes": {"alice-2": "read"}})
        assert changed.status_code == 200
        ended = await refusal(client)
        assert ended["code"] == "access_ended" and OWN in ended["message"]
        assert (await client.ask("orders.unsubscribe", accountId=OWN))["code"] == "not_subscribed"
        assert (await client.ask("orders.unsubscribe", accountId="alice-2"))["status"] == "ok"
        assert (await client.ask("orders.subscribe", accountId=OWN))["code"] == "unknown_account"


async def test_an_account_given_to_another_ends_its_former_owners_topics(house: Guarded) -> None:
    async with call(house, "alice") as alice, call(house, "bob") as bob, call(house, "root") as root:
        for client in (alice, root):
            assert (await client.ask("positions.subscribe", accountId=OWN))["status"] == "ok"
        assert (await house.ask("root", "PUT", f"/users/bob/accounts/{OWN}")).status_code == 200
        assert (await refusal(alice))["code"] == "access_ended"
        assert (await bob.ask("positions.subscribe", accountId=OWN))["status"] == "ok"
        assert (await root.ask("positions.unsubscribe", accountId=OWN))["status"] == "ok", "an administrator sees everything"


async def test_nothing_of_an_account_is_heard_after_its_access_has_ended(house: Guarded) -> None:
    key, secret = await house.key("alice", {"*": "trade"})
    async with call(house, secret) as client, call(house, "alice") as owner:
        for one in (client, owner):
            assert (await one.ask("orders.subscribe", accountId=OWN))["status"] == "ok"
        await house.ask("alice", "PATCH", f"/keys/{key}", json={"scopes": {"alice-9": "read"}})
        assert (await house.ask("alice", "PATCH", f"/keys/{key}", json={"scopes": {OWN + "x": "read"}})).status_code == 404
        await house.ask("alice", "PATCH", f"/keys/{key}", json={"name": "renamed"})
        order = {"symbol": "DEMO:EURUSD", "type": 1, "side": 1, "qty": 1000, "limitPrice": 0.5}
        assert (await house.ask(secret, "POST", f"/broker/accounts/{OWN}/orders", json=order)).status_code == 200
        assert (await owner.hear())["type"] == "orders.update"
        assert (await client.hear())["type"] == "orders.update", "a scope that could not be changed stays"
        await house.ask("alice", "DELETE", f"/keys/{key}")
        assert (await refusal(client))["code"] == "access_ended"
        assert (await house.ask("alice", "POST", f"/broker/accounts/{OWN}/orders", json=order)).status_code == 200
        assert (await owner.hear())["type"] == "orders.update"
        assert await client.closed() == SIGNED_OUT
