"""Names say what a thing is: words that fit anything are not names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import modules, parsed, shown

EMPTY = {"manager", "helper", "helpers", "util", "utils", "base", "common", "data", "misc", "stuff"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


@pytest.mark.parametrize("path", list(modules()), ids=shown)
def test_no_empty_words_in_names(path: Path) -> None:
    defined = [path.stem, path.parent.name]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            defined.append(node.name)
    assert [name for name in defined if words(name) & EMPTY] == []


def test_words_are_told_apart() -> None:
    assert words("HTTPBaseHandler_of_data2") == {"http", "base", "handler", "of", "data", "2"}
    assert words("Database") == {"database"}
