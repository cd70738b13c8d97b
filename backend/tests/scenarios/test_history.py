"""An account with more behind it than the ledger keeps at hand."""

import pytest

from scenarios.stage import TRADER, a_stage
from trading_api.core import ledger
from trading_api.models.errors import NotFound


async def test_everything_acknowledged_can_be_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "ENDED_ORDERS_MAX", 3)
    monkeypatch.setattr(ledger, "EXECUTIONS_MAX", 3)
    monkeypatch.setattr("trading_api.core.accounts.ENDED_ORDERS_MAX", 3)
    monkeypatch.setattr("trading_api.core.accounts.EXECUTIONS_MAX", 3)
    async with a_stage() as stage:
        await stage.quote("EURUSD", "1.0850", "1.0851")
        for _ in range(4):
            await stage.buy("EURUSD", 1_000)
            await stage.close("DEMO:EURUSD")
        service = stage.service
        assert len(stage.desk.ledger.executions) == 3
        fills = await service.executions(TRADER, "alice", limit=100)
        assert [one.id for one in fills] == [f"x{number}" for number in range(1, 9)]
        assert sum(one.profit - one.commission for one in fills) == stage.desk.ledger.realized
        page = await service.executions(TRADER, "alice", before="x4", limit=2)
        assert [one.id for one in page] == ["x2", "x3"]
        orders = await service.orders_history(TRADER, "alice", limit=100)
        assert [one.id for one in orders] == [f"o{number}" for number in range(8, 0, -1)]
        assert (await service.order(TRADER, "alice", "o1")).id == "o1"
        with pytest.raises(NotFound):
            await service.executions(TRADER, "alice", before="x99", limit=1)
