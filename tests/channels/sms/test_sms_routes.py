"""The vendors' callbacks over real HTTP: arrays and objects, wrong secrets, bodies too large, hearing that fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from channels.port import Inbound, InboundKind
from channels.sms.callbacks import aliyun_reports
from channels.sms.config import SmsConfig
from channels.sms.routes import BODY_MAX, routes

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
CONFIG = SmsConfig("寓", "secret-path", "https://h5.example.cn")
Client = TestClient[web.Request, web.Application]


class Ear:
    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.broken = False

    async def hear(self, one: Inbound) -> str | None:
        if self.broken:
            raise RuntimeError("the store is away")
        self.heard.append(one)
        return None


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def client(ear: Ear) -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes(routes(CONFIG, ear.hear, lambda: NOW))
    async with TestClient(TestServer(app)) as found:
        yield found


async def push(client: Client, what: str, body: Any, secret: str = "secret-path") -> tuple[int, str]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client.post(f"/callbacks/sms/{secret}/{what}", data=raw) as answer:
        return answer.status, await answer.text()


REPORT = {
    "phone_number": "13800000001", "send_time": "2026-09-01 09:59:00", "report_time": "2026-09-01 10:00:00",
    "success": True, "err_code": "DELIVERED", "err_msg": "", "sms_size": "1", "biz_id": "b1", "out_id": "say:1:1",
}  # fmt: skip


async def test_aliyuns_receipts(client: Client, ear: Ear) -> None:
    failed = {**REPORT, "success": False, "err_code": "MK:0001", "biz_id": "b2"}
    assert await push(client, "aliyun/report", [REPORT, failed]) == (200, '{"code": 0, "msg": "ok"}')
    first, second = ear.heard
    assert (first.kind, first.address, first.ref, first.delivered, first.hint) == (
        InboundKind.RECEIPT, "13800000001", "b1", True, "say:1:1",
    )  # fmt: skip
    assert first.at == datetime(2026, 9, 1, 2, 0, tzinfo=UTC), "Aliyun's times are UTC+8"
    assert (second.delivered, second.failure, second.code) == (False, "bad_number", "MK:0001")
    await push(client, "aliyun/report", [failed, REPORT])
    assert [one.key for one in ear.heard[2:]] == [second.key, first.key], "repeated and reordered, the same keys"


async def test_tencents_receipts_and_texts(client: Client, ear: Ear) -> None:
    report = {"mobile": "13800000001", "report_status": "FAIL", "errmsg": "UNDELIV", "sid": "s1", "nationcode": "86"}
    status, answer = await push(client, "tencent/report", [report])
    assert (status, json.loads(answer)) == (200, {"result": 0, "errmsg": "OK"})
    up = {"extend": "", "mobile": "13800000001", "nationcode": "86", "sign": "寓", "text": "续租", "time": 1788228000}
    await push(client, "tencent/up", up)
    receipt, text = ear.heard
    assert (receipt.ref, receipt.failure) == ("s1", "unreachable")
    assert (text.kind, text.text, text.at) == (InboundKind.TEXT, "续租", datetime.fromtimestamp(1788228000, UTC))


async def test_aliyuns_texts_and_a_refusal(client: Client, ear: Ear) -> None:
    rows = [
        {"phone_number": "13800000001", "content": text, "send_time": "2026-09-01 10:00:00", "sequence_id": number}
        for number, text in enumerate(["2", "TD"])
    ]
    await push(client, "aliyun/up", rows)
    assert [(one.kind, one.text, one.key) for one in ear.heard] == [
        (InboundKind.TEXT, "2", "sms:aliyun:up:0"),
        (InboundKind.OPT_OUT, "TD", "sms:aliyun:up:1"),
    ]


@pytest.mark.parametrize(
    ("what", "body", "secret", "status"),
    [
        ("aliyun/report", [REPORT], "wrong", 404),
        ("huawei/report", [REPORT], "secret-path", 404),
        ("aliyun/report", b"{", "secret-path", 400),
        ("aliyun/report", {"phone_number": "1"}, "secret-path", 400),
        ("aliyun/report", [{**REPORT, "biz_id": 5.5}], "secret-path", 400),
        ("aliyun/report", [REPORT] * 501, "secret-path", 413),
        ("aliyun/report", b" " * (BODY_MAX + 1), "secret-path", 413),
    ],
)
async def test_what_is_not_theirs_is_refused_and_not_heard(
    client: Client, ear: Ear, what: str, body: Any, secret: str, status: int
) -> None:
    assert (await push(client, what, body, secret))[0] == status
    assert ear.heard == []


async def test_what_cannot_be_applied_is_asked_for_again(client: Client, ear: Ear) -> None:
    ear.broken = True
    assert (await push(client, "aliyun/report", [REPORT]))[0] == 500
    ear.broken = False
    assert (await push(client, "aliyun/report", [REPORT]))[0] == 200


async def test_only_known_addresses_where_a_list_is_set() -> None:
    ear = Ear()
    app = web.Application()
    listed = SmsConfig("寓", "secret-path", "https://h5.example.cn", sources=("192.0.2.1",))
    app.add_routes(routes(listed, ear.hear, lambda: NOW))
    async with TestClient(TestServer(app)) as client:
        assert (await push(client, "aliyun/report", [REPORT]))[0] == 403


def test_a_time_nobody_can_read_is_now() -> None:
    [one] = aliyun_reports(json.dumps([{**REPORT, "report_time": "yesterday"}]).encode(), NOW)
    assert one.at == NOW
