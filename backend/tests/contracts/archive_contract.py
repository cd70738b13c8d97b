"""What every archive promises. A plug's test module subclasses `ArchiveContract` and says how to open one."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from trading_api.core.ports import Archive, ArchivedBar, EquitySample, Samples
from trading_api.models.market.bars import Bar
from trading_api.models.market.quotes import Quote

MINUTE = 60_000
QUARTER = 900_000
SAMPLES_MAX = 20_000
START = 1_359_676_800_000


def a_bar(time: int, price: str, *, volume: str = "1.5") -> Bar:
    number = Decimal(price)
    return Bar(time=time, open=number, high=number + 1, low=number - 1, close=number, volume=Decimal(volume))


def some_bars(count: int, *, since: int = START, step: int = MINUTE) -> list[ArchivedBar]:
    times = range(since, since + count * step, step)
    return [ArchivedBar(a_bar(time, f"{place + 10}.10"), a_bar(time, f"{place + 10}.12")) for place, time in enumerate(times)]


def a_tick(
    time: int,
    bid: str,
    ask: str,
    *,
    last: str | None = None,
    volume: str = "0",
    sizes: tuple[str | None, str | None] = ("", ""),
) -> Quote:
    fields = {"symbol": "IMPORT:USDJPY", "time": time, "bid": bid, "ask": ask, "last": last, "volume": volume}
    return Quote.model_validate(fields | {"bid_size": sizes[0] or None, "ask_size": sizes[1] or None})


class ArchiveContract:
    """A subclass has a fixture `archive`: an empty one, closed afterwards."""

    async def test_bars_are_read_as_they_were_written(self, archive: Archive) -> None:
        bars = [*some_bars(2), ArchivedBar(a_bar(START + 2 * MINUTE, "92.540"), None)]
        series = await archive.write_bars("USDJPY", MINUTE, bars)
        found = await archive.bars("USDJPY", since=0, before=START * 2)
        assert list(found) == bars
        assert str(found[2].bid.open) == "92.540"
        assert series == ("USDJPY", "bars", MINUTE, START, START + 2 * MINUTE, 3)
        assert list(await archive.series()) == [series]

    async def test_a_window_includes_its_start_and_not_its_end(self, archive: Archive) -> None:
        bars = some_bars(5)
        await archive.write_bars("USDJPY", MINUTE, bars)
        found = await archive.bars("USDJPY", since=START + MINUTE, before=START + 3 * MINUTE)
        assert list(found) == bars[1:3]

    async def test_the_last_bars_before_a_moment(self, archive: Archive) -> None:
        bars = some_bars(5)
        await archive.write_bars("USDJPY", MINUTE, bars)
        assert list(await archive.bars("USDJPY", since=0, before=START + 4 * MINUTE, last=2)) == bars[2:4]

    async def test_sizes_are_kept_where_there_are_any(self, archive: Archive) -> None:
        ticks = [
            a_tick(START, "92.10", "92.12", sizes=("750000", "1.50")),
            a_tick(START + 1, "92.10", "92.12"),
            a_tick(START + 2, "92.10", "92.12", sizes=("3", None)),
        ]
        await archive.write_ticks("USDJPY", ticks)
        assert list(await archive.ticks("USDJPY", since=0, before=START * 2)) == ticks

    async def test_an_unknown_series_is_empty(self, archive: Archive) -> None:
        assert list(await archive.bars("NOPE", since=0, before=START * 2)) == []
        assert list(await archive.ticks("NOPE", since=0, before=START * 2)) == []
        await archive.delete("NOPE")

    async def test_writing_again_replaces_the_series(self, archive: Archive) -> None:
        await archive.write_bars("USDJPY", MINUTE, some_bars(40))
        await archive.write_bars("EURUSD", MINUTE, some_bars(3))
        await archive.write_bars("USDJPY", MINUTE, some_bars(2))
        assert [(one.name, one.rows) for one in await archive.series()] == [("EURUSD", 3), ("USDJPY", 2)]
        assert len(await archive.bars("USDJPY", since=0, before=START * 2)) == 2
        assert len(await archive.bars("USDJPY", since=0, before=START * 2, coarse=True)) == 1

    async def test_nothing_is_half_written_when_the_bars_break_off(self, archive: Archive) -> None:
        before = some_bars(3)
        await archive.write_bars("USDJPY", MINUTE, before)

        def breaking_off() -> Iterator[ArchivedBar]:
            yield from some_bars(20_000, since=START + 1)
            raise RuntimeError("the file ended in the middle of a line")

        with pytest.raises(RuntimeError, match="middle of a line"):
            await archive.write_bars("USDJPY", MINUTE, breaking_off())
        assert list(await archive.bars("USDJPY", since=0, before=START * 2)) == before

    async def test_bars_out_of_order_are_refused_whole(self, archive: Archive) -> None:
        first, second = some_bars(2)
        with pytest.raises(ValueError, match="ascending"):
            await archive.write_bars("USDJPY", MINUTE, [second, first])
        assert list(await archive.series()) == []

    async def test_quarter_hours_are_the_fold_of_their_minutes(self, archive: Archive) -> None:
        bars = some_bars(10_007, since=START + 7 * MINUTE)
        await archive.write_bars("USDJPY", MINUTE, bars)
        found = await archive.bars("USDJPY", since=0, before=START * 2, coarse=True)
        for quarter in found:
            inside = [bar.bid for bar in bars if bar.bid.time // QUARTER * QUARTER == quarter.bid.time]
            assert quarter.bid.open == inside[0].open and quarter.bid.close == inside[-1].close
            assert quarter.bid.high == max(bar.high for bar in inside)
            assert quarter.bid.low == min(bar.low for bar in inside)
            assert quarter.bid.volume == sum(bar.volume for bar in inside)
        assert sum(quarter.bid.volume for quarter in found) == sum(bar.bid.volume for bar in bars)

    async def test_ticks_keep_their_order_within_a_millisecond(self, archive: Archive) -> None:
        ticks = [
            a_tick(START, "86.655", "86.728"),
            a_tick(START, "86.650", "86.728"),
            a_tick(START + 1, "86.655", "86.660", last="86.655", volume="3"),
        ]
        series = await archive.write_ticks("USDJPY", ticks)
        assert list(await archive.ticks("USDJPY", since=START, before=START + 2)) == ticks
        assert list(await archive.ticks("USDJPY", since=0, before=START + 2, last=2)) == ticks[1:]
        assert series == ("USDJPY", "ticks", 0, START, START + 1, 3)

    async def test_a_tick_series_has_minutes(self, archive: Archive) -> None:
        times = range(START, START + 3 * MINUTE, 20_000)
        await archive.write_ticks("USDJPY", [a_tick(time, f"86.{place}", "87") for place, time in enumerate(times)])
        found = await archive.bars("USDJPY", since=0, before=START * 2)
        assert [(bar.bid.time, str(bar.bid.open), str(bar.bid.close)) for bar in found] == [
            (START, "86.0", "86.2"),
            (START + MINUTE, "86.3", "86.5"),
            (START + 2 * MINUTE, "86.6", "86.8"),
        ]
        (quarter,) = await archive.bars("USDJPY", since=0, before=START * 2, coarse=True)
        assert (str(quarter.bid.low), str(quarter.bid.high)) == ("86.0", "86.8")

    async def test_a_deleted_series_is_gone(self, archive: Archive) -> None:
        await archive.write_bars("USDJPY", MINUTE, some_bars(3))
        await archive.delete("USDJPY")
        assert list(await archive.series()) == []
        assert list(await archive.bars("USDJPY", since=0, before=START * 2)) == []


class SamplesContract:
    """What every archive promises about samples of equity. A subclass has a fixture `samples`: an empty archive."""

    async def test_samples_are_read_as_they_were_written(self, samples: Samples) -> None:
        written = [a_sample(START + MINUTE * place, f"{10_000 + place}.10") for place in range(5)]
        await samples.write_samples(written)
        found = await samples.samples("alice", 0, since=START + MINUTE, before=START + 3 * MINUTE)
        assert list(found) == written[1:3]
        assert str(found[0].equity) == "10001.10"

    async def test_a_later_sample_of_the_same_moment_replaces_the_earlier(self, samples: Samples) -> None:
        await samples.write_samples([a_sample(START, "1.00")])
        await samples.write_samples([a_sample(START, "2.00")])
        assert list(await samples.samples("alice", 0, since=0, before=START + 1)) == [a_sample(START, "2.00")]

    async def test_accounts_and_their_generations_are_kept_apart(self, samples: Samples) -> None:
        others = [a_sample(START, "1.00", account="bob"), a_sample(START, "2.00", generation=1)]
        await samples.write_samples([a_sample(START, "3.00"), *others])
        assert list(await samples.samples("alice", 0, since=0, before=START + 1)) == [a_sample(START, "3.00")]
        assert list(await samples.samples("alice", 1, since=0, before=START + 1)) == [others[1]]
        assert list(await samples.samples("carol", 0, since=0, before=START + 1)) == []

    async def test_of_too_many_samples_the_older_half_is_thinned_out(self, samples: Samples) -> None:
        count = 2 * SAMPLES_MAX
        for start in range(0, count, 4_000):
            await samples.write_samples([a_sample(START + place, "1") for place in range(start, start + 4_000)])
        found = [one.time - START for one in await samples.samples("alice", 0, since=0, before=2 * START)]
        assert SAMPLES_MAX // 2 < len(found) <= SAMPLES_MAX
        assert found[0] == 0 and found[-1] == count - 1
        gaps = [later - earlier for earlier, later in zip(found, found[1:], strict=False)]
        assert gaps == sorted(gaps, reverse=True) and gaps[-1] == 1, "the older, the sparser"


def a_sample(time: int, equity: str, *, account: str = "alice", generation: int = 0) -> EquitySample:
    return EquitySample(account, generation, time, Decimal("10000.00"), Decimal(equity))
