"""WeChat Pay's own keys and checks, written apart from any client: a signature is verified by plain RSA arithmetic."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER of DigestInfo for SHA-256 (RFC 8017, 9.2)."""
MAX_SKEW_SECONDS = 300
_SCHEME = "WECHATPAY2-SHA256-RSA2048 "
_PAIR = re.compile(r'(\w+)="([^"]*)"(?:,|$)')


class Unsigned(Exception):
    """The request is not signed by this merchant, or not now."""


class MerchantAccount:
    """What the provider keeps of one merchant: ids, the uploaded public key (PEM) with its serial, the APIv3 key."""

    def __init__(self, mchid: str, appid: str, *, public_key_pem: str, serial: str, apiv3_key: str) -> None:
        key = load_pem_public_key(public_key_pem.encode())
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("merchants upload RSA keys")
        self.mchid = mchid
        self.appid = appid
        self.serial = serial
        self._numbers = key.public_numbers()
        self._aes = AESGCM(apiv3_key.encode())

    def check(self, authorization: str, call: tuple[str, str, bytes], now: datetime) -> None:
        """``call`` = (method, path with query, body) as received. Raises Unsigned."""
        if not authorization.startswith(_SCHEME):
            raise Unsigned("Authorization scheme")
        given = dict(_PAIR.findall(authorization.removeprefix(_SCHEME)))
        if set(given) != {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}:
            raise Unsigned("Authorization fields")
        if given["mchid"] != self.mchid or given["serial_no"] != self.serial:
            raise Unsigned("merchant or certificate serial")
        if not given["timestamp"].isdigit() or abs(int(given["timestamp"]) - now.timestamp()) > MAX_SKEW_SECONDS:
            raise Unsigned("timestamp")
        method, target, body = call
        head = "\n".join((method, target, given["timestamp"], given["nonce_str"], ""))
        if not self._signed(head.encode() + body + b"\n", given["signature"]):
            raise Unsigned("signature")

    def seal(self, plain: bytes, associated: str) -> dict[str, str]:
        """The ``resource`` of a callback."""
        nonce = secrets.token_hex(6)
        sealed = self._aes.encrypt(nonce.encode(), plain, associated.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(sealed).decode(),
            "nonce": nonce,
            "associated_data": associated,
        }

    def _signed(self, message: bytes, signature: str) -> bool:
        width = (self._numbers.n.bit_length() + 7) // 8
        try:
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        number = int.from_bytes(raw)
        if len(raw) != width or number >= self._numbers.n:
            return False
        ending = b"\x00" + SHA256_PREFIX + hashlib.sha256(message).digest()
        expected = b"\x00\x01" + b"\xff" * (width - 2 - len(ending)) + ending
        return pow(number, self._numbers.e, self._numbers.n).to_bytes(width) == expected


class PlatformKey:
    """One key pair answers and callbacks are signed with, and the serial it goes by."""

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_pem(self) -> str:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def headers(self, raw: bytes, now: datetime) -> dict[str, str]:
        """The ``Wechatpay-*`` headers for a body; a foreign client (wechatpayv3) insists on the type."""
        seconds, nonce = str(int(now.timestamp())), secrets.token_urlsafe(24)
        message = f"{seconds}\n{nonce}\n".encode() + raw + b"\n"
        signature = self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Wechatpay-Timestamp": seconds,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature-Type": _SCHEME.strip(),
        }


def canonical(fields: object) -> bytes:
    """JSON as the provider writes it."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
