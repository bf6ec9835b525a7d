"""What may be tapped under a message names its own renewal and offer version."""

from __future__ import annotations

from bot.app import TEMPLATES
from bot.choosing import choices
from bot.rendering import Phrases
from channels.port import read_choice
from dialogs.states import State
from tests.bot.stage import Stage

PHRASES = Phrases(TEMPLATES / "messages" / "phrases.toml")


async def test_offers_can_be_picked_and_a_pick_confirmed(lite: Stage) -> None:
    stored = await lite.brought(await lite.opened(), State.OFFERED)
    assert stored.renewal.offer is not None
    version = stored.renewal.offer.version
    picks = choices(stored, "offers", PHRASES)
    numbers = [str(one.number) for one in stored.renewal.offer.proposals]
    assert [read_choice(one.id) for one in picks] == [(stored.id, version, number) for number in numbers]
    assert [one.label.split(".")[0] for one in picks] == numbers
    asked = [read_choice(one.id) for one in choices(stored, "confirm_choice", PHRASES)]
    assert asked == [(stored.id, version, "yes"), (stored.id, version, "no")]
    assert choices(stored, "thanks", PHRASES) == ()


async def test_without_an_offer_there_is_nothing_to_tap(lite: Stage) -> None:
    assert choices(await lite.opened(), "offers", PHRASES) == ()


def test_an_id_that_is_not_ours_is_none() -> None:
    assert [read_choice(one) for one in ("", "1", "a.b.c", "1.2.", "1.2", "1.2.3.4", "1.2." + "x" * 64)] == [None] * 7
