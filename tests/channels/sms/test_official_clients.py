"""The vendors' own clients are the judges: for any text, what we sign is what their code signs."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels.sms.aliyun_signing import ALGORITHM, Call, headers
from channels.sms.tencent_signing import authorization

KEYS = ("a key id", "a secret / with = signs")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
INSTANTS = st.integers(1_600_000_000, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(st.dictionaries(st.from_regex(r"[A-Za-z]{1,12}", fullmatch=True), TEXTS, max_size=6), INSTANTS)
def test_aliyuns_client_signs_the_same(query: dict[str, str], at: datetime) -> None:
    ours = headers(Call("dysmsapi.aliyuncs.com", "SendSms", "2017-05-25", query, at, "n1"), *KEYS)
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", "/", dict(query)
    request.headers = {name: value for name, value in ours.items() if name != "Authorization"}
    nothing = hashlib.sha256(b"").hexdigest()
    assert ours["Authorization"] == Utils.get_authorization(request, ALGORITHM, nothing, *KEYS)


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
@given(st.dictionaries(TEXTS, TEXTS, max_size=6))
def test_tencents_client_signs_the_same(said: dict[str, str]) -> None:
    theirs = RequestInternal("sms.tencentcloudapi.com", "POST", "/", {})
    client = SmsClient(Credential(*KEYS), "ap-guangzhou")
    client._build_req_with_tc3_signature("SendSms", said, theirs)
    at = datetime.fromtimestamp(int(theirs.header["X-TC-Timestamp"]), UTC)
    ours = authorization(KEYS, theirs.header["Host"], json.dumps(said).encode(), at)
    assert ours == theirs.header["Authorization"]
