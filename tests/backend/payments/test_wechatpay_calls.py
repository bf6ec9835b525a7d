"""Answers no provider should give: each leaves the outcome unknown, or asks for a person, and none is believed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.payments.answers import ANSWER_LIMIT
from backend.payments.port import PayError, PayState, Reason
from backend.payments.wechatpay import WeChatPay
from backend.payments.wechatpay_calls import Calls
from tests.backend.payments.till import Till


@dataclasses.dataclass
class Odd:
    """A server that answers anything with what stands here."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    seen: list[web.Request] = dataclasses.field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture
async def odd(till: Till) -> AsyncIterator[tuple[Odd, WeChatPay]]:
    server = Odd()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.answer)
    async with TestServer(app) as running:
        calls = Calls(till.merchant, till.session, till.clock, api=str(running.make_url("")))
        yield server, WeChatPay(calls, till.door)


@pytest.mark.parametrize(
    ("status", "body", "reason", "code"),
    [
        (200, b"{}", Reason.UNKNOWN, "UNVERIFIED"),
        (202, b"{}", Reason.UNKNOWN, "HTTP_202"),
        (302, b"", Reason.UNKNOWN, "HTTP_302"),
        (400, b"<html>proxy</html>", Reason.UNKNOWN, "UNREADABLE"),
        (400, b'{"code":"A","x":' + b"[" * 30000, Reason.UNKNOWN, "UNREADABLE"),
        (400, b'{"code":"NEVER_SEEN"}', Reason.CONFIG, "NEVER_SEEN"),
        (404, b'{"code":"NO_ROUTE"}', Reason.CONFIG, "NO_ROUTE"),
        (404, b"not found", Reason.UNKNOWN, "UNREADABLE"),
        (429, b'{"code":"SOMETHING_NEW"}', Reason.THROTTLE, "SOMETHING_NEW"),
        (400, b'{"code":"RULE_LIMIT"}', Reason.LIMIT, "RULE_LIMIT"),
        (502, b'{"code":"ORDER_CLOSED"}', Reason.UNKNOWN, "HTTP_502"),
    ],
)
async def test_odd_answers(odd: tuple[Odd, WeChatPay], status: int, body: bytes, reason: Reason, code: str) -> None:
    server, payments = odd
    server.status, server.body = status, body
    with pytest.raises(PayError) as fault:
        await payments.state("R1P1A1")
    assert (fault.value.reason, fault.value.code) == (reason, code)
    assert len(server.seen) == 1


async def test_a_redirect_is_not_followed(odd: tuple[Odd, WeChatPay]) -> None:
    server, payments = odd
    server.status, server.headers = 307, {"Location": "/elsewhere"}
    with pytest.raises(PayError):
        await payments.close("R1P1A1")
    assert len(server.seen) == 1


async def test_an_endless_answer_is_not_held(odd: tuple[Odd, WeChatPay]) -> None:
    server, payments = odd
    server.body = b"x" * (ANSWER_LIMIT + 1)
    with pytest.raises(PayError) as fault:
        await payments.state("R1P1A1")
    assert (fault.value.reason, fault.value.code) == (Reason.UNKNOWN, "NO_ANSWER")


@pytest.mark.parametrize("code", ["RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST"])
async def test_never_accepted(odd: tuple[Odd, WeChatPay], code: str) -> None:
    server, payments = odd
    server.status, server.body = 404, b'{"code":"%s"}' % code.encode()
    assert (await payments.state("R1P1A1")).state is PayState.MISSING
    with pytest.raises(PayError) as fault:
        await payments.close("R1P1A1")
    assert fault.value.reason is Reason.FINAL


async def test_what_stands_in_the_headers(odd: tuple[Odd, WeChatPay], till: Till) -> None:
    server, payments = odd
    with pytest.raises(PayError):
        await payments.close("R|1P1A1")
    [request] = server.seen
    assert request.raw_path == "/v3/pay/transactions/out-trade-no/R%7C1P1A1/close"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["User-Agent"] == "xuzu"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Wechatpay-Serial"] == till.sandbox.serial


async def test_nothing_signed_stands_in_the_error(odd: tuple[Odd, WeChatPay]) -> None:
    server, payments = odd
    with pytest.raises(PayError) as fault:
        await payments.state("R1P1A1")
    parts = re.findall(r'"([^"]{16,})"', server.seen[0].headers["Authorization"])
    assert len(parts) == 2
    assert not any(part in f"{fault.value}{fault.value.__cause__}" for part in parts)
