"""What the store knows of reach: who may be written to how, what was tried, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

from dialogs.rungs import Contact

if TYPE_CHECKING:
    from .port import Found


class Ways(msgspec.Struct, frozen=True):
    """The ways to one tenant now, with their addresses opened: only for the hand that sends."""

    contact: Contact = Contact()
    openid: str = ""
    phone: str = ""


class Attempt(msgspec.Struct, frozen=True):
    """One try to bring one message over one rung; unique by (``key``, ``rung``).

    ``status`` is ``begun | accepted | delivered | failed``; ``failure`` a word of ``Unreach`` or of ``Trouble``.
    """

    key: str
    rung: str
    renewal_id: int
    tenant: str
    message: str
    begun_at: datetime
    status: str = "begun"
    channel: str = ""
    via: str = ""
    ref: str = ""
    segments: int = 0
    price: int = 0
    """In li (厘)."""
    failure: str = ""
    code: str = ""
    settled_at: datetime | None = None
    """When the receipt came, or the refusal."""


class Focus(msgspec.Struct, frozen=True):
    """Which of several leases somebody speaks of: one row a channel and address.

    ``renewal_id`` None: they were asked, and ``asked`` keeps the words that made us ask (sealed at rest).
    """

    renewal_id: int | None
    at: datetime
    asked: str = ""


class NumberWord(StrEnum):
    """What a receipt says of a phone number (channels, section 4)."""

    GOOD = "good"
    SOFT = "soft"
    HARD = "hard"


class Passcode(StrEnum):
    """What became of a code that a tenant typed to prove a phone number."""

    RIGHT = "right"
    WRONG = "wrong"
    WORN_OUT = "worn_out"
    """Tried too often, or too late: ask for another."""


class Reached(msgspec.Struct, frozen=True):
    """One live lease of the reach report: what proves that its tenant was reached, or who sees to it.

    ``proof`` is ``acted | spoken | delivered`` or empty; ``task`` a kind of open task, ``owned``, or empty.
    """

    renewal_id: int
    lease_no: str
    community: str
    room: str
    end: date
    housekeeper: str
    proof: str
    task: str
    attempts: int
    last_failure: str = ""


class ReachStore(Protocol):
    """All instants are aware UTC. Methods raise ``StoreDown`` when the database does not answer, and change nothing."""

    async def ways(self, tenant: str, template: str, now: datetime) -> Ways:
        """``template``: the subscription notice whose consents count. The openid bound last, the ledger's phone."""
        ...

    async def begin_attempt(self, attempt: Attempt) -> datetime:
        """Note a try before it leaves; when (key, rung) was first begun: ``attempt.begun_at`` the first time."""
        ...

    async def note_attempt(self, attempt: Attempt) -> None:
        """Its outcome at the provider's door: ``accepted`` with its ref, or ``failed``."""
        ...

    async def receipt(self, channel: str, ref: str, failure: str, code: str, now: datetime) -> Attempt | None:
        """What came of an accepted attempt (``failure`` empty: delivered); None: no attempt has this ref yet.

        Late, doubled and reordered receipts: the first final word stands, a delivery after a failure counts.
        """
        ...

    async def attempts(self, renewal_id: int) -> list[Attempt]: ...
    async def note_follow(self, openid: str, follows: bool, now: datetime) -> None:
        """A bound openid began or ceased to follow; following again takes a refusal on WeChat back."""
        ...

    async def suppress(self, tenant: str, channel: str, why: str, now: datetime) -> None:
        """No automatic message to this tenant on ``channel`` (``wechat | sms``) any more; idempotent."""
        ...

    async def note_number(self, phone: str, word: NumberWord, code: str, now: datetime) -> bool:
        """Number health; True when this word makes it dead: the second hard one at least 24 hours after the first.

        A good word, or another number in the ledger, brings it back.
        """
        ...

    async def note_consent(self, openid: str, template: str, change: int, now: datetime) -> None:
        """+1 allowed, -1 sent, 0 = none is left (43101, or the tenant refused)."""
        ...

    async def find_by_phone(self, phone: str, inbound_key: str, now: datetime) -> Found:
        """Like ``find``, for an SMS: everybody of the ledger with this number; two tenants are two renewals."""
        ...

    async def make_scene(self, scene: str, tenant: str, until: datetime, now: datetime) -> None:
        """A one-time binding scene."""
        ...

    async def use_scene(self, scene: str, openid: str, now: datetime) -> str | None:
        """Bind ``openid`` to the scene's tenant and use it up, in one transaction; None: unknown, used or too old.

        The same openid using it again is answered the same.
        """
        ...

    async def short_code(self, renewal_id: int, fresh: str, until: datetime, now: datetime) -> str:
        """The 8 characters that stand for a renewal's page: the live ones, else ``fresh``, which counts from now."""
        ...

    async def by_short_code(self, code: str, now: datetime) -> int | None: ...
    async def revoke_links(self, renewal_id: int, now: datetime) -> None:
        """Links and short codes made before ``now`` are dead."""
        ...

    async def links_dead_before(self, renewal_id: int) -> datetime | None: ...
    async def put_passcode(self, renewal_id: int, code: str, until: datetime, now: datetime) -> bool:
        """A code for the tenant's phone; False: five were asked for within a day, or one within the last minute."""
        ...

    async def try_passcode(self, renewal_id: int, code: str, now: datetime) -> Passcode:
        """Right once; five wrong tries wear a code out."""
        ...

    async def last_sms(self, tenant: str) -> tuple[int, datetime] | None:
        """(renewal id, when) of the last SMS this tenant's number took: what a bare number answers."""
        ...

    async def focus(self, channel: str, address: str) -> Focus | None:
        """What was last agreed or asked with whoever writes from this address."""
        ...

    async def put_focus(self, channel: str, address: str, focus: Focus) -> None: ...
    async def reach_report(self, operator: str, before_end: date) -> list[Reached]:
        """Every live lease that ends on or before ``before_end``; set-based, in a few statements."""
        ...
