"""Each module has a test that imports it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import dotted, modules, our_tests, parsed

EXCEPTIONS = {
    "bot.__main__": "run as a process, as its users run it",
}


def imported() -> set[str]:
    return {name for path in our_tests() for node in ast.walk(parsed(path)) for name in _names(node)}


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_each_module_is_imported_by_a_test() -> None:
    seen = imported()
    ours = {dotted(path) for path in modules() if path.name != "__init__.py"}
    untested = {name for name in ours - seen - set(EXCEPTIONS) if not _part_of_a_tested_emulator(name, seen)}
    assert not untested, "\n".join(sorted(untested))


def test_no_exception_outlives_its_reason() -> None:
    assert not set(EXCEPTIONS) & imported()


def _part_of_a_tested_emulator(name: str, seen: set[str]) -> bool:
    """``backend.sandbox.wechatpay_api`` is a part of ``…wechatpay``, and met through it over the wire."""
    whole = name.rsplit("_", 1)[0]
    return name.startswith("backend.sandbox.") and whole != name and whole in seen
