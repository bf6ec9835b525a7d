"""A small, slow and separate idea of what a renewal promised: it counts what the outside saw and judges it."""

from __future__ import annotations

from datetime import date, datetime

from dialogs.effects import Say
from dialogs.offer import Offer
from dialogs.workdays import SHANGHAI

TIERS = ("T-30", "T-15", "T-7")


class Reference:
    """Knows no table. ``fault`` is the first promise that was broken, in words."""

    def __init__(self) -> None:
        self.fault = ""
        self.owner: str | None = None
        self.stopped = False
        self.asked_about: tuple[str, int] | None = None
        """The proposal and offer version a clear yes would accept now."""
        self.signed: set[str] = set()
        self.charged: list[str] = []
        self.refunded: set[str] = set()
        self.shown_to_finance = 0
        """How often a person was asked to look at money."""
        self.tiers: list[str] = []
        self.door: date | None = None

    def blame(self, broken: bool, what: str) -> None:
        if broken and not self.fault:
            self.fault = what

    def picked(self, offer: Offer | None, number: int, now: datetime) -> None:
        """The tenant names a number: it means something only while that offer stands and was shown to them."""
        terms = offer.numbered(number) if offer is not None and offer.shown and now < offer.expires_at else None
        self.asked_about = (terms.id, offer.version) if offer is not None and terms is not None else None

    def told(self, say: Say, now: datetime) -> None:
        """Words really leave for the tenant's phone."""
        self.blame(self.owner is not None, f"{say.message} was said while {self.owner} owned the thread")
        if not say.proactive:
            return
        hour = now.astimezone(SHANGHAI).hour
        self.blame(not 9 <= hour < 20, f"{say.message} was said at {hour} o'clock")
        self.blame(self.stopped, f"{say.message} was said after the tenant had said stop")
        if say.tier:
            older = [tier for tier in self.tiers if TIERS.index(tier) >= TIERS.index(say.tier)]
            self.blame(bool(older), f"reminder {say.tier} after {older}")
            self.tiers.append(say.tier)

    def ordered(self, key: str) -> None:
        self.blame(not self.signed, f"an order {key} without a signature")

    def charge(self, key: str) -> None:
        if key not in self.charged:
            self.charged.append(key)

    def gave_back(self, payment: str) -> None:
        self.blame(payment in self.refunded, f"{payment} was given back twice")
        self.blame(payment not in self.charged, f"{payment} was given back and never came")
        self.refunded.add(payment)

    def kept(self) -> int:
        """Payments the operator holds for this bill."""
        return len(set(self.charged) - self.refunded)

    def opened(self, until: date) -> None:
        """The lock took it; nobody may ever shorten it."""
        self.door = max(until, self.door or until)
