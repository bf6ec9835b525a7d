"""What a tenant may tap under a message: the proposals of the live offer, or yes and no; ids name offer and version."""

from __future__ import annotations

from backend.db.port import Stored
from bot.rendering import Phrases, title_key
from channels.port import Choice, choice_id
from dialogs.states import State

PICKING = frozenset({"offers", "stale_card", "unknown_option", "choice_denied", "offers_again"})
CONFIRMING = frozenset({"confirm_choice"})


def choices(stored: Stored, message: str, phrases: Phrases, lang: str = "zh") -> tuple[Choice, ...]:
    """Nothing for a message that asks for no pick, or when no offer lies there."""
    offer, rent = stored.renewal.offer, stored.renewal.lease.rent
    if offer is None:
        return ()
    if message in CONFIRMING:
        return tuple(
            Choice(choice_id(stored.id, offer.version, pick), phrases.say(pick, "choice", lang))
            for pick in ("yes", "no")
        )
    announced = message == "released" and stored.renewal.state is State.OFFERED
    if message not in PICKING and not announced:
        return ()
    return tuple(
        Choice(
            choice_id(stored.id, offer.version, str(one.number)),
            f"{one.number}. {phrases.say(title_key(one, rent), 'proposal', lang)}",
        )
        for one in offer.proposals
    )
