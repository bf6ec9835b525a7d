"""What WeChat remembers: followers, what their phones were shown, and how much may still be sent to each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SAID = (timedelta(hours=48), 5)
"""Custom messages after a tenant's words: 5 in 48 hours."""
CLICKED = (timedelta(minutes=1), 3)
"""… after a follow, a scan or a menu click: 3 in one minute. Quotas do not add up."""
ONCE_WITHIN = timedelta(minutes=10)
"""One ``client_msg_id`` to one follower goes out once in this time."""
ANSWERS_WITHIN = timedelta(hours=1)
"""A custom message so soon after words, a tap or a scan is taken for an answer to them."""
BYE_WITHIN = timedelta(minutes=1)
"""So soon after a refusal a custom message is its acknowledgement."""


@dataclass(frozen=True)
class Shown:
    """One message on a tenant's phone; ``url``: where a tap leads.

    ``kind`` is ``passive | custom | template | subscribe``, or ``said`` for the tenant's own words.
    """

    at: datetime
    kind: str
    text: str
    url: str = ""
    title: str = ""
    items: tuple[tuple[str, str], ...] = ()
    """(id, label) of a menu, to be tapped."""
    tail: str = ""
    """Words below a menu's lines; they end ``text`` too."""


@dataclass
class Follower:
    openid: str
    follows: bool = True
    refuses: bool = False
    """Has switched the account's messages off: told at once, 48002."""
    blocks: bool = False
    """Has blocked it: a template is taken, and its receipt says ``failed:user block``."""
    barred: bool = False
    """Stands in the account's own blacklist: 43019."""
    consents: Counter[str] = field(default_factory=Counter)
    """Template → subscription notices still allowed."""
    left: int = 0
    until: datetime | None = None
    shown: list[Shown] = field(default_factory=list)
    sent: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """``client_msg_id`` → when it went out, and its msgid."""
    spoke_at: datetime | None = None
    refused_at: datetime | None = None
    """When the account was told that this tenant wants silence; they have not spoken since."""

    def refill(self, now: datetime, quota: tuple[timedelta, int]) -> None:
        """A new trigger resets to the larger allowance, and ends a silence asked for."""
        self.spoke_at, self.refused_at = now, None
        span, units = quota
        open_units = self.left if self.until is not None and self.until > now else 0
        if units >= open_units:
            self.left, self.until = units, now + span


@dataclass(frozen=True)
class Sent:
    """One message WeChat took, shown or not. ``answers``: the tenant had just spoken; ``refused``: wanted silence."""

    at: datetime
    openid: str
    kind: str
    answers: bool
    refused: bool


@dataclass(frozen=True)
class Overdrawn:
    """One attempt refused because a window or the day's quota was used up."""

    at: datetime
    openid: str
    errcode: int


@dataclass(eq=False)
class Letter:
    """A report on its way to us; ``entry``: the one thing a subscription event lists."""

    due: datetime
    follower: Follower
    fields: dict[str, str]
    entry: dict[str, str] | None = None


@dataclass
class Book:
    followers: dict[str, Follower] = field(default_factory=dict)
    """Everybody with an openid, followers or not."""
    letters: list[Letter] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    sends: list[Sent] = field(default_factory=list)
    overdrawn: list[Overdrawn] = field(default_factory=list)
    answers: dict[str, set[str | None]] = field(default_factory=dict)
    """MsgId → every answer it ever got."""
    last_number: int = 7_000_000_000

    def number(self) -> int:
        self.last_number += 1
        return self.last_number

    def took(self, follower: Follower, kind: str, now: datetime) -> None:
        """A message was taken for this tenant, as ``kind`` ``template | subscribe | custom``."""
        self.counts[f"{kind}s"] += 1
        bound = kind == "custom"
        answers = bound and follower.spoke_at is not None and now - follower.spoke_at <= ANSWERS_WITHIN
        grace = BYE_WITHIN if bound else timedelta()
        refused = follower.refused_at is not None and now - follower.refused_at > grace
        self.sends.append(Sent(now, follower.openid, kind, answers, refused))

    def inconsistent(self) -> list[str]:
        """Messages that were answered in two ways."""
        return sorted(key for key, answers in self.answers.items() if len(answers) > 1)
