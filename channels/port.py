"""One channel's promise: authenticate before parsing, render to what this tenant can show now, send with a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

import msgspec


class Caps(msgspec.Struct, frozen=True):
    """What this tenant's channel can do at this moment."""

    can_start: bool
    """May we write first (template or notice)?"""
    cards: int = 0
    menu_max: int = 0
    link: Literal["any", "path_var", "code_only"] = "any"
    text_max: int = 2000
    quota: int | None = None
    closes_at: datetime | None = None


class InboundKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    BIND = "bind"
    RECEIPT = "receipt"
    MEDIA = "media"
    OTHER = "other"


class Inbound(msgspec.Struct, frozen=True):
    """One authenticated message. ``key`` dedupes it; the same key always gets the same answer."""

    kind: InboundKind
    key: str
    address: str
    at: datetime
    text: str = ""
    choice: str = ""
    """Menu item id ``<offer>.<version>.<n>`` (WeChat ``bizmsgmenuid``)."""
    scene: str = ""
    """Binding scene of a followed or scanned QR code."""
    ref: str = ""
    """Receipt: the provider's message id it speaks of."""
    delivered: bool = False
    failure: str = ""


class Outbound(msgspec.Struct, frozen=True):
    """One rendered message: text for the chat, and the notice's named values for a template."""

    text: str
    title: str = ""
    values: Mapping[str, str] = {}
    link: str = ""


class Accepted(msgspec.Struct, frozen=True):
    """The provider took it: ``ref`` is what its receipt will name. Accepted is not delivered, delivered is not seen."""

    ref: str


class Trouble(StrEnum):
    TRANSIENT = "transient"
    QUOTA = "quota"
    CONFIG = "config"
    WINDOW = "window"
    """Outside the customer-service window: a notice would do."""
    UNREACHABLE = "unreachable"
    OPTED_OUT = "opted_out"
    BAD_NUMBER = "bad_number"
    UNKNOWN = "unknown"
    """No answer: it may have been sent."""


class ChannelError(Exception):
    """A send that did not happen, or may not have: ``kind`` says what to do, ``code`` is the provider's own."""

    def __init__(self, kind: Trouble, code: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {code} {detail}".rstrip())
        self.kind = kind
        self.code = code


class Refused(Exception):
    """An inbound request that is not what it claims: ``status`` for the answer, the text for the log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Channel(Protocol):
    """Sending side. ``idem`` is the effect's key."""

    name: str

    async def caps(self, address: str, now: datetime) -> Caps: ...
    async def notice(self, address: str, message: Outbound, idem: str) -> Accepted:
        """Write first (template message). Raises ChannelError."""
        ...

    async def say(self, address: str, message: Outbound, idem: str) -> Accepted:
        """Inside the window (custom message). Raises ChannelError."""
        ...
