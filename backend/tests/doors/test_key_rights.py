"""What a key may give to keys, itself among them: at most what it holds, account by account."""

import time
from pathlib import Path

from fakes_people import guarded_house

OWN = "alice-1"
CURTAILED = {OWN: "read", "*": "admin"}
GIVEN: list[tuple[dict[str, str], bool]] = [
    (CURTAILED, True),
    ({"*": "read"}, True),
    ({OWN: "read"}, True),
    ({"*": "admin"}, False),
    ({"*": "trade"}, False),
    ({OWN: "trade"}, False),
    ({OWN: "admin", "*": "read"}, False),
]


async def test_a_key_gives_only_what_it_holds_account_by_account(tmp_path: Path) -> None:
    async with guarded_house(tmp_path) as house:
        await house.add("alice")
        opened = await house.ask("alice", "POST", "/broker/accounts", json={"id": OWN, "currency": "USD", "balance": 1})
        assert opened.status_code == 201
        for scopes, may in GIVEN:
            own, secret = await house.key("alice", CURTAILED)
            other, _ = await house.key("alice", {"*": "read"})
            given = [
                await house.ask(secret, "POST", "/keys", json={"name": "k", "scopes": scopes}),
                await house.ask(secret, "PATCH", f"/keys/{other}", json={"scopes": scopes}),
                await house.ask(secret, "PATCH", f"/keys/{own}", json={"scopes": scopes}),
            ]
            assert [one.status_code for one in given] == ([201, 200, 200] if may else [403] * 3), scopes
            assert (await house.ask(secret, "GET", f"/broker/accounts/{OWN}")).status_code == 200
            assert (await house.ask(secret, "POST", f"/broker/accounts/{OWN}/fund", json={"amount": 1})).status_code == 403


async def test_a_key_that_expires_makes_none_that_outlives_it(tmp_path: Path) -> None:
    async with guarded_house(tmp_path) as house:
        ends = int(time.time() * 1000) + 3_600_000
        _, secret = await house.key("root", {"*": "admin"}, expires=ends)
        for expires, status in ((ends, 201), (ends - 1, 201), (ends + 1, 403), (None, 403)):
            asked = {"name": "k", "scopes": {"*": "read"}, "expires": expires}
            assert (await house.ask(secret, "POST", "/keys", json=asked)).status_code == status
        assert (await house.ask("root", "POST", "/keys", json={"name": "k", "scopes": {"*": "read"}})).status_code == 201


async def test_an_administrators_key_that_lacks_a_right_anywhere_does_not_administer_the_house(tmp_path: Path) -> None:
    async with guarded_house(tmp_path) as house:
        await house.add("bob")
        _, secret = await house.key("root", {"DEMO-EUR": "read", "*": "admin"})
        raised = {"login": "mallory", "password": "quite another", "administrator": True}
        assert (await house.ask(secret, "POST", "/users", json=raised)).status_code == 403
        assert (await house.ask(secret, "PATCH", "/users/root", json={"password": "quite another"})).status_code == 403
        for_bob = {"name": "k", "scopes": {"DEMO-EUR": "read"}, "login": "bob"}
        assert (await house.ask(secret, "POST", "/keys", json=for_bob)).status_code == 403
        funded = await house.ask(secret, "POST", "/broker/accounts/DEMO-JPY/fund", json={"amount": 1})
        assert funded.status_code == 200, "what it holds it may use"
