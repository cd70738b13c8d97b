"""The bus of one process: a frame reaches every listener before `publish` returns, in the order it was published."""

from collections.abc import Callable

from trading_api.core.ports import Frame


class MemoryBus:
    def __init__(self) -> None:
        self._listeners: tuple[Callable[[Frame], None], ...] = ()

    def publish(self, frame: Frame) -> None:
        for deliver in self._listeners:
            deliver(frame)

    def listen(self, deliver: Callable[[Frame], None]) -> None:
        self._listeners = (*self._listeners, deliver)
