"""The v2 envelope: three writers of one signature agree, and one changed sign is refused by each of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.pay import utils as foreign

from backend.payments.answers import Untrusted
from backend.payments.entrust import Entrust
from backend.payments.entrust_calls import V2Calls
from backend.payments.entrust_wire import Plan, from_xml, signature, signed, to_xml, trusted
from backend.payments.port import PayError, Reason
from backend.sandbox.entrust_seal import Seal, Unsigned, read

KEY = "fedcba9876543210fedcba9876543210"
PLAN = Plan("1900000001", "wxsandbox0000001", KEY, "106")
OLD = Plan("1900000001", "wxsandbox0000001", KEY, "106", signs_with="MD5")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
FIELDS = st.dictionaries(st.from_regex("[a-z][a-z_]{0,12}", fullmatch=True).filter(lambda one: one != "sign"), TEXT)
NOTICE = {
    "return_code": "SUCCESS", "appid": PLAN.appid, "mch_id": PLAN.mchid, "out_trade_no": "R1P1A1",
    "total_fee": "320000", "trade_state": "SUCCESS", "contract_id": "2026",
}  # fmt: skip


@given(FIELDS)
@settings(max_examples=100)
def test_ours_the_sandboxs_and_a_foreign_clients_signature_are_one(fields: dict[str, str]) -> None:
    assert signature(fields, PLAN) == Seal(KEY).mark(fields, "HMAC-SHA256")
    assert signature(fields, PLAN) == foreign.calculate_signature_hmac(fields, KEY)
    assert signature(fields, OLD) == Seal(KEY).mark(fields, "MD5") == foreign.calculate_signature(fields, KEY)


@given(FIELDS)
@settings(max_examples=100)
def test_what_is_written_is_read(fields: dict[str, str]) -> None:
    if not fields:
        return
    assert from_xml(to_xml(fields)) == fields
    sealed = Seal(KEY).write(fields, "HMAC-SHA256")
    if not any("]]>" in value for value in fields.values()):
        assert {name: value for name, value in from_xml(sealed).items() if name != "sign"} == fields


def test_a_foreign_clients_document_is_believed_by_the_sandbox_and_by_us() -> None:
    document = foreign.dict_to_xml(NOTICE, foreign.calculate_signature_hmac(NOTICE, KEY)).encode()
    Seal(KEY).check(read(document))
    assert trusted(document, PLAN)["out_trade_no"] == "R1P1A1"
    assert foreign._check_signature(signed(NOTICE, OLD), KEY)


@pytest.mark.parametrize("place", range(0, len(Seal(KEY).write(NOTICE, "HMAC-SHA256")), 7))
def test_one_changed_sign_is_refused(place: int) -> None:
    """Anywhere in the document; what is left readable does not match, what is not is no XML of theirs."""
    document = bytearray(Seal(KEY).write(NOTICE, "HMAC-SHA256"))
    document[place] ^= 1
    with pytest.raises(Untrusted):
        trusted(bytes(document), PLAN)


@pytest.mark.parametrize("name", sorted(NOTICE))
def test_one_changed_field_is_refused_by_the_sandbox(name: str) -> None:
    fields = signed(NOTICE, PLAN)
    with pytest.raises(Unsigned):
        Seal(KEY).check({**fields, name: fields[name] + "1"})
    Seal(KEY).check(fields)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"<xml>",
        b"<xml><a><b>1</b></a></xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b'<!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
        b"<other><a>1</a></other>",
        b"<xml>" + b"<a>1</a>" * 10_000 + b"</xml>",
        b"\xff\xfe<xml/>",
    ],
)
def test_what_is_not_one_flat_document_is_refused(raw: bytes) -> None:
    with pytest.raises(Untrusted):
        from_xml(raw)


def test_another_merchants_notice_is_refused() -> None:
    stranger = Plan("1900000002", PLAN.appid, KEY, "106")
    with pytest.raises(Untrusted):
        trusted(to_xml(signed({**NOTICE, "mch_id": stranger.mchid}, stranger)), PLAN)


def test_a_notice_about_nothing_is_refused() -> None:
    empty = {name: value for name, value in NOTICE.items() if name != "out_trade_no"}
    door = Entrust(V2Calls(PLAN, None, None), None, None, "https://x.example/e")  # type: ignore[arg-type]
    with pytest.raises(PayError) as fault:
        door.parse_notice({}, to_xml(signed(empty, PLAN)))
    assert fault.value.reason is Reason.CONFIG


def test_the_key_is_never_shown() -> None:
    assert KEY not in repr(PLAN)
    assert KEY not in f"{PLAN}"
