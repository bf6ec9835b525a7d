"""What the console is built on: one operator's rows, the store, the way events go in, and who may look."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment

from backend.db.port import Store, Stored
from dialogs.events import AnyEvent

SHANGHAI = ZoneInfo("Asia/Shanghai")

Deliver = Callable[[int, AnyEvent], Awaitable[object]]
Binding = Callable[[Stored], Awaitable[str | None]]
"""The address of a picture to scan, good once and for half an hour; None: WeChat gives none now."""


class Desk(msgspec.Struct, frozen=True):
    """``key`` None: open to whoever reaches the port (the demo on loopback); else pages and API ask for it.

    ``environment`` renders ``console/…`` with the words filters (``bot.rendering.page_environment``). ``deliver`` takes
    a renewal id and one event; LookupError = no such renewal. ``secure``: served over https. ``binding`` None: WeChat
    is not connected. ``template``: the subscription notice whose consents are shown.
    """

    store: Store
    operator: str
    key: str | None
    environment: Environment
    deliver: Deliver
    now: Callable[[], datetime]
    secure: bool = False
    binding: Binding | None = None
    template: str = ""

    def today(self) -> date:
        """The Shanghai date."""
        return self.now().astimezone(SHANGHAI).date()


def masked(name: str) -> str:
    """The first letter and a star; a name is nowhere shown in full."""
    return f"{name[0]}*" if name else "–"


_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_LINK = re.compile(r"/r/v1\.[\w.-]+")


def discreet(text: str, name: str) -> str:
    """Words of the thread for a screen in an office: no full name, no phone, no link that opens the tenant's page."""
    text = _LINK.sub("/r/…", _PHONE.sub(r"\1****\2", text))
    return text.replace(name, masked(name)) if name else text
