"""Instruments of one's own trade like the built-in ones, on a real server."""

from pathlib import Path
from typing import Any

import httpx
from server_process import ServerProcess

from own_instruments import PLAIN

SUGAR = PLAIN.replace("WTI", "SUGAR").replace("1800-1700", "24x7").replace("America/New_York", "Etc/UTC")


async def quotes(client: httpx.AsyncClient, *symbols: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The values as a chart gets them, and as everyone else does."""
    charts = (await client.get(f"/datafeed/quotes?symbols={','.join(symbols)}")).json()["d"]
    others = (await client.post("/datafeed/quotes", json={"symbols": symbols})).json()
    return [one["v"] for one in charts], [one["v"] for one in others]


async def test_they_are_charted_quoted_and_traded_on_either_market(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    (folder / "instruments").mkdir(parents=True)
    (folder / "instruments" / "sugar.toml").write_text(SUGAR)
    (folder / "instruments" / "mine.toml").write_text('market = "MINE"\n' + SUGAR.replace("SUGAR", "SALT"))
    server = await ServerProcess.start(folder)
    try:
        async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", timeout=30) as client:
            history = (await client.get("/datafeed/history?symbol=SUGAR&resolution=5S&countback=20")).json()
            assert history["s"] == "ok" and len(history["t"]) == 20
            for chart, bot in zip(*await quotes(client, "BTCUSD", "SUGAR"), strict=True):
                assert set(bot) - set(chart) == (
                    {"time", "bid_size", "ask_size"} if bot["short_name"] == "BTCUSD" else {"time"}
                )
            account = {"id": "SALT-DESK", "currency": "USD", "markets": ["MINE"]}
            assert (await client.post("/broker/accounts", json=account)).status_code == 201
            for owner, symbol in (("DEMO-ACCOUNT", "SUGAR"), ("SALT-DESK", "MINE:SALT")):
                order = {"symbol": symbol, "type": 2, "side": 1, "qty": 20}
                placed = await client.post(f"/broker/accounts/{owner}/orders", json=order)
                assert placed.status_code == 200, placed.text
                (position,) = (await client.get(f"/broker/accounts/{owner}/positions")).json()
                assert (position["symbol"].partition(":")[2], position["qty"]) == (symbol.rpartition(":")[2], 20)
    finally:
        server.kill()
        await server.gone()
