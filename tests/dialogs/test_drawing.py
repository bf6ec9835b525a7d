"""docs/renewal.mmd is the table, drawn: nobody edits it by hand."""

from __future__ import annotations

import tomllib

from dialogs.arrows import spread
from dialogs.drawing import NAMES, mermaid
from dialogs.states import State
from dialogs.table import TABLE
from tests.house.sources import ROOT


def test_the_picture_in_the_docs_is_the_one_the_table_draws() -> None:
    committed = (ROOT / "docs" / "renewal.mmd").read_text(encoding="utf-8")
    assert committed == mermaid(None), "run `make diagram`"


def test_every_state_has_a_name_and_the_same_one_as_on_the_pages() -> None:
    phrases = tomllib.loads((ROOT / "templates" / "messages" / "phrases.toml").read_text(encoding="utf-8"))
    assert {state.value: NAMES[state] for state in State} == {
        key: words["zh"] for key, words in phrases["state"].items()
    }


def test_every_way_of_the_table_is_an_arrow() -> None:
    drawn = {tuple(line.split(" : ")[0].strip().split(" --> ")) for line in mermaid(None).splitlines() if " : " in line}
    ways = {(arrow.source.value, arrow.goes_to.value) for arrow in spread(TABLE) if arrow.goes_to is not arrow.source}
    assert drawn == ways


def test_the_state_one_stands_in_is_lit() -> None:
    assert "class paying lit" in mermaid(State.PAYING)
    assert "class paying lit" not in mermaid(None)
