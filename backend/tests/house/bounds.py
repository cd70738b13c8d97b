"""What bounds something in the source, and what grows: found by reading it."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from tree import SOURCE

BOUNDING = re.compile(
    r"(?:_MAX|_MS|_S|_SECONDS|_BYTES|_KIB|_ROWS|_LINES|_BARS|_STEPS|_PAGES|_AT_ONCE|_USUAL|_COMMANDS|^BACKLOG|^FILES_BESIDE)$"
)
NO_LIMITS = {
    # Units of time, and widths of bars
    *("SECOND_MS", "_SECOND_MS", "MINUTE_MS", "HALF_HOUR_MS", "HOUR_MS", "DAY_MS", "COARSE_MS", "BLOCK_MS", "TICK_MS"),
    # Where time begins and ends, and how far ahead of now a bar's stamp may lie
    *("EARLIEST_MS", "LATEST_MS", "AHEAD_MS", "_AHEAD_MS"),
    # Shapes: of a synthetic price, of a file, of generated code, of a name
    *("_DAY_STEPS", "_WEEK_STEPS", "CLOCK_CHANGE_MS", "_SLOT_BYTES", "ID_BYTES", "LINE_MAX", "DIGITS_USUAL"),
}
"""Named like limits, but nothing is bounded by them."""
GROWING = {"dict", "set", "list", "deque", "OrderedDict", "Counter", "defaultdict", "Queue", "LifoQueue", "PriorityQueue"}
CACHES = {"lru_cache", "cache"}


class Constant(NamedTuple):
    module: str
    name: str

    @property
    def value(self) -> int | float:
        return getattr(import_module(f"trading_api.{self.module}"), self.name)  # type: ignore[no-any-return]  # filtered below

    @property
    def text(self) -> str:
        """As a person writes it."""
        value, name = self.value, self.name
        if name.endswith(("_BYTES", "_BYTES_MAX", "_KIB")):
            return _size(int(value) * (1024 if name.endswith("_KIB") else 1))
        if re.search(r"_(?:MS|S|SECONDS)(?:_MAX)?$", name) or name.endswith("_MAX_MS"):
            return _duration(value / 1000 if name.endswith("_MS") else value)
        return f"{value:,}"

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Collection(NamedTuple):
    """Something kept by an object or a module that can hold more and more; `limit` is what its constructor says."""

    owner: str
    name: str
    limit: str | None

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


def _size(size: int) -> str:
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size:,} bytes"


def _duration(seconds: float) -> str:
    for unit, factor in (("h", 3600), ("min", 60)):
        if seconds > factor and seconds % factor == 0:
            return f"{seconds / factor:g} {unit}"
    return f"{seconds:g} s"


@cache
def trees() -> dict[str, ast.Module]:
    files = sorted(path for path in SOURCE.rglob("*.py") if "generated" not in path.parts)
    return {".".join(path.relative_to(SOURCE).with_suffix("").parts): ast.parse(path.read_text()) for path in files}


def constants() -> Iterator[Constant]:
    for module, tree in trees().items():
        for name, _ in _assigned(tree.body):
            if BOUNDING.search(name) and name not in NO_LIMITS:
                found = Constant(module, name)
                if isinstance(found.value, int | float):
                    yield found


def collections(source: Mapping[str, ast.Module] | None = None) -> Iterator[Collection]:
    """Of modules, and of objects from their construction on."""
    for module, tree in (source or trees()).items():
        for name, value in _assigned(tree.body):
            if _grows(value) and not name.isupper():
                yield Collection(module, name, _limit(value))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for name, value in _kept(node):
                    if _grows(value):
                        yield Collection(node.name, name, _limit(value))


def unbounded_caches(source: Mapping[str, ast.Module] | None = None) -> Iterator[str]:
    """`lru_cache` without a named size, and `cache`."""
    for module, tree in (source or trees()).items():
        sized = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _names_a_limit(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and _name(node) in CACHES and id(node) not in sized:
                yield f"{module}:{node.lineno}"


def _names_a_limit(call: ast.Call) -> bool:
    given = [*call.args, *(one.value for one in call.keywords if one.arg == "maxsize")]
    return bool(given) and isinstance(given[0], ast.Name) and BOUNDING.search(given[0].id) is not None


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value


def _kept(made: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """What an object of this class keeps under a name, whichever method makes it."""
    seen = set[str]()
    for name, value in _assigned(made.body):
        factory = [one.value for one in value.keywords if one.arg == "default_factory"] if isinstance(value, ast.Call) else []
        if factory:
            yield name, ast.Call(func=factory[0], args=[], keywords=[])
    for node in ast.walk(made):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Attribute) and _name(target.value) == "self" and target.attr not in seen:
                seen |= {target.attr} if _grows(node.value) else set()
                yield target.attr, node.value


def _grows(value: ast.expr) -> bool:
    """An empty collection: whatever is made empty is made to be filled."""
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List):
        return not value.elts
    if isinstance(value, ast.Call):
        kind = value.func.value if isinstance(value.func, ast.Subscript) else value.func
        empty = not value.args or _name(kind) in ("deque", "defaultdict", "Queue", "LifoQueue", "PriorityQueue")
        return _name(kind) in GROWING and empty
    return False


def _limit(value: ast.expr) -> str | None:
    if not isinstance(value, ast.Call):
        return None
    kind = value.func.value if isinstance(value.func, ast.Subscript) else value.func
    given = {one.arg: one.value for one in value.keywords}
    limit = given.get("maxlen") or given.get("maxsize")
    if limit is None and value.args and _name(kind).endswith("Queue"):
        limit = value.args[0]
    return ast.unparse(limit) if limit is not None else None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
