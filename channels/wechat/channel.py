"""The service account as a Channel: notices by template, words inside the window as custom messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import aiohttp

from channels.port import Accepted, Caps, ChannelError, Outbound, Trouble

from .api import Api
from .config import WeChatConfig
from .tokens import TokenShelf

TEXT_MAX = 600
"""Characters of a custom text; the platform's own limit is 2,048 bytes (45002), a Chinese character takes three."""
VALUE_MAX = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "amount": 12, "const": 20}
"""Characters by kind of template value; longer ones are refused with 47003 (channels sheet 1.2)."""


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
        await self._api.send_text(address, clipped(message.text, TEXT_MAX))
        return Accepted(f"custom:{idem}")


def template_values(values: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Our values under the template's field names, each as long as its kind (``thing2`` → ``thing``) allows."""
    return {
        field: clipped(values[name], VALUE_MAX.get(field.rstrip("0123456789"), 32))
        for name, field in fields.items()
        if values.get(name)
    }


def clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
