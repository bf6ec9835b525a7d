"""The picture shows every state once, and only ways that the table knows."""

from __future__ import annotations

import itertools

import pytest

from backend.console.diagram import BOX_H, BOX_W, EDGES, PLACES, draw, passed, way
from dialogs.machine import RULES
from dialogs.states import State


def test_every_state_has_a_place_of_its_own() -> None:
    assert set(PLACES) == set(State)
    assert len(set(PLACES.values())) == len(PLACES)


def test_every_way_drawn_is_a_row_of_the_table() -> None:
    known = {(arrow.source, arrow.goes_to) for arrow in RULES.arrows}
    assert [edge for edge in EDGES if edge not in known] == []


@pytest.mark.parametrize("upright", [False, True])
def test_boxes_lie_in_the_picture_and_apart(upright: bool) -> None:
    picture = draw(State.OPENED, upright=upright)
    assert (picture.height > picture.width) is upright
    for box in picture.boxes:
        assert box.x >= 0
        assert box.x + BOX_W <= picture.width
        assert box.y + BOX_H <= picture.height
    for one, other in itertools.combinations(picture.boxes, 2):
        assert abs(one.x - other.x) >= BOX_W or abs(one.y - other.y) >= BOX_H


def test_one_box_is_lit_and_the_way_here_is_tinted() -> None:
    rows = ["opened --TierDue--> reminded", "reminded --PageOpened--> offered", "no row at all", ""]
    looks = {box.state: box.look for box in draw(State.OFFERED, passed(rows)).boxes}
    assert (looks["offered"], looks["opened"], looks["reminded"], looks["paying"]) == ("lit", "past", "past", "plain")
    assert list(looks.values()).count("lit") == 1


def test_a_row_says_from_where_to_where() -> None:
    assert way("offered --Chose--> confirming") == ("offered", "confirming")
    assert way("nowhere --Chose--> confirming") is None
    assert way("late") is None


@pytest.mark.parametrize("upright", [False, True])
def test_arrows_run_from_edge_to_edge(upright: bool) -> None:
    picture = draw(State.OPENED, upright=upright)
    corners = {(box.x, box.y) for box in picture.boxes}
    for arrow in picture.arrows:
        assert (arrow.x1, arrow.y1) != (arrow.x2, arrow.y2)
        for x, y in ((arrow.x1, arrow.y1), (arrow.x2, arrow.y2)):
            assert any(left <= x <= left + BOX_W and top <= y <= top + BOX_H for left, top in corners)
