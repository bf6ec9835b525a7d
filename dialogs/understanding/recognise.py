"""A tenant's words to an intent: acts by strict reading first, the others by a ballot of rules and learnt weights."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from .agreement import agreed, nodded
from .choice import Choice, chosen, mentions
from .features import features
from .normalise import normalise, whole_or_ends
from .options import mark
from .port import INTENTS, NODDED, Context, Lying, Understood
from .rules.asking import OFFERS, PROCESS, TERMS
from .rules.broad import BROAD
from .rules.leaving import LEAVERS, reason_of
from .rules.people import INJECTED, PERSONS, STOPPING, STRANGERS
from .rules.rule import Rule, first, speaking
from .rules.terms import CHANGES, HAGGLING
from .rules.topics import topic_of
from .rules.trouble import COMPLAINTS, IGNORED, MONEY, REPAIRS, TECHNICAL
from .rules.waiting import DEFERRING, HESITATING, REFUSING, SMALL_TALK, THINKING
from .spoken import spoken
from .weights import Likely, Weights, shipped
from .wishes import instalments_wished, months_wished, price_wish, rent_wished

VOICES: tuple[Rule, ...] = (
    *STRANGERS,
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
    *BROAD,
)
"""Rules that have a say about what is no act. The first that speaks is heard apart from the others."""
RULED = frozenset({"choose", "confirm", "opt_out"})
"""What only readable rules may decide."""
_SIGNS = re.compile(r"\w")


def understand(text: str, context: Context, proposals: Sequence[Lying]) -> Understood:
    """What the tenant wants now. Never raises; in doubt whether it is a choice it is ``other``, and the bot asks.

    Intents and slots are those of the label guide. ``choose``, ``confirm`` and ``opt_out`` come from :mod:`.choice`,
    :mod:`.agreement` and the rows of ``STOPPING`` alone; the weights choose among the others. Nothing is chosen or
    confirmed by a message that is too long to be read whole.
    """
    words, whole = whole_or_ends(text)
    row = first(words, context, INJECTED)
    if row is not None:
        return Understood("other", confidence=0.9, why=row.why)
    act = _act(words, context, proposals) if whole else None
    if act is not None:
        return act
    if first(words, context, STRANGERS) is None and (row := first(words, context, STOPPING)) is not None:
        return Understood("opt_out", confidence=0.95, why=row.why)
    if not _SIGNS.search(words):
        return Understood("other", confidence=0.8, why="no words")
    if nodded(words):
        return Understood("other", confidence=0.9, why="it only says that it was heard", topic=NODDED)
    return _judged(words, text, context, proposals)


def understood_as(intent: str, text: str, proposals: Sequence[Lying]) -> Understood:
    """The slots of an intent that somebody else recognised; raises ValueError for one that rules alone may give."""
    if intent in RULED or intent not in INTENTS:
        raise ValueError(f"{intent} is not for others to give")
    words = normalise(text)
    said = _with_slots(intent, words, text, proposals)
    return msgspec.structs.replace(said, topic=topic_of(words, intent))


def seen_in(words: str, context: Context, proposals: Sequence[Lying]) -> set[str]:
    """The features of a normalised message, the rules' votes among them."""
    voices = speaking(words, context, VOICES)
    votes = [*{row.why for row in voices}, *([f"first {voices[0].intent}"] if voices else ["no rule"])]
    return features(mark(words, proposals), context, votes)


def _act(words: str, context: Context, proposals: Sequence[Lying]) -> Understood | None:
    choice = chosen(words, context, proposals)
    if choice is not None:
        return _choice(choice, context, proposals)
    why = agreed(words, context, proposals)
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


def _judged(words: str, text: str, context: Context, proposals: Sequence[Lying]) -> Understood:
    weights = shipped()
    seen = seen_in(words, context, proposals)
    best, second, *_ = weights.judge(seen)
    said = _with_slots(best.intent, words, text, proposals)
    return Understood(
        best.intent,
        said.slots,
        best.probability,
        (second.intent,) if second.probability > best.probability / 2 else (),
        _why(weights, seen, best),
        topic_of(words, best.intent),
        said.rent,
        said.instalments,
    )


def _why(weights: Weights, seen: set[str], best: Likely) -> str:
    loudest = ", ".join(weights.strongest(seen, best.intent))
    return f"{best.intent} is likeliest ({best.probability:.0%}); loudest for it: {loudest or 'nothing'}"


def _with_slots(intent: str, words: str, text: str, proposals: Sequence[Lying]) -> Understood:
    slots: dict[str, int | str | None] = {}
    rent = parts = None
    if intent == "negotiate":
        wish = price_wish(words, proposals)
        rent = rent_wished(wish, _meant(words, proposals))
        slots = {**wish}
    elif intent == "request_change":
        slots = {"months": months_wished(words)}
    elif intent == "defer":
        slots = {"when": spoken(text) or spoken(words)}
    elif intent == "decline":
        slots = {"reason": reason_of(words)}
    elif intent == "money_trouble":
        parts = instalments_wished(words)
    told = {name: slot for name, slot in slots.items() if slot}
    return Understood(intent, told, rent=rent, instalments=parts)


def _meant(words: str, proposals: Sequence[Lying]) -> Lying | None:
    """The proposal a discount is counted from: the one named, the one asked about, else the cheapest to begin with."""
    named = mentions(words, proposals)
    for one in proposals:
        if named == {one.number}:
            return one
    asked = [one for one in proposals if one.asked]
    return asked[0] if asked else min(proposals, key=lambda one: one.rents, default=None)
