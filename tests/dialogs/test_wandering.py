"""Long lives at random, many troubles at once: where the walk through everything must stop, these go on."""

from __future__ import annotations

import random
from itertools import chain

import pytest

from dialogs.machine import RULES
from tests.dialogs.exploring import Edge, Place, begin, take
from tests.dialogs.happenings import possible
from tests.dialogs.invariants import broken, broken_at
from tests.dialogs.surveying import replayed
from tests.dialogs.units import LEASES, POLICY

LIVES = 120
STEPS = 60
TRIES = 6
"""Most of what may happen moves nothing: so often another thing is tried before time is lost."""


def next_edge(place: Place, dice: random.Random) -> Edge:
    """One thing that happens, rather one that moves the renewal, and rarely its end."""
    happenings = list(possible(place.renewal, place.outside, place.now))
    for _ in range(TRIES):
        edge = take(RULES, POLICY, place, dice.choice(happenings))
        if not edge.idle and not (edge.after.renewal.final and dice.random() < 0.9):
            break
    return edge


@pytest.mark.parametrize("seed", range(LIVES))
def test_a_long_life_keeps_every_promise(seed: int) -> None:
    dice = random.Random(seed)
    place = begin(LEASES[seed % len(LEASES)], POLICY)
    for _ in range(STEPS):
        edge = next_edge(place, dice)
        place = edge.after
        complaints = list(chain(broken(edge), broken_at(place)))
        assert not complaints, f"{complaints}\n{place.trail()}"
    assert replayed(place) == place.renewal
