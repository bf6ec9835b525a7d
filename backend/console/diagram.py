"""The picture of a renewal's passage, laid out by hand: the main way in the middle, side ways above, exits below.

On a phone it stands upright: the way runs down, side ways to the left, exits to the right."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dialogs.states import State

BOX_W, BOX_H, MARGIN = 94, 44, 8
LYING, UPRIGHT = (112, 92), (106, 68)
"""Width and height of a cell."""

PLACES: dict[State, tuple[int, int]] = {
    State.HAND_PRICING: (0, 0),
    State.UNREACHABLE: (1, 0),
    State.HESITATING: (2, 0),
    State.NEGOTIATING: (3, 0),
    State.GATED: (4, 0),
    State.DISPUTED: (5, 0),
    State.MONEY_TROUBLE: (6, 0),
    State.OPENED: (0, 1),
    State.REMINDED: (1, 1),
    State.OFFERED: (2, 1),
    State.CONFIRMING: (3, 1),
    State.CHECKING: (4, 1),
    State.AWAITING_SIGNATURE: (5, 1),
    State.BILLING: (6, 1),
    State.PAYING: (7, 1),
    State.EXTENDING: (8, 1),
    State.RENEWED: (9, 1),
    State.ON_HOLD: (0, 2),
    State.MOVING_OUT: (3, 2),
    State.MOVED_OUT: (4, 2),
    State.LAPSED: (5, 2),
    State.HOLDOVER: (6, 2),
}
"""Column and row of the lying picture."""

EDGES: tuple[tuple[State, State], ...] = (
    (State.OPENED, State.REMINDED),
    (State.OPENED, State.HAND_PRICING),
    (State.REMINDED, State.UNREACHABLE),
    (State.REMINDED, State.OFFERED),
    (State.OFFERED, State.HESITATING),
    (State.OFFERED, State.NEGOTIATING),
    (State.OFFERED, State.CONFIRMING),
    (State.CONFIRMING, State.CHECKING),
    (State.CHECKING, State.GATED),
    (State.GATED, State.DISPUTED),
    (State.DISPUTED, State.CHECKING),
    (State.AWAITING_SIGNATURE, State.MONEY_TROUBLE),
    (State.CHECKING, State.AWAITING_SIGNATURE),
    (State.AWAITING_SIGNATURE, State.BILLING),
    (State.BILLING, State.PAYING),
    (State.PAYING, State.EXTENDING),
    (State.EXTENDING, State.RENEWED),
    (State.MOVING_OUT, State.MOVED_OUT),
    (State.LAPSED, State.MOVED_OUT),
    (State.LAPSED, State.HOLDOVER),
)
"""The ways worth drawing; each is a row of the table. Exits open to every state are a band, not forty lines."""


class Box(msgspec.Struct, frozen=True):
    """``look`` is ``lit`` (here now), ``past`` (was here) or ``plain``."""

    state: str
    x: int
    y: int
    look: str


class Arrow(msgspec.Struct, frozen=True):
    x1: int
    y1: int
    x2: int
    y2: int


class Diagram(msgspec.Struct, frozen=True):
    width: int
    height: int
    box_width: int
    box_height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(lit: State, past: Iterable[str] = (), *, upright: bool = False) -> Diagram:
    """Boxes and arrows in SVG units, with the state of today lit and those passed on the way tinted."""
    seen = set(past)
    corners = {state: _corner(place, upright) for state, place in PLACES.items()}
    boxes = tuple(
        Box(state.value, *corner, "lit" if state is lit else "past" if state in seen else "plain")
        for state, corner in corners.items()
    )
    right, bottom = (max(corner[axis] for corner in corners.values()) for axis in (0, 1))
    arrows = tuple(_arrow(corners[start], corners[end]) for start, end in EDGES)
    return Diagram(right + BOX_W + MARGIN, bottom + BOX_H + MARGIN, BOX_W, BOX_H, boxes, arrows)


def way(row: str) -> tuple[str, str] | None:
    """From and to of an event log's row text, ``offered --chose--> confirming``; None where it names no two states."""
    ends = row.partition("--")[0].strip(), row.rpartition("-->")[2].strip()
    return ends if set(ends) <= set(State) else None


def passed(rows: Iterable[str]) -> set[str]:
    """The states an event log's rows name."""
    return {end for ends in map(way, rows) if ends for end in ends}


def _corner(place: tuple[int, int], upright: bool) -> tuple[int, int]:
    (across, down), (wide, high) = (place[::-1], UPRIGHT) if upright else (place, LYING)
    return MARGIN + across * wide, MARGIN + down * high


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> Arrow:
    """From edge to edge: along a row, up or down a column, or aslant between two rows."""
    (ax, ay), (bx, by) = start, end
    if ay == by:
        right = bx > ax
        return Arrow(ax + (BOX_W if right else 0), ay + BOX_H // 2, bx + (0 if right else BOX_W), by + BOX_H // 2)
    down = by > ay
    lean = 0 if ax == bx else (BOX_W // 3 if bx > ax else -BOX_W // 3)
    middle = BOX_W // 2
    return Arrow(ax + middle + lean, ay + (BOX_H if down else 0), bx + middle - lean, by + (0 if down else BOX_H))
