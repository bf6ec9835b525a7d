"""Aliyun's sandbox against Aliyun's own client: what it signs is taken, anything else is refused for a reason."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from yarl import URL

from backend.sandbox.sms_faults import Fault, Post
from backend.sandbox.wechatpay_faults import Troubles
from tests.backend.sandbox.sms_town import DEAD, GOOD, KEYS, OFF, SIGN, SmsTown, sms_town

VALUES = {"day": "10月2日", "code": "ABCD2345"}


def query(phone: str = GOOD, **changes: str) -> dict[str, str]:
    plain = {
        "PhoneNumbers": phone,
        "SignName": SIGN,
        "TemplateCode": "SMS_1",
        "TemplateParam": json.dumps(VALUES, ensure_ascii=False),
        "OutId": "say:1:1",
    }
    return plain | changes


def signed(town: SmsTown, asked: dict[str, str], **changes: str) -> dict[str, str]:
    """Headers as the vendor's own client makes them."""
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", "/", dict(asked)
    body = hashlib.sha256(b"").hexdigest()
    request.headers = {
        "host": town.aliyun_url.removeprefix("http://"),
        "x-acs-action": "SendSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": town.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": Utils.get_nonce(),
        "x-acs-content-sha256": body,
    } | changes
    said = Utils.get_authorization(request, "ACS3-HMAC-SHA256", body, *KEYS)
    return {**request.headers, "Authorization": said}


async def ask(town: SmsTown, asked: dict[str, str], headers: dict[str, str], body: bytes = b"") -> tuple[int, Any]:
    url = URL(f"{town.aliyun_url}/?{urlencode(asked, quote_via=quote)}", encoded=True)
    async with town.session.post(url, headers=headers, data=body) as answer:
        return answer.status, await answer.json(content_type=None)


async def query_details(town: SmsTown, **changes: str) -> dict[str, Any]:
    """One page of the vendor's own record of today."""
    asked = {"PhoneNumber": GOOD, "SendDate": "20260901", "PageSize": "10", "CurrentPage": "1"} | changes
    headers = signed(town, asked, **{"x-acs-action": "QuerySendDetails"})
    found: dict[str, Any] = (await ask(town, asked, headers))[1]
    return found


async def send(town: SmsTown, phone: str = GOOD, **changes: str) -> str:
    asked = query(phone, **changes)
    status, said = await ask(town, asked, signed(town, asked))
    assert status == 200
    return str(said["Code"])


async def test_the_vendors_own_client_is_understood_and_the_phone_shows_the_words() -> None:
    async with sms_town() as town:
        assert await send(town) == "OK"
        [shown] = town.phones.inbox(GOOD)
        assert (shown.text, shown.segments) == (f"【{SIGN}】您的租约将于10月2日到期，编码ABCD2345", 1)
        due = town.aliyun.next_due()
        assert due is not None
        town.clock.at = due
        assert await town.aliyun.deliver_pending() == 1
        [(path, [report])] = town.pushed
        assert (path, report["phone_number"], report["success"], report["err_code"], report["out_id"]) == (
            "/aliyun/report", GOOD, True, "DELIVERED", "say:1:1",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("x-acs-date", "2026-09-01T01:40:00Z", "InvalidTimeStamp.Expired"),
        ("x-acs-date", "yesterday", "InvalidTimeStamp.Format"),
    ],
)
async def test_a_clock_that_is_off_is_refused(name: str, value: str, code: str) -> None:
    async with sms_town() as town:
        status, said = await ask(town, query(), signed(town, query(), **{name: value}))
        assert (status, said["Code"]) == (400, code)
        assert list(town.phones.taken()) == []


async def test_what_was_changed_on_the_way_is_refused() -> None:
    async with sms_town() as town:
        headers = signed(town, query())
        assert (await ask(town, query(DEAD), headers))[1]["Code"] == "SignatureDoesNotMatch"
        assert (await ask(town, query(), headers, b"more"))[1]["Code"] == "SignatureDoesNotMatch"
        other = headers | {"x-acs-signature-nonce": "another"}
        assert (await ask(town, query(), other))[1]["Code"] == "SignatureDoesNotMatch"
        assert (await ask(town, query(), {}))[1]["Code"] == "IncompleteSignature"
        stranger = headers | {"Authorization": headers["Authorization"].replace(KEYS[0], "somebody")}
        assert (await ask(town, query(), stranger))[1]["Code"] == "InvalidAccessKeyId.NotFound"
        assert (await ask(town, query(), headers))[1]["Code"] == "OK"
        assert (await ask(town, query(), headers))[1]["Code"] == "SignatureNonceUsed"
        assert len(list(town.phones.taken())) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SignName": "别家"}, "isv.SMS_SIGN_ILLEGAL"),
        ({"TemplateCode": "SMS_2"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"day": "10月2日"}'}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": json.dumps({**VALUES, "code": "A" * 36})}, "isv.PARAM_LENGTH_LIMIT"),
        ({"PhoneNumbers": "1380000000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
    ],
)
async def test_the_rules_of_the_house(change: dict[str, str], code: str) -> None:
    async with sms_town() as town:
        assert await send(town, **change) == code
        town.aliyun.out_of_balance = True
        assert await send(town) == "isv.AMOUNT_NOT_ENOUGH"
        assert list(town.phones.taken()) == []


async def test_caps_by_template_and_phone() -> None:
    async with sms_town() as town:
        code = {"TemplateCode": "SMS_9", "TemplateParam": '{"code": "123456"}'}
        assert [await send(town, **code) for _ in range(2)] == ["OK", "isv.BUSINESS_LIMIT_CONTROL"]
        assert [await send(town) for _ in range(51)] == ["OK"] * 50 + ["isv.DAY_LIMIT_CONTROL"]
        town.clock.move(hours=24)
        assert await send(town) == "OK"


async def test_receipts_tell_of_dead_numbers_at_once_and_of_silent_phones_after_hours() -> None:
    async with sms_town() as town:
        for phone in (DEAD, OFF):
            assert await send(town, phone) == "OK"
            assert town.phones.inbox(phone) == []
        town.clock.move(minutes=2)
        await town.aliyun.deliver_pending()
        [(_, [report])] = town.pushed
        assert (report["phone_number"], report["success"], report["err_code"]) == (DEAD, False, "MK:0001")
        town.clock.move(hours=4)
        await town.aliyun.deliver_pending()
        assert (town.pushed[-1][1][0]["phone_number"], town.pushed[-1][1][0]["err_code"]) == (OFF, "EXPIRED")
        assert town.aliyun.next_due() is None


async def test_receipts_come_late_twice_out_of_order_or_never() -> None:
    post: Troubles[Post] = Troubles()
    async with sms_town(post=post) as town:
        post.next(Post.LATE, Post.TWICE, Post.LOST)
        for number in range(3):
            assert await send(town, OutId=f"say:{number}") == "OK"
        for _ in range(24):
            town.clock.move(minutes=10)
            await town.aliyun.deliver_pending()
        assert [report["out_id"] for _, [report] in town.pushed] == ["say:1", "say:1", "say:0"]


async def test_a_receipt_we_do_not_take_is_brought_again_and_then_given_up() -> None:
    async with sms_town() as town:
        town.status = 500
        await send(town)
        for minutes in (2, 1, 5, 10, 60):
            town.clock.move(minutes=minutes)
            await town.aliyun.deliver_pending()
        assert len(town.pushed) == 4
        assert town.aliyun.next_due() is None


async def test_a_text_of_the_tenant_and_what_is_sent_after_a_refusal() -> None:
    async with sms_town() as town:
        assert await town.aliyun.tenant_texts(GOOD, "2")
        assert await town.aliyun.tenant_texts(GOOD, "TD")
        [(path, [first]), (_, [second])] = town.pushed
        assert (path, first["content"], second["content"]) == ("/aliyun/up", "2", "TD")
        assert first["sequence_id"] != second["sequence_id"]
        town.clock.move(minutes=1)
        await send(town)
        assert [one.phone for one in town.phones.after_refusal()] == [GOOD]


async def test_an_outage_serves_nobody_and_its_end_everybody() -> None:
    async with sms_town() as town:
        now = town.clock()
        town.clock.move(hours=1)
        town.aliyun.door.outage(now, town.clock())
        assert await send(town) == "OK"
        town.clock.at = now
        async with town.session.post(town.aliyun_url) as answer:
            assert answer.status == 503
        assert town.aliyun.door.turned_away == 1


async def test_what_breaks_after_it_was_done_was_done() -> None:
    faults: Troubles[Fault] = Troubles()
    async with sms_town(faults=faults) as town:
        faults.next(Fault.BUSY)
        assert await send(town) == "isv.BUSINESS_LIMIT_CONTROL"
        assert list(town.phones.taken()) == []
        faults.next(Fault.BROKEN_AFTER)
        async with town.session.post(
            URL(f"{town.aliyun_url}/?{urlencode(query(), quote_via=quote)}", encoded=True),
            headers=signed(town, query()),
        ) as answer:
            assert answer.status == 502
        faults.next(Fault.RESET_AFTER)
        with pytest.raises(aiohttp.ClientError):
            await send(town)
        assert len(list(town.phones.taken())) == 2


async def test_a_nonce_is_remembered_as_long_as_its_date_is_fresh() -> None:
    async with sms_town() as town:
        ahead = (town.clock() + timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = signed(town, query(), **{"x-acs-date": ahead})
        assert (await ask(town, query(), headers))[1]["Code"] == "OK"
        town.clock.move(minutes=29)
        assert (await ask(town, query(), headers))[1]["Code"] == "SignatureNonceUsed"
        town.clock.move(minutes=2)
        assert (await ask(town, query(), headers))[1]["Code"] == "InvalidTimeStamp.Expired"
        assert len(list(town.phones.taken())) == 1


async def test_a_plus_put_for_its_escape_is_another_query() -> None:
    async with sms_town() as town:
        asked = query(OutId="a+b")
        headers = signed(town, asked)
        plain = urlencode(asked, quote_via=quote)
        url = URL(f"{town.aliyun_url}/?{plain.replace('a%2Bb', 'a+b')}", encoded=True)
        async with town.session.post(url, headers=headers) as answer:
            assert (await answer.json())["Code"] == "SignatureDoesNotMatch"
        assert (await ask(town, asked, headers))[1]["Code"] == "OK"


async def test_a_call_the_vendor_does_not_have_is_refused() -> None:
    async with sms_town() as town:
        for change in ({"x-acs-action": "SendBatchSms"}, {"x-acs-version": "2016-09-27"}):
            said = (await ask(town, query(), signed(town, query(), **change)))[1]
            assert said["Code"] == "InvalidAction.NotFound"


async def test_a_receipt_that_never_came_is_found_by_asking() -> None:
    post: Troubles[Post] = Troubles()
    async with sms_town(post=post) as town:
        post.next(Post.LOST)
        assert await send(town) == "OK"
        [row] = (await query_details(town))["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
        assert (row["SendStatus"], row["ReceiveDate"]) == (1, "")
        town.clock.move(minutes=2)
        assert town.aliyun.next_due() is None
        said = await query_details(town)
        [row] = said["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
        assert (said["Code"], said["TotalCount"], row["SendStatus"], row["ErrCode"]) == ("OK", 1, 3, "DELIVERED")
        assert (row["PhoneNum"], row["OutId"], row["SendDate"]) == (GOOD, "say:1:1", "2026-09-01 10:00:00")
        assert row["Content"] == town.phones.inbox(GOOD)[0].text


async def test_details_are_by_number_day_and_page_newest_first() -> None:
    async with sms_town() as town:
        for number in range(3):
            assert await send(town, OutId=f"say:{number}") == "OK"
            town.clock.move(minutes=2)
        assert await send(town, DEAD) == "OK"
        town.clock.move(minutes=2)
        pages = [await query_details(town, PageSize="2", CurrentPage=page) for page in ("1", "2", "3")]
        rows = [[row["OutId"] for row in page["SmsSendDetailDTOs"]["SmsSendDetailDTO"]] for page in pages]
        assert (rows, {page["TotalCount"] for page in pages}) == ([["say:2", "say:1"], ["say:0"], []], {3})
        [dead] = (await query_details(town, PhoneNumber=DEAD))["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
        assert (dead["SendStatus"], dead["ErrCode"]) == (2, "MK:0001")
        assert (await query_details(town, SendDate="20260831"))["TotalCount"] == 0
        assert (await query_details(town, BizId="1^0"))["TotalCount"] == 0
        for change in ({"PageSize": "51"}, {"PageSize": "0"}, {"CurrentPage": "x"}, {"SendDate": "today"}):
            assert (await query_details(town, **change))["Code"] == "isv.INVALID_PARAMETERS"


async def test_a_vendor_that_is_cut_off_says_nothing() -> None:
    async with sms_town() as town:
        town.aliyun.door.outage(town.clock(), town.clock() + timedelta(hours=6), cut=True)
        with pytest.raises(aiohttp.ClientError):
            await send(town)
        assert (town.aliyun.door.turned_away, list(town.phones.taken())) == (1, [])
        town.clock.move(hours=6)
        assert await send(town) == "OK"


async def test_who_gets_no_answer_cannot_know_that_it_was_done() -> None:
    faults: Troubles[Fault] = Troubles()
    async with sms_town(faults=faults) as town:
        faults.next(Fault.SILENT_AFTER)
        url = URL(f"{town.aliyun_url}/?{urlencode(query(), quote_via=quote)}", encoded=True)
        with pytest.raises(TimeoutError):
            await town.session.post(url, headers=signed(town, query()), timeout=aiohttp.ClientTimeout(total=0.2))
        assert town.aliyun.truth().sent == 1
