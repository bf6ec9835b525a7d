"""The envelope: the sheet's vectors pass; whatever is not a genuine push of this account is refused, as one thing."""

from __future__ import annotations

import base64
import random
import string
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sandbox.wechat_seal import Box, field_of, signature
from channels.port import Refused
from channels.wechat.crypto import AGE_MAX, BODY_MAX, Envelope
from tests.channels.wechat.line import (
    ACCOUNT,
    AES_KEY,
    APPID,
    BEGAN,
    OLD_KEY,
    STRANGE_KEY,
    TOKEN,
    Push,
    pushed,
    query_for,
    sealed,
    words,
)

BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><xml><Content>&b;</Content></xml>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><xml><Encrypt>&a;</Encrypt></xml>"


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(ACCOUNT)


def refused(envelope: Envelope, push: Push, now: datetime = BEGAN) -> tuple[int, str]:
    with pytest.raises(Refused) as no:
        envelope.open(*push, now)
    return no.value.status, str(no.value)


def test_the_address_check_of_the_sheet() -> None:
    envelope = Envelope(msgspec.structs.replace(ACCOUNT, token="AAAAA"))
    query = {"timestamp": "1714037059", "nonce": "486452656", "echostr": "4375120948345356249"}
    query["signature"] = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    asked_at = datetime.fromtimestamp(1714037059, UTC)
    assert envelope.check_address(query, asked_at) == "4375120948345356249"
    with pytest.raises(Refused, match="wrong signature"):
        envelope.check_address(query | {"nonce": "486452657"}, asked_at)
    with pytest.raises(Refused, match="too old"):
        envelope.check_address(query, asked_at + timedelta(days=1))


def test_the_envelope_of_the_sheet(envelope: Envelope) -> None:
    encrypted = (
        "Q3stYC6hdFzMh9T8HCvyDABg/St6gyAQr9CXQpH3/rKUjJoJe8uR8izGnmx1dQL5p6NXsB9xaLbDbJ3Ku/EpKmsOPjqCmCqmvQ6fMkttCuYNP/"
        "BVLMPYXT9p6NLYcPnk"
    )
    query = {"timestamp": "1700000000", "nonce": "nonce1", "encrypt_type": "aes"}
    query["msg_signature"] = "fa4630dcf84e60f58d2779fa07e12cc595b59111"
    body = f"<xml><ToUserName/><Encrypt>{encrypted}</Encrypt></xml>".encode()
    opened = envelope.open(query, body, datetime.fromtimestamp(1700000000, UTC))
    assert (opened.fields, opened.previous) == ({"MsgType": "text"}, False)


def test_an_empty_tag_is_empty_text_and_a_nested_one_is_left_out(envelope: Envelope) -> None:
    opened = envelope.open(*pushed(sealed("<xml><A/><B><C>1</C></B><D>x</D></xml>")), BEGAN)
    assert opened.fields == {"A": "", "D": "x"}


CONSENT = "<TemplateId>t{number}</TemplateId><SubscribeStatusString>{word}</SubscribeStatusString>"
ONE = f"<List>{CONSENT.format(number=1, word='accept')}</List>"
TWO = f"{ONE}<List>{CONSENT.format(number=2, word='reject')}</List>"
READ = [
    {"TemplateId": "t1", "SubscribeStatusString": "accept"},
    {"TemplateId": "t2", "SubscribeStatusString": "reject"},
]


@pytest.mark.parametrize(
    ("inside", "entries"),
    [
        (f"<SubscribeMsgPopupEvent>{ONE}</SubscribeMsgPopupEvent>", READ[:1]),
        (f"<SubscribeMsgChangeEvent>{TWO}</SubscribeMsgChangeEvent>", READ),
        ("<SubscribeMsgSentEvent><List><MsgID>9</MsgID><ErrorStatus/></List></SubscribeMsgSentEvent>",
         [{"MsgID": "9", "ErrorStatus": ""}]),
        ("<SubscribeMsgPopupEvent/>", []),
        ("<SubscribeMsgPopupEvent><List/></SubscribeMsgPopupEvent>", []),
        ("<SubscribeMsgPopupEvent>words</SubscribeMsgPopupEvent>", []),
        ("<SubscribeMsgPopupEvent><List>a</List><List>b</List></SubscribeMsgPopupEvent>", []),
        (f"<ScanCodeInfo>{ONE}</ScanCodeInfo>", []),
    ],
    ids=["one", "many", "sent", "empty", "empty list", "words", "words listed", "another event"],
)  # fmt: skip
def test_what_a_subscription_event_lists(envelope: Envelope, inside: str, entries: list[dict[str, str]]) -> None:
    opened = envelope.open(*pushed(sealed(words().replace("<MsgId>", f"{inside}<MsgId>"))), BEGAN)
    assert (list(opened.entries), opened.fields["MsgId"]) == (entries, "7001")


@pytest.mark.parametrize(
    ("inside", "why"),
    [(f"<List>{ONE}</List>" * 21, "a list too long"), ("<List><A/><A/></List>", "doubled tag A")],
    ids=["too long", "doubled"],
)
def test_a_list_that_is_none_of_theirs_is_refused(envelope: Envelope, inside: str, why: str) -> None:
    xml = f"<xml><SubscribeMsgPopupEvent>{inside}</SubscribeMsgPopupEvent></xml>"
    assert refused(envelope, pushed(sealed(xml))) == (400, why)


@pytest.mark.parametrize(("key", "previous"), [(AES_KEY, False), (OLD_KEY, True)])
def test_the_answer_takes_the_key_of_the_question(envelope: Envelope, key: str, previous: bool) -> None:
    opened = envelope.open(*pushed(sealed(words(), key=key)), BEGAN)
    assert opened.previous is previous
    reply = envelope.seal(opened, "<xml>好</xml>", BEGAN)
    encrypted = field_of(reply, "Encrypt")
    assert Box(key, APPID, random.Random(1)).open(encrypted) == "<xml>好</xml>"
    assert field_of(reply, "TimeStamp") == str(int(BEGAN.timestamp()))
    parts = (TOKEN, field_of(reply, "TimeStamp"), field_of(reply, "Nonce"), encrypted)
    assert field_of(reply, "MsgSignature") == signature(*parts)


def test_a_key_taken_out_of_the_settings_opens_nothing_more() -> None:
    rolled = Envelope(msgspec.structs.replace(ACCOUNT, previous_aes_key=""))
    status, why = refused(rolled, pushed(sealed(words(), key=OLD_KEY)))
    assert (status, "none of our keys" in why) == (403, True)


@pytest.mark.parametrize(
    "encrypted", [sealed(words(), key=STRANGE_KEY), sealed(words(), appid="wx0000000000others")], ids=["key", "account"]
)
def test_another_key_or_account_is_refused(envelope: Envelope, encrypted: str) -> None:
    assert refused(envelope, pushed(encrypted))[0] == 403


def test_a_signature_by_another_token_is_refused(envelope: Envelope) -> None:
    assert refused(envelope, pushed(sealed(words()), token="other")) == (403, "wrong signature")


@pytest.mark.parametrize(
    "change",
    [
        {"msg_signature": ""},
        {"msg_signature": "é" * 40},
        {"nonce": "nonce2"},
        {"msg_signature": pushed(sealed(words()))[0]["signature"]},
    ],
    ids=["none", "not ascii", "another nonce", "the plain mode's"],
)
def test_a_signature_over_something_else_is_refused(envelope: Envelope, change: dict[str, str]) -> None:
    query, body = pushed(sealed(words()))
    assert refused(envelope, (query | change, body)) == (403, "wrong signature")


def test_an_altered_envelope_is_refused(envelope: Envelope) -> None:
    query, _ = pushed(sealed(words()))
    _, other = pushed(sealed(words("别的")))
    assert refused(envelope, (query, other)) == (403, "wrong signature")


@pytest.mark.parametrize("seconds", [-AGE_MAX - 1, AGE_MAX + 1])
def test_old_pushes_and_those_of_the_future_are_refused(envelope: Envelope, seconds: int) -> None:
    push = pushed(sealed(words()))
    assert refused(envelope, push, BEGAN + timedelta(seconds=seconds)) == (403, "too old, or from the future")


@pytest.mark.parametrize("seconds", [-AGE_MAX, AGE_MAX])
def test_a_retry_within_ten_minutes_is_read(envelope: Envelope, seconds: int) -> None:
    opened = envelope.open(*pushed(sealed(words())), BEGAN + timedelta(seconds=seconds))
    assert opened.fields["Content"] == "你好"


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "²", "9" * 13])
def test_a_stamp_that_is_no_time_is_refused(envelope: Envelope, stamp: str) -> None:
    encrypted = sealed(words())
    body = pushed(encrypted)[1]
    assert refused(envelope, (query_for(encrypted, stamp), body)) == (403, "no timestamp")


def test_the_size_is_looked_at_first(envelope: Envelope) -> None:
    assert refused(envelope, ({}, b"x" * (BODY_MAX + 1))) == (413, "body too large")
    assert refused(envelope, ({}, b"x" * BODY_MAX))[0] == 403


def test_a_plain_push_is_refused(envelope: Envelope) -> None:
    query, _ = pushed(sealed(words()))
    assert refused(envelope, (query, words().encode())) == (403, "not encrypted")
    query, body = pushed(sealed(words()))
    assert refused(envelope, ({**query, "encrypt_type": "raw"}, body)) == (403, "not encrypted")


@pytest.mark.parametrize("raw", [BOMB, OUTSIDE], ids=["bomb", "file"])
def test_entities_are_refused_outside_and_inside(envelope: Envelope, raw: str) -> None:
    query, _ = pushed("x")
    assert refused(envelope, (query, raw.encode())) == (403, "not the XML it should be (ValueError)")
    assert refused(envelope, pushed(sealed(raw))) == (400, "not the XML it should be (ValueError)")


@pytest.mark.parametrize("encoding", ["none-such", "gbk", "utf-7"])
def test_a_letter_code_nobody_knows_is_refused(envelope: Envelope, encoding: str) -> None:
    query, _ = pushed("x")
    raw = f"<?xml version='1.0' encoding='{encoding}'?><xml/>".encode()
    assert refused(envelope, (query, raw))[0] == 403


def test_doubled_tags_are_refused_outside_and_inside(envelope: Envelope) -> None:
    encrypted = sealed(words())
    query, _ = pushed(encrypted)
    twice = f"<xml><Encrypt>{encrypted}</Encrypt><Encrypt>{encrypted}</Encrypt></xml>".encode()
    assert refused(envelope, (query, twice)) == (403, "doubled tag Encrypt")
    doubled = words().replace("<MsgType>", "<MsgType>event</MsgType><MsgType>")
    assert refused(envelope, pushed(sealed(doubled))) == (400, "doubled tag MsgType")


@pytest.mark.parametrize("inside", ["", "<xml/>", "<other><A>1</A></other>", "<xml>", "no xml at all"])
def test_a_signed_push_with_nothing_in_it_is_refused(envelope: Envelope, inside: str) -> None:
    assert refused(envelope, pushed(sealed(inside)))[0] == 400


def test_what_a_key_makes_of_a_damaged_envelope_is_refused(envelope: Envelope) -> None:
    raw = base64.b64decode(sealed(words()))
    for cut in (0, 1, 16, 17, 32, len(raw) - 16):
        encrypted = base64.b64encode(raw[:cut]).decode()
        assert refused(envelope, pushed(encrypted))[0] == 403


@given(body=st.binary(max_size=300))
def test_any_bytes_are_a_refusal_and_nothing_else(body: bytes) -> None:
    query, _ = pushed("x")
    assert refused(Envelope(ACCOUNT), (query, body))[0] == 403


@given(encrypted=st.text(string.ascii_letters + string.digits + "+/=-_ 好", min_size=1, max_size=200))
def test_any_signed_envelope_is_a_refusal_and_nothing_else(encrypted: str) -> None:
    query, body = pushed(encrypted.strip() or "x")
    assert refused(Envelope(ACCOUNT), (query, body))[0] == 403


@given(inside=st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_signed_words_are_a_refusal_and_nothing_else(inside: str) -> None:
    assert refused(Envelope(ACCOUNT), pushed(sealed(f"<xml>{inside}")))[0] == 400


@pytest.mark.parametrize("key", ["", "short", "x" * 44])
def test_a_key_of_another_length_is_told_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="43 characters"):
        Envelope(msgspec.structs.replace(ACCOUNT, aes_key=key))
