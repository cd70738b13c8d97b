"""A store that forgets everything when the process ends, for tests that are about something else."""


class MemoryStore:
    def __init__(self) -> None:
        self._documents: dict[str, dict[str, dict[str, object]]] = {}

    async def put(self, collection: str, key: str, document: dict[str, object]) -> None:
        self._documents.setdefault(collection, {})[key] = dict(document)

    async def get(self, collection: str, key: str) -> dict[str, object] | None:
        found = self._documents.get(collection, {}).get(key)
        return None if found is None else dict(found)

    async def all(self, collection: str) -> dict[str, dict[str, object]]:
        return dict(sorted(self._documents.get(collection, {}).items()))

    async def delete(self, collection: str, key: str) -> None:
        self._documents.get(collection, {}).pop(key, None)

    async def close(self) -> None: ...
