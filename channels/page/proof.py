"""Who holds the phone? A link alone shows nothing; a proof, kept as a signed cookie, opens the page for a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from .links import EPOCH, Link, Links, millis

PROOF_LIFE = timedelta(days=30)
VISIT_LIFE = timedelta(minutes=30)
"""How long the address WeChat told us is kept while its owner proves the phone."""

PASSCODE_TRIES = 5
PASSCODE_MINUTES = 10


class Sending(StrEnum):
    """What became of a passcode that was asked for."""

    SENT = "sent"
    TOO_MANY = "too_many"
    NO_PHONE = "no_phone"
    NOT_SENT = "not_sent"
    """The SMS did not leave: not the tenant's fault, try again later."""


class Typed(StrEnum):
    """What a typed passcode came to."""

    RIGHT = "right"
    WRONG = "wrong"
    WORN_OUT = "worn_out"


class Whose(StrEnum):
    """Whose WeChat it is that opened the link."""

    OWNER = "owner"
    NEW = "new"
    """The tenant has no WeChat bound: the phone decides."""
    OTHER = "other"
    """The tenant has another one bound."""


class PageSignature(msgspec.Struct, frozen=True):
    """What ``wx.config`` is called with, and the notices to ask consent for (channels 1.2, 1.6)."""

    appid: str
    timestamp: int
    nonce: str
    signature: str
    templates: tuple[str, ...]
    script: str = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"


class Proofs(Protocol):
    """What stands behind the proof. Methods that ask the store or a partner raise ``PageBusy``."""

    @property
    def wechat(self) -> bool:
        """Can a page ask WeChat who opened it?"""
        ...

    @property
    def phone(self) -> bool:
        """Can passcodes be sent?"""
        ...

    def authorize_url(self, path: str, state: str) -> str:
        """WeChat's silent authorisation, which comes back to ``path`` of ours with ``code`` and ``state``."""
        ...

    async def wechat_openid(self, code: str) -> str | None:
        """None: the code is used, too old or forged, or the openid is a snapshot's."""
        ...

    async def whose(self, link: Link, openid: str) -> Whose: ...
    async def bind(self, link: Link, openid: str) -> None:
        """To the link's tenant; an openid that belongs to somebody else stays theirs."""
        ...

    async def last_digits_match(self, link: Link, digits: str) -> bool:
        """False, too, where there is no such renewal."""
        ...

    async def send_passcode(self, link: Link) -> Sending: ...
    async def try_passcode(self, link: Link, code: str) -> Typed: ...
    async def page_signature(self, url: str) -> PageSignature | None:
        """None: no consent is asked for."""
        ...

    async def binding_qr(self, link: Link) -> str | None:
        """Address of a picture to scan with the tenant's own WeChat; None: there is none."""
        ...


class _Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    r: int
    h: str
    i: int
    u: int


How = Literal["wechat", "phone"]


def proof_cookie(link: Link) -> str:
    """One for each renewal: two leases in one browser are proven beside each other."""
    return f"xuzu_proof_{link.renewal_id}"


def seal_proof(links: Links, link: Link, how: How, now: datetime) -> tuple[str, int]:
    """(value, seconds to live): 30 days, never beyond the link."""
    until = min(now + PROOF_LIFE, link.expires_at)
    seal = _Seal(link.renewal_id, how, millis(now), int(until.timestamp()))
    return links.seal("proof", msgspec.json.encode(seal)), max(0, int((until - now).total_seconds()))


def is_proven(links: Links, link: Link, cookie: str, now: datetime, dead_before: datetime | None) -> bool:
    """Ours, for this renewal, not too old, and not from before the links were revoked."""
    seal = _open(links, "proof", cookie)
    if seal is None or seal.r != link.renewal_id or seal.u <= now.timestamp():
        return False
    return dead_before is None or EPOCH + timedelta(milliseconds=seal.i) >= dead_before


def seal_visit(links: Links, link: Link, openid: str, now: datetime) -> str:
    """Keeps, in the visitor's own browser, which WeChat opened the link, until the phone is proven."""
    until = int((now + VISIT_LIFE).timestamp())
    return links.seal("visit", msgspec.json.encode(_Seal(link.renewal_id, openid, millis(now), until)))


def read_visit(links: Links, link: Link, cookie: str, now: datetime) -> str | None:
    seal = _open(links, "visit", cookie)
    alive = seal is not None and seal.r == link.renewal_id and datetime.fromtimestamp(seal.u, UTC) > now
    return seal.h if seal is not None and alive else None


def _open(links: Links, purpose: str, cookie: str) -> _Seal | None:
    raw = links.unseal(purpose, cookie)
    return None if raw is None else msgspec.json.decode(raw, type=_Seal)
