"""What the console is built on: one operator's rows, the store, the way events go in, and who may look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment

from backend.db.port import Store
from dialogs.events import AnyEvent

SHANGHAI = ZoneInfo("Asia/Shanghai")

Deliver = Callable[[int, AnyEvent], Awaitable[object]]


class Desk(msgspec.Struct, frozen=True):
    """``key`` None: open to whoever reaches the port (the demo on loopback); else pages and API ask for it.

    ``environment`` renders ``console/…`` with the words filters (``bot.rendering.page_environment``). ``deliver`` takes
    a renewal id and one event; LookupError = no such renewal. ``secure``: served over https.
    """

    store: Store
    operator: str
    key: str | None
    environment: Environment
    deliver: Deliver
    now: Callable[[], datetime]
    secure: bool = False

    def today(self) -> date:
        """The Shanghai date."""
        return self.now().astimezone(SHANGHAI).date()


def masked(name: str) -> str:
    """The first letter and a star; a name is nowhere shown in full."""
    return f"{name[0]}*" if name else "–"
