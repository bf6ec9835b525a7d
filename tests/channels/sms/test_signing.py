"""The vectors of the facts sheet: what these calls sign is what the vendors expect."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.sms.aliyun_signing import Call, headers
from channels.sms.tencent_signing import authorization


def test_the_vector_of_aliyuns_document() -> None:
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    at = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    nonce = "3156853299f313e23d1673dc12e1703d"
    call = Call("ecs.cn-shanghai.aliyuncs.com", "RunInstances", "2014-05-26", query, at, nonce)
    said = headers(call, "YourAccessKeyId", "YourAccessKeySecret")["Authorization"]
    assert said.startswith("ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;")
    assert said.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_the_vector_of_an_sms_with_chinese_and_blanks() -> None:
    query = {
        "PhoneNumbers": "13800000000",
        "SignName": "阿里云",
        "TemplateCode": "SMS_1",
        "TemplateParam": '{"name":"张 三*~"}',
        "OutId": "o1",
    }
    call = Call("dysmsapi.aliyuncs.com", "SendSms", "2017-05-25", query, datetime(2024, 1, 1, tzinfo=UTC), "n1")
    said = headers(call, "AK", "SK")["Authorization"]
    assert said.endswith("Signature=0cdf9ae37f17ec588fe9072a4937fdd9001ba47ac0268bd9405b3e6bdd0706b8")


def test_the_vector_of_tencents_client() -> None:
    body = b'{"PhoneNumberSet": ["+8613800000000"], "SmsSdkAppId": "1400006666", "TemplateId": "1110"}'
    at = datetime.fromtimestamp(1700000000, UTC)
    said = authorization(("AKID", "SECRET"), "sms.tencentcloudapi.com", body, at)
    assert said.endswith("Signature=a207ba573faaaf0bd8876f8dd8f02ee60782d20329a3c313b7010237ff988027")
    assert "Credential=AKID/2023-11-14/sms/tc3_request" in said
