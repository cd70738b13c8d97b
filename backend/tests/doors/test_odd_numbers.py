"""Python reads `1_0` as ten, and the digits of every script; whoever writes a size that way did not mean it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fakes_people import Guarded, guarded_house

REQUIRED = {"symbol": "BTCUSD", "resolution": "1", "from": "1700000000", "to": "1700003600", "query": "BTC"}
ODD = "1_0"
ORDERS = "accounts/DEMO-ACCOUNT/orders"


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded_house(tmp_path) as house:
        yield house


async def test_no_integer_in_a_query_may_be_written_oddly(house: Guarded) -> None:
    walked = set()
    for path, methods in house.app.openapi()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            kinds = [one.get("type") for one in (parameter["schema"], *parameter["schema"].get("anyOf", ()))]
            if parameter["in"] != "query" or "integer" not in kinds:
                continue
            needed = {one["name"] for one in methods["get"]["parameters"] if one["in"] == "query" and one["required"]}
            asked = {**{name: REQUIRED[name] for name in needed}, parameter["name"]: ODD}
            where = path.removeprefix("/api/v1").format(accountId="DEMO-ACCOUNT")
            answer = await house.ask("root", "GET", where, params=asked)
            refused = answer.json() if answer.status_code == 422 else {"message": answer.json().get("errmsg", "")}
            assert ODD in refused["message"], (path, answer.text)
            assert parameter["name"] in refused["message"], (path, answer.text)
            walked.add(parameter["name"])
    assert walked == {"countback", "from", "limit", "maxCount", "points", "to"}


@pytest.mark.parametrize("odd", [ODD, "٣"])
async def test_no_size_is_read_from_odd_digits(house: Guarded, odd: str) -> None:
    body = {"symbol": "DEMO:BTCUSD", "type": 2, "side": 1, "qty": odd}
    answer = await house.ask("root", "POST", f"/broker/{ORDERS}", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "qty")
    form = {"instrument": "BTCUSD", "type": "market", "side": "buy", "qty": odd}
    answer = await house.ask("root", "POST", f"/tradingview/{ORDERS}", data=form)
    assert answer.json() == {"s": "error", "errmsg": f"Expected qty: a number, found '{odd}'"}
    assert (await house.ask("root", "GET", f"/broker/{ORDERS}")).json() == []
