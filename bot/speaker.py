"""Gives the renderer the facts of one renewal: the tenant's name, the housekeeper, the link that is theirs alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from backend.db.port import Found, Stored
from bot.clock import SHANGHAI, Clock, shanghai_day
from bot.rendering import Facts, Renderer
from channels.page.links import Links
from channels.port import Outbound
from dialogs.effects import Say
from dialogs.lease import Lease

LINK_GRACE = timedelta(days=14)
"""The page stays readable for a while after the lease's last day: holdover, move-out, the receipt."""


class Speaker:
    def __init__(self, templates: Path, links: Links, public_url: str, clock: Clock) -> None:
        self._renderer = Renderer(templates)
        self._links = links
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def answer(self, stored: Stored, say: Say) -> str:
        """The words of a passive reply."""
        return self._renderer.text(say.message, say.params, self._facts(stored))

    def outbound(self, stored: Stored, say: Say) -> Outbound:
        """Text, link and the values of a template notice."""
        return self._renderer.outbound(say.message, say.params, self._facts(stored))

    def orphan(self, message: str, found: Found) -> str:
        """Words for somebody we cannot place: they name no lease and no person."""
        return self._renderer.text(message, {}, None)

    def link(self, stored: Stored) -> str:
        """The tenant's page, signed anew."""
        return f"{self._public_url}/r/{self._links.mint(stored.id, link_end(stored.renewal.lease))}"

    def _facts(self, stored: Stored) -> Facts:
        today = shanghai_day(self._clock.now())
        return Facts(stored.renewal, today, self.link(stored), stored.name, stored.renewal.lease.housekeeper)


def link_end(lease: Lease) -> datetime:
    """A link to this lease's page ends with the lease, and a grace (channels 1.6: never much longer than the lease)."""
    return (datetime.combine(lease.end, time.max, SHANGHAI) + LINK_GRACE).astimezone(UTC)
