"""The chapters of actions and the two lists of guards hold nothing that the table, or each other, does not use."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

from dialogs import contract_guards, guards
from dialogs.actions import (
    choosing,
    clearing,
    door,
    envelopes,
    ladder,
    leaving,
    offering,
    paying,
    people,
    reaching,
    signing,
    talk,
    turn,
)
from dialogs.arrows import spread
from dialogs.table import TABLE
from tests.house.sources import ROOT

CHAPTERS = (choosing, clearing, door, envelopes, ladder, leaving, offering, paying, people, reaching, signing, talk)
ASKING = (guards, contract_guards)


def own_functions(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in inspect.getmembers(module, inspect.isfunction)
        if value.__module__ == module.__name__ and not name.startswith("_")
    ]


def uses(module: ModuleType, name: str) -> int:
    """How often the rules speak of it, its definition apart."""
    short = module.__name__.rsplit(".", 1)[-1]
    found = 0
    for path in (ROOT / "dialogs").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found += text.count(f"{short}.{name}") + text.count(f"c.{name}") + text.count(f"g.{name}")
        found += text.count(f" {name}(") + text.count(f" {name},") + text.count(f"({name}") - text.count(f"def {name}(")
    return found


@pytest.mark.parametrize("module", [*CHAPTERS, *ASKING], ids=lambda module: module.__name__)
def test_nothing_is_written_that_nobody_uses(module: ModuleType) -> None:
    unused = [name for name in own_functions(module) if uses(module, name) < 1]
    assert unused == []


def test_the_tables_actions_live_in_the_chapters() -> None:
    homes = {arrow.action.__module__ for arrow in spread(TABLE)}
    assert homes <= {chapter.__name__ for chapter in CHAPTERS}


def test_the_tables_questions_live_in_the_lists_of_guards() -> None:
    asked = {arrow.guard.__module__ for arrow in spread(TABLE) if arrow.guard is not None}
    assert asked <= {module.__name__ for module in ASKING}


def test_a_turn_is_thrown_away_after_one_decision() -> None:
    assert turn.Turn.__slots__, "no dictionary: nothing can be hung on a turn by mistake"
