"""A language model of our own on loopback: asked in time about masked words, and never believed about an act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.assistant import ALLOWED, PATIENCE, Assistant, masked
from bot.reading import Assisted, Offline, reader_of
from bot.settings import AssistantSettings
from dialogs.understanding.port import Context
from dialogs.understanding.recognise import RULED, understand
from tests.dialogs.understanding.before import THREE

UNSURE = "那件事儿嘛呵呵你懂得"


class Model:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.says: str = "complain"
        self.status = 200
        self.body: bytes | None = None
        self.hangs = False

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        if self.hangs:
            await asyncio.Event().wait()
        if self.body is not None:
            return web.Response(body=self.body)
        return web.json_response({"choices": [{"message": {"content": self.says}}]}, status=self.status)


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def settings(model: Model) -> AsyncIterator[AssistantSettings]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.answer)
    async with TestServer(app) as server:
        yield AssistantSettings(str(server.make_url("/v1")), "small", "s3cret", 300, 1.01)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_it_is_off_unless_it_is_set_up(session: aiohttp.ClientSession) -> None:
    reader = reader_of(None, session)
    assert isinstance(reader, Offline)
    assert await reader.read("选2", Context.OFFERED, THREE) == understand("选2", Context.OFFERED, THREE)


async def test_its_label_counts_where_we_are_unsure(
    model: Model, settings: AssistantSettings, session: aiohttp.ClientSession
) -> None:
    said = await reader_of(settings, session).read(UNSURE, Context.OFFERED, THREE)
    assert said.intent == "complain"
    assert said.why.startswith("asked the assistant")
    assert model.keys == ["Bearer s3cret"]
    assert model.asked[0]["model"] == "small"


async def test_nobody_is_asked_about_what_is_sure_or_an_act(
    model: Model, settings: AssistantSettings, session: aiohttp.ClientSession
) -> None:
    reader = Assisted(Assistant(settings, session), below=0.0)
    await reader.read(UNSURE, Context.OFFERED, THREE)
    acts = Assisted(Assistant(settings, session), below=1.01)
    for words, context in (("选2", Context.OFFERED), ("好的", Context.CONFIRMING), ("退订", Context.OFFERED)):
        assert (await acts.read(words, context, THREE)).intent in RULED
    assert model.asked == []


@pytest.mark.parametrize("label", ["choose", "confirm", "opt_out", "CHOOSE", "choose 2", "nonsense", "", "{}"])
async def test_it_can_never_choose_confirm_or_stop(
    label: str, model: Model, settings: AssistantSettings, session: aiohttp.ClientSession
) -> None:
    model.says = label
    own = understand(UNSURE, Context.OFFERED, THREE)
    assert await reader_of(settings, session).read(UNSURE, Context.OFFERED, THREE) == own


@pytest.mark.parametrize("trouble", ["late", "500", "302", "html", "huge", "empty"])
async def test_no_answer_in_time_is_no_trouble(
    trouble: str, model: Model, settings: AssistantSettings, session: aiohttp.ClientSession
) -> None:
    model.hangs = trouble == "late"
    model.status = int(trouble) if trouble.isdigit() else 200
    model.body = {"html": b"<html>", "huge": b" " * 70_000, "empty": b'{"choices": []}'}.get(trouble)
    own = understand(UNSURE, Context.OFFERED, THREE)
    assert await reader_of(settings, session).read(UNSURE, Context.OFFERED, THREE) == own


async def test_after_some_failures_it_is_left_in_peace(
    model: Model, settings: AssistantSettings, session: aiohttp.ClientSession
) -> None:
    model.status = 500
    reader = reader_of(settings, session)
    for _ in range(PATIENCE + 3):
        await reader.read(UNSURE, Context.OFFERED, THREE)
    assert len(model.asked) == PATIENCE


async def test_what_points_to_a_person_stays_here(
    model: Model, settings: AssistantSettings, session: aiohttp.ClientSession
) -> None:
    words = "我叫王小明 住江畔1幢101 13800138000 身份证33010119900101123X 邮箱a.b@c.cn 云栖 那事呢"
    await reader_of(settings, session).read(words, Context.OFFERED, THREE, ("云栖",))
    sent = str(model.asked[0]["messages"])
    for private in ("王小明", "江畔", "1幢", "101", "13800138000", "33010119900101", "a.b@c.cn", "云栖"):
        assert private not in sent
    assert "那事呢" in sent


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("我是张三，想问下", "我是[姓名]，想问下"),
        ("我是想问下押金", "我是想问下押金"),
        ("加我微信abc_12345", "加我[账号]"),
        ("看https://x.cn/r/abc.def", "看[链接]"),
        ("一三八零零一三八零零零", "[号码]"),
        ("便宜一百五就签", "便宜一百五就签"),
        ("３３０１０１１９９００１０１", "[号码]"),
    ],
)
def test_masks(written: str, left: str) -> None:
    assert masked(written) == left


def test_the_three_acts_are_not_its_business() -> None:
    assert not ALLOWED & RULED
    assert len(ALLOWED) == 18
