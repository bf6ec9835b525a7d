"""A file is one idea and a function fits on half a screen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.sources import modules, our_tests, parsed, shown

FILE_LINES = 300
FUNCTION_LINES = 40


@pytest.mark.parametrize("path", [*modules(), *our_tests()], ids=shown)
def test_a_file_is_under_300_lines(path: Path) -> None:
    """Blank lines do not count: a list of one-line classes is one idea however airy."""
    lines = sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    assert lines < FILE_LINES


@pytest.mark.parametrize("path", list(modules()), ids=shown)
def test_a_function_is_under_40_lines(path: Path) -> None:
    """Functions inside a function count by themselves, not for the one around them."""
    long = {
        node.name: _lines(node)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) >= FUNCTION_LINES
    }
    assert long == {}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    inner = [one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return _span(node) - sum(_span(one) for one in inner)


def _span(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1
