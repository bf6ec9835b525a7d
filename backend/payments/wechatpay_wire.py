"""WeChat Pay v3 as bytes: what is signed, what is checked and how a callback opens (providers sheet 2.1, 2.3)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from .answers import Untrusted

SCHEME = "WECHATPAY2-SHA256-RSA2048"
SKEW = timedelta(minutes=5)
"""How far a timestamp may lie from our clock, either way."""
PROBE = "WECHATPAY/SIGNTEST/"
"""The provider sends such signatures now and then to see whether they are refused."""
PUBLIC_KEY_MODE = "PUB_KEY_ID_"
_SECONDS = re.compile(r"[0-9]{1,11}")


class Merchant(msgspec.Struct, frozen=True):
    """Who we are to WeChat Pay, and whose signatures we believe.

    ``platform`` maps a serial (``PUB_KEY_ID_…``, or a platform certificate's serial) to its public key; while
    WeChat switches from one to the other, callbacks come signed by either, so both stand here.
    """

    mchid: str
    appid: str
    serial: str
    key: RSAPrivateKey
    apiv3_key: bytes
    platform: Mapping[str, RSAPublicKey]

    def __post_init__(self) -> None:
        if len(self.apiv3_key) != 32:
            raise ValueError("the APIv3 key has 32 bytes")
        if not self.platform:
            raise ValueError("no platform key: no answer could be believed")

    @property
    def answer_serial(self) -> str | None:
        """The serial we ask answers to be signed with (public-key mode only)."""
        return next((serial for serial in self.platform if serial.startswith(PUBLIC_KEY_MODE)), None)


def private_key(pem: str) -> RSAPrivateKey:
    """Raises ValueError when the text is not an unencrypted RSA private key."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA private key")
    return key


def platform_key(pem: str) -> RSAPublicKey:
    """The key of a public-key file or of a platform certificate. Raises ValueError when it is neither."""
    raw = pem.encode()
    key = load_pem_x509_certificate(raw).public_key() if b"BEGIN CERTIFICATE" in raw else load_pem_public_key(raw)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA public key")
    return key


def sign(key: RSAPrivateKey, *lines: bytes) -> str:
    """Base64 of SHA256-RSA (PKCS#1 v1.5) over the lines, each closed by a newline."""
    return base64.b64encode(key.sign(_joined(lines), PKCS1v15(), hashes.SHA256())).decode()


def authorization(merchant: Merchant, call: tuple[str, str, bytes], now: datetime, nonce: str) -> str:
    """The ``Authorization`` value for ``call`` = (method, path with query as sent, body as sent)."""
    method, target, body = call
    seconds = str(int(now.timestamp()))
    signature = sign(merchant.key, method.encode(), target.encode(), seconds.encode(), nonce.encode(), body)
    return (
        f'{SCHEME} mchid="{merchant.mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{seconds}",serial_no="{merchant.serial}"'
    )


def verify(platform: Mapping[str, RSAPublicKey], headers: Mapping[str, str], raw: bytes, now: datetime) -> None:
    """Is ``raw`` (exactly as received) signed by a platform key, and recently? Raises Untrusted.

    ``headers`` is looked up with the names as the provider writes them: pass a case-insensitive mapping.
    """
    seconds, nonce = headers.get("Wechatpay-Timestamp", ""), headers.get("Wechatpay-Nonce", "")
    signature = headers.get("Wechatpay-Signature", "")
    if signature.startswith(PROBE):
        raise Untrusted("a probe")
    key = platform.get(headers.get("Wechatpay-Serial", ""))
    if key is None:
        raise Untrusted("signed with a serial we do not know")
    if not _SECONDS.fullmatch(seconds) or abs(datetime.fromtimestamp(int(seconds), UTC) - now) > SKEW:
        raise Untrusted("timestamp missing or too far from our clock")
    try:
        signed = base64.b64decode(signature, validate=True)
        key.verify(signed, _joined((seconds.encode(), nonce.encode(), raw)), PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        raise Untrusted("signature does not match") from None


def unseal(apiv3_key: bytes, ciphertext: str, nonce: str, associated: str) -> bytes:
    """The plain bytes of an AEAD_AES_256_GCM resource (tag at the end of the ciphertext). Raises Untrusted."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(apiv3_key).decrypt(nonce.encode(), sealed, associated.encode())
    except (binascii.Error, ValueError, InvalidTag):
        raise Untrusted("resource does not open with our APIv3 key") from None


def _joined(lines: tuple[bytes, ...]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
