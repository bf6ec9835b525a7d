"""Calls over real HTTP: what is sent, and what each way of not being answered means."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.coordination import OwnShelf
from backend.sandbox.wechat_faults import Fault
from channels.port import ChannelError, Choice, Trouble
from channels.wechat.api import Api
from channels.wechat.calls import ANSWER_MAX, TIMEOUT
from tests.channels.wechat.line import ACCOUNT, SECRET, TENANT, Line, StillClock
from tests.servers import free_port

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def given_token(request: web.Request) -> web.StreamResponse:
    return web.json_response({"access_token": "a-token", "expires_in": 7200})


@asynccontextmanager
async def provider(sends: Answers, token: Answers = given_token, *, seconds: float = 5) -> AsyncIterator[Api]:
    """Our side of a provider that answers like this."""
    app = web.Application()
    app.add_routes([web.post("/cgi-bin/stable_token", token), web.post("/cgi-bin/message/{kind}/{send}", sends)])
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        config = msgspec.structs.replace(ACCOUNT, api_base=str(server.make_url("")), subscribe_template="consented-1")
        yield Api(config, session, OwnShelf(), StillClock(), timeout=aiohttp.ClientTimeout(total=seconds))


async def trouble(api: Api) -> tuple[Trouble, str]:
    with pytest.raises(ChannelError) as fault:
        await api.send_text(TENANT, "您好")
    return fault.value.kind, fault.value.code


def says(body: object) -> Answers:
    async def answer(request: web.Request) -> web.StreamResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw)

    return answer


def with_status(status: int) -> Answers:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": str(request.url.with_path("/elsewhere"))})

    return answer


async def never(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def test_the_bodies_are_the_sheet_s() -> None:
    seen: list[tuple[str, str, bytes]] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, request.query["access_token"], await request.read()))
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": 200163836})

    async with provider(noted) as api:
        assert await api.send_template(TENANT, {"thing1": "租约到期"}, "http://127.0.0.1/r/1", "say:1") == "200163836"
        await api.send_text(TENANT, "您好")
    (path, token, template), (second, _, text) = seen
    assert (path, token) == ("/cgi-bin/message/template/send", "a-token")
    assert json.loads(template) == {
        "touser": TENANT,
        "template_id": "template-1",
        "url": "http://127.0.0.1/r/1",
        "client_msg_id": "say:1",
        "data": {"thing1": {"value": "租约到期"}},
    }
    assert second == "/cgi-bin/message/custom/send"
    assert text == f'{{"touser": "{TENANT}", "msgtype": "text", "text": {{"content": "您好"}}}}'.encode()


async def test_a_notice_by_consent_and_a_menu_have_the_sheet_s_bodies_too() -> None:
    seen: list[tuple[str, object]] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, await request.json()))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async with provider(noted) as api:
        assert await api.send_subscribed(TENANT, {"thing1": "租约到期"}, "http://127.0.0.1/r/1") == ""
        await api.send_menu(TENANT, "请选一个", [Choice("7.1.1", "一年"), Choice("7.1.2", "两年")], "也可以打字")
    assert seen[0] == (
        "/cgi-bin/message/subscribe/bizsend",
        {
            "touser": TENANT,
            "template_id": "consented-1",
            "page": "http://127.0.0.1/r/1",
            "data": {"thing1": {"value": "租约到期"}},
        },
    )
    items = [{"id": "7.1.1", "content": "一年"}, {"id": "7.1.2", "content": "两年"}]
    menu = {"head_content": "请选一个", "list": items, "tail_content": "也可以打字"}
    assert seen[1] == ("/cgi-bin/message/custom/send", {"touser": TENANT, "msgtype": "msgmenu", "msgmenu": menu})


async def test_the_platform_s_number_of_a_refused_call_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    refused = {"errcode": 40003, "errmsg": f"invalid openid {TENANT} rid: 65f0a1b2-3c4d5e6f-7a8b9c0d"}
    with caplog.at_level(logging.INFO, "xuzu"):
        async with provider(says(refused)) as api:
            assert await trouble(api) == (Trouble.UNREACHABLE, "40003")
    assert "errcode 40003 rid: 65f0a1b2-3c4d5e6f-7a8b9c0d" in caplog.text
    assert TENANT not in caplog.text


async def test_the_token_is_asked_for_as_the_sheet_says() -> None:
    asked: list[object] = []

    async def token(request: web.Request) -> web.StreamResponse:
        asked.append(await request.json())
        return await given_token(request)

    async with provider(says({"errcode": 0}), token) as api:
        await api.send_text(TENANT, "一")
        await api.send_text(TENANT, "二")
    account = {"grant_type": "client_credential", "appid": ACCOUNT.appid, "secret": SECRET}
    assert asked == [{**account, "force_refresh": False}]


async def test_an_answer_in_two_pieces_is_one_answer() -> None:
    async def slowly(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b'{"errcode": 0, "err')
        for _ in range(100):
            await asyncio.sleep(0)
        await answer.write(b'msg": "ok", "msgid": "77"}')
        return answer

    async with provider(slowly) as api:
        assert await api.send_template(TENANT, {}, "", "k") == "77"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (with_status(500), "HTTP_500"),
        (with_status(502), "HTTP_502"),
        (with_status(307), "HTTP_307"),
        (says(b"<html>"), "UNREADABLE"),
        (says(b""), "UNREADABLE"),
        (says([1]), "UNREADABLE"),
        (says(b" " * (ANSWER_MAX + 1)), "TOO_LONG"),
    ],
)
async def test_what_cannot_be_believed_may_have_been_sent(answer: Answers, code: str) -> None:
    async with provider(answer) as api:
        assert await trouble(api) == (Trouble.UNKNOWN, code)


async def test_no_answer_in_time_may_have_been_sent() -> None:
    async with provider(never, seconds=0.05) as api:
        assert await trouble(api) == (Trouble.UNKNOWN, "NO_ANSWER")
    assert (TIMEOUT.total, TIMEOUT.connect) == (8, 3)


@pytest.mark.parametrize("token", [never, with_status(503), says(b"?")], ids=["silent", "broken", "unreadable"])
async def test_without_a_token_nothing_can_have_been_sent(token: Answers) -> None:
    async with provider(says({"errcode": 0}), token, seconds=0.05) as api:
        assert (await trouble(api))[0] is Trouble.TRANSIENT


async def test_nobody_there_is_tried_again(line: Line) -> None:
    config = msgspec.structs.replace(ACCOUNT, api_base=f"http://127.0.0.1:{free_port()}")
    api = Api(config, line.session, OwnShelf(), line.clock)
    assert await trouble(api) == (Trouble.TRANSIENT, "UNREACHABLE")


async def test_a_connection_cut_after_the_send_is_unknown(line: Line) -> None:
    line.sandbox.faults.next(None, Fault.RESET_AFTER)
    api = Api(line.config, line.session, OwnShelf(), line.clock)
    with pytest.raises(ChannelError) as cut:
        await api.send_template(TENANT, {"thing1": "租约"}, "", "k1")
    assert cut.value.kind is Trouble.UNKNOWN
    await api.send_template(TENANT, {"thing1": "租约"}, "", "k1")
    assert len(line.sandbox.inbox(TENANT)) == 1


@pytest.mark.parametrize(
    ("change", "code"), [({"appid": "wx0"}, "40013"), ({"secret": "x"}, "40125")], ids=["appid", "secret"]
)
async def test_wrong_settings_stop(line: Line, change: dict[str, str], code: str) -> None:
    api = Api(msgspec.structs.replace(line.config, **change), line.session, OwnShelf(), line.clock)
    assert await trouble(api) == (Trouble.CONFIG, code)
    assert line.token_calls == 1


async def test_a_number_written_as_text_is_a_number() -> None:
    async with provider(says({"errcode": "45015", "errmsg": "out of time"})) as api:
        assert await trouble(api) == (Trouble.WINDOW, "45015")


async def test_neither_secret_nor_token_nor_tenant_is_logged(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    await line.sandbox.unfollow(TENANT)
    api = Api(line.config, line.session, line.shelf, line.clock)
    with caplog.at_level(logging.DEBUG, "xuzu"):
        assert await trouble(api) == (Trouble.UNREACHABLE, "43004")
    held = await line.shelf.get(f"wx:{line.config.appid}:token")
    assert held is not None
    assert "errcode 43004" in caplog.text
    for secret in (SECRET, TENANT, "您好", held[0]):
        assert secret not in caplog.text
