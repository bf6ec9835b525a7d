"""A tenant's words to an intent: acts by strict reading first, then the rows of the rules in order of precedence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .agreement import agreed
from .choice import Choice, chosen, mentions
from .moments import spoken
from .normalise import LONGEST, normalise
from .port import Context, Lying, Understood
from .rules.asking import OFFERS, PROCESS, TERMS
from .rules.leaving import LEAVERS, reason_of
from .rules.people import INJECTED, PERSONS, STOPPING, STRANGERS
from .rules.rule import Rule, first
from .rules.terms import CHANGES, HAGGLING
from .rules.trouble import COMPLAINTS, IGNORED, MONEY, REPAIRS, TECHNICAL
from .rules.waiting import DEFERRING, HESITATING, REFUSING, SMALL_TALK, THINKING
from .wishes import instalments_wished, months_wished, price_wish, rent_wished

BEFORE_ACTS: tuple[Rule, ...] = (*INJECTED,)
ROWS: tuple[Rule, ...] = (
    *STRANGERS,
    *STOPPING,
    *PERSONS,
    *TECHNICAL,
    *LEAVERS,
    *IGNORED,
    *REPAIRS,
    *MONEY,
    *THINKING,
    *CHANGES,
    *TERMS,
    *PROCESS,
    *COMPLAINTS,
    *HAGGLING,
    *DEFERRING,
    *OFFERS,
    *REFUSING,
    *HESITATING,
    *SMALL_TALK,
)
"""First who speaks, then what cannot wait, what is asked for, questions, moods (label guide, the order)."""
_SIGNS = re.compile(r"\w")


def understand(text: str, context: Context, proposals: Sequence[Lying]) -> Understood:
    """What the tenant wants now. Never raises; in doubt whether it is a choice it is ``other``, and the bot asks.

    Intents and slots are those of the label guide; ``choose`` and ``confirm`` come from :mod:`.choice` and
    :mod:`.agreement` alone, and never from a message longer than ``LONGEST`` characters.
    """
    words = normalise(text)
    row = first(words, context, BEFORE_ACTS)
    if row is not None:
        return _from_row(row, words, text, proposals)
    if len(text) <= LONGEST:
        act = _act(words, context, proposals)
        if act is not None:
            return act
    row = first(words, context, ROWS)
    if row is not None:
        return _from_row(row, words, text, proposals)
    why = "no rule speaks" if _SIGNS.search(words) else "no words"
    return Understood("other", confidence=0.3, why=why)


def _act(words: str, context: Context, proposals: Sequence[Lying]) -> Understood | None:
    choice = chosen(words, context, proposals)
    if choice is not None:
        return _choice(choice, context, proposals)
    why = agreed(words, context)
    if why is None:
        return None
    thanks = ("thanks",) if re.search("谢|thank|thx|辛苦", words) else ()
    return Understood("confirm", confidence=0.95, alternatives=thanks, why=why)


def _choice(choice: Choice, context: Context, proposals: Sequence[Lying]) -> Understood:
    """While confirming, the proposal asked about once more is a yes; another one is a new choice."""
    asked = {one.number for one in proposals if one.asked}
    if context is Context.CONFIRMING and choice.number in asked:
        return Understood(
            "confirm", confidence=0.95, alternatives=("choose",), why=f"{choice.why}, the one asked about"
        )
    also = ("deny",) if context is Context.CONFIRMING else ()
    return Understood("choose", {"option": choice.number}, 0.95, also, choice.why)


def _from_row(row: Rule, words: str, text: str, proposals: Sequence[Lying]) -> Understood:
    slots: dict[str, int | str] = {}
    rent = None
    if row.intent == "negotiate":
        slots = price_wish(words, proposals)
        rent = rent_wished(slots, _meant(words, proposals))
    elif row.intent == "request_change":
        months = months_wished(words)
        slots = {"months": months} if months else {}
    elif row.intent == "defer":
        slots = {"when": spoken(text) or spoken(words)}
    elif row.intent == "decline":
        slots = {"reason": reason_of(words)}
    parts = instalments_wished(words) if row.intent == "money_trouble" else None
    slots = {name: slot for name, slot in slots.items() if slot}
    return Understood(row.intent, slots, 0.7, row.alternatives, row.why, row.topic, rent, parts)


def _meant(words: str, proposals: Sequence[Lying]) -> Lying | None:
    """The proposal a discount is counted from: the one named, the one asked about, else the cheapest to begin with."""
    named = mentions(words, proposals)
    for one in proposals:
        if named == {one.number}:
            return one
    asked = [one for one in proposals if one.asked]
    return asked[0] if asked else min(proposals, key=lambda one: one.rents, default=None)
