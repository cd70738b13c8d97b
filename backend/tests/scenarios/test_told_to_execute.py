"""Stories of a simulation that fills only when it is told to."""

from scenarios.stage import TRADER, Stage, a_stage, refusal
from trading_api.core.access import Principal
from trading_api.models.common import CommandAnswer

EURUSD = "DEMO:EURUSD"


async def execute(stage: Stage, order_id: str | None) -> CommandAnswer:
    assert order_id is not None
    return await stage.service.execute(TRADER, "alice", order_id)


async def test_an_order_s_own_terms_still_hold() -> None:
    async with a_stage(delay=None) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000, limit="1.0800")
        before = stage.desk.ledger.sequence
        refused = await refusal(execute(stage, placed.order_id))
        assert (refused.code, refused.field) == ("not_executable", "orderId")
        assert stage.desk.ledger.sequence == before
        await stage.quote("EURUSD", "1.0799", "1.0800")
        await execute(stage, placed.order_id)
        assert stage.position(EURUSD) is not None


async def test_only_who_may_trade_may_tell() -> None:
    async with a_stage(delay=None) as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        placed = await stage.buy("EURUSD", 1_000)
        reader = Principal("reader", frozenset({"read"}))
        refused = await refusal(stage.service.execute(reader, "alice", placed.order_id or ""))
        assert refused.code == "not_allowed"
        assert (await refusal(execute(stage, "o99"))).code == "unknown_order"
