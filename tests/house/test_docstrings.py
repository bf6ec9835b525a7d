"""Each file says in one or two lines why it exists; an ``__init__`` says nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.sources import modules, our_tests, parsed, shown


@pytest.mark.parametrize("path", [*modules(), *our_tests()], ids=shown)
def test_the_file_says_why_it_exists(path: Path) -> None:
    said = ast.get_docstring(parsed(path))
    assert said
    assert len(said.split("\n\n", maxsplit=1)[0].splitlines()) <= 3
    if path.name == "__init__.py":
        assert len(parsed(path).body) == 1
