"""Tencent's sandbox against Tencent's own client: what it signs is taken, anything else is refused for a reason."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.sms_client import SmsClient

from tests.backend.sandbox.sms_town import DEAD, GOOD, KEYS, SDK_APP, SIGN, SmsTown, sms_town

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")


def body(phone: str = GOOD, **changes: Any) -> dict[str, Any]:
    plain = {
        "PhoneNumberSet": [f"+86{phone}"],
        "SmsSdkAppId": SDK_APP,
        "TemplateId": "1110",
        "SignName": SIGN,
        "TemplateParamSet": ["10月2日", "ABCD2345"],
        "SessionContext": "say:1:1",
    }
    return plain | changes


def signed(town: SmsTown, said: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body as the vendor's own client makes them; its clock is the machine's."""
    host = town.tencent_url.removeprefix("http://")
    client = SmsClient(Credential(*KEYS), "ap-guangzhou", ClientProfile(httpProfile=HttpProfile(endpoint=host)))
    request = RequestInternal(host, "POST", "/", {})
    client._build_req_with_tc3_signature("SendSms", said, request)
    headers = {str(name): str(value) for name, value in request.header.items()}
    return headers, str(request.data).encode()


async def ask(town: SmsTown, headers: dict[str, str], raw: bytes) -> dict[str, Any]:
    async with town.session.post(town.tencent_url, headers=headers, data=raw) as answer:
        found: dict[str, Any] = (await answer.json())["Response"]
        return found


async def send(town: SmsTown, phone: str = GOOD, **changes: Any) -> str:
    town.clock.at = datetime.fromtimestamp(time.time(), UTC)
    said = await ask(town, *signed(town, body(phone, **changes)))
    return str(said["Error"]["Code"] if "Error" in said else said["SendStatusSet"][0]["Code"])


async def test_the_vendors_own_client_is_understood_and_the_phone_shows_the_words() -> None:
    async with sms_town() as town:
        assert await send(town) == "Ok"
        [shown] = town.phones.inbox(GOOD)
        assert shown.text == f"【{SIGN}】您的租约将于10月2日到期，编码ABCD2345"
        assert await send(town, DEAD) == "Ok"
        town.clock.move(minutes=2)
        assert await town.tencent.deliver_pending() == 2
        reports = {report["mobile"]: report for _, [report] in town.pushed}
        assert (reports[GOOD]["report_status"], reports[GOOD]["errmsg"]) == ("SUCCESS", "DELIVRD")
        assert (reports[DEAD]["report_status"], reports[DEAD]["errmsg"]) == ("FAIL", "MK:0001")


async def test_what_was_changed_on_the_way_is_refused() -> None:
    async with sms_town() as town:
        town.clock.at = datetime.fromtimestamp(time.time(), UTC)
        headers, raw = signed(town, body())
        assert (await ask(town, headers, raw.replace(b"ABCD", b"ABCE")))["Error"]["Code"] == (
            "AuthFailure.SignatureFailure"
        )
        assert (await ask(town, {}, raw))["Error"]["Code"] == "AuthFailure.InvalidAuthorization"
        stranger = headers | {"Authorization": headers["Authorization"].replace(KEYS[0], "somebody")}
        assert (await ask(town, stranger, raw))["Error"]["Code"] == "AuthFailure.SecretIdNotFound"
        cvm = headers | {"Authorization": headers["Authorization"].replace("/sms/", "/cvm/")}
        assert (await ask(town, cvm, raw))["Error"]["Code"] == "AuthFailure.SignatureFailure"
        town.clock.move(minutes=6)
        assert (await ask(town, headers, raw))["Error"]["Code"] == "AuthFailure.SignatureExpire"
        assert list(town.phones.taken()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SmsSdkAppId": "1"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ({"SignName": "别家"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"TemplateId": "2"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": ["10月2日"]}, "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"),
        ({"TemplateParamSet": ["10月2日", "A" * 13]}, "InvalidParameterValue.TemplateParameterLengthLimit"),
        ({"TemplateParamSet": ["10月2日", "a.cn/x"]}, "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"),
        ({"SessionContext": "s" * 512}, "InvalidParameterValue.SessionContext"),
        ({"PhoneNumberSet": ["13800000001"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
        ({"PhoneNumberSet": ["+8613800000001", "+8613800000002"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
    ],
)
async def test_the_rules_of_the_house(change: dict[str, Any], code: str) -> None:
    async with sms_town() as town:
        assert await send(town, **change) == code
        assert list(town.phones.taken()) == []


async def test_caps_balance_and_blacklist() -> None:
    async with sms_town() as town:
        assert [await send(town) for _ in range(2)] == ["Ok", "LimitExceeded.PhoneNumberThirtySecondLimit"]
        for number in range(9):
            assert await send(town, TemplateParamSet=["10月2日", f"C{number}"]) == "Ok"
        assert await send(town, TemplateParamSet=["10月2日", "C9"]) == "LimitExceeded.PhoneNumberDailyLimit"
        town.tencent.blacklist.add(DEAD)
        assert await send(town, DEAD) == "FailedOperation.PhoneNumberInBlacklist"
        town.tencent.out_of_balance = True
        assert await send(town, DEAD) == "FailedOperation.InsufficientBalanceInSmsPackage"


async def test_a_text_of_the_tenant() -> None:
    async with sms_town() as town:
        assert await town.tencent.tenant_texts(GOOD, "退订")
        [(path, said)] = town.pushed
        assert (path, said["mobile"], said["text"], said["time"]) == (
            "/tencent/up", GOOD, "退订", int(town.clock().timestamp()),
        )  # fmt: skip
        town.status = 500
        assert not await town.tencent.tenant_texts(GOOD, "2")


async def test_a_date_out_of_reach_is_refused_like_any_other() -> None:
    async with sms_town() as town:
        town.clock.at = datetime.fromtimestamp(time.time(), UTC)
        headers, raw = signed(town, body())
        for stamp in ("999999999999", "9999999999", "-1", "now", ""):
            said = await ask(town, headers | {"X-TC-Timestamp": stamp}, raw)
            assert said["Error"]["Code"] == "AuthFailure.SignatureFailure"
        assert list(town.phones.taken()) == []


async def test_a_receipt_we_do_not_take_is_brought_again() -> None:
    async with sms_town() as town:
        assert await send(town) == "Ok"
        town.status = 500
        town.clock.move(minutes=2)
        assert await town.tencent.deliver_pending() == 1
        town.status = 200
        due = town.tencent.next_due()
        assert due is not None
        assert due - town.clock() == timedelta(minutes=1)
        town.clock.at = due
        assert await town.tencent.deliver_pending() == 1
        (_, [first]), (_, [second]) = town.pushed
        assert first == second
        assert town.tencent.next_due() is None


async def test_the_vendor_counts_its_own_messages_only() -> None:
    async with sms_town() as town:
        assert await send(town) == "Ok"
        assert await send(town, DEAD) == "Ok"
        said = town.tencent.truth()
        assert (said.sent, said.delivered, said.failed, sum(said.by_hour)) == (2, 1, 1, 2)
        assert town.aliyun.truth().sent == 0
