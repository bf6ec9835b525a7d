"""The tenant's link, signed and expiring, says nothing of a person: ``v1.<kid>.<b64url(payload)>.<signature>``."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

TOKEN_MAX = 512
"""Longer tokens are forged; nothing of them is decoded."""

EPOCH = datetime.fromtimestamp(0, UTC)

_VERSION = "v1"


class Link(msgspec.Struct, frozen=True):
    """What a true link says: which renewal, until when (aware UTC), the link's own id, and since when.

    Links of before this was noted count as issued at the epoch: the first revocation ends them.
    """

    renewal_id: int
    expires_at: datetime
    jti: str
    issued_at: datetime = EPOCH
    token: str = ""
    """The text it was read from: the way back to the page."""


class LinkError(Exception):
    """``expired``: it was ours once. ``forged``: it never was, or was changed on the way."""

    def __init__(self, kind: Literal["expired", "forged"]) -> None:
        super().__init__(f"link {kind}")
        self.kind = kind


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    r: int
    e: int
    j: str
    i: int = 0


class Links:
    """Mints with the current key, reads with every key it still has: keys roll over without breaking sent links."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """``keys``: key id → secret of at least 32 bytes. Raises ValueError: too short, unknown."""
        if current not in keys:
            raise ValueError(f"no link key {current!r}")
        if any(len(key) < 32 for key in keys.values()):
            raise ValueError("a link key needs at least 32 bytes")
        if any(not kid.isalnum() for kid in keys):
            raise ValueError("a link key id is letters and digits")
        self._keys = dict(keys)
        self._current = current

    def mint(self, renewal_id: int, exp: datetime, now: datetime = EPOCH) -> str:
        """A fresh token, good until ``exp`` (aware UTC, to the second) and issued at ``now`` (to the millisecond)."""
        jti = secrets.token_urlsafe(9)
        payload = msgspec.json.encode(_Payload(renewal_id, int(exp.timestamp()), jti, millis(now)))
        head = f"{_VERSION}.{self._current}.{_b64(payload)}"
        return f"{head}.{self._sign(self._current, head)}"

    def read(self, token: str, now: datetime) -> Link:
        """Raises LinkError. The signature is compared in constant time, before anything inside is looked at."""
        parts = token.split(".") if len(token) <= TOKEN_MAX and token.isascii() else []
        if len(parts) != 4 or parts[0] != _VERSION or parts[1] not in self._keys:
            raise LinkError("forged")
        expected = self._sign(parts[1], ".".join(parts[:3]))
        if not hmac.compare_digest(expected, parts[3]):
            raise LinkError("forged")
        payload = _payload(parts[2])
        if payload.e <= now.timestamp():
            raise LinkError("expired")
        until = datetime.fromtimestamp(payload.e, UTC)
        return Link(payload.r, until, payload.j, EPOCH + timedelta(milliseconds=payload.i), token)

    def seal(self, purpose: str, said: bytes) -> str:
        """A cookie's worth of bytes that anybody may read and only we can write: ``<kid>.<b64url>.<signature>``."""
        text = _b64(said)
        return f"{self._current}.{text}.{self._sign(self._current, f'{purpose}.{text}')}"

    def unseal(self, purpose: str, sealed: str) -> bytes | None:
        """What was sealed for this very purpose; None for anything else. Constant time."""
        parts = sealed.split(".") if len(sealed) <= TOKEN_MAX and sealed.isascii() else []
        if len(parts) != 3 or parts[0] not in self._keys:
            return None
        if not hmac.compare_digest(self._sign(parts[0], f"{purpose}.{parts[1]}"), parts[2]):
            return None
        return base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))

    def form_token(self, link: Link | None, cookie: str) -> str:
        """The CSRF token of one link in one browser: worthless in another browser and for another link.

        None: of the door where a short code is typed.
        """
        return self._sign(self._current, _form(link, cookie))

    def is_form_token(self, link: Link | None, cookie: str, token: str) -> bool:
        """Constant time; a page rendered just before a key rolled over still counts."""
        said = token.encode()
        text = _form(link, cookie)
        matches = [hmac.compare_digest(self._sign(kid, text).encode(), said) for kid in self._keys]
        return any(matches)

    def _sign(self, kid: str, text: str) -> str:
        return _b64(hmac.digest(self._keys[kid], text.encode(), hashlib.sha256))


def millis(instant: datetime) -> int:
    """Since the epoch, rounded up: what is issued right after a revocation does not seem to be from before it."""
    return -((EPOCH - instant) // timedelta(milliseconds=1))


def _form(link: Link | None, cookie: str) -> str:
    return f"form.{link.jti}.{link.renewal_id}.{cookie}" if link else f"form..0.{cookie}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _payload(text: str) -> _Payload:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=_Payload)
    except (binascii.Error, msgspec.DecodeError):
        raise LinkError("forged") from None
