"""What every e-sign provider promises; a repeated call with the same key never makes a second envelope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class Signer(msgspec.Struct, frozen=True):
    """``id`` is ours (≤ 32 characters); name, phone and ID number go to the provider only."""

    id: str
    name: str
    phone: str
    id_number: str = ""
    corporate: bool = False


class EnvelopeState(StrEnum):
    DRAFT = "draft"
    SIGNING = "signing"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


class Envelope(msgspec.Struct, frozen=True):
    ref: str
    state: EnvelopeState
    raw: str = ""
    signed_by: tuple[str, ...] = ()


class Notice(msgspec.Struct, frozen=True):
    """A verified callback: which envelope moved. What it is now is asked, never believed."""

    ref: str
    key: str
    event: str
    party: str = ""


class ESignError(Exception):
    """Three kinds. ``unknown``: no trustworthy answer, the call may have been carried out; repeating it with the same
    key is safe. ``retry``: surely not carried out (throttled, unreachable, stale), worth another try later. Neither
    (``final``): the provider said no for good. ``code`` is the provider's own, or NO_ANSWER, UNREACHABLE, UNREADABLE,
    HTTP_nnn, CALLBACK, PARAM."""

    def __init__(self, detail: str, *, unknown: bool, code: str = "", retry: bool = False) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.unknown = unknown
        self.retry = retry
        self.code = code

    @property
    def final(self) -> bool:
        return not (self.unknown or self.retry)


class NotOurs(LookupError):
    """Raised by whoever hears a notice: no envelope of ours has this reference. Calling again would not help."""


class ESign(Protocol):
    name: str

    async def open(
        self, key: str, subject: str, document: bytes, signers: tuple[Signer, ...], expires_at: datetime
    ) -> Envelope:
        """Safe to repeat: an envelope under this key is adopted, not doubled. Raises ESignError."""
        ...

    async def find(self, key: str) -> Envelope | None: ...
    async def state(self, ref: str) -> Envelope: ...
    async def sign_link(self, ref: str, party: str) -> str: ...
    async def withdraw(self, ref: str, reason: str) -> Envelope: ...
    async def delete(self, ref: str) -> None:
        """Only what was made and never started; the provider refuses anything else. Raises ESignError."""
        ...

    async def abolish(self, ref: str, key: str, reason: str) -> Envelope:
        """A new envelope for everybody who signed ``ref``: when all have signed it ``ref`` is VOIDED, until then it
        stays SIGNED. Safe to repeat: a voiding under way is adopted, not doubled. ``key`` is the voiding's own,
        never the envelope's. Raises ESignError, final for what is not signed."""
        ...

    async def fetch_signed(self, ref: str) -> bytes: ...
    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """Verify, then read. Raises ESignError(unknown=False) for anything not signed by the provider."""
        ...

    ack: bytes
