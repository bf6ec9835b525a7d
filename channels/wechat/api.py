"""WeChat's sending side over aiohttp: one token swap, one retry, and a time-out is unknown, not failed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import msgspec

from channels.port import ChannelError, Trouble

from .config import WeChatConfig
from .errors import TOKEN_DEAD, refusal
from .tokens import Held, Tokens, TokenShelf

log = logging.getLogger("xuzu.wechat")

TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)
ANSWER_MAX = 64 * 1024


class _Answer(msgspec.Struct):
    errcode: int = 0
    errmsg: str = ""
    msgid: int | str = ""
    access_token: str = ""
    expires_in: int = 0


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
        self._session = session
        self._now = now
        self._timeout = timeout
        self._tokens = Tokens(f"wx:{config.appid}:token", shelf, self._fetch_token, now)

    async def send_template(self, openid: str, values: Mapping[str, str], url: str, idem: str) -> str:
        """The notice template; ``client_msg_id`` makes a repeat within ten minutes harmless. Returns ``msgid``."""
        body = {
            "touser": openid,
            "template_id": self._config.notice_template,
            "url": url,
            "client_msg_id": idem,
            "data": {name: {"value": value} for name, value in values.items()},
        }
        return str((await self._send("/cgi-bin/message/template/send", body)).msgid)

    async def send_text(self, openid: str, text: str) -> None:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        await self._send("/cgi-bin/message/custom/send", body)

    async def _send(self, path: str, body: Mapping[str, Any]) -> _Answer:
        """Raises ChannelError. A refused token is swapped once; a second refusal is a configuration error."""
        token = await self._tokens.current()
        answer = await self._post(path, body, token)
        if answer.errcode in TOKEN_DEAD:
            answer = await self._post(path, body, await self._tokens.after(token))
        if answer.errcode:
            log.info("wechat %s: errcode %d", path, answer.errcode)
            raise refusal(answer.errcode, answer.errmsg)
        return answer

    async def _fetch_token(self, force: bool) -> Held:
        body = {
            "grant_type": "client_credential",
            "appid": self._config.appid,
            "secret": self._config.secret,
            "force_refresh": force,
        }
        try:
            answer = await self._post("/cgi-bin/stable_token", body, None)
        except ChannelError as fault:
            raise ChannelError(Trouble.TRANSIENT, fault.code, "no access token: nothing was sent yet") from None
        if answer.errcode or not answer.access_token:
            raise refusal(answer.errcode, f"no access token: {answer.errmsg}")
        return Held(answer.access_token, self._now() + timedelta(seconds=answer.expires_in))

    async def _post(self, path: str, body: Mapping[str, Any], token: str | None) -> _Answer:
        """Chinese stays Chinese in the body: ``\\uXXXX`` is refused with 40033."""
        query = {} if token is None else {"access_token": token}
        raw = json.dumps(body, ensure_ascii=False).encode()
        try:
            async with self._session.post(
                self._config.api_base.rstrip("/") + path,
                params=query,
                data=raw,
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                said, status = await _whole(answer), answer.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            raise ChannelError(Trouble.TRANSIENT, "UNREACHABLE", type(fault).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise ChannelError(Trouble.UNKNOWN, "NO_ANSWER", type(fault).__name__) from None
        if status != 200:
            raise ChannelError(Trouble.UNKNOWN, f"HTTP_{status}")
        try:
            return msgspec.json.decode(said, type=_Answer, strict=False)
        except msgspec.DecodeError:
            raise ChannelError(Trouble.UNKNOWN, "UNREADABLE") from None


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """All of the body, which one read need not give. Raises ChannelError when it is absurdly long."""
    said = bytearray()
    async for chunk in answer.content.iter_chunked(ANSWER_MAX):
        said += chunk
        if len(said) > ANSWER_MAX:
            raise ChannelError(Trouble.UNKNOWN, "TOO_LONG")
    return bytes(said)
