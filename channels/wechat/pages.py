"""What a page of ours asks of WeChat: who opened it, a signature for its script, a code to bind by."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec
from wechatpy.client.api.jsapi import WeChatJSAPI

from .api import Api
from .config import WeChatConfig


class Signature(msgspec.Struct, frozen=True):
    """``wx.config`` of one page (channels sheet 1.6)."""

    appid: str
    timestamp: int
    nonce: str
    signature: str


class Pages:
    def __init__(self, config: WeChatConfig, api: Api, now: Callable[[], datetime]) -> None:
        self._config = config
        self._api = api
        self._now = now

    def authorize_url(self, redirect: str, state: str) -> str:
        """Silent authorisation; ``redirect`` is absolute and on the configured 网页授权域名. Order as documented."""
        query = urlencode(
            {
                "appid": self._config.appid,
                "redirect_uri": redirect,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        return f"{self._config.oauth_base.rstrip('/')}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def openid_of(self, code: str) -> str | None:
        """Raises ChannelError."""
        return await self._api.openid_of(code)

    async def sign(self, url: str) -> Signature:
        """For the page at ``url``, its fragment left out. Raises ChannelError."""
        nonce, stamp = secrets.token_hex(8), int(self._now().timestamp())
        said = signed(await self._api.ticket(), nonce, stamp, url)
        return Signature(self._config.appid, stamp, nonce, said)

    async def qr_picture(self, scene: str, seconds: int) -> str:
        """Address of the picture of a one-time code. Raises ChannelError."""
        ticket = await self._api.make_qr(scene, seconds)
        return f"{self._config.qr_image_base}?ticket={quote(ticket, safe='')}"


def signed(ticket: str, nonce: str, stamp: int, url: str) -> str:
    """sha1 over ticket, nonce, stamp and the url without its fragment."""
    said: str = WeChatJSAPI(None).get_jsapi_signature(nonce, ticket, stamp, url.split("#", 1)[0])
    return said
