"""Our callback over real HTTP: a genuine push is heard and answered in kind, anything else is refused and not heard."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.wechat import TenantSawError
from backend.sandbox.wechat_faults import Push as PushTrouble
from backend.sandbox.wechat_seal import Box, field_of, signature
from channels.port import Inbound, InboundKind
from channels.wechat.routes import PATH, routes
from tests.channels.wechat.line import (
    AES_KEY,
    BEGAN,
    OLD_KEY,
    STRANGE_KEY,
    TENANT,
    TOKEN,
    Line,
    Push,
    pushed,
    sealed,
    words,
)

BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'>]><xml><Content>&a;</Content></xml>"


async def post(line: Line, push: Push) -> tuple[int, str]:
    query, body = push
    async with line.session.post(line.door, params=query, data=body) as answer:
        return answer.status, await answer.text()


async def test_words_come_in_and_the_answer_goes_out_sealed(line: Line) -> None:
    line.ear.reply = "您好，租约还有三十天 <a href='x'>续租</a> ]]> & 完"
    assert await line.sandbox.tenant_says(TENANT, "我想续租 ]]> <b>&amp;") == line.ear.reply.replace("]]>", "]] >")
    [heard] = line.ear.heard
    assert (heard.kind, heard.address, heard.text) == (InboundKind.TEXT, TENANT, "我想续租 ]]> <b>&amp;")
    assert heard.at == line.clock()
    [shown] = line.sandbox.inbox(TENANT)
    assert shown.kind == "passive"


async def test_an_answer_xml_cannot_hold_is_still_readable(line: Line) -> None:
    line.ear.reply = "王\x00小\x1f明，您好"
    assert await line.sandbox.tenant_says(TENANT, "你好") == "王小明，您好"


@pytest.mark.parametrize("reply", [None, ""])
async def test_silence_is_a_plain_success(line: Line, reply: str | None) -> None:
    line.ear.reply = reply
    encrypted = sealed(words(), appid=line.config.appid)
    assert await post(line, pushed(encrypted)) == (200, "success")
    assert await line.sandbox.tenant_says(TENANT, "谢谢") is None
    assert line.sandbox.inbox(TENANT) == []


@pytest.mark.parametrize("reply", ["长" * 3000, "]]>" * 1000], ids=["Chinese", "ends of CDATA"])
async def test_a_long_answer_is_cut_to_what_a_phone_shows(line: Line, reply: str) -> None:
    line.ear.reply = reply
    said = await line.sandbox.tenant_says(TENANT, "你好")
    assert said is not None
    assert 2000 < len(said.encode()) <= 2048


async def test_a_tap_a_picture_and_a_follower_s_coming_and_going(line: Line) -> None:
    await line.sandbox.tenant_says(TENANT, "第一个方案", menu="offer.1.1")
    await line.sandbox.tenant_sends(TENANT, "image")
    await line.sandbox.unfollow(TENANT)
    await line.sandbox.follow(TENANT, "lease-9")
    await line.sandbox.follow(TENANT, "lease-9")
    await line.sandbox.unfollow(TENANT)
    await line.sandbox.follow(TENANT)
    assert [(heard.kind, heard.choice or heard.scene) for heard in line.ear.heard] == [
        (InboundKind.CHOICE, "offer.1.1"),
        (InboundKind.MEDIA, ""),
        (InboundKind.UNFOLLOW, ""),
        (InboundKind.BIND, "lease-9"),
        (InboundKind.BIND, "lease-9"),
        (InboundKind.UNFOLLOW, ""),
        (InboundKind.FOLLOW, ""),
    ]


@pytest.mark.parametrize(
    ("push", "status"),
    [
        (pushed(sealed(words()), token="other"), 403),
        (pushed(sealed(words(), key=STRANGE_KEY)), 403),
        (pushed(sealed(words(), appid="wx0000000000others")), 403),
        (pushed(sealed(words()), at=BEGAN.replace(year=2001)), 403),
        (({}, words().encode()), 403),
        (({}, b""), 403),
        (({}, BOMB.encode()), 403),
        (({}, b"x" * 70_000), 413),
    ],
    ids=["signature", "key", "account", "old", "plain", "empty", "bomb outside", "oversize"],
)
async def test_what_is_no_push_of_ours_is_refused_unheard(
    line: Line, push: Push, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await post(line, push))[0] == status
    assert line.ear.heard == []
    [record] = caplog.records
    assert (record.levelno, record.getMessage().startswith(f"push refused ({status}): ")) == (logging.WARNING, True)
    assert TENANT not in record.getMessage()


@pytest.mark.parametrize(
    "inside",
    [BOMB, words().replace("<Content>", "<Content>1</Content><Content>"), words(number=""), words(number="²")],
    ids=["bomb", "doubled", "no number", "odd number"],
)
async def test_a_signed_push_that_makes_no_sense_is_refused_unheard(
    line: Line, inside: str, caplog: pytest.LogCaptureFixture
) -> None:
    push = pushed(sealed(inside, appid=line.config.appid))
    assert (await post(line, push))[0] == 400
    assert (line.ear.heard, len(caplog.records)) == ([], 1)


def consents(*given: str, name: str = "subscribe_msg_popup_event") -> str:
    """The XML of what the tenant has said to each of these templates."""
    entries = "".join(
        f"<List><TemplateId>t{number}</TemplateId><SubscribeStatusString>{word}</SubscribeStatusString></List>"
        for number, word in enumerate(given)
    )
    head, _, _ = words().partition("<MsgType>")
    return (
        f"{head}<MsgType>event</MsgType><Event>{name}</Event>"
        f"<SubscribeMsgPopupEvent>{entries}</SubscribeMsgPopupEvent></xml>"
    )


async def test_every_consent_of_a_push_is_heard_in_order_and_again_after_a_failure(line: Line) -> None:
    push = pushed(sealed(consents("accept", "reject", "accept"), appid=line.config.appid))
    line.ear.failures = 1
    assert (await post(line, push))[0] == 500
    assert await post(line, push) == (200, "success")
    [failed, *heard] = line.ear.heard
    assert [(one.kind, one.ref, one.delivered) for one in heard] == [
        (InboundKind.CONSENT, "t0", True),
        (InboundKind.CONSENT, "t1", False),
        (InboundKind.CONSENT, "t2", True),
    ]
    assert (failed.key, len({one.key for one in heard})) == (heard[0].key, 3)


async def test_the_first_reply_answers_a_push_that_says_several_things(line: Line) -> None:
    said = iter([None, "第一句", "第二句"])

    async def hear(inbound: Inbound) -> str | None:
        return next(said)

    app = web.Application()
    app.add_routes(routes(line.config, hear, line.clock))
    async with TestServer(app) as door:
        line.door = str(door.make_url(PATH))
        push = pushed(sealed(consents("accept", "accept", "accept"), appid=line.config.appid))
        status, text = await post(line, push)
    box = Box(AES_KEY, line.config.appid, random.Random(1))
    assert (status, field_of(box.open(field_of(text, "Encrypt")), "Content")) == (200, "第一句")
    assert next(said, None) is None


async def test_a_body_without_a_length_is_not_read_to_its_end(line: Line) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 8192

    async with line.session.post(line.door, data=endless()) as answer:
        assert answer.status == 413
    assert line.ear.heard == []


async def test_the_previous_key_still_opens_and_is_answered_with(line: Line) -> None:
    line.ear.reply = "好的"
    status, text = await post(line, pushed(sealed(words(), key=OLD_KEY, appid=line.config.appid)))
    box = Box(OLD_KEY, line.config.appid, random.Random(1))
    assert (status, field_of(box.open(field_of(text, "Encrypt")), "Content")) == (200, "好的")
    assert OLD_KEY != AES_KEY


async def test_a_failure_is_never_a_success_and_the_retry_has_the_same_key(line: Line) -> None:
    line.ear.reply, line.ear.failures = "收到", 3
    assert await line.sandbox.tenant_says(TENANT, "你好") == "收到"
    assert len(line.ear.heard) == 4
    assert len({heard.key for heard in line.ear.heard}) == 1
    assert len(line.sandbox.inbox(TENANT)) == 1


async def test_after_four_failures_the_tenant_sees_the_error(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.ear.failures = 9
    with pytest.raises(TenantSawError):
        await line.sandbox.tenant_says(TENANT, "我叫王小明")
    assert len(line.ear.heard) == 4
    assert "could not be applied" in caplog.text
    assert "王小明" not in caplog.text


@pytest.mark.parametrize("trouble", list(PushTrouble))
async def test_a_push_that_comes_twice_has_one_key_and_one_answer(line: Line, trouble: PushTrouble) -> None:
    line.ear.reply = "收到"
    line.sandbox.pushes.next(trouble)
    assert await line.sandbox.tenant_says(TENANT, "你好") == "收到"
    assert [heard.key for heard in line.ear.heard] == [line.ear.heard[0].key] * 2
    assert line.sandbox.inconsistent_answers() == []
    assert len(line.sandbox.inbox(TENANT)) == 1


async def test_the_console_s_address_check(line: Line) -> None:
    stamp = str(int(line.clock().timestamp()))
    query = {"timestamp": stamp, "nonce": "n", "echostr": "echo-123", "signature": signature(TOKEN, stamp, "n")}
    async with line.session.get(line.door, params=query) as answer:
        assert (answer.status, await answer.text(), answer.content_type) == (200, "echo-123", "text/plain")
    async with line.session.get(line.door, params=query | {"signature": "0" * 40}) as answer:
        assert (answer.status, await answer.text()) == (403, "")
    async with line.session.get(line.door) as answer:
        assert answer.status == 403
