"""Samples of equity that are forgotten when the process ends."""

from collections.abc import Sequence

from trading_api.core.ports import EquitySample


class MemorySamples:
    def __init__(self) -> None:
        self._samples: dict[tuple[str, int], dict[int, EquitySample]] = {}

    async def write_samples(self, samples: Sequence[EquitySample]) -> None:
        for one in samples:
            self._samples.setdefault((one.account, one.generation), {})[one.time] = one

    async def samples(self, account: str, generation: int, *, since: int, before: int) -> Sequence[EquitySample]:
        kept = self._samples.get((account, generation), {})
        return [kept[time] for time in sorted(kept) if since <= time < before]
