"""Alipay's gateway as bytes: what is signed, what is checked, and who we are to it (providers sheet 3)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import Certificate, load_pem_x509_certificate, load_pem_x509_certificates

from .answers import Untrusted

BEIJING = timezone(timedelta(hours=8))
GATEWAY = "https://openapi.alipay.com/gateway.do"
NOTICE_FIELDS = 64
_RSA = re.compile(r"^1\.2\.840\.113549\.1\.1\.")


class Shop(msgspec.Struct, frozen=True):
    """One merchant application. Public-key mode, or certificate mode where both serials are given.

    Confirm with the provider: ``cycle_product`` and ``sign_scene`` of the approved deduction product, its
    ``days_before`` (3, one source says 5) and its limits.
    """

    app_id: str
    key: RSAPrivateKey
    alipay_key: RSAPublicKey
    gateway: str = GATEWAY
    seller_id: str = ""
    """Checked in notices where it is set."""
    app_cert_sn: str = ""
    root_cert_sn: str = ""
    cycle_product: str = "GENERAL_WITHHOLDING"
    sign_scene: str = ""
    days_before: int = 3
    cycle_limit: int = 0
    """Fen a single deduction may reach; 0: as much as was signed for."""

    def __repr__(self) -> str:
        return f"Shop({self.app_id})"

    __str__ = __repr__


def stamp(now: datetime) -> str:
    """``timestamp``: Beijing wall time, whatever the zone of this machine (trap 2)."""
    return f"{now.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def instant(text: str) -> datetime | None:
    """A Beijing wall time of theirs; None where there is none."""
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None


def signed(shop: Shop, method: str, fields: Mapping[str, str], now: datetime) -> dict[str, str]:
    """All parameters of a call, ``sign`` included; ``sign_type`` is signed with them (trap 3)."""
    certificates = {"app_cert_sn": shop.app_cert_sn, "alipay_root_cert_sn": shop.root_cert_sn}
    named = {
        "app_id": shop.app_id,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": stamp(now),
        "version": "1.0",
        **certificates,
        **fields,
    }
    sent = {name: value for name, value in named.items() if value}
    signature = shop.key.sign(_joined(sent.items()), PKCS1v15(), hashes.SHA256())
    return {**sent, "sign": base64.b64encode(signature).decode()}


def answered(shop: Shop, method: str, raw: bytes) -> tuple[bytes, bool]:
    """The bytes of ``<method>_response`` exactly as they came, and whether they are signed. Raises Untrusted.

    A refusal of the gateway itself carries no signature: the caller decides what it may mean.
    """
    try:
        parts = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        inside = bytes(parts.get(f"{method.replace('.', '_')}_response") or parts.get("error_response") or b"")
        signature = msgspec.json.decode(parts["sign"], type=str) if "sign" in parts else ""
    except (ValueError, RecursionError):
        raise Untrusted("not the JSON it should be") from None
    if not inside:
        raise Untrusted("an answer to another method")
    if not signature:
        return inside, False
    _verify(shop.alipay_key, inside, signature)
    return inside, True


def noticed(shop: Shop, raw: bytes) -> dict[str, str]:
    """The fields of a notice that Alipay signed for our application. Raises Untrusted.

    ``sign`` and ``sign_type`` are left out (trap 3). Empty values are kept; where that does not hold they are dropped,
    since the documents contradict each other.
    """
    try:
        fields = dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=NOTICE_FIELDS))
    except ValueError:
        raise Untrusted("not the form it should be") from None
    plain = {name: value for name, value in fields.items() if name not in ("sign", "sign_type")}
    try:
        _verify(shop.alipay_key, _joined(plain.items()), fields.get("sign", ""))
    except Untrusted:
        _verify(shop.alipay_key, _joined((n, v) for n, v in plain.items() if v), fields.get("sign", ""))
    if fields.get("app_id", fields.get("auth_app_id")) != shop.app_id:
        raise Untrusted("another application's")
    if shop.seller_id and fields.get("seller_id", shop.seller_id) != shop.seller_id:
        raise Untrusted("another seller's")
    return fields


def cert_sn(pem: str) -> str:
    """``app_cert_sn``: the MD5 of issuer and serial, hex. Raises ValueError."""
    return _sn(load_pem_x509_certificate(pem.encode()))


def root_sn(pem: str) -> str:
    """``alipay_root_cert_sn``: of every RSA-signed certificate in the file, joined by ``_``. Raises ValueError."""
    chain = load_pem_x509_certificates(pem.encode())
    return "_".join(_sn(one) for one in chain if _RSA.match(one.signature_algorithm_oid.dotted_string))


def certified_key(pem: str) -> RSAPublicKey:
    """The key inside Alipay's certificate. Raises ValueError."""
    key = load_pem_x509_certificate(pem.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA certificate")
    return key


def _sn(one: Certificate) -> str:
    text = f"{one.issuer.rfc4514_string()}{one.serial_number}"
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 the provider's choice


def _joined(fields: Iterable[tuple[str, str]]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(fields)).encode()


def _verify(key: RSAPublicKey, signed: bytes, signature: str) -> None:
    try:
        key.verify(base64.b64decode(signature, validate=True), signed, PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        raise Untrusted("signature does not match") from None
