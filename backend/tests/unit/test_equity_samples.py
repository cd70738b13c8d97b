"""When equity is sampled, and what a curve makes of samples and balances."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from fakes import FakeClock, settle
from fakes_samples import MemorySamples
from trading_api.core import equity_samples
from trading_api.core.equity_samples import SAMPLE_EVERY_MS, WRITE_EVERY_S, EquitySampler, curve, edges
from trading_api.core.holdings import Holding
from trading_api.core.ledger import Ledger
from trading_api.core.ports import EquitySample
from trading_api.models.broker.account import EquityData
from trading_api.models.broker.history import EquityPoint, StatementLine
from trading_api.models.broker.orders import Side
from trading_api.models.errors import TryLater
from trading_api.models.facts import Executed, Fact, Funded

NOW = 1_704_067_200_000
MINUTE = SAMPLE_EVERY_MS


class BusySamples(MemorySamples):
    """An archive that an import is being written into."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = True

    async def write_samples(self, samples: Sequence[EquitySample]) -> None:
        if self.busy:
            raise TryLater("archive_busy", "Expected the archive to be free, found an import being written")
        await super().write_samples(samples)


class BrokenSamples(MemorySamples):
    async def write_samples(self, samples: Sequence[EquitySample]) -> None:
        raise OSError("no space left")


class Watched:
    """A sampler and one account whose equity is what the test says."""

    def __init__(self, samples: MemorySamples | None = None) -> None:
        self.clock = FakeClock(NOW)
        self.sampler = EquitySampler(samples or MemorySamples(), self.clock)
        self.ledger = Ledger("alice")
        self.asked = 0

    def hold(self) -> None:
        self.ledger.positions["p"] = Holding("p", "DEMO:EURUSD", Decimal(1), Decimal(1), NOW, NOW)

    def see(self, time: int, equity: int = 0, *, closes: bool = False, paid: bool = False) -> None:
        def worth() -> EquityData:
            self.asked += 1
            money = dict.fromkeys(("unrealized_profit", "realized_profit", "margin_used", "margin_available"), Decimal(0))
            return EquityData(
                account_id="alice", currency="USD", balance=Decimal(100), equity=Decimal(equity), time=time, **money
            )

        facts: list[Fact] = [a_close(time)] if closes else []
        if paid:
            facts.append(Funded(time=time, amount=Decimal(5)))
        self.sampler.see(self.ledger, facts, now=time, equity=worth)

    async def kept(self) -> list[int]:
        found = await self.sampler.read("alice", 0, since=0, until=NOW * 2)
        return [one.time - NOW for one in found]


def a_close(time: int) -> Executed:
    return Executed(
        time=time,
        execution_id="x1",
        order_id="o1",
        position_id="p",
        symbol="DEMO:EURUSD",
        side=Side.SELL,
        quantity=Decimal(1),
        price=Decimal(1),
        closed_quantity=Decimal(1),
        closed_cost=Decimal(1),
        profit=Decimal(0),
        commission=Decimal(0),
    )


def a_line(time: int, balance: int, open_positions: int = 0) -> StatementLine:
    return StatementLine(
        fact=1, time=time, kind="trade", amount=Decimal(0), balance=Decimal(balance), open_positions=open_positions
    )


async def test_a_flat_account_is_not_sampled() -> None:
    watched = Watched()
    watched.see(NOW)
    assert await watched.kept() == [] and watched.asked == 0


async def test_an_open_position_is_sampled_once_per_interval() -> None:
    watched = Watched()
    watched.hold()
    for wait in (0, 1_000, MINUTE - 1, MINUTE, MINUTE + 5, 2 * MINUTE + 1):
        watched.see(NOW + wait)
    assert await watched.kept() == [0, MINUTE, 2 * MINUTE + 1]
    assert watched.asked == 3, "equity is worked out only when a sample is due"


async def test_each_closing_fill_is_sampled() -> None:
    watched = Watched()
    watched.hold()
    watched.see(NOW)
    watched.see(NOW + 10, closes=True)
    watched.ledger.positions.clear()
    watched.see(NOW + 20, closes=True)
    assert await watched.kept() == [0, 10, 20]


async def test_samples_wait_for_a_busy_archive_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equity_samples, "WAITING_MAX", 3)
    samples = BusySamples()
    watched = Watched(samples)
    watched.hold()
    for place in range(5):
        watched.see(NOW + place * MINUTE)
        await watched.sampler.write()
    assert await watched.kept() == []
    samples.busy = False
    assert await watched.kept() == [0, MINUTE, 2 * MINUTE]


async def test_what_was_sampled_is_written_every_few_seconds_and_at_the_end() -> None:
    samples = MemorySamples()
    watched = Watched(samples)
    watched.hold()
    failures: list[BaseException] = []
    watched.sampler.start(failures.append)
    watched.see(NOW)
    await watched.clock.advance(round(WRITE_EVERY_S * 1000))
    assert len(await samples.samples("alice", 0, since=0, before=NOW * 2)) == 1
    watched.see(NOW + MINUTE)
    await watched.sampler.close()
    assert len(await samples.samples("alice", 0, since=0, before=NOW * 2)) == 2
    assert failures == []


async def test_an_archive_that_fails_stops_the_sampling_and_nothing_else() -> None:
    watched = Watched(BrokenSamples())
    watched.hold()
    failures: list[BaseException] = []
    watched.sampler.start(failures.append)
    watched.see(NOW)
    await watched.clock.advance(round(WRITE_EVERY_S * 1000))
    await settle()
    assert [str(one) for one in failures] == ["no space left"]
    await watched.sampler.close()


async def test_money_paid_in_or_out_is_sampled_at_once() -> None:
    watched = Watched()
    watched.hold()
    watched.see(NOW)
    watched.see(NOW + 1)
    watched.see(NOW + 2, paid=True)
    assert await watched.kept() == [0, 2]


@pytest.mark.parametrize(("since", "until", "points"), [(0, 10, 3), (0, 7, 7), (5, 1_000_003, 17), (0, 3, 10), (9, 9, 2)])
def test_the_stretches_of_a_curve_cover_the_period(since: int, until: int, points: int) -> None:
    ends = edges(since, until, points)
    assert ends == sorted(set(ends)) and len(ends) <= points
    assert ends[-1] == max(until, since + 1)


def test_a_curve_takes_the_last_point_of_each_stretch_and_prefers_one_with_equity() -> None:
    samples = [EquitySample("alice", 0, NOW + time, Decimal(100), Decimal(equity)) for time, equity in ((1, 101), (2, 102))]
    lines = [a_line(NOW + 3, 100, open_positions=1), a_line(NOW + 12, 110), a_line(NOW + 31, 120, open_positions=1)]
    points = curve(samples, lines, [NOW + 10, NOW + 20, NOW + 30, NOW + 40])
    assert points == [
        EquityPoint(time=NOW + 2, balance=Decimal(100), equity=Decimal(102)),
        EquityPoint(time=NOW + 12, balance=Decimal(110), equity=Decimal(110)),
        EquityPoint(time=NOW + 31, balance=Decimal(120)),
    ]
