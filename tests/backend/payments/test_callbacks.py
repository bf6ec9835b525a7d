"""Our callback door: forged, mutated, oversize and probing calls are refused unread; true ones may come twice."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from aiohttp import web

from backend.payments.port import PayError, Reason
from backend.payments.routes import BODY_LIMIT, routes
from backend.payments.wechatpay_wire import platform_key
from backend.sandbox.wechatpay_faults import Post
from backend.sandbox.wechatpay_post import RETRIES
from backend.sandbox.wechatpay_seal import PlatformKey
from backend.sandbox.wechatpay_views import transaction
from tests.backend.payments.till import Till


async def paid(till: Till, key: str = "R1P1A1") -> None:
    await till.sandbox.payer_pays(await till.ordered(key, bill=key))


def letter(till: Till) -> bytes:
    """The body of the one callback that waits."""
    [waiting] = till.sandbox.post.waiting
    return waiting.body


async def knock(till: Till, body: bytes, headers: dict[str, str]) -> int:
    async with till.session.post(till.door, data=body, headers=headers) as answer:
        return answer.status


async def test_delivered_twice_is_heard_twice_and_says_the_same(till: Till) -> None:
    till.sandbox.post_troubles.next(Post.TWICE)
    await paid(till)
    assert await till.sandbox.pump() == 2
    first, second = till.ear.heard
    assert first == second


async def test_a_forged_copy_is_refused_and_the_true_one_heard(till: Till) -> None:
    till.sandbox.post_troubles.next(Post.FORGED)
    await paid(till)
    await till.sandbox.pump()
    counts = till.sandbox.post.counts
    assert (counts.forged_refused, counts.forged_believed, counts.acknowledged) == (1, 0, 1)
    assert len(till.ear.heard) == 1


async def test_a_listener_that_fails_is_called_again_in_fifteen_seconds(till: Till) -> None:
    till.ear.deaf.append(LookupError("not noted yet"))
    await paid(till)
    await till.sandbox.pump()
    assert till.ear.heard == []
    assert till.sandbox.next_due() == till.clock() + timedelta(seconds=15)
    till.clock.move(seconds=15)
    await till.sandbox.pump()
    assert len(till.ear.heard) == 1
    assert till.sandbox.next_due() is None


async def test_the_provider_gives_up_after_a_day(till: Till) -> None:
    till.ear.deaf.extend(LookupError("down") for _ in range(99))
    await paid(till)
    began = till.clock()
    for _ in range(len(RETRIES) + 1):
        due = till.sandbox.next_due()
        assert due is not None
        till.clock.at = due
        await till.sandbox.pump()
    assert till.sandbox.next_due() is None
    assert till.clock() - began == timedelta(hours=24, minutes=4)
    assert till.sandbox.post.counts.given_up == 1


async def test_the_signature_probe_is_refused(till: Till) -> None:
    assert await till.sandbox.probe(till.door) == 401


async def test_any_flipped_byte_is_refused(till: Till) -> None:
    await paid(till)
    body = letter(till)
    headers = till.sandbox.signed(body)
    flips = random.Random(3)
    for _ in range(60):
        at = flips.randrange(len(body))
        mutated = body[:at] + bytes([body[at] ^ 1 << flips.randrange(8)]) + body[at + 1 :]
        assert await knock(till, mutated, headers) == 401
    assert till.ear.heard == []
    assert await knock(till, body, headers) == 204


@pytest.mark.parametrize("name", ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"])
@pytest.mark.parametrize("value", [None, "", "1", "é", "9" * 30, "A" * 344])
async def test_a_header_missing_or_wrong_is_refused(till: Till, name: str, value: str | None) -> None:
    await paid(till)
    body = letter(till)
    headers = till.sandbox.signed(body)
    del headers[name]
    if value is not None:
        headers[name] = value
    assert await knock(till, body, headers) == 401
    assert till.ear.heard == []


async def test_an_old_callback_replayed_is_refused(till: Till) -> None:
    await paid(till)
    body = letter(till)
    headers = till.sandbox.signed(body)
    till.clock.move(minutes=5, seconds=1)
    assert await knock(till, body, headers) == 401


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"<xml></xml>", b"[" * 9999])
async def test_signed_nonsense_is_refused(till: Till, body: bytes) -> None:
    assert await knock(till, body, till.sandbox.signed(body)) == 401


async def test_another_merchants_payment_is_refused(till: Till) -> None:
    await paid(till)
    till.sandbox.post.waiting.clear()
    theirs = transaction(till.sandbox.book.orders["R1P1A1"], till.sandbox.account, till.clock()) | {
        "mchid": "1900000999"
    }
    till.sandbox.post.write(till.door, "TRANSACTION.SUCCESS", theirs)
    await till.sandbox.pump()
    assert till.ear.heard == []
    assert till.sandbox.post.counts.failed == 1


async def test_over_the_limit_is_not_even_read_to_the_end(till: Till) -> None:
    body = b"x" * (BODY_LIMIT + 1)
    assert await knock(till, body, till.sandbox.signed(body)) == 413


async def test_an_unfamiliar_signed_event_is_refused(till: Till) -> None:
    till.sandbox.post.write(till.door, "ENTRUST.SIGN", {"mchid": till.sandbox.account.mchid})
    await till.sandbox.pump()
    assert till.ear.heard == []


async def test_out_of_order_late_and_lost(till: Till) -> None:
    till.sandbox.post_troubles.next(Post.LATE, Post.LOST)
    till.sandbox.post.shuffled = True
    for key in ("R1P1A1", "R2P1A1", "R3P1A1"):
        await paid(till, key)
    await till.sandbox.pump()
    assert [notice.key for notice in till.ear.heard] == ["R3P1A1"]
    till.clock.move(hours=1)
    await till.sandbox.pump()
    assert [notice.key for notice in till.ear.heard] == ["R3P1A1", "R1P1A1"]
    assert till.sandbox.post.counts.lost == 1


async def test_during_a_key_change_both_keys_are_believed(till: Till) -> None:
    platform = till.merchant.platform
    assert isinstance(platform, dict)
    await paid(till, "R1P1A1")
    await till.sandbox.pump()
    till.sandbox.rotate()
    await paid(till, "R2P1A1")
    await till.sandbox.pump()
    assert [notice.key for notice in till.ear.heard] == ["R1P1A1"]
    platform[till.sandbox.serial] = platform_key(till.sandbox.public_key_pem)
    till.clock.move(seconds=15)
    await till.sandbox.pump()
    assert [notice.key for notice in till.ear.heard] == ["R1P1A1", "R2P1A1"]


def test_a_stranger_with_our_serial_is_no_provider(till: Till) -> None:
    body = b"{}"
    headers = PlatformKey(till.sandbox.serial).headers(body, till.clock())
    with pytest.raises(PayError) as fault:
        till.payments.parse_notice(headers, body)
    assert fault.value.reason is Reason.CONFIG


def test_there_is_one_door(till: Till) -> None:
    [door] = routes(till.payments, till.ear.hear)
    assert isinstance(door, web.RouteDef)
    assert (door.method, door.path) == ("POST", "/callbacks/wechatpay")
