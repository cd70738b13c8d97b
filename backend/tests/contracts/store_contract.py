"""What every store promises. A plug's test class inherits this and says how to open one."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

import pytest

from trading_api.core.ports import Store

ALICE: dict[str, object] = {"name": "Alice", "tags": ["a", "円"], "nested": {"on": True, "none": None, "amount": "1.10"}}


class StoreContract(ABC):
    @abstractmethod
    def open(self) -> Store:
        """A store at this test's own place: opened again, the same one."""

    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        store = self.open()
        yield store
        await store.close()

    async def test_a_document_comes_back_as_it_was(self, store: Store) -> None:
        await store.put("accounts", "alice", ALICE)
        assert await store.get("accounts", "alice") == ALICE

    async def test_a_second_put_replaces_the_first(self, store: Store) -> None:
        await store.put("accounts", "alice", ALICE)
        await store.put("accounts", "alice", {"name": "Alicia"})
        assert await store.get("accounts", "alice") == {"name": "Alicia"}

    async def test_what_was_never_put_or_was_deleted_is_none(self, store: Store) -> None:
        await store.put("accounts", "alice", ALICE)
        await store.delete("accounts", "alice")
        assert await store.get("accounts", "alice") is None
        assert await store.get("accounts", "bob") is None
        await store.delete("accounts", "bob")

    async def test_collections_are_apart_and_listed_by_key(self, store: Store) -> None:
        for key in ("b", "a", "c"):
            await store.put("letters", key, {"key": key})
        await store.put("others", "a", {})
        assert list((await store.all("letters")).items()) == [(key, {"key": key}) for key in ("a", "b", "c")]
        assert await store.all("none") == {}

    async def test_a_document_taken_out_can_be_changed_without_changing_the_store(self, store: Store) -> None:
        await store.put("accounts", "alice", ALICE)
        taken = await store.get("accounts", "alice")
        assert taken is not None
        taken["name"] = "Mallory"
        assert await store.get("accounts", "alice") == ALICE

    async def test_puts_asked_at_once_end_with_the_last(self, store: Store) -> None:
        await asyncio.gather(*(store.put("numbers", "n", {"value": value}) for value in range(50)))
        assert await store.get("numbers", "n") == {"value": 49}
