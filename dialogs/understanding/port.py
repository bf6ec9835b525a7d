"""What goes in and what comes out when a tenant's words are understood: the shape any recogniser has to keep."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from ..money import Fen


class Context(StrEnum):
    """What the bot did last; the same words mean another thing in another context (label guide, *Contexts*)."""

    REMINDED = "reminded"
    OFFERED = "offered"
    CONFIRMING = "confirming"
    SIGNING = "signing"
    PAYING = "paying"
    HANDOFF = "handoff"


INTENTS = frozenset({
    "choose", "confirm", "deny", "negotiate", "ask_offer", "ask_terms", "ask_process", "request_change", "hesitate",
    "defer", "decline", "human", "repair", "complain", "money_trouble", "tech_issue", "wrong_person", "opt_out",
    "greet", "thanks", "other",
})  # fmt: skip


NODDED = "nodded"
"""Topic of an ``other`` that only acknowledges: 好的, 嗯, 收到 where no question waits."""


class Lying(msgspec.Struct, frozen=True):
    """One proposal that lies before the tenant. ``rents`` is fen a month for each year of the term, in order."""

    number: int
    name: str
    rents: tuple[Fen, ...]
    months: int
    gifts: tuple[str, ...] = ()
    """Words a tenant would use for the gift: ``礼包``, ``券`` …; empty where there is none."""
    rises: bool = True
    """Does any year of it cost more than the rent of today?"""
    asked: bool = False
    """Is the pending question 您确定…吗 about this one?"""


class Understood(msgspec.Struct, frozen=True):
    """``slots`` as in the label guide (yuan, months, the tenant's own words for a time); the rest stands beside."""

    intent: str
    slots: dict[str, int | str] = {}
    confidence: float = 0.0
    alternatives: tuple[str, ...] = ()
    why: str = ""
    topic: str = ""
    """For questions: one of ``rules.topics``; empty for anything else."""
    rent: Fen | None = None
    """For ``negotiate``: the monthly rent in fen that was asked for, where it can be computed without guessing."""
    instalments: int | None = None
    """For ``money_trouble``: in how many parts, where a number was said."""


class Reader(Protocol):
    """Whoever turns words into what was understood. Never raises; what it does not know is ``other``."""

    async def read(
        self, text: str, context: Context, proposals: Sequence[Lying], private: Sequence[str] = ()
    ) -> Understood:
        """``private``: words that must not leave the process (this tenant's name, home, housekeeper)."""
        ...
