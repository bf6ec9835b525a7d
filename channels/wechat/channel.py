"""The service account as a Channel: notices by template, words inside the window as custom messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import aiohttp

from channels.port import Accepted, Caps, ChannelError, Outbound, Trouble

from .api import Api
from .config import WeChatConfig
from .tokens import TokenShelf
from .wording import TEXT_BYTES, chat_text, template_values

TEXT_MAX = TEXT_BYTES // 3
"""Characters of a text that surely fit: a Chinese one takes three bytes."""


class WeChat:
    name = "wechat"

    def __init__(
        self, config: WeChatConfig, session: aiohttp.ClientSession, shelf: TokenShelf, now: Callable[[], datetime]
    ) -> None:
        self.config = config
        self.now = now
        self._api = Api(config, session, shelf, now)

    async def caps(self, address: str, now: datetime) -> Caps:
        return Caps(can_start=bool(self.config.notice_template), text_max=TEXT_MAX)

    async def notice(self, address: str, message: Outbound, idem: str) -> Accepted:
        """Raises ChannelError; CONFIG where no template is configured or the message is no notice."""
        if not self.config.notice_template:
            raise ChannelError(Trouble.CONFIG, "NO_TEMPLATE", "set XUZU_WECHAT_NOTICE_TEMPLATE")
        if not message.values:
            raise ChannelError(Trouble.CONFIG, "NO_NOTICE", "this message has no notice title")
        values = template_values(message.values, self.config.notice_fields)
        return Accepted(await self._api.send_template(address, values, message.link, idem))

    async def say(self, address: str, message: Outbound, idem: str) -> Accepted:
        """The platform has no key for custom messages: ``idem`` names our own reference only. Raises ChannelError."""
        await self._api.send_text(address, chat_text(message.text))
        return Accepted(f"custom:{idem}")
