"""Tencent SMS: SendSms over TC3; the code that counts is the number's own, not the answer's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec

from channels.port import Accepted, ChannelError, Trouble

from .config import TencentConfig
from .errors import refusal
from .posting import post, read
from .tencent_signing import TYPE, authorization


class _Status(msgspec.Struct, rename="pascal"):
    serial_no: str = ""
    code: str = ""
    message: str = ""


class _Error(msgspec.Struct, rename="pascal"):
    code: str = ""
    message: str = ""


class _Response(msgspec.Struct, rename="pascal"):
    send_status_set: list[_Status] = []
    error: _Error | None = None


class _Sent(msgspec.Struct, rename="pascal"):
    response: _Response


class Tencent:
    name = "tencent"

    def __init__(self, config: TencentConfig, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> None:
        self._config = config
        self._session = session
        self._now = now

    async def send(self, phone: str, text: str, values: Mapping[str, str], idem: str) -> Accepted:
        """``idem`` comes back in the answer's SessionContext. Raises ChannelError."""
        template = self._config.templates.get(text)
        if not template:
            raise ChannelError(Trouble.CONFIG, "NO_TEMPLATE", f"XUZU_TENCENT_SMS_TEMPLATES lacks {text}")
        body = {
            "PhoneNumberSet": [f"+86{phone}"],
            "SmsSdkAppId": self._config.app_id,
            "TemplateId": template,
            "SignName": self._config.sign,
            "TemplateParamSet": list(values.values()),
            "SessionContext": idem,
        }
        said = read(await self._call("SendSms", msgspec.json.encode(body)), _Sent)
        return _accepted(said.response)

    async def _call(self, action: str, body: bytes) -> bytes:
        base, at = self._config.endpoint.rstrip("/"), self._now()
        host = urlsplit(base).netloc
        signed = {
            "Authorization": authorization((self._config.secret_id, self._config.secret_key), host, body, at),
            "Content-Type": TYPE,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Version": "2021-01-11",
            "X-TC-Timestamp": str(int(at.timestamp())),
            "X-TC-Region": self._config.region,
        }
        return await post(self._session, f"{base}/", signed, body)


def _accepted(response: _Response) -> Accepted:
    if response.error is not None:
        raise refusal(response.error.code, response.error.message)
    if len(response.send_status_set) != 1:
        raise ChannelError(Trouble.UNKNOWN, "UNREADABLE", "not one status for one number")
    [status] = response.send_status_set
    if status.code != "Ok":
        raise refusal(status.code, status.message)
    return Accepted(status.serial_no, via=Tencent.name)
