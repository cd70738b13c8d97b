"""The accounts and instruments of tests/recorded/b, and what was done there: a bit of everything the engine had learned.

It is read by the script that made the recording and by the test that opens it; changing the story changes nothing recorded.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from recorded_state import Prices, state_of, told

from fakes_journal import MemoryJournal
from fakes_market import MONDAY, ScriptedMarket, an_instrument
from scenarios.stage import TRADER, Stage, a_stage
from trading_api.models.broker.account import AccountRequest, RiskLimits
from trading_api.models.common import CommandAnswer
from trading_api.models.facts import Leveraged, Limited, Locked
from trading_api.models.market.instruments import InstrumentKind, Weekday
from trading_api.plugins.store_sqlite import SqliteStore

NAMES = ("nora", "hanna", "mia", "lou")
DAY_MS = 86_400_000
EURUSD, ACME = "DEMO:EURUSD", "DEMO:ACME"
ENDS = MONDAY + 9 * DAY_MS
BEFORE = {"EURUSD": ("1.08500", "1.08510"), "ACME": ("50.00", "50.02")}
AFTER = {"EURUSD": ("1.09000", "1.09010"), "ACME": ("51.00", "51.02")}


def accounts() -> tuple[AccountRequest, ...]:
    """Netting; hedging, first in first out; one that is called and stopped out; one with limits."""
    fields: tuple[dict[str, object], ...] = (
        {"id": "nora", "balance": 100_000},
        {"id": "hanna", "name": "Hanna ハナ", "balance": 50_000, "positionMode": "hedging", "fifo": True},
        {"id": "mia", "balance": 400, "leverage": 30},
        {"id": "lou", "balance": 20_000, "positionMode": "hedging"},
    )
    return tuple(map(AccountRequest.model_validate, fields))


@asynccontextmanager
async def b_broker(journal: MemoryJournal, store: SqliteStore, prices: Prices, *, now: int = MONDAY) -> AsyncIterator[Stage]:
    nightly = {"long": "-0.00008", "short": "0.00004", "triple": Weekday.WEDNESDAY}
    euro = an_instrument("EURUSD", commission={"rate": "0.00002"}, swap=nightly)
    share = an_instrument(
        "ACME",
        kind=InstrumentKind.STOCK,
        currency="USD",
        base_currency=None,
        tick_size="0.01",
        pip_size="0.01",
        dividend={"amount": "0.55", "months": (1, 7), "day": 2},
    )
    market = ScriptedMarket(instruments=(euro, share), now=now)
    for name, (bid, ask) in prices.items():
        await market.tell(name, bid, ask)
    first, *others = accounts()
    async with a_stage(account=first, others=tuple(others), journal=journal, store=store, market=market) as stage:
        yield stage


def numbered(nora: Stage) -> dict[str, Awaitable[CommandAnswer]]:
    """Commands with a client id: their first answers are recorded, and given again."""
    hanna = nora.of("hanna")
    return {
        "market": nora.buy(EURUSD, 10_000, client_id="market", take_profit="1.1", stop_loss="1.07"),
        "trailing": hanna.buy(EURUSD, 4_000, client_id="trailing", trailing_stop_pips=30),
        "until": nora.buy(EURUSD, 1_000, limit="1.02", client_id="until", duration={"type": "GTD", "datetime": ENDS}),
        "group": hanna.buy(EURUSD, 2_000, limit="1.04", client_id="group", oco_group="both"),
        "short": hanna.sell(EURUSD, 3_000, client_id="short"),
    }


async def trade(nora: Stage) -> dict[str, Any]:
    """A bit of everything that is new. Returns the answers by client id."""
    hanna, mia, lou = (nora.of(name) for name in NAMES[1:])
    await nora.quote("EURUSD", "1.08500", "1.08510", sizes=(6_000, 6_000))
    answers = {client_id: told(await command) for client_id, command in numbered(nora).items()}
    await hanna.buy(EURUSD, 2_000, stop="1.2", oco_group="both")
    await nora.quote("EURUSD", "1.08520", "1.08530", sizes=(6_000, 6_000))
    await nora.buy(EURUSD, 9_000, limit="1.0853", duration={"type": "IOC"})
    await nora.buy(EURUSD, 50_000, duration={"type": "FOK"})
    await nora.quote("EURUSD", "1.08600", "1.08610")
    await nora.protect(EURUSD, take_profit="1.0990", trailing_stop_pips=40)
    await nora.buy(ACME, 100, stop_loss="45")
    await hanna.protect(hanna.holdings[0].id, stop_loss="1.0800", take_profit="1.1000")
    limits = RiskLimits.model_validate({"openPositions": 3, "dailyLoss": 500, "drawdown": 5_000})
    await lou.desk.ask(Limited(time=0, limits=limits))
    await lou.buy(EURUSD, 40_000)
    await lou.sell(EURUSD, 10_000)
    await mia.buy(EURUSD, 10_000)
    await mia.desk.ask(Leveraged(time=0, leverage=Decimal(40)), EURUSD)
    await mia.fund("25.50")
    await nora.quote("EURUSD", "1.05700", "1.05710")
    await nora.quote("EURUSD", "1.05000", "1.05010")
    await nora.quote("EURUSD", "1.06500", "1.06510")
    await nora.sell(EURUSD, 8_000)
    await nora.reverse(EURUSD)
    await nora.pass_time(3 * DAY_MS)
    await nora.quote("ACME", "51.00", "51.02")
    await nora.quote("EURUSD", "1.09000", "1.09010")
    await hanna.close(EURUSD, 1_000, side=hanna.holdings[0].side)
    await hanna.buy(EURUSD, 1_000, limit="1.0100")
    await hanna.cancel_all()
    await hanna.buy(EURUSD, 2_000, limit="1.0300", stop_loss="1.0200", trailing_stop_pips=25)
    await nora.pass_time(9 * DAY_MS)
    await nora.quote("ACME", *AFTER["ACME"])
    await nora.quote("EURUSD", *AFTER["EURUSD"])
    await nora.flatten(ACME)
    await lou.desk.ask(Locked(time=0, reason="kill_switch", text="Enough for today"))
    await nora.buy(EURUSD, 4_000, stop="1.2", stop_loss="1.1")
    return answers


def state_b(stage: Stage) -> dict[str, Any]:
    """As recorded for `a`, and what is new."""
    standing = stage.desk.ledger.standing
    return state_of(stage) | {
        "individual": [told(one) for one in stage.service.individual_positions(TRADER, stage.account_id)]
        if stage.desk.ledger.hedging
        else [],
        "limits": told(standing.limits),
        "lock": told(standing.lock) if standing.lock else None,
        "day": standing.day,
        "measured": [str(one) for one in (standing.opening_equity, standing.high_equity, standing.reference_equity)],
        "notices": [told(one) for one in standing.notices],
    }
