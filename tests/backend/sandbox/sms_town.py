"""Both vendors on loopback, three phones, a clock set by hand, and our own door for what they push."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.aliyunsms import AliyunSms
from backend.sandbox.handsets import Handsets, Line
from backend.sandbox.sms_carrier import Template
from backend.sandbox.sms_faults import Fault, Post
from backend.sandbox.tencentsms import TencentSms
from backend.sandbox.wechatpay_faults import Troubles

SIGN, KEYS, SDK_APP = "寓居生活", ("a key id", "a secret"), "1400006666"
GOOD, DEAD, OFF = "13800000001", "13800000002", "13800000003"
ALIYUN = {"SMS_1": Template("您的租约将于${day}到期，编码${code}"), "SMS_9": Template("验证码${code}", code=True)}
TENCENT = {"1110": Template("您的租约将于{1}到期，编码{2}")}


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class SmsTown:
    clock: Clock
    phones: Handsets
    aliyun: AliyunSms
    tencent: TencentSms
    session: aiohttp.ClientSession
    aliyun_url: str
    tencent_url: str
    pushed: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 200

    async def take(self, request: web.Request) -> web.Response:
        self.pushed.append((request.path, await request.json()))
        return web.json_response({"code": 0, "msg": "ok", "result": 0, "errmsg": "OK"}, status=self.status)


@asynccontextmanager
async def sms_town(faults: Troubles[Fault] | None = None, post: Troubles[Post] | None = None) -> AsyncIterator[SmsTown]:
    clock, phones = Clock(), Handsets()
    phones.wire(DEAD, Line.DEAD)
    phones.wire(OFF, Line.OFF)
    aliyun = AliyunSms(KEYS, SIGN, ALIYUN, phones, clock, faults=faults, post=post)
    tencent = TencentSms(KEYS, (SDK_APP, SIGN), TENCENT, phones, clock, faults=faults, post=post)
    async with (
        aiohttp.ClientSession() as session,
        TestServer(aliyun.app()) as one,
        TestServer(tencent.app()) as other,
    ):
        first, second = (f"http://{server.host}:{server.port}" for server in (one, other))
        town = SmsTown(clock, phones, aliyun, tencent, session, first, second)
        app = web.Application()
        app.router.add_post("/{vendor}/{what}", town.take)
        async with TestServer(app) as ours:
            here = str(ours.make_url("")).rstrip("/")
            aliyun.report_url, aliyun.up_url = f"{here}/aliyun/report", f"{here}/aliyun/up"
            tencent.report_url, tencent.up_url = f"{here}/tencent/report", f"{here}/tencent/up"
            yield town
