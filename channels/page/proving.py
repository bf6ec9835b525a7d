"""The steps of a proof: WeChat tells who opened the link, or the phone's last digits and a code by SMS do."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from .answers import Stop, see_other
from .codes import Tries
from .door import PageBusy
from .gate import Gate, in_wechat
from .links import Link
from .proof import Proofs, Sending, Typed, Whose, read_visit, seal_visit

log = logging.getLogger("xuzu.page")

STATE_COOKIE, VISIT_COOKIE = "xuzu_state", "xuzu_visit"
STATE_SECONDS = 600
DIGIT_TRIES = 10
"""Guesses at one phone's last digits within a quarter of an hour, in one process."""

_NOT_SENT = {
    Sending.TOO_MANY: (429, "验证码要得太频繁了。请等一分钟再试；今天要过5次的话，明天再来或请管家帮忙。"),
    Sending.NO_PHONE: (409, "这个号码现在收不到短信。请联系管家更新手机号。"),
    Sending.NOT_SENT: (503, "短信没有发出去，不是您的问题。请过几分钟再试。"),
}


_Step = Callable[[web.Request, Link], Awaitable[web.Response]]


class Proving:
    """Handlers below ``/r/{token}`` for people who are not proven yet. Nothing they show is personal."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._guesses = Tries(DIGIT_TRIES, timedelta(minutes=15))

    async def begin(self, request: web.Request, link: Link) -> web.Response:
        """What an unproven visitor sees first. Raises Stop."""
        proofs = self._proofs()
        if in_wechat(request) and proofs.wechat:
            return self._to_wechat(request, proofs)
        if proofs.phone:
            return self._ask_digits(request, link)
        raise Stop(403, "open_in_wechat" if proofs.wechat else "no_way")

    async def wechat(self, request: web.Request) -> web.Response:
        """Back from WeChat's authorisation: ``code`` and ``state`` in the query. Sets cookies, nothing else."""
        return await self._answered(request, self._wechat)

    async def digits(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._digits)

    async def passcode(self, request: web.Request) -> web.Response:
        return await self._answered(request, self._passcode)

    async def enter(self, request: web.Request) -> web.Response:
        """The form for the code, on an address of its own: it survives a reload and a look into the SMS."""
        return await self._answered(request, self._enter)

    async def _answered(self, request: web.Request, step: _Step) -> web.Response:
        try:
            link, proven = await self._gate.link(request)
            if proven:
                return see_other(_home(request))
            return await step(request, link)
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)

    def _to_wechat(self, request: web.Request, proofs: Proofs) -> web.Response:
        state = secrets.token_hex(16)
        url = proofs.authorize_url(f"{_home(request)}/wechat", state)
        response = web.Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})
        self._gate.remember(response, STATE_COOKIE, state, STATE_SECONDS)
        return response

    async def _wechat(self, request: web.Request, link: Link) -> web.Response:
        proofs, state = self._proofs(), request.cookies.get(STATE_COOKIE, "")
        if not state or not hmac.compare_digest(state.encode(), request.query.get("state", "").encode()):
            raise Stop(403, "cookie", back=_home(request))
        openid = await proofs.wechat_openid(request.query.get("code", "")[:256])
        if openid is None:
            raise Stop(403, "wechat_unknown", back=_home(request))
        whose = await proofs.whose(link, openid)
        if whose is Whose.OTHER:
            log.info("page of renewal %s: opened in another WeChat", link.renewal_id)
            raise Stop(403, "own_wechat")
        if whose is Whose.OWNER:
            response = see_other(_home(request))
            self._gate.prove(response, link, "wechat")
            return response
        if not proofs.phone:
            raise Stop(403, "no_way")
        response = self._ask_digits(request, link)
        self._gate.remember(
            response, VISIT_COOKIE, seal_visit(self._gate.door.links, link, openid, self._gate.door.now()), 1800
        )
        return response

    async def _digits(self, request: web.Request, link: Link) -> web.Response:
        form = await self._gate.form(request, link)
        digits = form.get("digits", "").strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) == 4):
            return self._ask_digits(request, link, "请填手机号的最后4位数字。", 400)
        if not self._guesses.take(link.renewal_id, self._gate.door.now()):
            return self._ask_digits(request, link, "试得太频繁了，请过一刻钟再试，或请管家帮忙。", 429)
        proofs = self._proofs()
        if not await proofs.last_digits_match(link, digits):
            return self._ask_digits(request, link, "和登记的手机号不一致，请再看一下。换过号码的话，请联系管家。", 400)
        sending = await proofs.send_passcode(link)
        if sending in _NOT_SENT:
            status, words = _NOT_SENT[sending]
            return self._ask_digits(request, link, words, status)
        return see_other(f"{_home(request)}/passcode")

    async def _enter(self, request: web.Request, link: Link) -> web.Response:
        return self._ask_code(request, link)

    async def _passcode(self, request: web.Request, link: Link) -> web.Response:
        form = await self._gate.form(request, link)
        code = "".join(form.get("code", "").split())
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            return self._ask_code(request, link, "请填短信里的6位数字。", 400)
        typed = await self._proofs().try_passcode(link, code)
        if typed is Typed.WRONG:
            return self._ask_code(request, link, "验证码不对，请再看一下短信。", 400)
        if typed is Typed.WORN_OUT:
            return self._ask_digits(request, link, "验证码已失效，请重新获取。", 400)
        await self._bind_visitor(request, link)
        response = see_other(_home(request))
        self._gate.prove(response, link, "phone")
        return response

    async def _bind_visitor(self, request: web.Request, link: Link) -> None:
        door = self._gate.door
        openid = read_visit(door.links, link, request.cookies.get(VISIT_COOKIE, ""), door.now())
        if openid is not None:
            await self._proofs().bind(link, openid)

    def _ask_digits(self, request: web.Request, link: Link, wrong: str = "", status: int = 200) -> web.Response:
        return self._gate.answer(request, self._gate.render(request, link, "digits", wrong=wrong), status)

    def _ask_code(self, request: web.Request, link: Link, wrong: str = "", status: int = 200) -> web.Response:
        return self._gate.answer(request, self._gate.render(request, link, "passcode", wrong=wrong), status)

    def _proofs(self) -> Proofs:
        assert self._gate.door.proofs is not None, "without proofs everybody is let in"
        return self._gate.door.proofs


def _home(request: web.Request) -> str:
    return f"/r/{request.match_info['token']}"
