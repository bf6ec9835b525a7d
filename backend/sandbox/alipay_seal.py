"""Alipay's side of RSA2: requests checked, answers and notices signed, by code of its own."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


class Unsigned(Exception):
    """Not signed with this application's key."""


class Seal:
    """``app_public_pem``: the key the merchant uploaded. ``public_pem``: ours, for the merchant to check with."""

    def __init__(self, app_public_pem: str) -> None:
        key = load_pem_public_key(app_public_pem.encode())
        assert isinstance(key, rsa.RSAPublicKey)
        self._merchant = key
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public_pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def check(self, params: Mapping[str, str]) -> None:
        """Raises Unsigned. ``sign_type`` is part of what a request signs."""
        text = _row({name: value for name, value in params.items() if name != "sign" and value})
        try:
            given = b64decode(params.get("sign", ""), validate=True)
            self._merchant.verify(given, text.encode(), padding.PKCS1v15(), SHA256())
        except (ValueError, InvalidSignature):
            raise Unsigned from None

    def mark(self, text: bytes) -> str:
        return b64encode(self._key.sign(text, padding.PKCS1v15(), SHA256())).decode()

    def answer(self, node: str, body: str) -> bytes:
        """An answer whose signature covers ``body`` exactly as it stands."""
        return f'{{"{node}":{body},"sign":"{self.mark(body.encode())}"}}'.encode()

    def notice(self, fields: Mapping[str, str]) -> bytes:
        """A form whose signature leaves out ``sign`` and ``sign_type``."""
        sign = self.mark(_row(fields).encode())
        return urlencode({**fields, "sign_type": "RSA2", "sign": sign}).encode()


def _row(fields: Mapping[str, str]) -> str:
    text = ""
    for name in sorted(fields):
        text += ("&" if text else "") + name + "=" + fields[name]
    return text
