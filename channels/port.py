"""One channel's promise: authenticate before parsing, render to what this tenant can show now, send with a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from dialogs.rungs import Rung


class Caps(msgspec.Struct, frozen=True):
    """What one rung can show this tenant at this moment: cards, else a link, else a menu, else numbered text."""

    cards: int = 0
    """How many proposals fit side by side; no chat of today shows any (channels, section 5)."""
    menu_max: int = 0
    """Items of a menu that can be tapped; 0: numbered text."""
    link: Literal["any", "path_var", "code_only"] = "any"
    text_max: int = 2000


class InboundKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    BIND = "bind"
    RECEIPT = "receipt"
    MEDIA = "media"
    OPT_OUT = "opt_out"
    """The whole text is one of the marks by which SMS are refused (R, T, TD, 退订, 拒收)."""
    CONSENT = "consent"
    """A subscription notice was allowed (``delivered``) or refused; ``ref`` is the template."""
    OTHER = "other"


class Inbound(msgspec.Struct, frozen=True):
    """One authenticated message. ``key`` dedupes it; the same key always gets the same answer."""

    kind: InboundKind
    key: str
    address: str
    at: datetime
    text: str = ""
    choice: str = ""
    """Menu item id ``<renewal>.<offer version>.<n>`` (WeChat ``bizmsgmenuid``); see ``choice_id``."""
    scene: str = ""
    """Binding scene of a followed or scanned QR code."""
    ref: str = ""
    """Receipt: the provider's message id it speaks of."""
    delivered: bool = False
    failure: str = ""
    """Receipt: ``opted_out``, ``bad_number`` (hard), ``unreachable`` (soft) or ``system``; empty when delivered."""
    code: str = ""
    """Receipt: the provider's own word for it (``DELIVRD``, ``MK:0001`` …)."""
    hint: str = ""
    """Receipt: our own key, where the provider hands it back (SMS ``out_id``, ``SessionContext``)."""


class Choice(msgspec.Struct, frozen=True):
    """One thing to tap: ``id`` comes back as ``Inbound.choice``."""

    id: str
    label: str


class Outbound(msgspec.Struct, frozen=True):
    """One rendered message: text for the chat, values for a notice, choices for a menu, a code for an SMS."""

    text: str
    title: str = ""
    values: Mapping[str, str] = {}
    link: str = ""
    choices: tuple[Choice, ...] = ()
    """What the tenant may tap instead of typing its number."""
    sms: str = ""
    """Which approved SMS text carries it: ``reminder | progress | answer | code`` (``messages/sms.toml``)."""
    sms_values: Mapping[str, str] = {}
    """Values of that text: ``code`` (the 8 characters behind the link), ``day``; never a name or a price."""


class Accepted(msgspec.Struct, frozen=True):
    """The provider took it: ``ref`` is what its receipt will name. Accepted is not delivered, delivered is not seen."""

    ref: str
    segments: int = 0
    price: int = 0
    """What it costs, in li (厘, a thousandth of a yuan): a segment is a few fen and a half."""
    via: str = ""
    """Which of several vendors took it."""


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
    """Sending side of one channel. ``idem`` is the attempt's key, the same when it is tried again."""

    name: str
    rungs: tuple[Rung, ...]

    async def caps(self, rung: Rung, now: datetime) -> Caps: ...
    async def send(self, rung: Rung, address: str, message: Outbound, idem: str) -> Accepted:
        """Raises ChannelError."""
        ...

    def shown(self, rung: Rung, message: Outbound) -> str:
        """The words as the tenant will read them, for the thread."""
        ...


def choice_id(renewal_id: int, version: int, pick: str) -> str:
    """``<renewal>.<offer version>.<pick>``: at most 64 bytes, the same in every menu (channels, section 5)."""
    return f"{renewal_id}.{version}.{pick}"


def read_choice(text: str) -> tuple[int, int, str] | None:
    """(renewal, offer version, pick) of an id we made; None for anything else."""
    parts = text.split(".")
    if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit() and parts[1].isascii() and parts[1].isdigit()):
        return None
    return (int(parts[0]), int(parts[1]), parts[2]) if len(text) <= 64 and parts[2] else None
