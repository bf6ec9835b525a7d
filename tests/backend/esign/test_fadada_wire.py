"""Fadada's signature: the published vector, and every byte of it counts, in both directions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.esign.fadada_wire import Account, Untrusted, headers, sign, verified_callback
from backend.sandbox.fadada_gate import Gate, Refused, seal
from tests.backend.esign.studio import ACCOUNT

NOW = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
BIZ = '{"signTaskId":"17","userName":"张演示 & 李=演示"}'
VECTOR = {
    "X-FASC-App-Id": "00000000",
    "X-FASC-Sign-Type": "HMAC-SHA256",
    "X-FASC-Timestamp": "1757570000000",
    "X-FASC-Nonce": "a" * 32,
    "X-FASC-Api-SubVersion": "5.1",
    "X-FASC-AccessToken": "tok",
    "bizContent": '{"signTaskId":"1"}',
}
EXPECTED = "45a459b6af348e6ff2b3e5727823c54f4e5f4e23eea22e916d8da6befefe25bf"


def test_the_vector_of_the_providers_sheet() -> None:
    assert sign("dummysecret", VECTOR) == EXPECTED


def test_the_emulator_comes_to_the_same_by_its_own_way() -> None:
    assert seal("dummysecret", VECTOR["X-FASC-Timestamp"], VECTOR) == EXPECTED


def test_empty_values_are_left_out() -> None:
    assert sign("dummysecret", {**VECTOR, "X-FASC-Grant-Type": ""}) == EXPECTED


def test_the_secret_stays_out_of_the_account_s_repr() -> None:
    assert "synthetic-app-secret" not in repr(ACCOUNT)


def gate() -> Gate:
    made = Gate(ACCOUNT.app_id, ACCOUNT.app_secret)
    made.tokens["tok"] = datetime(2027, 1, 1, tzinfo=UTC)
    return made


def test_our_requests_pass_the_emulator_s_gate() -> None:
    gate().admit(headers(ACCOUNT, NOW, "n" * 32, BIZ, "tok"), BIZ, NOW)
    gate().admit(headers(ACCOUNT, NOW, "n" * 32, None, None), None, NOW)


def flips(text: str) -> list[str]:
    """The text with each of its characters changed, one at a time."""
    return [text[:at] + ("x" if char != "x" else "y") + text[at + 1 :] for at, char in enumerate(text)]


def test_a_request_with_any_one_character_changed_is_refused() -> None:
    sent = headers(ACCOUNT, NOW, "n" * 32, BIZ, "tok")
    mutants = [({**sent, name: flip}, BIZ) for name, value in sent.items() for flip in flips(value)]
    mutants += [(sent, flip) for flip in flips(BIZ)]
    assert len(mutants) > 150
    for changed, biz in mutants:
        with pytest.raises(Refused):
            gate().admit(changed, biz, NOW)


def callback(secret: str = ACCOUNT.app_secret) -> tuple[dict[str, str], bytes]:
    """Signed by the emulator's code, as it would arrive."""
    sent = {
        "X-FASC-App-Id": ACCOUNT.app_id,
        "X-FASC-Sign-Type": "HMAC-SHA256",
        "X-FASC-Timestamp": "1789000000000",
        "X-FASC-Nonce": "m" * 32,
        "X-FASC-Event": "sign-task-signed",
    }
    body = b"bizContent=" + "".join(f"%{byte:02X}" for byte in BIZ.encode()).encode()
    return {**sent, "X-FASC-Sign": seal(secret, sent["X-FASC-Timestamp"], {**sent, "bizContent": BIZ})}, body


def test_a_callback_is_read_from_its_raw_text() -> None:
    received, body = callback()
    assert verified_callback(ACCOUNT, received, body) == ("sign-task-signed", BIZ)


def test_a_callback_with_any_one_character_changed_is_refused() -> None:
    received, body = callback()
    mutants = [({**received, name: flip}, body) for name, value in received.items() for flip in flips(value)]
    mutants += [(received, flip.encode()) for flip in flips(body.decode())]
    for changed, raw in mutants:
        with pytest.raises(Untrusted):
            verified_callback(ACCOUNT, changed, raw)


@pytest.mark.parametrize("raw", [b"", b"bizContent", b"\xff", b"bizContent=1&bizContent=1", b"other=1"])
def test_what_is_no_callback_is_refused(raw: bytes) -> None:
    with pytest.raises(Untrusted):
        verified_callback(ACCOUNT, callback()[0], raw)


def test_a_callback_signed_for_another_application_is_refused() -> None:
    received, body = callback()
    other = Account("00000002", ACCOUNT.app_secret, "corp0001")
    with pytest.raises(Untrusted):
        verified_callback(other, received, body)
    with pytest.raises(Untrusted):
        verified_callback(ACCOUNT, *callback("another secret"))
