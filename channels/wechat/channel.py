"""The service account as a Channel: template, subscription notice, and custom messages with the best menu it allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import aiohttp

from channels.port import Accepted, Caps, ChannelError, Outbound, Trouble
from dialogs.rungs import Rung

from .api import Api
from .config import WeChatConfig
from .errors import MENU_REFUSED, NO_MENUS
from .pages import Pages
from .tokens import TokenShelf
from .wording import TAIL, TEXT_BYTES, chat_text, linked_choices, numbered_choices, template_values

TEXT_MAX = TEXT_BYTES // 3
"""Characters of a text that surely fit: a Chinese one takes three bytes."""
MENU_MAX = 10
MENU, LINKED = "msgmenu", "bizmsgmenu"


class WeChat:
    name = "wechat"
    rungs: tuple[Rung, ...] = (Rung.TEMPLATE, Rung.SUBSCRIBED, Rung.WINDOW)

    def __init__(
        self, config: WeChatConfig, session: aiohttp.ClientSession, shelf: TokenShelf, now: Callable[[], datetime]
    ) -> None:
        self.config = config
        self.now = now
        self._api = Api(config, session, shelf, now)
        self.pages = Pages(config, self._api, now)

    async def caps(self, rung: Rung, now: datetime) -> Caps:
        menu = rung is Rung.WINDOW and self.config.menu and not await self._api.breakers.is_off(MENU)
        return Caps(menu_max=MENU_MAX if menu else 0, text_max=TEXT_MAX)

    def shown(self, rung: Rung, message: Outbound) -> str:
        return message.text

    async def send(self, rung: Rung, address: str, message: Outbound, idem: str) -> Accepted:
        """Raises ChannelError; CONFIG where no template is configured or the message is no notice.

        Only a template has a key of the platform's: for the others ``idem`` names our own reference.
        """
        if rung is Rung.WINDOW:
            await self._say(address, message)
            return Accepted(f"custom:{idem}")
        template = self.config.notice_template if rung is Rung.TEMPLATE else self.config.subscribe_template
        if not template:
            raise ChannelError(Trouble.CONFIG, "NO_TEMPLATE", f"set XUZU_WECHAT_{_SETTING[rung]}_TEMPLATE")
        if not message.values:
            raise ChannelError(Trouble.CONFIG, "NO_NOTICE", "this message has no notice title")
        if rung is Rung.TEMPLATE:
            values = template_values(message.values, self.config.notice_fields)
            return Accepted(await self._api.send_template(address, values, message.link, idem))
        values = template_values(message.values, self.config.subscribe_fields)
        return Accepted(await self._api.send_subscribed(address, values, message.link) or f"subscribed:{idem}")

    async def _say(self, address: str, message: Outbound) -> None:
        """Menu, else tappable words, else numbers; an account that may send no menus is not asked again today."""
        caps = await self.caps(Rung.WINDOW, self.now())
        if message.choices and 0 < len(message.choices) <= caps.menu_max:
            try:
                await self._api.send_menu(address, chat_text(message.text), message.choices, TAIL)
            except ChannelError as fault:
                if fault.code not in MENU_REFUSED:
                    raise
                if fault.code == NO_MENUS:
                    await self._api.breakers.switch_off(MENU, fault.code)
            else:
                return
        await self._api.send_text(address, reply_text(message, self.config))


_SETTING = {Rung.TEMPLATE: "NOTICE", Rung.SUBSCRIBED: "SUBSCRIBE"}


def reply_text(message: Outbound, config: WeChatConfig) -> str:
    """The words of a plain text, passive replies too: choices to tap where the client knows them, else numbered."""
    if not message.choices:
        return chat_text(message.text)
    added = linked_choices(message.choices) if config.bizmsgmenu else numbered_choices(message.choices)
    return chat_text(message.text, added)
