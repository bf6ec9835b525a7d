"""What each push means, and the key that makes its repeats one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.port import Inbound, InboundKind, Refused
from channels.wechat.inbound import TEXT_MAX, inbound

APPID = "wx1"
SENT = {"ToUserName": "gh_account", "FromUserName": "o1", "CreateTime": "1788228000"}
TEXT = SENT | {"MsgType": "text", "Content": "想续租", "MsgId": "7001"}
EVENT = SENT | {"MsgType": "event"}
FINISHED = EVENT | {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "200", "Status": "success"}

ENTRY = {"TemplateId": "consented-1", "SubscribeStatusString": "accept", "PopupScene": "1"}
SENT_ENTRY = {"TemplateId": "consented-1", "MsgID": "1864323726461255680", "ErrorCode": "0", "ErrorStatus": "success"}


def only(fields: dict[str, str], appid: str) -> Inbound:
    [heard] = inbound(fields, appid)
    return heard


def test_a_text() -> None:
    heard = only(TEXT, APPID)
    assert (heard.kind, heard.key, heard.address, heard.text) == (InboundKind.TEXT, "wx:wx1:m:7001", "o1", "想续租")
    assert heard.at == datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


def test_a_menu_item_is_a_choice_with_its_label() -> None:
    heard = only(TEXT | {"bizmsgmenuid": "offer.2.1"}, APPID)
    assert (heard.kind, heard.choice, heard.text) == (InboundKind.CHOICE, "offer.2.1", "想续租")


def test_an_empty_text_is_still_a_message() -> None:
    heard = only(TEXT | {"Content": ""}, APPID)
    assert (heard.kind, heard.text) == (InboundKind.TEXT, "")


@pytest.mark.parametrize("kind", ["image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"])
def test_a_picture_and_its_like_are_media(kind: str) -> None:
    heard = only(SENT | {"MsgType": kind, "MediaId": "m", "MsgId": "7002"}, APPID)
    assert (heard.kind, heard.key, heard.text) == (InboundKind.MEDIA, "wx:wx1:m:7002", "")


def test_a_message_of_a_kind_to_come_is_something_else() -> None:
    assert only(SENT | {"MsgType": "hologram", "MsgId": "7003"}, APPID).kind is InboundKind.OTHER


@pytest.mark.parametrize(
    ("event", "scene", "kind", "bound"),
    [
        ("subscribe", "", InboundKind.FOLLOW, ""),
        ("subscribe", "qrscene_lease-9", InboundKind.BIND, "lease-9"),
        ("SCAN", "lease-9", InboundKind.BIND, "lease-9"),
        ("unsubscribe", "", InboundKind.UNFOLLOW, ""),
        ("VIEW", "http://127.0.0.1/", InboundKind.OTHER, ""),
        ("", "", InboundKind.OTHER, ""),
    ],
)
def test_events_of_a_follower(event: str, scene: str, kind: InboundKind, bound: str) -> None:
    heard = only(EVENT | {"Event": event, "EventKey": scene}, APPID)
    assert (heard.kind, heard.scene) == (kind, bound)


@pytest.mark.parametrize(
    ("status", "delivered", "failure"),
    [
        ("success", True, ""),
        ("failed:user block", False, "opted_out"),
        ("failed: user block", False, "opted_out"),
        ("failed: system failed", False, "system"),
        ("failed:freq limit", False, "system"),
        ("", False, "system"),
    ],
)
def test_a_template_s_receipt(status: str, delivered: bool, failure: str) -> None:
    heard = only(FINISHED | {"Status": status}, APPID)
    assert (heard.kind, heard.ref, heard.delivered, heard.failure) == (InboundKind.RECEIPT, "200", delivered, failure)
    assert heard.code == status


def test_an_event_s_key_is_sender_second_name_and_what_it_is_about() -> None:
    assert only(FINISHED, APPID).key == "wx:wx1:e:o1:1788228000:TEMPLATESENDJOBFINISH:200"
    assert only(EVENT | {"Event": "SCAN", "EventKey": "s"}, APPID).key == "wx:wx1:e:o1:1788228000:SCAN:s"


def test_two_events_of_one_second_have_two_keys_and_a_repeat_has_one() -> None:
    follow, leave = (EVENT | {"Event": event, "EventKey": ""} for event in ("subscribe", "unsubscribe"))
    latitude = [EVENT | {"Event": "LOCATION", "Latitude": where} for where in ("30.1", "30.2")]
    keys = [only(one, APPID).key for one in (follow, leave, *latitude, FINISHED, FINISHED | {"MsgID": "201"})]
    assert len(set(keys)) == len(keys)
    assert only(dict(reversed(latitude[0].items())), APPID).key == keys[2]


@pytest.mark.parametrize("event", ["subscribe_msg_popup_event", "subscribe_msg_change_event"])
def test_each_consent_given_or_refused_is_heard_by_itself(event: str) -> None:
    entries = [ENTRY, ENTRY | {"TemplateId": "consented-2", "SubscribeStatusString": "reject"}]
    heard = inbound(EVENT | {"Event": event}, APPID, entries)
    assert [(one.kind, one.ref, one.delivered) for one in heard] == [
        (InboundKind.CONSENT, "consented-1", True),
        (InboundKind.CONSENT, "consented-2", False),
    ]
    assert len({one.key for one in heard}) == 2
    assert heard == inbound(EVENT | {"Event": event}, APPID, entries)


def test_two_consents_of_one_second_are_two() -> None:
    popup = EVENT | {"Event": "subscribe_msg_popup_event"}
    [first] = inbound(popup, APPID, [ENTRY])
    [second] = inbound(popup, APPID, [ENTRY | {"TemplateId": "consented-2"}])
    assert first.key != second.key
    assert first.key.startswith("wx:wx1:e:o1:1788228000:subscribe_msg_popup_event:")


@pytest.mark.parametrize(
    ("entry", "delivered", "failure", "code"),
    [
        (SENT_ENTRY, True, "", "0 success"),
        (SENT_ENTRY | {"ErrorCode": "43101", "ErrorStatus": "refused"}, False, "system", "43101 refused"),
        ({"TemplateId": "consented-1", "MsgID": "1864323726461255680"}, False, "system", ""),
    ],
)
def test_what_became_of_a_notice_by_consent(entry: dict[str, str], delivered: bool, failure: str, code: str) -> None:
    [heard] = inbound(EVENT | {"Event": "subscribe_msg_sent_event"}, APPID, [entry])
    assert (heard.kind, heard.ref) == (InboundKind.RECEIPT, "1864323726461255680")
    assert (heard.delivered, heard.failure, heard.code) == (delivered, failure, code)


@pytest.mark.parametrize("entries", [[], [{"TemplateId": ""}], [{"SubscribeStatusString": "accept"}]])
def test_a_subscription_event_that_names_no_template_is_something_else(entries: list[dict[str, str]]) -> None:
    [heard] = inbound(EVENT | {"Event": "subscribe_msg_popup_event"}, APPID, entries)
    assert heard.kind is InboundKind.OTHER


def test_what_other_events_list_is_not_looked_at() -> None:
    [heard] = inbound(EVENT | {"Event": "SCAN", "EventKey": "s"}, APPID, [ENTRY])
    assert heard.kind is InboundKind.BIND


@pytest.mark.parametrize(
    "change",
    [
        {"FromUserName": ""},
        {"FromUserName": "o" * 65},
        {"CreateTime": ""},
        {"CreateTime": "²"},
        {"CreateTime": "-1"},
        {"CreateTime": "9" * 11},
        {"MsgId": ""},
        {"MsgId": "x"},
        {"MsgId": "²"},
        {"MsgId": "9" * 21},
    ],
)
def test_what_has_no_sender_time_or_number_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(Refused) as no:
        only(TEXT | change, APPID)
    assert no.value.status == 400


def test_nothing_gets_longer_than_a_key_or_a_row_can_hold() -> None:
    assert only(TEXT | {"CreateTime": "9" * 10}, APPID).at.year == 2286
    assert len(only(TEXT | {"Content": "长" * 20_000}, APPID).text) == TEXT_MAX
    long = only(EVENT | {"Event": "e" * 999, "EventKey": "k" * 999, "FromUserName": "o" * 64}, APPID)
    assert len(long.key) < 255
    assert len(only(TEXT | {"bizmsgmenuid": "m" * 999}, APPID).choice) == 64
    wide = EVENT | {"Event": "subscribe_msg_popup_event", "EventKey": "k" * 999, "FromUserName": "o" * 64}
    [consent] = inbound(wide, "wx" + "1" * 16, [ENTRY | {"TemplateId": "t" * 999}])
    assert (len(consent.key) < 255, len(consent.ref)) == (True, 64)
