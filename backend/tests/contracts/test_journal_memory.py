"""The tests' own journal keeps the same promises, durability apart."""

import pytest

from contracts.journal_contract import JournalContract
from fakes_journal import MemoryJournal


class TestMemoryJournal(JournalContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self._journal = MemoryJournal()

    def open(self) -> MemoryJournal:
        return self._journal
