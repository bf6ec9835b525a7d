"""No unfinished work, no addresses of package hosts and no paths of somebody's machine in what is committed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import modules, parsed, shown, tracked

# Patterns, so that this file does not find itself.
UNFINISHED = re.compile(r"\bTO[D]O\b|FIX[M]E|raise NotImplement[e]dError|lorem [i]psum", re.IGNORECASE)
HOSTS = re.compile(r"(pypi|pythonhosted|npmjs|debian|docker|ghcr|quay)[.](org|com|io)")
PLACES = re.compile(r"(?<![\w.])/(work|root|home|Users)/[a-z]")
TEXT_LIMIT = 2_000_000


def text_of(path: Path) -> str:
    """Empty for what is not text."""
    raw = path.read_bytes()[:TEXT_LIMIT]
    return "" if b"\0" in raw else raw.decode("utf-8", errors="replace")


@pytest.mark.parametrize("words", [UNFINISHED, HOSTS, PLACES], ids=["unfinished", "hosts", "places"])
def test_words_that_have_no_business_here(words: re.Pattern[str]) -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if words.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("path", list(modules()), ids=shown)
def test_no_function_is_empty(path: Path) -> None:
    """Only a Protocol, or an abstract method, promises without doing."""
    promising = {
        method
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
        for method in node.body
    }
    empty = [
        node.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node not in promising and _does_nothing(node)
    ]
    assert empty == []


def _does_nothing(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    promises = any("abstractmethod" in ast.unparse(one) for one in node.decorator_list)
    return not promises and all(isinstance(one, ast.Pass) for one in body)
