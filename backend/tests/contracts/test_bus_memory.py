import pytest

from contracts.bus_contract import BusContract
from trading_api.core.ports import Bus, Frame
from trading_api.plugins.bus_memory import MemoryBus


class TestMemoryBus(BusContract):
    @pytest.fixture
    def bus(self) -> Bus:
        return MemoryBus()

    def test_delivery_is_over_when_publish_returns(self, bus: Bus) -> None:
        heard: list[Frame] = []
        bus.listen(heard.append)
        bus.publish(Frame("t", None, b""))
        assert len(heard) == 1
