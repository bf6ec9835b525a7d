"""WeChat's sending side: one token swap, one retry, breakers for what the account may not do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from channels.port import ChannelError, Choice, Trouble

from .breakers import Breakers
from .calls import TIMEOUT, Answer, Calls
from .config import WeChatConfig
from .errors import CODE_SPENT, TOKEN_DEAD, refusal, rid_in
from .tokens import Held, Tokens, TokenShelf

log = logging.getLogger("xuzu.wechat")

Ask = Callable[[str], Awaitable[Answer]]
"""One call with this token."""


class Api:
    """``now`` gives aware UTC instants; ``timeout`` bounds each call, the token's too."""

    def __init__(
        self,
        config: WeChatConfig,
        session: aiohttp.ClientSession,
        shelf: TokenShelf,
        now: Callable[[], datetime],
        *,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._config = config
        self._now = now
        self._calls = Calls(config.api_base, session, timeout)
        self._tokens = Tokens(f"wx:{config.appid}:token", shelf, self._fetch_token, now)
        self._tickets = Tokens(f"wx:{config.appid}:ticket", shelf, self._fetch_ticket, now)
        self.breakers = Breakers(f"wx:{config.appid}", shelf, now)

    # --- messages
    async def send_template(self, openid: str, values: Mapping[str, str], url: str, idem: str) -> str:
        """The notice template; ``client_msg_id`` makes a repeat within ten minutes harmless. Returns ``msgid``."""
        template = self._config.notice_template
        body = {
            "touser": openid,
            "template_id": template,
            "url": url,
            "client_msg_id": idem,
            "data": _values(values),
        }
        return str((await self._send("/cgi-bin/message/template/send", body, template)).msgid)

    async def send_subscribed(self, openid: str, values: Mapping[str, str], url: str) -> str:
        """The one-time subscription notice: it uses up one consent. Returns ``msgid`` where there is one."""
        template = self._config.subscribe_template
        body = {"touser": openid, "template_id": template, "page": url, "data": _values(values)}
        return str((await self._send("/cgi-bin/message/subscribe/bizsend", body, template)).msgid)

    async def send_text(self, openid: str, text: str) -> None:
        await self._custom(openid, {"msgtype": "text", "text": {"content": text}})

    async def send_menu(self, openid: str, head: str, choices: Sequence[Choice], tail: str) -> None:
        items = [{"id": one.id, "content": one.label} for one in choices]
        menu = {"head_content": head, "list": items, "tail_content": tail}
        await self._custom(openid, {"msgtype": "msgmenu", "msgmenu": menu})

    async def _custom(self, openid: str, message: Mapping[str, Any]) -> None:
        await self._send("/cgi-bin/message/custom/send", {"touser": openid, **message})

    # --- people and pages
    async def make_qr(self, scene: str, seconds: int) -> str:
        """Ticket of a one-time binding code. The field names are to be confirmed with the provider."""
        body = {
            "expire_seconds": seconds,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        return (await self._send("/cgi-bin/qrcode/create", body)).ticket

    async def openid_of(self, code: str) -> str | None:
        """Whose the OAuth code is; None for one that is bad or used, and for a snapshot's made-up openid."""
        query = {
            "appid": self._config.appid,
            "secret": self._config.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        answer = await self._calls.get("/sns/oauth2/access_token", query)
        if answer.errcode:
            log.info("wechat oauth: errcode %d %s", answer.errcode, rid_in(answer.errmsg))
            if answer.errcode in CODE_SPENT:
                return None
            raise refusal(answer.errcode, answer.errmsg)
        return None if answer.is_snapshotuser else answer.openid or None

    async def ticket(self) -> str:
        """The ticket a page's signature is made with."""
        return await self._tickets.current()

    # --- how
    async def _send(self, path: str, body: Mapping[str, Any], template: str = "") -> Answer:
        """Raises ChannelError."""
        return await self._asked(lambda token: self._calls.post(path, body, token), path, template)

    async def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        """Raises ChannelError."""
        return await self._asked(lambda token: self._calls.get(path, {"access_token": token, **query}), path)

    async def _asked(self, ask: Ask, path: str, template: str = "") -> Answer:
        """Raises ChannelError. A refused token is swapped once; a second refusal is a configuration error."""
        await self.breakers.check(path, template)
        token = await self._tokens.current()
        answer = await ask(token)
        if answer.errcode in TOKEN_DEAD:
            answer = await ask(await self._tokens.after(token))
        if answer.errcode:
            log.info("wechat %s: errcode %d %s", path, answer.errcode, rid_in(answer.errmsg))
            fault = refusal(answer.errcode, answer.errmsg)
            await self.breakers.note(fault, path, template)
            raise fault
        return answer

    async def _fetch_token(self, force: bool) -> Held:
        body = {
            "grant_type": "client_credential",
            "appid": self._config.appid,
            "secret": self._config.secret,
            "force_refresh": force,
        }
        try:
            answer = await self._calls.post("/cgi-bin/stable_token", body, None)
        except ChannelError as fault:
            raise ChannelError(Trouble.TRANSIENT, fault.code, "no access token: nothing was sent yet") from None
        if answer.errcode or not answer.access_token:
            log.error("wechat token: errcode %d %s", answer.errcode, rid_in(answer.errmsg))
            raise refusal(answer.errcode, f"no access token: {answer.errmsg}")
        return Held(answer.access_token, self._now() + timedelta(seconds=answer.expires_in))

    async def _fetch_ticket(self, force: bool) -> Held:
        """A page's ticket has no forced renewal of its own."""
        answer = await self._get("/cgi-bin/ticket/getticket", {"type": "jsapi"})
        if not answer.ticket:
            raise ChannelError(Trouble.UNKNOWN, "NO_TICKET", "an answer without a ticket")
        return Held(answer.ticket, self._now() + timedelta(seconds=answer.expires_in))


def _values(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in values.items()}
