"""What stands behind the page, and what its door is made of; every handler works on this."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
from jinja2 import Environment

from .forms import PageAction
from .links import Link, Links
from .notes import Note
from .proof import Proofs
from .view import PageView


class PageBusy(Exception):
    """The store does not answer, or the row is fought over: nothing was changed, the tenant may try again."""


class Page(Protocol):
    """What stands behind the page. All raise PageBusy."""

    async def view(self, link: Link) -> PageView | None:
        """None: no such renewal. Changes nothing."""
        ...

    async def act(self, link: Link, action: PageAction) -> PageView:
        """Apply the event once per ``action.key``; what the page shows now."""
        ...

    async def note(self, link: Link, note: Note) -> None:
        """Keep what the page's script reports of itself, once per ``note.key``."""
        ...

    async def dead_before(self, link: Link) -> datetime | None:
        """Links issued before this instant were revoked; None: none was. A renewal that is gone revokes nothing."""
        ...

    async def by_code(self, code: str) -> tuple[int, datetime] | None:
        """The renewal behind a short code, and until when a link to it may live; None: unknown, dead or too old."""
        ...


class PageDoor(msgspec.Struct, frozen=True):
    """``environment`` renders ``page/…`` with the words filters (see ``bot.rendering.page_environment``).

    ``secure``: the page is served over https, so the cookie is too. ``proofs`` None: nobody is asked for a proof
    (a demo on loopback without partners). ``public_url``: our own origin, as WeChat's signature wants it.
    """

    page: Page
    links: Links
    environment: Environment
    now: Callable[[], datetime]
    secure: bool = False
    proofs: Proofs | None = None
    public_url: str = ""
