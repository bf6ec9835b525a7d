"""Aliyun Dysms: SendSms over ACS3. There is no idempotence: what becomes of a time-out only the receipt tells."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec

from channels.port import Accepted, ChannelError, Trouble

from .aliyun_signing import Call, canonical_query, headers
from .config import AliyunConfig
from .errors import refusal
from .posting import post, read


class _Sent(msgspec.Struct, rename="pascal"):
    code: str = ""
    message: str = ""
    biz_id: str = ""


class Aliyun:
    name = "aliyun"

    def __init__(self, config: AliyunConfig, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> None:
        self._config = config
        self._session = session
        self._now = now

    async def send(self, phone: str, text: str, values: Mapping[str, str], idem: str) -> Accepted:
        """``idem`` comes back in the receipt as ``out_id``. Raises ChannelError."""
        template = self._config.templates.get(text)
        if not template:
            raise ChannelError(Trouble.CONFIG, "NO_TEMPLATE", f"XUZU_ALIYUN_SMS_TEMPLATES lacks {text}")
        query = {
            "PhoneNumbers": phone,
            "SignName": self._config.sign,
            "TemplateCode": template,
            "TemplateParam": json.dumps(dict(values), ensure_ascii=False),
            "OutId": idem,
        }
        said = read(await self._call("SendSms", query), _Sent)
        if said.code != "OK":
            raise refusal(said.code or "UNREADABLE", said.message)
        return Accepted(said.biz_id, via=self.name)

    async def _call(self, action: str, query: Mapping[str, str]) -> bytes:
        base = self._config.endpoint.rstrip("/")
        call = Call(urlsplit(base).netloc, action, "2017-05-25", query, self._now(), secrets.token_hex(16))
        signed = headers(call, self._config.access_key_id, self._config.access_key_secret)
        return await post(self._session, f"{base}/?{canonical_query(query)}", signed, b"")
