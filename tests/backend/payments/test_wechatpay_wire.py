"""The bytes that are signed, checked and opened, against openly written expectations."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.payments.wechatpay_wire import (
    PROBE,
    Merchant,
    Untrusted,
    authorization,
    platform_key,
    private_key,
    unseal,
    verify,
)
from tests.backend.payments.till import APIV3

NOW = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
NONCE12 = "123456789012"


@pytest.fixture
def merchant(merchant_key: tuple[str, str]) -> Merchant:
    platform = {"PLATFORM": platform_key(merchant_key[1])}
    return Merchant("1900000001", "wxapp", "AA11", private_key(merchant_key[0]), APIV3.encode(), platform)


def test_the_request_is_signed_line_by_line(merchant: Merchant) -> None:
    value = authorization(merchant, ("GET", "/v3/x?mchid=1", b""), NOW, "noncenonce")
    assert value.startswith('WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="noncenonce",signature="')
    assert value.endswith('",timestamp="1789876800",serial_no="AA11"')
    found = re.search(r'signature="([^"]+)"', value)
    assert found is not None
    message = b"GET\n/v3/x?mchid=1\n1789876800\nnoncenonce\n\n"
    merchant.platform["PLATFORM"].verify(base64.b64decode(found[1]), message, PKCS1v15(), hashes.SHA256())


def test_an_empty_body_verifies(merchant: Merchant) -> None:
    seconds = str(int(NOW.timestamp()))
    signature = merchant.key.sign(f"{seconds}\nn\n\n".encode(), PKCS1v15(), hashes.SHA256())
    headers = {
        "Wechatpay-Timestamp": seconds,
        "Wechatpay-Nonce": "n",
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Serial": "PLATFORM",
    }
    verify(merchant.platform, headers, b"", NOW)
    with pytest.raises(Untrusted, match="does not match"):
        verify(merchant.platform, headers, b" ", NOW)
    with pytest.raises(Untrusted, match="a probe"):
        verify(merchant.platform, headers | {"Wechatpay-Signature": PROBE + "x"}, b"", NOW)


def test_a_resource_opens_only_untouched() -> None:
    sealed = base64.b64encode(AESGCM(APIV3.encode()).encrypt(NONCE12.encode(), b"plain", b"transaction")).decode()
    assert unseal(APIV3.encode(), sealed, NONCE12, "transaction") == b"plain"
    for ciphertext, nonce, associated in (
        (sealed, NONCE12, "refund"),
        (sealed, "123456789013", "transaction"),
        (sealed, "", "transaction"),
        ("AAAA", NONCE12, "transaction"),
        ("not base64!", NONCE12, "transaction"),
    ):
        with pytest.raises(Untrusted):
            unseal(APIV3.encode(), ciphertext, nonce, associated)


def test_keys_of_another_kind_are_refused(merchant: Merchant, merchant_key: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Merchant("1", "a", "s", merchant.key, b"short", merchant.platform)
    with pytest.raises(ValueError, match="no platform key"):
        Merchant("1", "a", "s", merchant.key, APIV3.encode(), {})
    with pytest.raises(ValueError, match=r"PEM|deserialize|key"):
        private_key(merchant_key[1])
    with pytest.raises(ValueError, match=r"PEM|deserialize|key"):
        platform_key("nonsense")


def test_answers_are_asked_for_only_in_public_key_mode(merchant: Merchant) -> None:
    assert merchant.answer_serial is None
    both = {**merchant.platform, "PUB_KEY_ID_1": merchant.platform["PLATFORM"]}
    assert Merchant("1", "a", "s", merchant.key, APIV3.encode(), both).answer_serial == "PUB_KEY_ID_1"
