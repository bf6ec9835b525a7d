"""Gives the renderer the facts of one renewal: the tenant's name, the housekeeper, the link that is theirs alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import msgspec

from backend.db.port import Found, Stored
from bot.choosing import choices
from bot.clock import SHANGHAI, Clock, shanghai_day
from bot.rendering import Facts, Renderer
from bot.which import homes
from channels.page.links import Links
from channels.port import Outbound
from dialogs.effects import Route, Say
from dialogs.lease import Lease

LINK_GRACE = timedelta(days=14)
"""The page stays readable for a while after the lease's last day: holdover, move-out, the receipt."""


class Speaker:
    def __init__(self, templates: Path, links: Links, public_url: str, clock: Clock) -> None:
        self._renderer = Renderer(templates)
        self._links = links
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def answer(self, stored: Stored, say: Say) -> Outbound:
        """A passive reply: its words, and what may be tapped."""
        text = self._renderer.text(say.message, say.params, self._facts(stored))
        return Outbound(text, choices=choices(stored, say.message, self._renderer.phrases))

    def outbound(self, stored: Stored, say: Say, code: str = "") -> Outbound:
        """Text, link, choices and the values of a notice; with a short ``code`` the standard SMS that carries it."""
        made = self._renderer.outbound(say.message, say.params, self._facts(stored))
        made = msgspec.structs.replace(made, choices=choices(stored, say.message, self._renderer.phrases))
        return _by_sms(made, stored, say, code) if code else made

    def orphan(self, message: str, found: Found) -> str:
        """Words for somebody we cannot place: a stranger hears of no lease, who has several hears their homes."""
        params = {"homes": homes(found.renewals)} if message == "several_leases" else {}
        return self._renderer.text(message, params, None)

    def link(self, stored: Stored) -> str:
        """The tenant's page, signed anew."""
        now = self._clock.now()
        return f"{self._public_url}/r/{self._links.mint(stored.id, link_end(stored.renewal.lease), now)}"

    def _facts(self, stored: Stored) -> Facts:
        today = shanghai_day(self._clock.now())
        return Facts(stored.renewal, today, self.link(stored), stored.name, stored.renewal.lease.housekeeper)


def _by_sms(made: Outbound, stored: Stored, say: Say, code: str) -> Outbound:
    values, end = {"code": code}, stored.renewal.lease.end
    if _text_of(say) == "reminder":
        values["day"] = f"{end.month}月{end.day}日"
    return msgspec.structs.replace(made, sms=_text_of(say), sms_values=values)


def _text_of(say: Say) -> str:
    """Which of the few approved SMS texts (``messages/sms.toml``) stands for a message."""
    if say.route is Route.ANSWER:
        return "answer"
    return "reminder" if say.message.startswith("remind_") else "progress"


def link_end(lease: Lease) -> datetime:
    """A link to this lease's page ends with the lease, and a grace (channels 1.6: never much longer than the lease)."""
    return (datetime.combine(lease.end, time.max, SHANGHAI) + LINK_GRACE).astimezone(UTC)
