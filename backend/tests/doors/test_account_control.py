"""Previews, leverage, limits and the lock over HTTP: the fields as they are written, and the statuses."""

from pathlib import Path

from doors.broker_house import serving

ACCOUNT = "/accounts/DEMO-ACCOUNT"
ORDER = {"symbol": "BTCUSD", "type": 1, "side": 1, "qty": 0.1, "limitPrice": 100}


async def test_a_ticket_previews_confirms_and_places(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        told = (await client.post(f"{ACCOUNT}/orders/preview", json=ORDER)).json()
        assert told["errors"] == [] and told["confirmId"].startswith("c1-")
        assert told["figures"]["marginNeeded"] == 1 and told["figures"]["currency"] == "USD"
        assert [one["header"] for one in told["sections"]] == ["Order", "Costs", "Margin", "Outcome"]
        named = {**ORDER, "confirmId": told["confirmId"]}
        refused = await client.post(f"{ACCOUNT}/orders", json={**named, "qty": 0.2})
        assert refused.status_code == 422
        assert (refused.json()["code"], refused.json()["field"]) == ("confirmation_mismatch", "confirmId")
        placed = (await client.post(f"{ACCOUNT}/orders", json=named)).json()
        change = {"limitPrice": 110}
        told = (await client.post(f"{ACCOUNT}/orders/{placed['orderId']}/preview", json=change)).json()
        assert told["figures"]["price"] == 110
        changed = await client.patch(f"{ACCOUNT}/orders/{placed['orderId']}", json={**change, "confirmId": told["confirmId"]})
        assert changed.status_code == 200


async def test_leverage_is_read_set_and_previewed(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        read = (await client.get(f"{ACCOUNT}/leverage")).json()
        assert read == {"title": "Leverage of account DEMO-ACCOUNT", "leverage": 30, "min": 1, "max": 1000, "step": 1}
        ticket = {"symbol": "EURUSD", "orderType": 2, "side": 1, "leverage": 2000}
        told = (await client.post(f"{ACCOUNT}/leverage/preview", json=ticket)).json()
        assert told["leverage"] == 1000 and told["errors"] == [] and len(told["infos"]) == 3
        first = await client.put(f"{ACCOUNT}/leverage", json={"leverage": 2000}, headers={"Idempotency-Key": "l1"})
        again = await client.put(f"{ACCOUNT}/leverage", json={"leverage": 2000}, headers={"Idempotency-Key": "l1"})
        assert first.json() == again.json() and first.json()["leverage"] == 1000
        assert (await client.get(ACCOUNT)).json()["leverage"] == 1000


async def test_limits_and_the_lock_hold_and_are_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        limits = {"symbols": {"BTCUSD": {"order": 0.1}}, "dailyLoss": 500, "timezone": "Europe/Berlin"}
        assert (await client.put(f"{ACCOUNT}/limits", json=limits)).status_code == 200
        told = (await client.get(f"{ACCOUNT}/limits")).json()
        assert told["limits"]["symbols"] == {"DEMO:BTCUSD": {"order": 0.1}} and told["limits"]["dailyLoss"] == 500
        refused = await client.post(f"{ACCOUNT}/orders", json={**ORDER, "qty": 0.2})
        assert (refused.status_code, refused.json()["code"], refused.json()["nearest"]) == (422, "order_above_limit", 0.1)
        assert (await client.post(f"{ACCOUNT}/lock", json={"text": "lunch"})).status_code == 200
        lock = (await client.get(f"{ACCOUNT}/lock")).json()
        assert (lock["locked"], lock["reason"], lock["text"]) == (True, "kill_switch", "Kill switch: lunch")
        assert (await client.post(f"{ACCOUNT}/orders", json=ORDER)).json()["code"] == "account_locked"
        freed = await client.delete(f"{ACCOUNT}/lock")
        assert freed.status_code == 200, freed.text
        assert (await client.get(f"{ACCOUNT}/lock")).json() == {"locked": False, "text": ""}
        assert (await client.delete(f"{ACCOUNT}/lock")).json()["code"] == "not_locked"
        told = [one["notice"] for one in (await client.get(f"{ACCOUNT}/notices")).json()]
        assert told == ["unlock", "lock", "limits"]
