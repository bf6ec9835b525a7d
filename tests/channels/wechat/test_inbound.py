"""What each push means, and the key that makes its repeats one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.port import InboundKind, Refused
from channels.wechat.inbound import TEXT_MAX, inbound

APPID = "wx1"
SENT = {"ToUserName": "gh_account", "FromUserName": "o1", "CreateTime": "1788228000"}
TEXT = SENT | {"MsgType": "text", "Content": "想续租", "MsgId": "7001"}
EVENT = SENT | {"MsgType": "event"}
FINISHED = EVENT | {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "200", "Status": "success"}


def test_a_text() -> None:
    heard = inbound(TEXT, APPID)
    assert (heard.kind, heard.key, heard.address, heard.text) == (InboundKind.TEXT, "wx:wx1:m:7001", "o1", "想续租")
    assert heard.at == datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


def test_a_menu_item_is_a_choice_with_its_label() -> None:
    heard = inbound(TEXT | {"bizmsgmenuid": "offer.2.1"}, APPID)
    assert (heard.kind, heard.choice, heard.text) == (InboundKind.CHOICE, "offer.2.1", "想续租")


def test_an_empty_text_is_still_a_message() -> None:
    heard = inbound(TEXT | {"Content": ""}, APPID)
    assert (heard.kind, heard.text) == (InboundKind.TEXT, "")


@pytest.mark.parametrize("kind", ["image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"])
def test_a_picture_and_its_like_are_media(kind: str) -> None:
    heard = inbound(SENT | {"MsgType": kind, "MediaId": "m", "MsgId": "7002"}, APPID)
    assert (heard.kind, heard.key, heard.text) == (InboundKind.MEDIA, "wx:wx1:m:7002", "")


def test_a_message_of_a_kind_to_come_is_something_else() -> None:
    assert inbound(SENT | {"MsgType": "hologram", "MsgId": "7003"}, APPID).kind is InboundKind.OTHER


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
    heard = inbound(EVENT | {"Event": event, "EventKey": scene}, APPID)
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
    heard = inbound(FINISHED | {"Status": status}, APPID)
    assert (heard.kind, heard.ref, heard.delivered, heard.failure) == (InboundKind.RECEIPT, "200", delivered, failure)


def test_an_event_s_key_is_sender_second_name_and_what_it_is_about() -> None:
    assert inbound(FINISHED, APPID).key == "wx:wx1:e:o1:1788228000:TEMPLATESENDJOBFINISH:200"
    assert inbound(EVENT | {"Event": "SCAN", "EventKey": "s"}, APPID).key == "wx:wx1:e:o1:1788228000:SCAN:s"


def test_two_events_of_one_second_have_two_keys_and_a_repeat_has_one() -> None:
    follow, leave = (EVENT | {"Event": event, "EventKey": ""} for event in ("subscribe", "unsubscribe"))
    latitude = [EVENT | {"Event": "LOCATION", "Latitude": where} for where in ("30.1", "30.2")]
    keys = [inbound(one, APPID).key for one in (follow, leave, *latitude, FINISHED, FINISHED | {"MsgID": "201"})]
    assert len(set(keys)) == len(keys)
    assert inbound(dict(reversed(latitude[0].items())), APPID).key == keys[2]


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
        inbound(TEXT | change, APPID)
    assert no.value.status == 400


def test_nothing_gets_longer_than_a_key_or_a_row_can_hold() -> None:
    assert inbound(TEXT | {"CreateTime": "9" * 10}, APPID).at.year == 2286
    assert len(inbound(TEXT | {"Content": "长" * 20_000}, APPID).text) == TEXT_MAX
    long = inbound(EVENT | {"Event": "e" * 999, "EventKey": "k" * 999, "FromUserName": "o" * 64}, APPID)
    assert len(long.key) < 255
    assert len(inbound(TEXT | {"bizmsgmenuid": "m" * 999}, APPID).choice) == 64
