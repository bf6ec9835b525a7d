"""Fadada's doors: one form field in, one envelope out, and the bad days in between (providers sheet, section 1)."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from .fadada_book import Book
from .fadada_faults import Fault
from .fadada_gate import Gate, Refused, biz_content
from .fadada_tasks import Act, Tasks
from .wechatpay_faults import Troubles

PREFIX = "/api/v5"
SILENCE_SECONDS = 60
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Api:
    gate: Gate
    book: Book
    tasks: Tasks
    faults: Troubles[Fault]
    clock: Callable[[], datetime]
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.gate.app_id)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{PREFIX}/service/get-access-token", self._token),
            *(web.post(PREFIX + path, self._door(act)) for path, act in self.tasks.acts().items()),
            web.put("/upload/{ticket}", self._take),
            web.get("/signed/{ticket}", self._hand_out),
        ]

    async def _token(self, request: web.Request) -> web.StreamResponse:
        now = self.clock()
        try:
            _is_form(request)
            if await request.read() not in (b"", b"bizContent="):  # the provider's own Node SDK sends the latter
                raise Refused("100011", "请求参数非法")
            self.gate.admit(request.headers, None, now)
        except Refused as no:
            return self._envelope(no.status, no.code, str(no), None)
        return self._envelope(200, "100000", "请求成功", {"accessToken": self.gate.token(now), "expiresIn": "7200"})

    def _door(self, act: Act) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            raw, now = await request.read(), self.clock()
            fault: Fault | None = None
            try:
                _is_form(request)
                biz = biz_content(raw)
                self.gate.admit(request.headers, biz, now)
                about = self._about(biz)
                fault = self.faults.draw(f"{request.path} {about}") if about else self.faults.ordered()
                self._before(fault)
                held = act(biz, str(request.url.origin()), now)
            except Refused as no:
                return self._envelope(no.status, no.code, str(no), None)
            return await self._after(request, held, fault)

        return handle

    def _about(self, biz: str) -> str:
        """Our own key of the task a call is about, or empty: upload and token calls are about nothing in particular."""
        try:
            asked = json.loads(biz)
        except ValueError:
            return ""
        if not isinstance(asked, dict):
            return ""
        task = self.book.tasks.get(str(asked.get("signTaskId", "")))
        return str(asked.get("businessCode") or (task.key if task is not None else ""))

    def _before(self, fault: Fault | None) -> None:
        """Raises Refused for the faults that leave nothing done."""
        if fault is Fault.BUSY:
            raise Refused("100001", "服务不可用", 503)
        if fault is Fault.THROTTLED:
            raise Refused("100004", "请求频繁，请稍后再试", 403)
        if fault is Fault.UNLUCKY:
            raise Refused("200001", "业务请求失败，请稍后重试")
        if fault is Fault.STALE_ACCESS:
            self.gate.forget_tokens()
            raise Refused("100002", "访问凭证失效", 401)

    async def _after(
        self, request: web.Request, held: dict[str, object] | None, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is Fault.BROKEN_AFTER:
            return self._envelope(500, "100001", "当前操作遇到不可预知异常，请稍后重试", None)
        if fault is Fault.SILENT_AFTER:
            await self._stay_silent()
        if fault in (Fault.RESET_AFTER, Fault.SILENT_AFTER) and request.transport is not None:
            request.transport.abort()
        answer = self._envelope(200, "100000", "请求成功", held)
        if fault is Fault.CUT_SHORT and isinstance(answer.body, bytes):
            answer.body = answer.body[: len(answer.body) // 2]
        return answer

    def _envelope(self, status: int, code: str, msg: str, held: dict[str, object] | None) -> web.Response:
        fields: dict[str, object] = {"code": code, "msg": msg, "data": held}
        if code != "100000":
            fields["success"] = False
        headers = {"X-FASC-Request-Id": self._random.randbytes(16).hex()}
        body = json.dumps(fields, ensure_ascii=False).encode()
        return web.Response(status=status, body=body, headers=headers, content_type="application/json")

    async def _take(self, request: web.Request) -> web.StreamResponse:
        stored = self.book.uploads.get(request.match_info["ticket"])
        if stored is None or stored.until <= self.clock() or request.content_type != "application/octet-stream":
            return web.Response(status=403)
        stored.body = await request.read()
        return web.Response()

    async def _hand_out(self, request: web.Request) -> web.StreamResponse:
        task_id, until = self.book.downloads.get(request.match_info["ticket"], ("", self.clock()))
        if until <= self.clock():
            return web.Response(status=403)
        return web.Response(body=self.book.tasks[task_id].paper(), content_type="application/octet-stream")

    async def _stay_silent(self) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self.closing.wait()
        except TimeoutError:
            return


def _is_form(request: web.Request) -> None:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused("100011", "请求参数非法: Content-Type")
