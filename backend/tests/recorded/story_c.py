"""What was done for tests/recorded/c: custom fields, extremes of open positions, a venue that says nothing, a saved chart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from recorded_state import Prices, told

from fakes import FakeClock
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from fakes_venue import FarVenue
from scenarios.stage import Stage, a_stage
from trading_api.core.chart_storage import ChartStorage, Owner
from trading_api.core.outgoing import SILENCE_S
from trading_api.core.ports import Journal, Store
from trading_api.core.stretches import EXTREMES_EVERY_MS
from trading_api.models.broker.account import AccountRequest
from trading_api.models.chart_storage import ChartForm
from trading_api.models.common import CommandAnswer

EURUSD = "DEMO:EURUSD"
BEFORE: Prices = {"EURUSD": ("1.08500", "1.08510")}
AFTER: Prices = {"EURUSD": ("1.08640", "1.08650")}
CHARTS = Owner("terminal", "cora")


@asynccontextmanager
async def c_broker(name: str, journal: Journal, store: Store, prices: Prices, *, now: int = MONDAY) -> AsyncIterator[Stage]:
    """`cora` trades in the house, `quinn` on a venue outside that never answers."""
    market = ScriptedMarket(instruments=(an_instrument("EURUSD", commission={"rate": "0.00002"}),), now=now)
    for symbol, (bid, ask) in prices.items():
        await market.tell(symbol, bid, ask)
    account = AccountRequest.model_validate({"id": name, "balance": 10_000})
    stranger = FarVenue if name == "quinn" else None
    async with a_stage(account=account, journal=journal, store=store, market=market, stranger=stranger) as stage:
        yield stage


def numbered(cora: Stage) -> dict[str, Awaitable[CommandAnswer]]:
    """Commands with a client id: their first answers are recorded, and given again."""
    fields = {"strategy": "morning", "checked": True, "note": {"text": "from the desk", "checked": False}}
    return {
        "noted": cora.buy(EURUSD, 10_000, client_id="noted", stop_loss="1.0800", custom_fields=fields),
        "waiting": cora.sell(EURUSD, 4_000, limit="1.0990", client_id="waiting", custom_fields={"strategy": "evening"}),
    }


async def trade(cora: Stage) -> dict[str, Any]:
    answers = {client_id: told(await command) for client_id, command in numbered(cora).items()}
    for bid, ask in (("1.08300", "1.08310"), ("1.08900", "1.08910"), AFTER["EURUSD"]):
        await cora.quote("EURUSD", bid, ask, after=EXTREMES_EVERY_MS)
    await cora.sell(EURUSD, 3_000)
    return answers


async def wait_in_vain(quinn: Stage) -> None:
    """The order keeps its place, and says so."""
    asking = asyncio.create_task(quinn.buy(EURUSD, 1_000, client_id="unheard"))
    await asyncio.sleep(0)
    await quinn.quote("EURUSD", *AFTER["EURUSD"])
    await quinn.clock.advance(int(SILENCE_S * 1000))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def draw(store: Store) -> str:
    charts = ChartStorage(store, FakeClock(MONDAY))
    form = ChartForm(name="Morning", content='{"lines": [1.08]}', symbol=EURUSD, resolution="15")
    return await charts.save_chart(CHARTS, form)


def extremes(stage: Stage) -> dict[str, Any]:
    return {one.id: told(one.extremes) for one in stage.holdings if one.extremes is not None}
