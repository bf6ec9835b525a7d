"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed hash, shown masked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealBroken(ValueError):
    """The text was not sealed by any key we have, or was changed."""


class Sealer:
    """Seals with the current key, opens with every key it has: keys roll over without rewriting rows.

    ``keys``: key id (letters and digits) → 32 bytes, the oldest first. Look-ups stay with the oldest one's blind:
    nobody can blind anew what nobody can read.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        if current not in keys:
            raise ValueError(f"no sealing key {current!r}")
        if any(len(key) != 32 for key in keys.values()):
            raise ValueError("a sealing key has 32 bytes")
        self._current = current
        self._boxes = {name: AESGCM(key) for name, key in keys.items()}
        self._blind = hashlib.sha256(b"blind" + next(iter(keys.values()))).digest()

    def seal(self, text: str) -> str:
        """``<key id>.<base64>``; empty stays empty."""
        if not text:
            return ""
        nonce = secrets.token_bytes(_NONCE)
        box = self._boxes[self._current].encrypt(nonce, text.encode(), None)
        return f"{self._current}.{base64.b64encode(nonce + box).decode()}"

    def open(self, sealed: str) -> str:
        """Raises SealBroken."""
        if not sealed:
            return ""
        name, _, body = sealed.partition(".")
        try:
            raw = base64.b64decode(body, validate=True)
            return self._boxes[name].decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (KeyError, ValueError, InvalidTag):
            raise SealBroken("sealed with an unknown key, or changed") from None

    def blind(self, text: str) -> str:
        """The same text always gives the same 32 hex digits; nothing leads back. For look-ups of phones."""
        return hmac.new(self._blind, text.encode(), "sha256").hexdigest()[:32]


def sealer_of(key_hex: str) -> Sealer:
    """A sealer of one key given as 64 hex digits. Raises ValueError."""
    return Sealer({"1": bytes.fromhex(key_hex)}, "1")


def mask_phone(phone: str) -> str:
    """``138****5678``; anything shorter is starred whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * len(phone)
