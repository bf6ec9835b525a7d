"""Both SMS vendors of the demo with our four texts approved, in front of everybody's phones."""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime

from aiohttp import web

from backend.sandbox.aliyunsms import AliyunSms
from backend.sandbox.handsets import Handsets
from backend.sandbox.sms_carrier import Template
from backend.sandbox.sms_faults import Fault, Post
from backend.sandbox.tencentsms import TencentSms
from backend.sandbox.wechatpay_faults import Troubles
from bot.adapters import SMS_TEXTS

SIGN, LINK_MODE, SDK_APP = "寓居生活", "path_var", "1400006666"
_VARIABLE = re.compile(r"\$\{\w+\}")


class SmsVendors:
    """``page_url``: the constant link of the texts, which is what the vendors approved."""

    def __init__(
        self,
        page_url: str,
        clock: Callable[[], datetime],
        seed: int,
        *,
        faults: Mapping[Fault, float] | None = None,
        post: Mapping[Post, float] | None = None,
    ) -> None:
        self.handsets = Handsets()
        self.secret = secrets.token_hex(16)
        self._key = (f"key{secrets.token_hex(8)}", secrets.token_hex(16))
        texts = _texts(page_url)
        self.aliyun = AliyunSms(
            self._key,
            SIGN,
            {_code(name): Template(text, code=name == "code") for name, text in texts.items()},
            self.handsets,
            clock,
            seed,
            faults=Troubles(faults, seed),
            post=Troubles(post, seed),
        )
        self.tencent = TencentSms(
            self._key,
            (SDK_APP, SIGN),
            {_code(name): Template(_numbered(text), code=name == "code") for name, text in texts.items()},
            self.handsets,
            clock,
            seed,
            faults=Troubles(faults, seed),
            post=Troubles(post, seed),
        )

    def apps(self) -> dict[str, web.Application]:
        return {"aliyun": self.aliyun.app(), "tencent": self.tencent.app()}

    def push_to(self, server: str) -> None:
        """Receipts and tenants' texts go to our doors at ``server``."""
        for name, vendor in (("aliyun", self.aliyun), ("tencent", self.tencent)):
            vendor.report_url = f"{server}/callbacks/sms/{self.secret}/{name}/report"
            vendor.up_url = f"{server}/callbacks/sms/{self.secret}/{name}/up"

    def environ(self, urls: Mapping[str, str]) -> dict[str, str]:
        """Our settings towards both; ``urls`` by the names of ``apps``."""
        templates = ",".join(f"{name}={_code(name)}" for name in _texts(""))
        return {
            "XUZU_SMS_SIGN": SIGN,
            "XUZU_SMS_SECRET": self.secret,
            "XUZU_SMS_LINK_MODE": LINK_MODE,
            "XUZU_ALIYUN_SMS_ACCESS_KEY_ID": self._key[0],
            "XUZU_ALIYUN_SMS_ACCESS_KEY_SECRET": self._key[1],
            "XUZU_ALIYUN_SMS_TEMPLATES": templates,
            "XUZU_ALIYUN_SMS_ENDPOINT": urls["aliyun"],
            "XUZU_TENCENT_SMS_SECRET_ID": self._key[0],
            "XUZU_TENCENT_SMS_SECRET_KEY": self._key[1],
            "XUZU_TENCENT_SMS_APP_ID": SDK_APP,
            "XUZU_TENCENT_SMS_TEMPLATES": templates,
            "XUZU_TENCENT_SMS_ENDPOINT": urls["tencent"],
        }

    async def pump(self) -> int:
        """The receipts that are due; how many were tried."""
        return await self.aliyun.deliver_pending() + await self.tencent.deliver_pending()

    def next_due(self) -> datetime | None:
        moments = (self.aliyun.next_due(), self.tencent.next_due())
        return min((one for one in moments if one is not None), default=None)


def _texts(page_url: str) -> dict[str, str]:
    found: dict[str, dict[str, str]] = tomllib.loads(SMS_TEXTS.read_text("utf-8"))
    return {name: modes[LINK_MODE].replace("{page}", page_url) for name, modes in found.items()}


def _code(name: str) -> str:
    return f"SMS_{name}"


def _numbered(text: str) -> str:
    """``${day}`` … as ``{1}`` …, which is how the second vendor names them."""
    for number, found in enumerate(_VARIABLE.findall(text), start=1):
        text = text.replace(found, f"{{{number}}}", 1)
    return text
