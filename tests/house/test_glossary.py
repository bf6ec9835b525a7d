"""docs/glossary.md knows every state, event and effect, each with the Chinese word beside it."""

from __future__ import annotations

import re

import pytest

from dialogs.effects import Effect
from dialogs.events import Event
from dialogs.states import State
from tests.house.sources import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"


def leaves(kind: type) -> list[str]:
    """Names of the classes nobody derives from: what really happens, or is wished."""
    below = kind.__subclasses__()
    return sorted({name for one in below for name in leaves(one)}) if below else [kind.__name__]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return GLOSSARY.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("word", [*(state.value for state in State), *leaves(Event), *leaves(Effect)])
def test_the_word_is_explained(lines: list[str], word: str) -> None:
    spoken = re.compile(rf"(?<![A-Za-z_]){word}(?![A-Za-z_])", re.IGNORECASE)
    explaining = [line for line in lines if spoken.search(line)]
    assert explaining, f"{word} is not in docs/glossary.md"
    assert any(re.search(r"[\u4e00-\u9fff]", line) for line in explaining), f"{word} has no Chinese beside it"
