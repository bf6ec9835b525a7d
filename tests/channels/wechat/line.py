"""A service account on loopback: the emulator on one side, our callback on the other, the adapter between them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp

from backend.coordination import OwnShelf
from backend.sandbox.wechat import WeChatSandbox
from backend.sandbox.wechat_seal import Box, signature
from channels.port import Inbound
from channels.wechat.channel import WeChat
from channels.wechat.config import WeChatConfig
from channels.wechat.tokens import TokenShelf

APPID, SECRET, TOKEN = "wx1234567890abcdef", "synthetic-secret-of-the-account", "tok"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvut"
STRANGE_KEY = "0" * 43
BEGAN = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
TENANT = "oSyntheticTenant0001"
ACCOUNT = WeChatConfig(APPID, SECRET, TOKEN, AES_KEY, OLD_KEY, notice_template="template-1")

Push = tuple[dict[str, str], bytes]
"""Query and body of a push."""


class StillClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = BEGAN

    def __call__(self) -> datetime:
        return self.at

    def move(self, **time: float) -> None:
        self.at += timedelta(**time)


class Ear:
    """Stands where the bot stands: answers ``reply``, after failing so many times."""

    def __init__(self, reply: str | None = None) -> None:
        self.reply = reply
        self.failures = 0
        self.heard: list[Inbound] = []

    async def hear(self, inbound: Inbound) -> str | None:
        self.heard.append(inbound)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the store is down")
        return self.reply


@dataclass
class Line:
    clock: StillClock
    sandbox: WeChatSandbox
    session: aiohttp.ClientSession
    config: WeChatConfig
    door: str
    ear: Ear = field(default_factory=Ear)
    shelf: TokenShelf = field(default_factory=OwnShelf)

    def channel(self, shelf: TokenShelf | None = None) -> WeChat:
        return WeChat(self.config, self.session, shelf or self.shelf, self.clock)

    @property
    def token_calls(self) -> int:
        return self.sandbox.book.counts["calls_cgi-bin_stable_token"]

    @property
    def template_calls(self) -> int:
        return self.sandbox.book.counts["calls_cgi-bin_message_template_send"]


def words(text: str = "你好", number: str = "7001") -> str:
    """The XML of a tenant's text at ``BEGAN``."""
    stamp = int(BEGAN.timestamp())
    return (
        f"<xml><ToUserName>gh_account</ToUserName><FromUserName>{TENANT}</FromUserName><CreateTime>{stamp}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>"
    )


def sealed(xml: str, *, key: str = AES_KEY, appid: str = APPID) -> str:
    return Box(key, appid, random.Random(7)).close(xml)


def pushed(encrypted: str, *, token: str = TOKEN, at: datetime = BEGAN) -> Push:
    """A push as WeChat signs it."""
    stamp = str(int(at.timestamp()))
    body = f"<xml><ToUserName>gh_account</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()
    return query_for(encrypted, stamp, token), body


def query_for(encrypted: str, stamp: str, token: str = TOKEN) -> dict[str, str]:
    return {
        "signature": signature(token, stamp, "nonce1"),
        "timestamp": stamp,
        "nonce": "nonce1",
        "encrypt_type": "aes",
        "msg_signature": signature(token, stamp, "nonce1", encrypted),
    }
