"""What the phone in the browser shows and may do: the promise of whoever puts the emulators behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What one row of a WeChat thread looks like."""

    TEXT = "text"
    TEMPLATE = "template"
    """A template message: a white card with a title, lines and 详情."""
    SUBSCRIBE = "subscribe"
    """A subscription notice: the same card, under 服务通知."""
    MENU = "menu"
    """Words with lines to tap below them."""
    NEWS = "news"
    """One article: title, a line, a link."""
    EVENT = "event"
    """What happened on the phone (followed, scanned …): small and grey in the middle."""


@dataclass(frozen=True)
class Bubble:
    """One row of a WeChat thread. ``at`` is an aware instant; ``url``: where a tap on a card leads.

    Anchors in ``text`` are tappable as on a real phone: ``https://…``, and ``weixin://bizmsgmenu?msgmenucontent=…&
    msgmenuid=…``, which the client turns into words with an id (channels, section 5).
    """

    at: datetime
    from_me: bool
    text: str
    url: str = ""
    items: tuple[tuple[str, str], ...] = ()
    """(id, label) of a menu."""
    kind: Kind = Kind.TEXT
    title: str = ""
    """Head of a card; empty: the first line of ``text``."""
    tail: str = ""
    """Words below the lines of a menu."""


@dataclass(frozen=True)
class SmsBubble:
    """One text message; ``sender`` is the vendor's number or the operator's signature, empty for one's own."""

    at: datetime
    from_me: bool
    text: str
    sender: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody whose phone can be held. ``key`` stands in addresses; ``openid`` is empty for who has none yet."""

    key: str
    label: str
    openid: str = ""
    phone: str = ""
    """The number SMS go to; empty: none."""
    story: str = ""
    """One line: why this one is worth looking at."""
    follows: bool = False
    """Follows the service account now."""
    scene: str = ""
    """What the binding code says that the housekeeper holds out to them; empty: none was made."""
    notices: tuple[tuple[str, str], ...] = ()
    """(template, title) of the subscription notices they can be asked to allow."""
    last: str = ""
    """The newest words of either thread, for the list."""


class NotNowError(Exception):
    """The phone cannot do that; the text says why, in Chinese, and is shown to the person."""


class PhoneDesk(Protocol):
    """The emulators, seen from the phones' side. Every act returns when the callback was answered or given up.

    ``person`` is a ``Person.key`` out of ``people``; acts raise NotNowError, and nothing else that is foreseen. The
    page looks once a second, also while an act, or the clock, is still on its way.
    """

    def now(self) -> datetime:
        """The demo's clock, an aware instant."""
        ...

    async def next_event(self) -> datetime | None:
        """When anybody next has something due; None: nothing is."""
        ...

    async def people(self) -> Sequence[Person]: ...

    async def chat(self, person: str) -> Sequence[Bubble]:
        """Their WeChat thread with the service account, oldest first; empty without an openid."""
        ...

    async def texts(self, person: str) -> Sequence[SmsBubble]:
        """Their SMS, oldest first."""
        ...

    async def say(self, person: str, text: str) -> None: ...

    async def tap(self, person: str, item: str, label: str) -> None:
        """A menu item: WeChat sends its ``label`` as words, with the id."""
        ...

    async def text_sms(self, person: str, text: str) -> None:
        """Their SMS answers the newest number that wrote."""
        ...

    async def follow(self, person: str) -> None: ...

    async def unfollow(self, person: str) -> None: ...

    async def scan(self, person: str, scene: str) -> None:
        """The account's QR code with this scene; who does not follow yet does now."""
        ...

    async def consent(self, person: str, template: str, yes: bool) -> None:
        """Answers the question whether one notice of this template may come."""
        ...

    async def advance(self, to: datetime) -> None:
        """Moves the clock and lets everybody do what became due on the way. ``to`` is later than ``now``."""
        ...
