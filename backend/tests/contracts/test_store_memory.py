"""The tests' own store keeps the same promises, durability apart."""

import pytest

from contracts.store_contract import StoreContract
from fakes_store import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self._store = MemoryStore()

    def open(self) -> MemoryStore:
        return self._store
